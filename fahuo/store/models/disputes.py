"""Complaints and what they cost, what buyer and shop write each other, delay reports, and exempt regions."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from fahuo.rules.complaints import KINDS, OPENERS, STATUSES
from fahuo.rules.reports import SCOPES as REPORT_SCOPES
from fahuo.rules.reports import STATUSES as REPORT_STATUSES
from fahuo.rules.response import MESSAGE_KINDS, SENDERS
from fahuo.store.models.base import NextId, ShopOwned, money, one_of

PARTIES = ("seller", "buyer", "platform")


class Complaint(ShopOwned):
    """A complaint over an order: delay, out of stock or false shipping. Closed, it says what it cost."""

    order_id = models.BigIntegerField()
    task_id = models.BigIntegerField(null=True)
    kind = models.TextField()
    opened_by = models.TextField()
    status = models.TextField(default="open")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    compensation = money(default=0)
    points = models.IntegerField(default=0)
    rulebook = models.TextField()
    closed_by = models.TextField(default="", db_default="")
    statement = models.TextField(default="", db_default="")

    class Meta:
        db_table = "complaints"
        indexes = [
            models.Index(fields=["shop_id", "order_id", "id"], name="complaints_order"),
            models.Index(fields=["shop_id", "status", "closed_at"], name="complaints_status"),
            models.Index(fields=["opened_at", "id"], name="complaints_desk", condition=models.Q(status="open")),
            models.Index(
                fields=["closed_at", "id"],
                name="complaints_over",
                condition=models.Q(closed_at__isnull=False),
            ),
            BrinIndex(fields=["opened_at"], name="complaints_days", autosummarize=True),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["shop_id", "order_id"], name="complaints_one_open", condition=models.Q(status="open"),
            ),
            one_of("kind", tuple(KINDS), "complaints_kind"),
            one_of("status", tuple(STATUSES), "complaints_status_known"),
            one_of("opened_by", OPENERS, "complaints_opened_by"),
        ]  # fmt: skip


class Evidence(ShopOwned):
    """What a party put on record over an order, a complaint or a delay report: words, a file, or both. Append-only."""

    order_id = models.BigIntegerField(null=True)
    complaint_id = models.BigIntegerField(null=True)
    report_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    party = models.TextField()
    member_id = models.BigIntegerField(null=True)
    name = models.TextField(default="")
    body = models.TextField(default="")
    upload_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "evidence"
        indexes = [
            models.Index(fields=["shop_id", "order_id", "id"], name="evidence_order"),
            models.Index(
                fields=["shop_id", "report_id", "id"], name="evidence_report",
                condition=models.Q(report_id__isnull=False),
            ),
        ]  # fmt: skip
        constraints = [one_of("party", PARTIES, "evidence_party")]


class LedgerEntry(ShopOwned):
    """What a closed complaint added to what the shop owes a buyer, and to its points. Append-only."""

    order_id = models.BigIntegerField()
    complaint_id = models.BigIntegerField()
    buyer = models.TextField()
    paid_day = models.DateField()
    kind = models.TextField()
    amount = money()
    points = models.IntegerField(default=0)
    at = models.DateTimeField()
    why = models.TextField()
    rulebook = models.TextField()

    class Meta:
        db_table = "ledger"
        indexes = [
            models.Index(fields=["shop_id", "buyer", "paid_day"], name="ledger_buyer"),
            models.Index(fields=["shop_id", "order_id"], name="ledger_order"),
        ]
        constraints = [models.UniqueConstraint(fields=["shop_id", "complaint_id"], name="ledger_once")]


class Message(ShopOwned):
    """One message of the conversation over an order; a card is what 继续联系卖家 sends."""

    order_id = models.BigIntegerField()
    at = models.DateTimeField()
    sender = models.TextField()
    member_id = models.BigIntegerField(null=True)
    name = models.TextField(default="")
    kind = models.TextField(default="message")
    body = models.TextField(default="")

    class Meta:
        db_table = "messages"
        indexes = [
            models.Index(fields=["shop_id", "order_id", "id"], name="messages_order"),
            models.Index(fields=["shop_id", "at", "id"], name="messages_recent"),
        ]
        constraints = [
            one_of("sender", tuple(SENDERS), "messages_sender"),
            one_of("kind", tuple(MESSAGE_KINDS), "messages_kind"),
        ]


class Talk(models.Model):
    """The conversation over an order, as lists show it; one row exactly while there are messages.

    `waiting_since`: the first message of the buyer that no person has answered. `unread`: messages of the buyer since
    anybody of the shop looked; `fresh` is whether there are any. `greeted_for`: the wait that an automatic reply met.
    """

    pk = models.CompositePrimaryKey("shop_id", "order_id")
    shop_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    last_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    unread = models.IntegerField(default=0)
    fresh = models.BooleanField(default=False)
    greeted_for = models.DateTimeField(null=True)

    class Meta:
        db_table = "talks"
        indexes = [
            models.Index(fields=["shop_id", "-fresh", "-last_at", "-order_id"], name="talks_recent"),
            models.Index(
                fields=["shop_id", "-fresh", "-last_at", "-order_id"], name="talks_waiting",
                condition=models.Q(waiting_since__isnull=False),
            ),
        ]  # fmt: skip


class TurnDay(models.Model):
    """What the conversations of one day that is over add up to, by account (0: nobody's): what the figures are made of.

    Made from the messages up to `upto` (an id); each day that was added up has its row of nobody's, be it of noughts.
    """

    pk = models.CompositePrimaryKey("shop_id", "day", "member_id")
    shop_id = models.BigIntegerField()
    day = models.DateField()
    member_id = models.BigIntegerField()
    turns = models.IntegerField()
    quick = models.IntegerField()
    unanswered = models.IntegerField()
    took = models.BigIntegerField()
    """Microseconds, each turn at most what it can count."""
    upto = models.BigIntegerField()

    class Meta:
        db_table = "turn_days"


class SavedText(ShopOwned):
    """An answer that the shop keeps to use again."""

    title = models.TextField()
    body = models.TextField()
    position = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "saved_texts"
        constraints = [models.UniqueConstraint(fields=["shop_id", "title"], name="saved_texts_title")]


class DelayReport(ShopOwned):
    """A delay that the shop reports to the platform (报备) for listed orders, the whole shop, a region or goods.

    With `paid_from` and `paid_until` (the second left out) it was filed ahead of time, for what is paid between them.
    """

    name = models.TextField()
    status = models.TextField(default="filed")
    scope = models.TextField(default="orders")
    scope_value = models.TextField(default="")
    until = models.DateTimeField()
    paid_from = models.DateTimeField(null=True)
    paid_until = models.DateTimeField(null=True)
    evidence = models.TextField(default="")
    filed_at = models.DateTimeField()
    filed_by = models.TextField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.TextField(default="")
    answer = models.TextField(default="", db_default="")

    class Meta:
        db_table = "delay_reports"
        indexes = [
            models.Index(fields=["shop_id", "-id"], name="delay_reports_recent"),
            models.Index(fields=["filed_at", "id"], name="delay_reports_desk", condition=models.Q(status="filed")),
            models.Index(
                fields=["shop_id", "paid_until"], name="delay_reports_ahead",
                condition=models.Q(status="approved", paid_until__isnull=False),
            ),
        ]  # fmt: skip
        constraints = [
            one_of("status", REPORT_STATUSES, "delay_reports_status"),
            one_of("scope", REPORT_SCOPES, "delay_reports_scope"),
            models.CheckConstraint(
                condition=models.Q(paid_from__isnull=True, paid_until__isnull=True)
                | models.Q(paid_from__lt=models.F("paid_until")),
                name="delay_reports_window",
            ),
        ]


class ReportOrder(models.Model):
    """An order that a delay report lists, or that fell under one for more when it was approved, or later."""

    pk = models.CompositePrimaryKey("shop_id", "report_id", "order_id")
    shop_id = models.BigIntegerField()
    report_id = models.BigIntegerField()
    order_id = models.BigIntegerField()

    class Meta:
        db_table = "report_orders"


class ExemptRegion(models.Model):
    """A region that a platform exempts for a while. Small and shared by all shops: a reference table.

    `ended_at`: when the platform ended it before its time. `applied_to`: the last shop whose deadlines follow what the
    row says now; None once all do.
    """

    id = models.BigIntegerField(primary_key=True, db_default=NextId())
    platform = models.TextField()
    region = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    listed_at = models.DateTimeField()
    listed_by = models.TextField(default="")
    note = models.TextField(default="", db_default="")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="", db_default="")
    applied_to = models.BigIntegerField(null=True)

    class Meta:
        db_table = "exempt_regions"
        indexes = [models.Index(fields=["platform", "ends_at"], name="exempt_regions_platform")]
