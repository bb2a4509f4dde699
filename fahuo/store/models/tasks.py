"""Tasks of the platform, what happened to them, and the reminders and alerts that time raises.

A timer is a column: `due_at` and `next_reminder_at` say when a task moves or reminds next, and only what waits has one.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from fahuo.rules.reminders import STATUSES
from fahuo.rules.tasks import STATES
from fahuo.store.models.base import ShopOwned, one_of

ALERT_KINDS = ("not_picked_up", "silent", "number_used_before", "out_of_stock")


class Task(ShopOwned):
    """What the platform asks of the shop over one order: answered, done, or taken over by the platform."""

    order_id = models.BigIntegerField()
    kind = models.TextField()
    state = models.TextField()
    due_at = models.DateTimeField(null=True)
    marketplace_due_at = models.DateTimeField(null=True)
    next_reminder_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    state_since = models.DateTimeField()
    plan = models.TextField(default="")
    plan_until = models.DateTimeField(null=True)
    plan_reason = models.TextField(default="")
    answered_by = models.BigIntegerField(null=True)
    urge_count = models.IntegerField(default=1)
    rulebook = models.TextField()
    set_aside_at = models.DateTimeField(null=True)
    set_aside_why = models.TextField(default="")

    class Meta:
        db_table = "tasks"
        indexes = [
            models.Index(
                fields=["shop_id", "due_at", "id"], name="tasks_due",
                condition=models.Q(due_at__isnull=False, set_aside_at__isnull=True),
            ),
            models.Index(
                fields=["shop_id", "next_reminder_at", "id"], name="tasks_reminding",
                condition=models.Q(next_reminder_at__isnull=False, set_aside_at__isnull=True),
            ),
            models.Index(fields=["shop_id", "order_id", "id"], name="tasks_order"),
            models.Index(fields=["shop_id", "created_at", "id"], name="tasks_raised"),
            models.Index(
                fields=["state_since", "id"], name="tasks_desk", condition=models.Q(state="platform_intervention"),
            ),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                fields=["shop_id", "order_id", "kind"], name="tasks_one_open", condition=~models.Q(state="completed"),
            ),
            one_of("state", tuple(STATES), "tasks_state"),
        ]  # fmt: skip


class Urge(ShopOwned):
    """An urge at an outside marketplace, as the shop entered it: `at` and `due_at` are what the marketplace shows.

    One for each moment of an order, so that entering the same sheet again makes nothing twice. Only `due_at` may change:
    the marketplace moved its deadline, or somebody had mistyped it.
    """

    order_id = models.BigIntegerField()
    at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    entered_at = models.DateTimeField()
    member_id = models.BigIntegerField(null=True)
    name = models.TextField(default="")
    batch_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "urges"
        indexes = [models.Index(fields=["shop_id", "-id"], name="urges_recent")]
        constraints = [models.UniqueConstraint(fields=["shop_id", "order_id", "at"], name="urges_once")]


class TaskEvent(ShopOwned):
    """One move of a task, append-only: who, when, from, by what, to, under which clause of which version."""

    task_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    at = models.DateTimeField()
    member_id = models.BigIntegerField(null=True)
    actor = models.TextField()
    from_state = models.TextField(default="")
    event = models.TextField()
    to_state = models.TextField()
    clause = models.TextField(default="")
    rulebook = models.TextField(default="")
    data = models.JSONField(null=True)

    class Meta:
        db_table = "task_events"
        indexes = [
            models.Index(fields=["shop_id", "order_id", "id"], name="task_events_order"),
            BrinIndex(fields=["at"], name="task_events_days", autosummarize=True),
        ]


class Reminder(ShopOwned):
    """That a task (or a warning) told one account that it waits. One for each moment, whatever became of it.

    `release_at`: when quiet hours let a held one go. `delivered_at`: since when it may be seen; None: held still, or never.
    """

    task_id = models.BigIntegerField(null=True)
    warning_id = models.BigIntegerField(null=True)
    member_id = models.BigIntegerField()
    at = models.DateTimeField()
    day = models.DateField()
    due_at = models.DateTimeField(null=True)
    status = models.TextField()
    release_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "reminders"
        indexes = [
            models.Index(fields=["shop_id", "member_id", "day"], name="reminders_day"),
            models.Index(
                fields=["shop_id", "release_at", "id"], name="reminders_release",
                condition=models.Q(release_at__isnull=False, delivered_at__isnull=True),
            ),
            models.Index(
                fields=["shop_id", "member_id", "id"], name="reminders_unseen",
                condition=models.Q(delivered_at__isnull=False, seen_at__isnull=True),
            ),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "task_id", "member_id", "at"], name="reminders_once"),
            models.UniqueConstraint(
                fields=["shop_id", "warning_id", "member_id"], name="reminders_warn_once",
                condition=models.Q(warning_id__isnull=False),
            ),
            models.CheckConstraint(
                condition=models.Q(task_id__isnull=False, warning_id__isnull=True, due_at__isnull=False)
                | models.Q(task_id__isnull=True, warning_id__isnull=False),
                name="reminders_of_one",
            ),
            one_of("status", tuple(STATUSES), "reminders_status"),
        ]  # fmt: skip


class Alert(ShopOwned):
    """What a watchdog found out about a parcel or an order; `at` is the moment from which it was so."""

    kind = models.TextField()
    subject_id = models.BigIntegerField()
    order_id = models.BigIntegerField(null=True)
    parcel_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    raised_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alerts"
        indexes = [
            models.Index(fields=["shop_id", "at", "id"], name="alerts_open", condition=models.Q(resolved_at__isnull=True)),
            models.Index(fields=["shop_id", "order_id"], name="alerts_order"),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "kind", "subject_id", "at"], name="alerts_once"),
            one_of("kind", ALERT_KINDS, "alerts_kind"),
        ]
