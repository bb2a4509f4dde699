"""When a reminder may be seen and was seen; channels, and the outbox of what goes to them.

What was delivered before is taken as seen, so that nobody is reminded of it again.
"""

import fahuo.store.models.base
from django.db import migrations, models

PAIRS = [
    ("channels", "member_id", "members"),
    ("deliveries", "channel_id", "channels"),
    ("deliveries", "task_id", "tasks"),
]


def add(table: str, column: str, target: str) -> migrations.RunSQL:
    name = f"{table}_{column}_fk"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (shop_id, {column}) REFERENCES {target} (shop_id, id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0008_pre_platform_desk'),
    ]

    operations = [
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('member_id', models.BigIntegerField(null=True)),
                ('kind', models.TextField()),
                ('name', models.TextField()),
                ('settings', models.JSONField(default=dict)),
                ('active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'channels',
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('channel_id', models.BigIntegerField()),
                ('task_id', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(null=True)),
                ('attempts', models.SmallIntegerField(db_default=0, default=0)),
                ('status', models.TextField(db_default='waiting', default='waiting')),
                ('why', models.TextField(db_default='', default='')),
                ('done_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'deliveries',
            },
        ),
        migrations.AddField(
            model_name='reminder',
            name='delivered_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='reminder',
            name='release_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='reminder',
            name='seen_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(
            "UPDATE reminders SET delivered_at = at, seen_at = at WHERE status = 'delivered'", migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(condition=models.Q(('delivered_at__isnull', True), ('release_at__isnull', False)), fields=['shop_id', 'release_at', 'id'], name='reminders_release'),
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(condition=models.Q(('delivered_at__isnull', False), ('seen_at__isnull', True)), fields=['shop_id', 'member_id', 'id'], name='reminders_unseen'),
        ),
        migrations.AddIndex(
            model_name='channel',
            index=models.Index(fields=['shop_id', 'member_id'], name='channels_member'),
        ),
        migrations.AddConstraint(
            model_name='channel',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('dingtalk', 'wecom', 'feishu', 'email', 'webhook'))), name='channels_kind'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['shop_id', 'due_at', 'id'], name='deliveries_due'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['shop_id', 'channel_id', 'id'], name='deliveries_channel'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['shop_id', 'task_id'], name='deliveries_task'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('shop_id', 'channel_id', 'task_id', 'at'), name='deliveries_once'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ('waiting', 'sent', 'given_up', 'not_needed'))), name='deliveries_status'),
        ),
        *(add(*pair) for pair in PAIRS),
    ]
