"""What the platform's desk reads across shops finds its way by index; why a report was answered so; regions end early."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0007_pre_faces'),
    ]

    operations = [
        migrations.AddField(
            model_name='delayreport',
            name='answer',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='exemptregion',
            name='applied_to',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='exemptregion',
            name='ended_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='exemptregion',
            name='ended_by',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='exemptregion',
            name='note',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddIndex(
            model_name='complaint',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['opened_at', 'id'], name='complaints_desk'),
        ),
        migrations.AddIndex(
            model_name='complaint',
            index=models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['closed_at', 'id'], name='complaints_over'),
        ),
        migrations.AddIndex(
            model_name='complaint',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['opened_at'], name='complaints_days'),
        ),
        migrations.AddIndex(
            model_name='journalentry',
            index=models.Index(condition=models.Q(('act', 'order.urged')), fields=['at'], name='journal_urges'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('state', 'platform_intervention')), fields=['state_since', 'id'], name='tasks_desk'),
        ),
        migrations.AddIndex(
            model_name='taskevent',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['at'], name='task_events_days'),
        ),
    ]
