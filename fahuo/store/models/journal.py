"""The journal (append-only), and the clock's heartbeat."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from fahuo.store.models.base import ShopOwned


class JournalEntry(ShopOwned):
    """Who did what, when, to which row, and what it was before and after. Written from the rows that moved."""

    at = models.DateTimeField()
    member_id = models.BigIntegerField(null=True)
    actor = models.TextField()
    act = models.TextField()
    order_id = models.BigIntegerField(null=True)
    parcel_id = models.BigIntegerField(null=True)
    batch_id = models.BigIntegerField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        db_table = "journal"
        indexes = [
            models.Index(fields=["shop_id", "order_id", "id"], name="journal_order"),
            models.Index(fields=["at"], name="journal_urges", condition=models.Q(act="order.urged")),
            BrinIndex(fields=["at"], name="journal_days", autosummarize=True),
        ]


class ClockTick(models.Model):
    """When each clock process last did its round; every page shows the newest."""

    name = models.TextField(primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "clock_ticks"


class DemoClock(models.Model):
    """How far the demo's clock runs ahead of the real one, in seconds. One row, and only in a demo."""

    id = models.SmallIntegerField(primary_key=True)
    shift = models.BigIntegerField()

    class Meta:
        db_table = "demo_clock"
        constraints = [models.CheckConstraint(condition=models.Q(id=1, shift__gte=0), name="demo_clock_one")]
