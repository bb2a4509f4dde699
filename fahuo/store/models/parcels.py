"""Parcels, what is in them, and the carriers' scans."""

from django.db import models

from fahuo.rules.parcels import PARCEL_KINDS, SCAN_KINDS
from fahuo.store.models.base import ShopOwned, one_of


class Parcel(ShopOwned):
    """What leaves under one waybill number. It lives from its submit until it is voided or retired."""

    kind = models.TextField(default="offline")
    carrier = models.TextField(default="")
    waybill = models.TextField(default="")
    shipped_at = models.DateTimeField()
    shipped_by = models.BigIntegerField(null=True)
    batch_id = models.BigIntegerField(null=True)
    picked_up_at = models.DateTimeField(null=True)
    last_scan_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    grams = models.IntegerField(null=True)
    note = models.TextField(default="")

    class Meta:
        db_table = "parcels"
        indexes = [
            models.Index(fields=["shop_id", "-shipped_at", "-id"], name="parcels_recent"),
            models.Index(
                fields=["shop_id", "shipped_at", "id"], name="parcels_unscanned",
                condition=models.Q(picked_up_at__isnull=True, voided_at__isnull=True, kind="offline"),
            ),
            models.Index(
                fields=["shop_id", "last_scan_at", "id"], name="parcels_silent",
                condition=models.Q(
                    last_scan_at__isnull=False, delivered_at__isnull=True, voided_at__isnull=True, retired_at__isnull=True
                ),
            ),
            models.Index(
                fields=["shop_id", "handed_over_at", "id"], name="parcels_handed_over",
                condition=models.Q(handed_over_at__isnull=False, picked_up_at__isnull=True, voided_at__isnull=True),
            ),
            models.Index(
                fields=["shop_id", "batch_id"], name="parcels_batch", condition=models.Q(batch_id__isnull=False),
            ),
            models.Index(
                fields=["shop_id", "waybill"], name="parcels_used_number",
                condition=models.Q(voided_at__isnull=False) | models.Q(retired_at__isnull=False),
            ),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                fields=["shop_id", "waybill", "carrier"], name="parcels_living_number",
                condition=models.Q(voided_at__isnull=True, retired_at__isnull=True) & ~models.Q(waybill=""),
            ),
            one_of("kind", PARCEL_KINDS, "parcels_kind"),
        ]  # fmt: skip


class ParcelOrder(models.Model):
    """An order (or, where `whole` is false, some of its lines) in a parcel."""

    pk = models.CompositePrimaryKey("shop_id", "order_id", "parcel_id")
    shop_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    parcel_id = models.BigIntegerField()
    whole = models.BooleanField(default=True)

    class Meta:
        db_table = "parcel_orders"
        indexes = [models.Index(fields=["shop_id", "parcel_id"], name="parcel_orders_parcel")]


class ParcelLine(models.Model):
    """How much of a line went into a parcel; only for parcels that hold part of an order."""

    pk = models.CompositePrimaryKey("shop_id", "parcel_id", "line_id")
    shop_id = models.BigIntegerField()
    parcel_id = models.BigIntegerField()
    line_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    quantity = models.IntegerField()

    class Meta:
        db_table = "parcel_lines"
        constraints = [models.CheckConstraint(condition=models.Q(quantity__gt=0), name="parcel_lines_quantity")]


class Scan(ShopOwned):
    """One scan of a parcel by its carrier."""

    parcel_id = models.BigIntegerField()
    kind = models.TextField()
    at = models.DateTimeField()
    place = models.TextField(default="")

    class Meta:
        db_table = "scans"
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "parcel_id", "kind", "at"], name="scans_once"),
            one_of("kind", SCAN_KINDS, "scans_kind"),
        ]
