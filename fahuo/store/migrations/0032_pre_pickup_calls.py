"""Pickups that carriers' services are asked for; calling a courier off is an act of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0031_pre_accounts'),
    ]

    operations = [
        migrations.CreateModel(
            name='PickupCall',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'pickup_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('pickup_id', models.BigIntegerField()),
                ('account_id', models.BigIntegerField()),
                ('state', models.TextField(default='waiting')),
                ('attempts', models.IntegerField(default=0)),
                ('due_at', models.DateTimeField(null=True)),
                ('problem', models.JSONField(null=True)),
                ('made_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'pickup_calls',
            },
        ),
        migrations.RemoveConstraint(
            model_name='carriercall',
            name='carrier_calls_act',
        ),
        migrations.AddConstraint(
            model_name='carriercall',
            constraint=models.CheckConstraint(condition=models.Q(('act__in', ('order', 'cancel', 'track', 'subscribe', 'pickup', 'call_off', 'check', 'push'))), name='carrier_calls_act'),
        ),
        migrations.AddIndex(
            model_name='pickupcall',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['shop_id', 'account_id', 'due_at'], name='pickup_calls_due'),
        ),
        migrations.AddIndex(
            model_name='pickupcall',
            index=models.Index(condition=models.Q(('state__in', ('waiting', 'unknown', 'refused', 'cancelling'))), fields=['shop_id', 'account_id', 'pickup_id'], name='pickup_calls_open'),
        ),
        migrations.AddConstraint(
            model_name='pickupcall',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'unknown', 'refused', 'done', 'cancelling', 'cancelled', 'dropped'))), name='pickup_calls_state'),
        ),
    ]
