"""Receivers are found by their marks: the indexes over readable names and phones go, once no code asks for them."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('fahuo', '0029_pre_privacy'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='receiver', name='receivers_name'),
        migrations.RemoveIndex(model_name='receiver', name='receivers_phone'),
    ]
