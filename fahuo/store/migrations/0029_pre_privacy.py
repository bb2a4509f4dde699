"""Receivers sealed and found by marks, how far that is done; who was shown how much, what was erased."""

import django.db.models.functions.comparison
import fahuo.store.models.base
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0028_pre_shop_warnings'),
    ]

    operations = [
        migrations.CreateModel(
            name='Disclosure',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'member_id', 'day', 'kind', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('member_id', models.BigIntegerField()),
                ('day', models.DateField()),
                ('kind', models.TextField()),
                ('count', models.IntegerField()),
            ],
            options={
                'db_table': 'disclosures',
            },
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=fahuo.store.models.base.NextId())),
                ('at', models.DateTimeField()),
                ('kind', models.TextField()),
                ('stage', models.TextField()),
                ('outcome', models.TextField(default='done')),
                ('order_id', models.BigIntegerField(null=True)),
                ('member_id', models.BigIntegerField(null=True)),
                ('actor', models.TextField(default='')),
                ('reason', models.TextField(default='')),
                ('before', models.DateTimeField(null=True)),
                ('counts', models.JSONField(default=dict)),
            ],
            options={
                'db_table': 'erasures',
            },
        ),
        migrations.CreateModel(
            name='SealPass',
            fields=[
                ('pk', models.CompositePrimaryKey('shop_id', 'place', blank=True, editable=False, primary_key=True, serialize=False)),
                ('shop_id', models.BigIntegerField()),
                ('place', models.TextField()),
                ('key_id', models.TextField()),
                ('upto', models.BigIntegerField(default=0)),
                ('row', models.BigIntegerField(default=0)),
                ('moved', models.BigIntegerField(default=0)),
                ('done_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'seal_passes',
            },
        ),
        migrations.AddField(
            model_name='order',
            name='erased',
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='receiver',
            name='name_mark',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='receiver',
            name='phone_ending',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='receiver',
            name='phone_mark',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='receiver',
            name='sealed',
            field=models.BinaryField(null=True),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(models.F('shop_id'), models.F('erased'), django.db.models.functions.comparison.Coalesce('completed_at', 'closed_at'), models.F('id'), condition=models.Q(('erased__lt', 3), models.Q(('completed_at__isnull', False), ('closed_at__isnull', False), _connector='OR')), name='orders_to_erase'),
        ),
        migrations.AddIndex(
            model_name='receiver',
            index=models.Index(fields=['shop_id', 'name_mark'], name='receivers_by_name'),
        ),
        migrations.AddIndex(
            model_name='receiver',
            index=models.Index(fields=['shop_id', 'phone_mark'], name='receivers_by_phone'),
        ),
        migrations.AddIndex(
            model_name='receiver',
            index=models.Index(fields=['shop_id', 'phone_ending', 'order_id'], name='receivers_by_ending'),
        ),
        migrations.AddConstraint(
            model_name='disclosure',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('revealed', 'exported'))), name='disclosures_kind'),
        ),
        migrations.AddIndex(
            model_name='erasure',
            index=models.Index(fields=['shop_id', '-id'], name='erasures_recent'),
        ),
        migrations.AddConstraint(
            model_name='erasure',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('rule', 'request'))), name='erasures_kind'),
        ),
        migrations.AddConstraint(
            model_name='erasure',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ('done', 'refused'))), name='erasures_outcome'),
        ),
    ]
