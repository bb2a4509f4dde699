from django.db import migrations, models


class Migration(migrations.Migration):
    """What the figures walk: orders by when they were due and paid, tasks by when they were raised."""

    dependencies = [("fahuo", "0010_pre_report_queue")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("deadline__isnull", False)), fields=["shop_id", "deadline", "id"], name="orders_due"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("paid_at__isnull", False)), fields=["shop_id", "paid_at", "id"], name="orders_paid"
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["shop_id", "created_at", "id"], name="tasks_raised"),
        ),
    ]
