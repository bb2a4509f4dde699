"""Who may call the gateway, and the journal by its days."""


import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import fahuo.store.models.base
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0019_pre_couriers'),
    ]

    operations = [
        migrations.CreateModel(
            name='GatewayApp',
            fields=[
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId(), primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('key', models.TextField(unique=True)),
                ('secret', models.TextField()),
                ('name', models.TextField()),
                ('redirect_uris', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('per_second', models.IntegerField(default=40)),
                ('per_day', models.IntegerField(default=1000000)),
                ('active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.TextField(default='')),
            ],
            options={
                'db_table': 'gateway_apps',
            },
        ),
        migrations.CreateModel(
            name='GatewaySession',
            fields=[
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId(), primary_key=True, serialize=False)),
                ('app_id', models.BigIntegerField()),
                ('shop_id', models.BigIntegerField()),
                ('member_id', models.BigIntegerField()),
                ('code', models.TextField(null=True, unique=True)),
                ('code_until', models.DateTimeField(null=True)),
                ('redirect_uri', models.TextField(default='')),
                ('token', models.TextField(null=True, unique=True)),
                ('until', models.DateTimeField(null=True)),
                ('refresh_token', models.TextField(null=True, unique=True)),
                ('refresh_until', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('last_used_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'gateway_sessions',
            },
        ),
        migrations.CreateModel(
            name='GatewayUse',
            fields=[
                ('pk', models.CompositePrimaryKey('app_id', 'method', blank=True, editable=False, primary_key=True, serialize=False)),
                ('app_id', models.BigIntegerField()),
                ('method', models.TextField()),
                ('second', models.BigIntegerField(default=0)),
                ('in_second', models.IntegerField(default=0)),
                ('day', models.DateField()),
                ('in_day', models.IntegerField(default=0)),
                ('refused', models.BigIntegerField(default=0)),
                ('last_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'gateway_uses',
            },
        ),
        migrations.AddIndex(
            model_name='journalentry',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['at'], name='journal_days'),
        ),
        migrations.AddIndex(
            model_name='gatewayapp',
            index=models.Index(fields=['shop_id', 'id'], name='gateway_apps_shop'),
        ),
        migrations.AddIndex(
            model_name='gatewaysession',
            index=models.Index(fields=['shop_id', 'app_id'], name='gateway_sessions_shop'),
        ),
    ]
