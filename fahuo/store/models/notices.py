"""Where reminders go besides the page: the channels, and what is handed over to them (an outbox).

A delivery is due at a column, and only what waits has one; whoever takes it puts the moment off before sending, so that
a delivery in hand is nobody else's, and comes back by itself when whoever took it was killed.
"""

from django.db import models

from fahuo.rules.notices import KINDS, STATUSES
from fahuo.store.models.base import ShopOwned, one_of


class Channel(ShopOwned):
    """A robot, mailbox or address that reminders are sent to: of one account, or (`member_id` None) of the whole shop."""

    member_id = models.BigIntegerField(null=True)
    kind = models.TextField()
    name = models.TextField()
    settings = models.JSONField(default=dict)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "channels"
        indexes = [models.Index(fields=["shop_id", "member_id"], name="channels_member")]
        constraints = [one_of("kind", tuple(KINDS), "channels_kind")]


class Delivery(ShopOwned):
    """A message to one channel: about a moment at which a task reminded, or (`task_id` None) a trial."""

    channel_id = models.BigIntegerField()
    task_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0, db_default=0)
    status = models.TextField(default="waiting", db_default="waiting")
    why = models.TextField(default="", db_default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "deliveries"
        indexes = [
            models.Index(fields=["shop_id", "due_at", "id"], name="deliveries_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["shop_id", "channel_id", "id"], name="deliveries_channel"),
            models.Index(fields=["shop_id", "task_id"], name="deliveries_task"),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "channel_id", "task_id", "at"], name="deliveries_once"),
            one_of("status", tuple(STATUSES), "deliveries_status"),
        ]
