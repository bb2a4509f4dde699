"""Foreign keys as pairs (shop_id, x_id), which Django cannot declare; and room in the order pages for HOT updates."""

from django.db import migrations

PAIRS = [
    ("order_lines", "order_id", "orders"),
    ("receivers", "order_id", "orders"),
    ("backlog", "order_id", "orders"),
    ("parcel_orders", "order_id", "orders"),
    ("parcel_orders", "parcel_id", "parcels"),
    ("parcel_lines", "parcel_id", "parcels"),
    ("parcel_lines", "line_id", "order_lines"),
    ("scans", "parcel_id", "parcels"),
    ("batch_rows", "batch_id", "batches"),
    ("saved_views", "member_id", "members"),
]
SHOPS = ["members", "batches"]


def add(table: str, column: str, target: str) -> migrations.RunSQL:
    name = f"{table}_{column}_fk"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (shop_id, {column}) REFERENCES {target} (shop_id, id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("fahuo", "0001_initial")]
    operations = [
        *[add(*pair) for pair in PAIRS],
        *[
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {table}_shop_fk FOREIGN KEY (shop_id) REFERENCES shops (id)",
                f"ALTER TABLE {table} DROP CONSTRAINT {table}_shop_fk",
            )
            for table in SHOPS
        ],
        migrations.RunSQL("ALTER TABLE orders SET (fillfactor = 80)", "ALTER TABLE orders RESET (fillfactor)"),
    ]
