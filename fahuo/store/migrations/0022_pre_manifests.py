"""A number may come onto a manifest again once it is retired; what the station and the pickups look up by."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0021_pre_machines'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='pickupparcel',
            name='pickup_parcels_once',
        ),
        migrations.AddField(
            model_name='pickupparcel',
            name='signed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='label',
            index=models.Index(condition=models.Q(('voided_at__isnull', False)), fields=['shop_id', 'waybill'], name='labels_voided_number'),
        ),
        migrations.AddIndex(
            model_name='label',
            index=models.Index(condition=models.Q(('packed_at__isnull', False)), fields=['shop_id', '-packed_at', '-id'], name='labels_packed'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(condition=models.Q(('handed_over_at__isnull', False), ('picked_up_at__isnull', True), ('voided_at__isnull', True)), fields=['shop_id', 'handed_over_at', 'id'], name='parcels_handed_over'),
        ),
        migrations.AddIndex(
            model_name='pickup',
            index=models.Index(condition=models.Q(('status__in', ('called', 'open'))), fields=['shop_id', 'contract_id', 'expected_at'], name='pickups_living'),
        ),
        migrations.AddConstraint(
            model_name='pickupparcel',
            constraint=models.UniqueConstraint(condition=models.Q(('signed_at__isnull', True)), fields=('shop_id', 'carrier', 'waybill'), name='pickup_parcels_listed'),
        ),
    ]
