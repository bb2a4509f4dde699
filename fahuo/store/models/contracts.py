"""Contracts with carriers' branches, their tariffs, who gets which order, and what the shop knows of its goods."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from fahuo.rules.contracts import CHOSEN_BY, NUMBERS, SHIPS_AT
from fahuo.store.models.base import ShopOwned, money, one_of


class Contract(ShopOwned):
    """A shop's contract with one branch of a carrier. `hands_over`: its orders are handed to its couriers by themselves.
    `masked`: its labels hide names, phones and rooms (GB/T 41833-2022). `carrier_account_id`: where its numbers are
    ordered, when they come from a service.
    """

    carrier = models.TextField()
    name = models.TextField()
    branch = models.TextField(default="")
    account = models.TextField(default="")
    contact_name = models.TextField(default="")
    contact_phone = models.TextField(default="")
    sender_name = models.TextField(default="")
    sender_phone = models.TextField(default="")
    sender_region = models.TextField(default="")
    sender_address = models.TextField(default="")
    numbers = models.TextField(default="stock")
    ships_at = models.TextField(default="packed")
    printer_id = models.BigIntegerField(null=True)
    template_id = models.BigIntegerField(null=True)
    masked = models.BooleanField(default=True, db_default=True)
    pickup_times = ArrayField(models.TimeField(), default=list)
    return_voided_days = models.SmallIntegerField(null=True)
    return_silent_days = models.SmallIntegerField(null=True)
    position = models.SmallIntegerField(default=0)
    active = models.BooleanField(default=True)
    hands_over = models.BooleanField(default=False, db_default=False)
    carrier_account_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "contracts"
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "name"], name="contracts_name"),
            one_of("numbers", NUMBERS, "contracts_numbers"),
            one_of("ships_at", SHIPS_AT, "contracts_ships_at"),
        ]


class Tariff(ShopOwned):
    """What a contract asks for a parcel to a region (2, 4 or 6 digits; "" for everywhere else), by weight in grams."""

    contract_id = models.BigIntegerField()
    region = models.TextField(default="")
    served = models.BooleanField(default=True)
    first_grams = models.IntegerField(default=1000)
    first_price = money(default=0)
    next_grams = models.IntegerField(default=1000)
    next_price = money(default=0)

    class Meta:
        db_table = "tariffs"
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "contract_id", "region"], name="tariffs_region"),
            models.CheckConstraint(
                condition=models.Q(first_grams__gt=0, next_grams__gt=0, first_price__gte=0, next_price__gte=0),
                name="tariffs_positive",
            ),
        ]


class CarrierRule(ShopOwned):
    """Which contract gets an order that fits `conditions`; without a contract, the cheapest that serves it."""

    position = models.SmallIntegerField(default=0)
    name = models.TextField(default="")
    contract_id = models.BigIntegerField(null=True)
    conditions = models.JSONField(default=dict)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "carrier_rules"
        indexes = [models.Index(fields=["shop_id", "position", "id"], name="carrier_rules_order")]


class Assignment(models.Model):
    """The contract that an order goes by, and whether its couriers see it (`handed_at`), with a word to them (`note`).

    `kept`: the shop took it back; it is not handed by itself again.
    """

    pk = models.CompositePrimaryKey("shop_id", "order_id")
    shop_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    contract_id = models.BigIntegerField()
    chosen_by = models.TextField(default="person")
    rule_id = models.BigIntegerField(null=True)
    chosen_at = models.DateTimeField()
    handed_at = models.DateTimeField(null=True)
    note = models.TextField(default="", db_default="")
    kept = models.BooleanField(default=False, db_default=False)
    member_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "assignments"
        indexes = [
            models.Index(
                fields=["shop_id", "contract_id", "order_id"], name="assignments_handed",
                condition=models.Q(handed_at__isnull=False),
            ),
        ]  # fmt: skip
        constraints = [one_of("chosen_by", CHOSEN_BY, "assignments_chosen_by")]


class RouteMark(ShopOwned):
    """What a carrier wants printed for a region, where it does not say so itself: 大头笔, 三段码, 集包地."""

    carrier = models.TextField()
    region = models.TextField()
    mark = models.TextField(default="")
    route_code = models.TextField(default="")
    hub_name = models.TextField(default="")
    hub_code = models.TextField(default="")

    class Meta:
        db_table = "route_marks"
        constraints = [models.UniqueConstraint(fields=["shop_id", "carrier", "region"], name="route_marks_region")]


class Sku(ShopOwned):
    """What the shop knows of a SKU beyond the orders: its barcode, where it lies, what it weighs (grams)."""

    code = models.TextField()
    title = models.TextField(default="")
    barcode = models.TextField(default="")
    shelf = models.TextField(default="")
    grams = models.IntegerField(null=True)

    class Meta:
        db_table = "skus"
        indexes = [
            models.Index(fields=["shop_id", "barcode"], name="skus_barcode", condition=~models.Q(barcode="")),
        ]
        constraints = [models.UniqueConstraint(fields=["shop_id", "code"], name="skus_code")]


class Courier(ShopOwned):
    """A person's account as a courier: of one contract of one shop. The id is of the same sequence as members' ids.

    `made_person`: the shop made the person's sign-in, and may make a new password for it.
    """

    contract_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    name = models.TextField()
    phone = models.TextField(default="")
    active = models.BooleanField(default=True)
    made_person = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "couriers"
        indexes = [models.Index(fields=["user_id"], name="couriers_user")]
        constraints = [models.UniqueConstraint(fields=["shop_id", "user_id"], name="couriers_one_per_person")]
