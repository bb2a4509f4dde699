from django.db import migrations, models


class Migration(migrations.Migration):
    """Delay reports ahead of time name when their orders are paid; one that waits may be withdrawn."""

    dependencies = [("fahuo", "0012_pre_conversations")]

    operations = [
        migrations.AddField(model_name="delayreport", name="paid_from", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="delayreport", name="paid_until", field=models.DateTimeField(null=True)),
        migrations.AddIndex(
            model_name="delayreport",
            index=models.Index(
                condition=models.Q(("paid_until__isnull", False), ("status", "approved")),
                fields=["shop_id", "paid_until"], name="delay_reports_ahead",
            ),
        ),
        migrations.RemoveConstraint(model_name="delayreport", name="delay_reports_status"),
        migrations.AddConstraint(
            model_name="delayreport",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ("filed", "approved", "rejected", "withdrawn"))),
                name="delay_reports_status",
            ),
        ),
        migrations.AddConstraint(
            model_name="delayreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paid_from__isnull", True), ("paid_until__isnull", True)),
                    ("paid_from__lt", models.F("paid_until")), _connector="OR",
                ),
                name="delay_reports_window",
            ),
        ),
    ]  # fmt: skip
