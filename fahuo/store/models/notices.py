"""Where reminders go besides the page: the channels, and what is handed over to them (an outbox).

A delivery is due at a column, and only what waits has one; whoever takes it puts the moment off before sending, so that
a delivery in hand is nobody else's, and comes back by itself when whoever took it was killed.
"""

from django.db import models

from fahuo.rules.notices import KINDS, STATUSES
from fahuo.rules.shop_warnings import KINDS as WARNINGS
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
    """A message to one channel: about a moment at which a task reminded, about a warning, or (neither) a trial."""

    channel_id = models.BigIntegerField()
    task_id = models.BigIntegerField(null=True)
    warning_id = models.BigIntegerField(null=True)
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
            models.UniqueConstraint(
                fields=["shop_id", "channel_id", "warning_id"], name="deliveries_warn_once",
                condition=models.Q(warning_id__isnull=False),
            ),
            one_of("status", tuple(STATUSES), "deliveries_status"),
        ]  # fmt: skip


class ShopWarning(ShopOwned):
    """A trouble of the shop that accounts are told of: of which contract or webhook (`subject_id`), what was so when it was
    raised (`facts`: name, left), when it comes to its worst (`due_at`), since when it is over."""

    kind = models.TextField()
    subject_id = models.BigIntegerField()
    facts = models.JSONField(default=dict)
    raised_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "shop_warnings"
        indexes = [models.Index(fields=["shop_id", "kind", "subject_id", "raised_at"], name="shop_warnings_of")]
        constraints = [
            models.UniqueConstraint(
                fields=["shop_id", "kind", "subject_id"], name="shop_warnings_once", condition=models.Q(over_at__isnull=True),
            ),
            one_of("kind", tuple(WARNINGS), "shop_warnings_kind"),
        ]  # fmt: skip
