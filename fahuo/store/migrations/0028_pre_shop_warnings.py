"""Warnings of a shop (stock that runs out, a webhook that is off), told by reminders and channels as tasks are."""

import fahuo.store.models.base
from django.db import migrations, models

PAIRS = [("reminders", "warning_id"), ("deliveries", "warning_id")]


def add(table: str, column: str) -> migrations.RunSQL:
    name = f"{table}_{column}_fk"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (shop_id, {column}) REFERENCES shop_warnings (shop_id, id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0027_pre_tariff_sheets'),
    ]

    operations = [
        migrations.CreateModel(
            name='ShopWarning',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('kind', models.TextField()),
                ('subject_id', models.BigIntegerField()),
                ('facts', models.JSONField(default=dict)),
                ('raised_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(null=True)),
                ('over_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'shop_warnings',
            },
        ),
        migrations.AddField(
            model_name='delivery',
            name='warning_id',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='reminder',
            name='warning_id',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='reminder',
            name='due_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='reminder',
            name='task_id',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('warning_id__isnull', False)), fields=('shop_id', 'channel_id', 'warning_id'), name='deliveries_warn_once'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(condition=models.Q(('warning_id__isnull', False)), fields=('shop_id', 'warning_id', 'member_id'), name='reminders_warn_once'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('task_id__isnull', False), ('warning_id__isnull', True)), models.Q(('task_id__isnull', True), ('warning_id__isnull', False)), _connector='OR'), name='reminders_of_one'),
        ),
        migrations.AddIndex(
            model_name='shopwarning',
            index=models.Index(fields=['shop_id', 'kind', 'subject_id', 'raised_at'], name='shop_warnings_of'),
        ),
        migrations.AddConstraint(
            model_name='shopwarning',
            constraint=models.UniqueConstraint(condition=models.Q(('over_at__isnull', True)), fields=('shop_id', 'kind', 'subject_id'), name='shop_warnings_once'),
        ),
        migrations.AddConstraint(
            model_name='shopwarning',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('stock_low', 'stock_out', 'webhook_off'))), name='shop_warnings_kind'),
        ),
        migrations.RunSQL(
            "ALTER TABLE shop_warnings ADD CONSTRAINT shop_warnings_shop_fk FOREIGN KEY (shop_id) REFERENCES shops (id)",
            "ALTER TABLE shop_warnings DROP CONSTRAINT shop_warnings_shop_fk",
        ),
        *(add(*pair) for pair in PAIRS),
    ]
