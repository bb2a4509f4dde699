"""Orders, their lines and receivers, and the backlog.

Shipping is the hottest write, so the order table has no index over anything that shipping changes: the update stays
within its page (a HOT update), and "what waits" is its own narrow table, `backlog`, whose row shipping deletes.
"""

from django.db import models
from django.db.models.functions import Coalesce

from fahuo.rules.orders import CONFLICTS, ORDER_KINDS, ORDER_STATUSES, REFUND_STATUSES
from fahuo.rules.retention import STAGES
from fahuo.store.models.base import ShopOwned, money, one_of

FINAL = models.Q(completed_at__isnull=False) | models.Q(closed_at__isnull=False)


class Order(ShopOwned):
    """One paid (or to be paid) order of a shop, under the marketplace's number.

    `erased`: how many stages of forgetting (rules/retention.toml) it has gone through. `receiver_key` and `draft_hash` are
    keyed digests (store/sealed.py), `buyer_message` is sealed.
    """

    number = models.TextField()
    status = models.TextField()
    kind = models.TextField(default="normal")
    buyer = models.TextField(default="")
    title = models.TextField(default="")
    quantity = models.IntegerField(default=1)
    item_amount = money(default=0)
    postage = money(default=0)
    paid_amount = money(default=0)
    refund_status = models.TextField(default="none")
    refund_amount = money(default=0)
    region = models.TextField(default="")
    receiver_key = models.TextField(default="")
    buyer_message = models.TextField(default="")
    memo = models.TextField(default="")
    channel_memo = models.TextField(default="")
    flag = models.SmallIntegerField(null=True)

    ordered_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    close_reason = models.TextField(default="")

    promise_hours = models.SmallIntegerField(null=True)
    promised_until = models.DateTimeField(null=True)
    channel_deadline = models.DateTimeField(null=True)
    reported_until = models.DateTimeField(null=True)
    agreed_until = models.DateTimeField(null=True)
    deadline = models.DateTimeField(null=True)
    deadline_clause = models.TextField(default="")
    rulebook = models.TextField(default="")

    urge_count = models.IntegerField(default=0)
    urged_at = models.DateTimeField(null=True)
    printed_at = models.DateTimeField(null=True)
    called_at = models.DateTimeField(null=True)
    conflict = models.TextField(default="")
    conflict_at = models.DateTimeField(null=True)
    draft_hash = models.TextField(default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    erased = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "orders"
        indexes = [
            models.Index(fields=["shop_id", "-ordered_at", "-id"], name="orders_recent"),
            models.Index(fields=["shop_id", "buyer"], name="orders_buyer"),
            models.Index(fields=["shop_id", "receiver_key"], name="orders_receiver"),
            models.Index(
                fields=["shop_id", "deadline", "id"], name="orders_due", condition=models.Q(deadline__isnull=False),
            ),
            models.Index(fields=["shop_id", "paid_at", "id"], name="orders_paid", condition=models.Q(paid_at__isnull=False)),
            models.Index(
                fields=["shop_id", "-ordered_at", "-id"], name="orders_unpaid",
                condition=models.Q(paid_at__isnull=True, closed_at__isnull=True),
            ),
            models.Index(
                fields=["shop_id", "-completed_at", "-id"], name="orders_completed",
                condition=models.Q(completed_at__isnull=False),
            ),
            models.Index(
                fields=["shop_id", "-closed_at", "-id"], name="orders_closed",
                condition=models.Q(closed_at__isnull=False),
            ),
            models.Index(
                fields=["shop_id", "-urged_at", "-id"], name="orders_urged", condition=models.Q(urge_count__gt=0),
            ),
            models.Index(
                fields=["shop_id", "-conflict_at", "-id"], name="orders_conflict", condition=~models.Q(conflict=""),
            ),
            models.Index(
                fields=["shop_id", "-ordered_at", "-id"], name="orders_refunding",
                condition=models.Q(refund_status__in=["requested", "agreed"]),
            ),
            models.Index(
                "shop_id", "erased", Coalesce("completed_at", "closed_at"), "id", name="orders_to_erase",
                condition=models.Q(erased__lt=len(STAGES)) & FINAL,
            ),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "number"], name="orders_number"),
            one_of("status", ORDER_STATUSES, "orders_status"),
            one_of("kind", ORDER_KINDS, "orders_kind"),
            one_of("refund_status", REFUND_STATUSES, "orders_refund_status"),
            one_of("conflict", CONFLICTS, "orders_conflict_known"),
            models.CheckConstraint(
                condition=models.Q(flag__isnull=True) | models.Q(flag__gte=0, flag__lte=10), name="orders_flag",
            ),
        ]  # fmt: skip


class Backlog(models.Model):
    """An order that waits to be shipped, by its deadline. One row exactly while the order's status is in IN_BACKLOG."""

    pk = models.CompositePrimaryKey("shop_id", "order_id")
    shop_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    deadline = models.DateTimeField()

    class Meta:
        db_table = "backlog"
        indexes = [models.Index(fields=["shop_id", "deadline", "order_id"], name="backlog_due")]


class OrderTally(ShopOwned):
    """How many orders a shop has in each status, as deltas: the count is their sum. The clock folds them."""

    status = models.TextField()
    delta = models.IntegerField()

    class Meta:
        db_table = "order_tally"
        constraints = [one_of("status", ORDER_STATUSES, "order_tally_status")]


class OrderLine(ShopOwned):
    """One line (sub-order): a quantity of one SKU."""

    order_id = models.BigIntegerField()
    number = models.TextField(default="")
    title = models.TextField(default="")
    sku = models.TextField(default="")
    sku_code = models.TextField(default="")
    item_code = models.TextField(default="")
    quantity = models.IntegerField(default=1)
    shipped_quantity = models.IntegerField(default=0)
    price = money(null=True)
    amount = money(null=True)
    refund_status = models.TextField(default="none")
    refund_amount = money(null=True)
    remark = models.TextField(default="")

    class Meta:
        db_table = "order_lines"
        indexes = [
            models.Index(
                fields=["shop_id", "order_id"], name="order_lines_refunding",
                condition=models.Q(refund_status__in=["requested", "agreed"]),
            ),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "order_id", "number"], name="order_lines_number"),
            one_of("refund_status", REFUND_STATUSES, "order_lines_refund_status"),
            models.CheckConstraint(
                condition=models.Q(shipped_quantity__gte=0, shipped_quantity__lte=models.F("quantity")),
                name="order_lines_shipped",
            ),
        ]


class Receiver(models.Model):
    """To whom and where an order goes: the buyer's personal data, kept apart from the order.

    `sealed` holds name, phone, extension, address and postcode (store/sealed.py); `name` and `phone` then stand masked, the
    other three empty, and the marks find the row by whole name, whole phone and its last four digits. A row of an earlier
    version has no `sealed` yet, and stands readable until the clock has come to it.
    """

    pk = models.CompositePrimaryKey("shop_id", "order_id")
    shop_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    name = models.TextField(default="")
    phone = models.TextField(default="")
    phone_extension = models.TextField(default="")
    phone_expires_at = models.DateTimeField(null=True)
    province = models.TextField(default="")
    city = models.TextField(default="")
    district = models.TextField(default="")
    address = models.TextField(default="")
    postcode = models.TextField(default="")
    sealed = models.BinaryField(null=True)
    name_mark = models.BigIntegerField(null=True)
    phone_mark = models.BigIntegerField(null=True)
    phone_ending = models.BigIntegerField(null=True)

    class Meta:
        db_table = "receivers"
        indexes = [
            models.Index(fields=["shop_id", "name_mark"], name="receivers_by_name"),
            models.Index(fields=["shop_id", "phone_mark"], name="receivers_by_phone"),
            models.Index(fields=["shop_id", "phone_ending", "order_id"], name="receivers_by_ending"),
        ]
