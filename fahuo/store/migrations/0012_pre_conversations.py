"""Conversations as lists show them, automatic replies, and urges that a shop enters for an outside marketplace.

What was written before is taken as read; what waits for an answer waits on.
"""

import fahuo.store.models.base
from django.db import migrations, models

PAIRS = [
    ("talks", "order_id", "orders"),
    ("urges", "order_id", "orders"),
]
FILL = """
INSERT INTO talks (shop_id, order_id, last_id, last_at, waiting_since, unread, fresh)
SELECT m.shop_id, m.order_id, (array_agg(m.id ORDER BY m.at DESC, m.id DESC))[1], max(m.at),
       min(m.at) FILTER (WHERE m.sender = 'buyer' AND (answered.at IS NULL OR (m.at, m.id) > (answered.at, answered.id))),
       0, false
FROM messages m
LEFT JOIN LATERAL (
    SELECT a.at, a.id FROM messages a
    WHERE a.shop_id = m.shop_id AND a.order_id = m.order_id AND a.sender = 'seller' AND a.kind = 'message'
    ORDER BY a.at DESC, a.id DESC LIMIT 1
) AS answered ON true
GROUP BY m.shop_id, m.order_id
"""


def add(table: str, column: str, target: str) -> migrations.RunSQL:
    name = f"{table}_{column}_fk"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (shop_id, {column}) REFERENCES {target} (shop_id, id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0011_pre_metrics'),
    ]

    operations = [
        migrations.CreateModel(
            name='Talk',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'order_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('order_id', models.BigIntegerField()),
                ('last_id', models.BigIntegerField()),
                ('last_at', models.DateTimeField()),
                ('waiting_since', models.DateTimeField(null=True)),
                ('unread', models.IntegerField(default=0)),
                ('fresh', models.BooleanField(default=False)),
                ('greeted_for', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'talks',
            },
        ),
        migrations.CreateModel(
            name='Urge',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('order_id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('due_at', models.DateTimeField(null=True)),
                ('entered_at', models.DateTimeField()),
                ('member_id', models.BigIntegerField(null=True)),
                ('name', models.TextField(default='')),
                ('batch_id', models.BigIntegerField(null=True)),
            ],
            options={
                'db_table': 'urges',
            },
        ),
        migrations.RemoveConstraint(
            model_name='batch',
            name='batches_kind',
        ),
        migrations.RemoveConstraint(
            model_name='columnmap',
            name='column_maps_kind',
        ),
        migrations.AddField(
            model_name='shop',
            name='auto_reply',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='shop',
            name='auto_reply_from',
            field=models.TimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='shop',
            name='auto_reply_until',
            field=models.TimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='marketplace_due_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('orders', 'shipments', 'urges'))), name='batches_kind'),
        ),
        migrations.AddConstraint(
            model_name='columnmap',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('orders', 'shipments', 'urges'))), name='column_maps_kind'),
        ),
        migrations.AddIndex(
            model_name='talk',
            index=models.Index(fields=['shop_id', '-fresh', '-last_at', '-order_id'], name='talks_recent'),
        ),
        migrations.AddIndex(
            model_name='talk',
            index=models.Index(condition=models.Q(('waiting_since__isnull', False)), fields=['shop_id', '-fresh', '-last_at', '-order_id'], name='talks_waiting'),
        ),
        migrations.AddIndex(
            model_name='urge',
            index=models.Index(fields=['shop_id', '-id'], name='urges_recent'),
        ),
        migrations.AddConstraint(
            model_name='urge',
            constraint=models.UniqueConstraint(fields=('shop_id', 'order_id', 'at'), name='urges_once'),
        ),
        *[add(*pair) for pair in PAIRS],
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
