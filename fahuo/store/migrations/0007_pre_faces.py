"""Who else enters: buyers and the platform's staff; what parties put on record; the demo's clock."""

import fahuo.store.models.base
from django.db import migrations, models


PAIRS = [
    ("evidence", "order_id", "orders"),
    ("evidence", "complaint_id", "complaints"),
    ("evidence", "report_id", "delay_reports"),
    ("evidence", "upload_id", "uploads"),
]


def add(table: str, column: str, target: str) -> migrations.RunSQL:
    name = f"{table}_{column}_fk"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (shop_id, {column}) REFERENCES {target} (shop_id, id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0006_pre_task_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='PlatformStaff',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('user_id', models.BigIntegerField(unique=True)),
                ('name', models.TextField()),
                ('active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'platform_staff',
            },
        ),
        migrations.AddField(
            model_name='complaint',
            name='closed_by',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='complaint',
            name='statement',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.CreateModel(
            name='Buyer',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('user_id', models.BigIntegerField()),
                ('name', models.TextField()),
                ('active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'buyers',
                'indexes': [models.Index(fields=['user_id'], name='buyers_user')],
                'constraints': [models.UniqueConstraint(fields=('shop_id', 'user_id'), name='buyers_one_per_person'), models.UniqueConstraint(fields=('shop_id', 'name'), name='buyers_one_per_name')],
            },
        ),
        migrations.CreateModel(
            name='DemoClock',
            fields=[
                ('id', models.SmallIntegerField(primary_key=True, serialize=False)),
                ('shift', models.BigIntegerField()),
            ],
            options={
                'db_table': 'demo_clock',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1), ('shift__gte', 0)), name='demo_clock_one')],
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('order_id', models.BigIntegerField(null=True)),
                ('complaint_id', models.BigIntegerField(null=True)),
                ('report_id', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('party', models.TextField()),
                ('member_id', models.BigIntegerField(null=True)),
                ('name', models.TextField(default='')),
                ('body', models.TextField(default='')),
                ('upload_id', models.BigIntegerField(null=True)),
            ],
            options={
                'db_table': 'evidence',
                'indexes': [models.Index(fields=['shop_id', 'order_id', 'id'], name='evidence_order'), models.Index(condition=models.Q(('report_id__isnull', False)), fields=['shop_id', 'report_id', 'id'], name='evidence_report')],
                'constraints': [models.CheckConstraint(condition=models.Q(('party__in', ('seller', 'buyer', 'platform'))), name='evidence_party')],
            },
        ),
        migrations.CreateModel(
            name='SavedText',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('title', models.TextField()),
                ('body', models.TextField()),
                ('position', models.SmallIntegerField(default=0)),
            ],
            options={
                'db_table': 'saved_texts',
                'constraints': [models.UniqueConstraint(fields=('shop_id', 'title'), name='saved_texts_title')],
            },
        ),
        *(add(*pair) for pair in PAIRS),
    ]
