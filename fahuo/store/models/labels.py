"""Labels, printers, and print jobs with their documents."""

from django.db import models

from fahuo.rules.label_states import STATES
from fahuo.rules.print_jobs import ACKNOWLEDGE, DOCUMENT_STATES, JOB_STATUSES, LANGUAGES, PRINTER_KINDS
from fahuo.store.models.base import ShopOwned, one_of


class Label(ShopOwned):
    """One waybill number for the orders of one receiver. `receiver_key`: whom it was made for, to see a change."""

    contract_id = models.BigIntegerField()
    carrier = models.TextField()
    waybill = models.TextField()
    number_id = models.BigIntegerField(null=True)
    state = models.TextField(default="made")
    receiver_key = models.TextField(default="")
    route = models.JSONField(default=dict)
    grams = models.IntegerField(null=True)
    print_count = models.IntegerField(default=0)
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    made_by_name = models.TextField(default="")
    printed_at = models.DateTimeField(null=True)
    packed_at = models.DateTimeField(null=True)
    packed_by = models.BigIntegerField(null=True)
    packed_by_name = models.TextField(default="")
    shipped_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.TextField(default="")
    parcel_id = models.BigIntegerField(null=True)
    replaces_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "labels"
        indexes = [
            models.Index(fields=["shop_id", "-made_at", "-id"], name="labels_recent"),
            models.Index(fields=["shop_id", "parcel_id"], name="labels_parcel", condition=models.Q(parcel_id__isnull=False)),
            models.Index(
                fields=["shop_id", "contract_id", "id"], name="labels_here",
                condition=models.Q(handed_over_at__isnull=True, voided_at__isnull=True),
            ),
            models.Index(
                fields=["shop_id", "waybill"], name="labels_voided_number", condition=models.Q(voided_at__isnull=False),
            ),
            models.Index(
                fields=["shop_id", "-packed_at", "-id"], name="labels_packed", condition=models.Q(packed_at__isnull=False),
            ),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                fields=["shop_id", "waybill", "carrier"], name="labels_living_number",
                condition=models.Q(voided_at__isnull=True),
            ),
            one_of("state", STATES, "labels_state"),
        ]  # fmt: skip


class LabelOrder(models.Model):
    """An order on a label. An order has one living label at a time (`voided_at` is the label's)."""

    pk = models.CompositePrimaryKey("shop_id", "order_id", "label_id")
    shop_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    label_id = models.BigIntegerField()
    voided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "label_orders"
        indexes = [models.Index(fields=["shop_id", "label_id"], name="label_orders_label")]
        constraints = [
            models.UniqueConstraint(
                fields=["shop_id", "order_id"], name="label_orders_living", condition=models.Q(voided_at__isnull=True),
            ),
        ]  # fmt: skip


class LabelTemplate(ShopOwned):
    """A layout of labels that the shop keeps: the text that rules.labels.read_template reads. `standard`: where neither a job
    nor a contract names another."""

    name = models.TextField()
    size = models.TextField()
    body = models.TextField()
    standard = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "label_templates"
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "name"], name="label_templates_name"),
            models.UniqueConstraint(
                fields=["shop_id"], name="label_templates_standard", condition=models.Q(standard=True)
            ),
        ]


class Printer(ShopOwned):
    """A printer of the shop. `problem` is what it last said was wrong."""

    name = models.TextField()
    kind = models.TextField()
    host = models.TextField(default="")
    port = models.IntegerField(default=9100)
    path = models.TextField(default="")
    language = models.TextField(default="zpl")
    dpi = models.SmallIntegerField(default=203)
    acknowledge = models.TextField(default="status")
    settings = models.JSONField(default=dict)
    active = models.BooleanField(default=True)
    problem = models.JSONField(null=True)
    seen_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "printers"
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "name"], name="printers_name"),
            one_of("kind", PRINTER_KINDS, "printers_kind"),
            one_of("language", LANGUAGES, "printers_language"),
            one_of("acknowledge", ACKNOWLEDGE, "printers_acknowledge"),
        ]


class PrintJob(ShopOwned):
    """Documents for one printer, in order. `due_at`: when a worker should take it up; `held_by` and `lease_until`: who has."""

    printer_id = models.BigIntegerField()
    template_id = models.BigIntegerField(null=True)
    status = models.TextField(default="waiting")
    count = models.IntegerField(default=0)
    printed_count = models.IntegerField(default=0)
    reason = models.TextField(default="")
    problem = models.JSONField(null=True)
    member_id = models.BigIntegerField(null=True)
    actor = models.TextField(default="")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    held_by = models.TextField(default="")
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "print_jobs"
        indexes = [
            models.Index(fields=["shop_id", "-id"], name="print_jobs_recent"),
            models.Index(fields=["shop_id", "due_at", "id"], name="print_jobs_due", condition=models.Q(due_at__isnull=False)),
            models.Index(
                fields=["shop_id", "printer_id", "id"], name="print_jobs_printer",
                condition=models.Q(status__in=("waiting", "printing", "held")),
            ),
        ]  # fmt: skip
        constraints = [one_of("status", JOB_STATUSES, "print_jobs_status")]


class PrintDocument(models.Model):
    """One label in a job, at its place in the list."""

    pk = models.CompositePrimaryKey("shop_id", "job_id", "place")
    shop_id = models.BigIntegerField()
    job_id = models.BigIntegerField()
    place = models.IntegerField()
    label_id = models.BigIntegerField()
    state = models.TextField(default="waiting")
    attempts = models.SmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    printed_at = models.DateTimeField(null=True)
    problem = models.JSONField(null=True)

    class Meta:
        db_table = "print_documents"
        indexes = [models.Index(fields=["shop_id", "label_id"], name="print_documents_label")]
        constraints = [one_of("state", DOCUMENT_STATES, "print_documents_state")]
