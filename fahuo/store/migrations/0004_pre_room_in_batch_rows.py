"""Room in the pages of batch rows: each row is written once by the check and once by the commit (a HOT update)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("fahuo", "0003_pre_used_numbers")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE batch_rows SET (fillfactor = 50)", "ALTER TABLE batch_rows RESET (fillfactor)"
        ),
    ]
