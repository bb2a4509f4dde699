"""Additions to rule books, scheduled while the product runs."""


import fahuo.store.models.base
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0013_pre_report_windows'),
    ]

    operations = [
        migrations.CreateModel(
            name='RuleAddition',
            fields=[
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId(), primary_key=True, serialize=False)),
                ('platform', models.TextField()),
                ('shop_id', models.BigIntegerField(null=True)),
                ('name', models.TextField()),
                ('starts_at', models.DateTimeField()),
                ('body', models.TextField()),
                ('added_at', models.DateTimeField()),
                ('added_by', models.TextField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawn_by', models.TextField(db_default='', default='')),
            ],
            options={
                'db_table': 'rule_additions',
                'indexes': [models.Index(fields=['platform', 'shop_id', 'starts_at'], name='rule_additions_platform')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('platform', 'shop_id', 'name'), name='rule_additions_name', nulls_distinct=False)],
            },
        ),
    ]
