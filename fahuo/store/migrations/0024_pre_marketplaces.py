"""Marketplaces that a shop is connected to."""


import django.contrib.postgres.fields
import fahuo.store.models.base
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0023_pre_templates'),
    ]

    operations = [
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('marketplace_id', models.BigIntegerField()),
                ('order_id', models.BigIntegerField()),
                ('parcel_id', models.BigIntegerField()),
                ('ref', models.TextField()),
                ('carrier', models.TextField(default='')),
                ('waybill', models.TextField(default='')),
                ('before_carrier', models.TextField(default='')),
                ('before_waybill', models.TextField(default='')),
                ('lines', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('status', models.TextField(default='waiting')),
                ('due_at', models.DateTimeField(null=True)),
                ('attempts', models.IntegerField(default=0)),
                ('problem', models.JSONField(null=True)),
                ('made_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'confirmations',
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['shop_id', 'marketplace_id', 'due_at', 'id'], name='confirmations_due'), models.Index(fields=['shop_id', 'marketplace_id', '-id'], name='confirmations_recent'), models.Index(condition=models.Q(('status__in', ('done', 'dropped')), _negated=True), fields=['shop_id', 'marketplace_id', 'id'], name='confirmations_open')],
                'constraints': [models.UniqueConstraint(fields=('shop_id', 'order_id', 'parcel_id', 'carrier', 'waybill'), name='confirmations_once'), models.CheckConstraint(condition=models.Q(('status__in', ('waiting', 'refused', 'done', 'dropped'))), name='confirmations_status')],
            },
        ),
        migrations.CreateModel(
            name='Marketplace',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('kind', models.TextField()),
                ('settings', models.TextField(default='')),
                ('shown', models.JSONField(default=dict)),
                ('push_key', models.TextField(default='')),
                ('active', models.BooleanField(default=True)),
                ('open_receivers', models.BooleanField(default=False)),
                ('began_at', models.DateTimeField()),
                ('backlog_done', models.BooleanField(default=False)),
                ('pulled_until', models.DateTimeField()),
                ('refunds_until', models.DateTimeField()),
                ('pulled_at', models.DateTimeField(null=True)),
                ('looked_at', models.DateTimeField(null=True)),
                ('session_until', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(null=True)),
                ('held_until', models.DateTimeField(null=True)),
                ('failures', models.IntegerField(default=0)),
                ('trouble', models.TextField(default='')),
                ('problem', models.JSONField(null=True)),
                ('pulled_count', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'marketplaces',
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at', 'shop_id', 'id'], name='marketplaces_due')],
                'constraints': [models.UniqueConstraint(fields=('shop_id', 'kind'), name='marketplaces_kind'), models.CheckConstraint(condition=models.Q(('trouble__in', ('', 'limited', 'unauthorised', 'unanswered', 'refused'))), name='marketplaces_trouble')],
            },
        ),
        migrations.CreateModel(
            name='MarketplaceOrder',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'marketplace_id', 'ref', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('marketplace_id', models.BigIntegerField()),
                ('ref', models.TextField()),
                ('order_id', models.BigIntegerField(null=True)),
                ('waits', models.BooleanField(default=False)),
                ('masked', models.BooleanField(default=False)),
                ('mark', models.TextField(default='')),
                ('urged_at', models.DateTimeField(null=True)),
                ('modified_at', models.DateTimeField(null=True)),
                ('seen_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(null=True)),
                ('attempts', models.IntegerField(default=0)),
                ('problem', models.JSONField(null=True)),
                ('refunds', models.JSONField(default=dict)),
            ],
            options={
                'db_table': 'marketplace_orders',
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['shop_id', 'marketplace_id', 'due_at'], name='marketplace_orders_due'), models.Index(condition=models.Q(('waits', True)), fields=['shop_id', 'marketplace_id', 'seen_at'], name='marketplace_orders_waiting'), models.Index(condition=models.Q(('problem__isnull', False)), fields=['shop_id', 'marketplace_id', 'ref'], name='marketplace_orders_wrong')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('order_id__isnull', False)), fields=('shop_id', 'order_id'), name='marketplace_orders_order')],
            },
        ),
    ]
