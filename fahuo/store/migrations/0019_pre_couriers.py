"""Contracts that hand their orders over by themselves, a word to the courier, and whose sign-in the shop made."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0018_pre_stock_scans'),
    ]

    operations = [
        migrations.AddField(
            model_name='contract',
            name='hands_over',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='assignment',
            name='note',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='assignment',
            name='kept',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='courier',
            name='made_person',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
