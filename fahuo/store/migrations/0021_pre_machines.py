"""API keys, what they may call and were answered, webhooks and what is on its way to them."""

import django.contrib.postgres.fields
import fahuo.store.models.base
from django.db import migrations, models


def add(table: str, name: str, there: str, where: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY {there} REFERENCES {where}",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0020_pre_gateway'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('name', models.TextField()),
                ('hint', models.TextField()),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('per_minute', models.IntegerField(null=True)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.BigIntegerField(null=True)),
                ('created_by_name', models.TextField(default='')),
                ('last_used_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('revoked_by_name', models.TextField(default='')),
            ],
            options={
                'db_table': 'api_keys',
            },
        ),
        migrations.CreateModel(
            name='ApiKeyMap',
            fields=[
                ('digest', models.BinaryField(primary_key=True, serialize=False)),
                ('to_shop_id', models.BigIntegerField()),
                ('key_id', models.BigIntegerField()),
            ],
            options={
                'db_table': 'api_key_map',
            },
        ),
        migrations.CreateModel(
            name='ApiLimit',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'key_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('key_id', models.BigIntegerField()),
                ('tokens', models.FloatField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'api_limits',
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('name', models.TextField()),
                ('address', models.TextField()),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('with_receiver', models.BooleanField(default=False)),
                ('secret_no', models.SmallIntegerField(default=1)),
                ('cursor', models.BigIntegerField()),
                ('active', models.BooleanField(default=True)),
                ('off_why', models.TextField(default='')),
                ('off_at', models.DateTimeField(null=True)),
                ('failing_since', models.DateTimeField(null=True)),
                ('failures', models.IntegerField(default=0)),
                ('rest_until', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('created_by_name', models.TextField(default='')),
            ],
            options={
                'db_table': 'webhooks',
            },
        ),
        migrations.CreateModel(
            name='KeptAnswer',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'key_id', 'name', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('key_id', models.BigIntegerField()),
                ('name', models.TextField()),
                ('request', models.BinaryField()),
                ('status', models.SmallIntegerField(default=0)),
                ('body', models.BinaryField(null=True)),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'kept_answers',
                'indexes': [models.Index(fields=['shop_id', 'at'], name='kept_answers_old')],
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('webhook_id', models.BigIntegerField()),
                ('entry_id', models.BigIntegerField(null=True)),
                ('of_task', models.BooleanField(default=False)),
                ('kind', models.TextField()),
                ('created_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(null=True)),
                ('attempts', models.SmallIntegerField(db_default=0, default=0)),
                ('status', models.TextField(db_default='waiting', default='waiting')),
                ('why', models.TextField(db_default='', default='')),
                ('done_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'webhook_deliveries',
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['shop_id', 'webhook_id', 'due_at', 'id'], name='webhook_deliveries_due'), models.Index(fields=['shop_id', 'webhook_id', '-id'], name='webhook_deliveries_recent')],
                'constraints': [models.UniqueConstraint(fields=('shop_id', 'webhook_id', 'entry_id'), name='webhook_deliveries_once'), models.CheckConstraint(condition=models.Q(('status__in', ('waiting', 'sent', 'given_up', 'dropped'))), name='webhook_deliveries_status')],
            },
        ),
        migrations.RunSQL("ALTER TABLE api_limits SET UNLOGGED", migrations.RunSQL.noop),
        add("api_keys", "api_keys_shop_fk", "(shop_id)", "shops (id)"),
        add("webhooks", "webhooks_shop_fk", "(shop_id)", "shops (id)"),
        add("webhook_deliveries", "webhook_deliveries_webhook_fk", "(shop_id, webhook_id)", "webhooks (shop_id, id)"),
    ]
