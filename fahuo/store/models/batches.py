"""Batches: tables of rows with verdicts, the files they came from, and the column choices a shop keeps."""

from django.db import models

from fahuo.rules.batches import BATCH_KINDS, BATCH_STATUSES, VERDICTS, WORK_WAITS
from fahuo.store.models.base import ShopOwned, one_of


class Upload(ShopOwned):
    """A file as it was handed in, kept in the database so that any process can work on it."""

    name = models.TextField()
    body = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "uploads"


class Batch(ShopOwned):
    """One import, or one shipping of many orders."""

    kind = models.TextField()
    status = models.TextField()
    name = models.TextField(default="")
    upload_id = models.BigIntegerField(null=True)
    options = models.JSONField(default=dict)
    problem = models.JSONField(null=True)
    row_count = models.IntegerField(default=0)
    good_count = models.IntegerField(default=0)
    bad_count = models.IntegerField(default=0)
    done_count = models.IntegerField(default=0)
    created_by = models.BigIntegerField(null=True)
    created_by_name = models.TextField(default="")
    created_at = models.DateTimeField()
    worked_at = models.DateTimeField(null=True)
    committed_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "batches"
        indexes = [
            models.Index(fields=["shop_id", "-id"], name="batches_recent"),
            models.Index(
                fields=["shop_id", "id"], name="batches_work", condition=models.Q(status__in=sorted(WORK_WAITS)),
            ),
        ]  # fmt: skip
        constraints = [
            one_of("kind", BATCH_KINDS, "batches_kind"),
            one_of("status", BATCH_STATUSES, "batches_status"),
        ]


class BatchRow(models.Model):
    """One row of a batch: what was asked (`data`), what is wrong (`problems`), what became of it (`verdict`)."""

    pk = models.CompositePrimaryKey("shop_id", "batch_id", "row_no")
    shop_id = models.BigIntegerField()
    batch_id = models.BigIntegerField()
    row_no = models.IntegerField()
    verdict = models.TextField(default="waiting")
    number = models.TextField(default="")
    order_id = models.BigIntegerField(null=True)
    parcel_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    problems = models.JSONField(null=True)

    class Meta:
        db_table = "batch_rows"
        constraints = [one_of("verdict", VERDICTS, "batch_rows_verdict")]


class ColumnMap(ShopOwned):
    """Which column of an unknown sheet means what; found again by the fingerprint of its header."""

    kind = models.TextField()
    fingerprint = models.TextField()
    name = models.TextField(default="")
    columns = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "column_maps"
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "kind", "fingerprint"], name="column_maps_header"),
            one_of("kind", BATCH_KINDS, "column_maps_kind"),
        ]


class SheetTemplate(ShopOwned):
    """The columns of a table that a carrier, or the marketplace, wants: a list of [heading, field]."""

    name = models.TextField()
    purpose = models.TextField()
    carrier = models.TextField(default="")
    columns = models.JSONField(default=list)
    format = models.TextField(default="xlsx")

    class Meta:
        db_table = "sheet_templates"
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "purpose", "name"], name="sheet_templates_name"),
            one_of("purpose", ("address", "upload"), "sheet_templates_purpose"),
            one_of("format", ("xlsx", "csv"), "sheet_templates_format"),
        ]
