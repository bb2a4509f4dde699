"""Accounts with carriers' services, numbers ordered there, parcels followed there, the record of calls."""

import django.contrib.postgres.fields
import fahuo.store.models.base
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0025_pre_stock_pages'),
    ]

    operations = [
        migrations.CreateModel(
            name='CarrierAccount',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('kind', models.TextField()),
                ('name', models.TextField()),
                ('settings', models.TextField(default='')),
                ('shown', models.JSONField(default=dict)),
                ('push_key', models.TextField(default='')),
                ('active', models.BooleanField(default=True)),
                ('tracks', models.BooleanField(default=False)),
                ('due_at', models.DateTimeField(null=True)),
                ('held_until', models.DateTimeField(null=True)),
                ('failures', models.IntegerField(default=0)),
                ('trouble', models.TextField(default='')),
                ('problem', models.JSONField(null=True)),
                ('called_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('pushed_at', models.DateTimeField(null=True)),
                ('followed_until', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'carrier_accounts',
            },
        ),
        migrations.CreateModel(
            name='CarrierCall',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('account_id', models.BigIntegerField()),
                ('act', models.TextField()),
                ('at', models.DateTimeField()),
                ('rows', models.IntegerField(default=1)),
                ('heard', models.TextField()),
                ('code', models.TextField(default='')),
                ('ms', models.IntegerField(default=0)),
            ],
            options={
                'db_table': 'carrier_calls',
            },
        ),
        migrations.CreateModel(
            name='NumberOrder',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('account_id', models.BigIntegerField()),
                ('contract_id', models.BigIntegerField()),
                ('order_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('receiver_key', models.TextField(default='')),
                ('replaces_id', models.BigIntegerField(null=True)),
                ('reason', models.TextField(default='')),
                ('state', models.TextField(default='waiting')),
                ('attempts', models.IntegerField(default=0)),
                ('due_at', models.DateTimeField(null=True)),
                ('problem', models.JSONField(null=True)),
                ('waybill', models.TextField(default='')),
                ('route', models.JSONField(default=dict)),
                ('label_id', models.BigIntegerField(null=True)),
                ('made_at', models.DateTimeField()),
                ('asked_at', models.DateTimeField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('member_id', models.BigIntegerField(null=True)),
                ('actor', models.TextField(default='')),
            ],
            options={
                'db_table': 'number_orders',
            },
        ),
        migrations.CreateModel(
            name='Tracking',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'parcel_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('parcel_id', models.BigIntegerField()),
                ('account_id', models.BigIntegerField()),
                ('carrier', models.TextField()),
                ('waybill', models.TextField()),
                ('shipped_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(null=True)),
                ('wants_push', models.BooleanField(default=False)),
                ('subscribed_at', models.DateTimeField(null=True)),
                ('pulled_at', models.DateTimeField(null=True)),
                ('failures', models.IntegerField(default=0)),
                ('problem', models.JSONField(null=True)),
            ],
            options={
                'db_table': 'trackings',
            },
        ),
        migrations.RemoveConstraint(
            model_name='contract',
            name='contracts_numbers',
        ),
        migrations.AddField(
            model_name='contract',
            name='carrier_account_id',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(('numbers__in', ('stock', 'entered', 'service'))), name='contracts_numbers'),
        ),
        migrations.AddIndex(
            model_name='carrieraccount',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at', 'shop_id', 'id'], name='carrier_accounts_due'),
        ),
        migrations.AddConstraint(
            model_name='carrieraccount',
            constraint=models.UniqueConstraint(fields=('shop_id', 'name'), name='carrier_accounts_name'),
        ),
        migrations.AddConstraint(
            model_name='carrieraccount',
            constraint=models.CheckConstraint(condition=models.Q(('trouble__in', ('', 'limited', 'unauthorised', 'unanswered', 'refused'))), name='carrier_accounts_trouble'),
        ),
        migrations.AddIndex(
            model_name='carriercall',
            index=models.Index(fields=['shop_id', 'account_id', '-id'], name='carrier_calls_recent'),
        ),
        migrations.AddConstraint(
            model_name='carriercall',
            constraint=models.CheckConstraint(condition=models.Q(('act__in', ('order', 'cancel', 'track', 'subscribe', 'pickup', 'check', 'push'))), name='carrier_calls_act'),
        ),
        migrations.AddConstraint(
            model_name='carriercall',
            constraint=models.CheckConstraint(condition=models.Q(('heard__in', ('done', 'partly', 'refused', 'limited', 'unauthorised', 'unanswered', 'pushed'))), name='carrier_calls_heard'),
        ),
        migrations.AddIndex(
            model_name='numberorder',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['shop_id', 'account_id', 'due_at', 'id'], name='number_orders_due'),
        ),
        migrations.AddIndex(
            model_name='numberorder',
            index=models.Index(condition=models.Q(('state__in', ('waiting', 'unknown', 'refused', 'cancelling'))), fields=['shop_id', 'account_id', 'id'], name='number_orders_open'),
        ),
        migrations.AddIndex(
            model_name='numberorder',
            index=models.Index(condition=models.Q(('label_id__isnull', False)), fields=['shop_id', 'label_id'], name='number_orders_label'),
        ),
        migrations.AddConstraint(
            model_name='numberorder',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'unknown', 'refused', 'done', 'cancelling', 'cancelled', 'dropped'))), name='number_orders_state'),
        ),
        migrations.AddIndex(
            model_name='tracking',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['shop_id', 'account_id', 'due_at'], name='trackings_due'),
        ),
        migrations.AddIndex(
            model_name='tracking',
            index=models.Index(condition=models.Q(('wants_push', True)), fields=['shop_id', 'account_id', 'parcel_id'], name='trackings_wants_push'),
        ),
        migrations.AddIndex(
            model_name='tracking',
            index=models.Index(fields=['shop_id', 'waybill'], name='trackings_waybill'),
        ),
        migrations.AddIndex(
            model_name='tracking',
            index=models.Index(condition=models.Q(('problem__isnull', False)), fields=['shop_id', 'account_id', 'parcel_id'], name='trackings_wrong'),
        ),
    ]
