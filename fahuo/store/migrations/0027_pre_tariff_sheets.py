"""A contract's prices come in by sheet: a kind of batch, and of column map, of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0026_pre_carriers'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='batch',
            name='batches_kind',
        ),
        migrations.RemoveConstraint(
            model_name='columnmap',
            name='column_maps_kind',
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('orders', 'shipments', 'urges', 'numbers', 'skus', 'route_marks', 'tariffs'))), name='batches_kind'),
        ),
        migrations.AddConstraint(
            model_name='columnmap',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('orders', 'shipments', 'urges', 'numbers', 'skus', 'route_marks', 'tariffs'))), name='column_maps_kind'),
        ),
    ]
