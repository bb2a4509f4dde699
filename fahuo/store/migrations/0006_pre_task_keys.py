"""Foreign keys of the task tables as pairs (shop_id, x_id).

Complaints and the log of tasks do not refer to orders: a timer writes them while it holds the task alone, and must not
wait for whoever holds the order. Their task refers to the order, and nothing deletes either.
"""

from django.db import migrations

PAIRS = [
    ("tasks", "order_id", "orders"),
    ("task_events", "task_id", "tasks"),
    ("complaints", "task_id", "tasks"),
    ("ledger", "complaint_id", "complaints"),
    ("messages", "order_id", "orders"),
    ("reminders", "task_id", "tasks"),
    ("reminders", "member_id", "members"),
    ("report_orders", "report_id", "delay_reports"),
    ("report_orders", "order_id", "orders"),
]


def add(table: str, column: str, target: str) -> migrations.RunSQL:
    name = f"{table}_{column}_fk"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (shop_id, {column}) REFERENCES {target} (shop_id, id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("fahuo", "0005_pre_tasks")]
    operations = [add(*pair) for pair in PAIRS]
