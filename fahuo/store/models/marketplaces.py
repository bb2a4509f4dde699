"""Marketplaces that a shop is connected to, what each of its orders is called there, and what is told there.

Due moments are columns: of a marketplace when it is pulled next, of an order when it is read again by itself, of a
confirmation when it is told (again).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from fahuo.rules.marketplaces import CONFIRMATIONS, TROUBLES
from fahuo.store.models.base import ShopOwned, one_of


class Marketplace(ShopOwned):
    """One marketplace of a shop. `settings` is sealed. `pulled_until`: all that moved before it is here."""

    kind = models.TextField()
    settings = models.TextField(default="")
    shown = models.JSONField(default=dict)
    push_key = models.TextField(default="")
    active = models.BooleanField(default=True)
    open_receivers = models.BooleanField(default=False)
    began_at = models.DateTimeField()
    backlog_done = models.BooleanField(default=False)
    pulled_until = models.DateTimeField()
    refunds_until = models.DateTimeField()
    pulled_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    session_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    trouble = models.TextField(default="")
    problem = models.JSONField(null=True)
    pulled_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "marketplaces"
        indexes = [
            models.Index(fields=["due_at", "shop_id", "id"], name="marketplaces_due", condition=models.Q(due_at__isnull=False)),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "kind"], name="marketplaces_kind"),
            one_of("trouble", TROUBLES, "marketplaces_trouble"),
        ]


class MarketplaceOrder(models.Model):
    """An order as the marketplace knows it, by what it is called there (`ref`). `order_id` None: it could not be read yet.

    `waits`: it is still to be shipped there, as far as was seen. `urged_at`: when its urge was noticed, once.
    """

    pk = models.CompositePrimaryKey("shop_id", "marketplace_id", "ref")
    shop_id = models.BigIntegerField()
    marketplace_id = models.BigIntegerField()
    ref = models.TextField()
    order_id = models.BigIntegerField(null=True)
    waits = models.BooleanField(default=False)
    masked = models.BooleanField(default=False)
    mark = models.TextField(default="")
    urged_at = models.DateTimeField(null=True)
    modified_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    problem = models.JSONField(null=True)
    refunds = models.JSONField(default=dict)

    class Meta:
        db_table = "marketplace_orders"
        indexes = [
            models.Index(
                fields=["shop_id", "marketplace_id", "due_at"], name="marketplace_orders_due",
                condition=models.Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["shop_id", "marketplace_id", "seen_at"], name="marketplace_orders_waiting",
                condition=models.Q(waits=True),
            ),
            models.Index(
                fields=["shop_id", "marketplace_id", "ref"], name="marketplace_orders_wrong",
                condition=models.Q(problem__isnull=False),
            ),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                fields=["shop_id", "order_id"], name="marketplace_orders_order", condition=models.Q(order_id__isnull=False)
            ),
        ]  # fmt: skip


class Confirmation(ShopOwned):
    """That an order (or some of its lines) left under a number, as it is told to the marketplace; once a number."""

    marketplace_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    parcel_id = models.BigIntegerField()
    ref = models.TextField()
    carrier = models.TextField(default="")
    waybill = models.TextField(default="")
    before_carrier = models.TextField(default="")
    before_waybill = models.TextField(default="")
    lines = ArrayField(models.TextField(), default=list)
    status = models.TextField(default="waiting")
    due_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    problem = models.JSONField(null=True)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "confirmations"
        indexes = [
            models.Index(
                fields=["shop_id", "marketplace_id", "due_at", "id"], name="confirmations_due",
                condition=models.Q(due_at__isnull=False),
            ),
            models.Index(fields=["shop_id", "marketplace_id", "-id"], name="confirmations_recent"),
            models.Index(
                fields=["shop_id", "marketplace_id", "id"], name="confirmations_open",
                condition=~models.Q(status__in=("done", "dropped")),
            ),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                fields=["shop_id", "order_id", "parcel_id", "carrier", "waybill"], name="confirmations_once"
            ),
            one_of("status", CONFIRMATIONS, "confirmations_status"),
        ]
