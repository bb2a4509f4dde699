"""Pickups by the carriers' couriers, and what they took."""

from django.db import models

from fahuo.rules.carrying import OPEN, STATES
from fahuo.rules.pickups import KINDS, LIVING, STATUSES
from fahuo.store.models.base import ShopOwned, one_of


class Pickup(ShopOwned):
    """A courier comes for the parcels of a contract: at a fixed time, or called for. Signed by the number of parcels."""

    contract_id = models.BigIntegerField()
    kind = models.TextField(default="daily")
    status = models.TextField(default="open")
    expected_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_count = models.IntegerField(null=True)
    signed_by = models.TextField(default="")
    note = models.TextField(default="")
    member_id = models.BigIntegerField(null=True)
    actor = models.TextField(default="")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "pickups"
        indexes = [
            models.Index(fields=["shop_id", "-expected_at", "-id"], name="pickups_recent"),
            models.Index(
                fields=["shop_id", "contract_id", "expected_at"], name="pickups_living",
                condition=models.Q(status__in=LIVING),
            ),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                fields=["shop_id", "contract_id", "expected_at"], name="pickups_daily", condition=models.Q(kind="daily"),
            ),
            one_of("kind", KINDS, "pickups_kind"),
            one_of("status", STATUSES, "pickups_status"),
        ]  # fmt: skip


class PickupCall(models.Model):
    """A pickup that a carrier's service is asked for. `state`: rules.carrying, as of numbers that are ordered there."""

    pk = models.CompositePrimaryKey("shop_id", "pickup_id")
    shop_id = models.BigIntegerField()
    pickup_id = models.BigIntegerField()
    account_id = models.BigIntegerField()
    state = models.TextField(default="waiting")
    attempts = models.IntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    problem = models.JSONField(null=True)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "pickup_calls"
        indexes = [
            models.Index(
                fields=["shop_id", "account_id", "due_at"], name="pickup_calls_due", condition=models.Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["shop_id", "account_id", "pickup_id"], name="pickup_calls_open",
                condition=models.Q(state__in=(*OPEN, "cancelling")),
            ),
        ]  # fmt: skip
        constraints = [one_of("state", STATES, "pickup_calls_state")]


class PickupParcel(models.Model):
    """A parcel on a pickup's manifest, by its number: of a label, or of a parcel that was shipped otherwise.

    A number stands on one manifest that is not signed yet; once it is retired a carrier may give it out again.
    """

    pk = models.CompositePrimaryKey("shop_id", "carrier", "waybill", "pickup_id")
    shop_id = models.BigIntegerField()
    pickup_id = models.BigIntegerField()
    carrier = models.TextField()
    waybill = models.TextField()
    label_id = models.BigIntegerField(null=True)
    parcel_id = models.BigIntegerField(null=True)
    added_at = models.DateTimeField()
    member_id = models.BigIntegerField(null=True)
    signed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "pickup_parcels"
        indexes = [models.Index(fields=["shop_id", "pickup_id"], name="pickup_parcels_pickup")]
        constraints = [
            models.UniqueConstraint(
                fields=["shop_id", "carrier", "waybill"], name="pickup_parcels_listed",
                condition=models.Q(signed_at__isnull=True),
            ),
        ]  # fmt: skip
