"""A warning of its own for an account that looks at very many receivers; the counts of a day are found by day."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0032_pre_pickup_calls'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='shopwarning',
            name='shop_warnings_kind',
        ),
        migrations.AddIndex(
            model_name='disclosure',
            index=models.Index(fields=['day', 'shop_id'], name='disclosures_days'),
        ),
        migrations.AddConstraint(
            model_name='shopwarning',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('stock_low', 'stock_out', 'webhook_off', 'many_receivers'))), name='shop_warnings_kind'),
        ),
    ]
