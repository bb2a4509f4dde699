"""Accounts with carriers' services, numbers ordered there, parcels followed there, and the record of calls."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from fahuo.rules.carrying import ACTS, HEARD, OPEN, STATES
from fahuo.store.models.base import ShopOwned, one_of


class CarrierAccount(ShopOwned):
    """A shop's account with a carrier service. `settings` is sealed; `shown` is what a page may show of it.

    `due_at`: when it is taken up (None: not before a person did something); while `held_until` it is in one clock's hands.
    `failures`: calls in a row that had no answer. `tracks`: parcels of its carriers are followed here. `followed_until`:
    parcels that left before it are known to be followed or not.
    """

    kind = models.TextField()
    name = models.TextField()
    settings = models.TextField(default="")
    shown = models.JSONField(default=dict)
    push_key = models.TextField(default="")
    active = models.BooleanField(default=True)
    tracks = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    trouble = models.TextField(default="")
    problem = models.JSONField(null=True)
    called_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    pushed_at = models.DateTimeField(null=True)
    followed_until = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "carrier_accounts"
        indexes = [
            models.Index(
                fields=["due_at", "shop_id", "id"], name="carrier_accounts_due",
                condition=models.Q(due_at__isnull=False),
            ),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "name"], name="carrier_accounts_name"),
            one_of("trouble", ("", "limited", "unauthorised", "unanswered", "refused"), "carrier_accounts_trouble"),
        ]


class NumberOrder(ShopOwned):
    """A number ordered from a service for the orders of one label to be. Its reference there is made of its id.

    `receiver_key`: whom it was asked for. `replaces_id`: the label that it takes the place of. `state`: rules.carrying.
    """

    account_id = models.BigIntegerField()
    contract_id = models.BigIntegerField()
    order_ids = ArrayField(models.BigIntegerField())
    receiver_key = models.TextField(default="")
    replaces_id = models.BigIntegerField(null=True)
    reason = models.TextField(default="")
    state = models.TextField(default="waiting")
    attempts = models.IntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    problem = models.JSONField(null=True)
    waybill = models.TextField(default="")
    route = models.JSONField(default=dict)
    label_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    member_id = models.BigIntegerField(null=True)
    actor = models.TextField(default="")

    class Meta:
        db_table = "number_orders"
        indexes = [
            models.Index(
                fields=["shop_id", "account_id", "due_at", "id"], name="number_orders_due",
                condition=models.Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["shop_id", "account_id", "id"], name="number_orders_open",
                condition=models.Q(state__in=(*OPEN, "cancelling")),
            ),
            models.Index(fields=["shop_id", "label_id"], name="number_orders_label", condition=models.Q(label_id__isnull=False)),
        ]  # fmt: skip
        constraints = [one_of("state", STATES, "number_orders_state")]


class Tracking(models.Model):
    """A parcel's number followed at a service. `due_at`: when it is asked for (None: over). `subscribed_at`: since when
    its scans are pushed; `wants_push`: it is still to be subscribed."""

    pk = models.CompositePrimaryKey("shop_id", "parcel_id")
    shop_id = models.BigIntegerField()
    parcel_id = models.BigIntegerField()
    account_id = models.BigIntegerField()
    carrier = models.TextField()
    waybill = models.TextField()
    shipped_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    wants_push = models.BooleanField(default=False)
    subscribed_at = models.DateTimeField(null=True)
    pulled_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    problem = models.JSONField(null=True)

    class Meta:
        db_table = "trackings"
        indexes = [
            models.Index(
                fields=["shop_id", "account_id", "due_at"], name="trackings_due", condition=models.Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["shop_id", "account_id", "parcel_id"], name="trackings_wants_push",
                condition=models.Q(wants_push=True),
            ),
            models.Index(fields=["shop_id", "waybill"], name="trackings_waybill"),
            models.Index(
                fields=["shop_id", "account_id", "parcel_id"], name="trackings_wrong",
                condition=models.Q(problem__isnull=False),
            ),
        ]  # fmt: skip


class CarrierCall(ShopOwned):
    """A call, without personal data: what was asked or told, for how many rows, what became of it, how long it took."""

    account_id = models.BigIntegerField()
    act = models.TextField()
    at = models.DateTimeField()
    rows = models.IntegerField(default=1)
    heard = models.TextField()
    code = models.TextField(default="")
    ms = models.IntegerField(default=0)

    class Meta:
        db_table = "carrier_calls"
        indexes = [models.Index(fields=["shop_id", "account_id", "-id"], name="carrier_calls_recent")]
        constraints = [
            one_of("act", (*ACTS, "push"), "carrier_calls_act"),
            one_of("heard", HEARD, "carrier_calls_heard"),
        ]
