from django.db import migrations, models


class Migration(migrations.Migration):
    """What the conversations of each day add up to. The clock fills it from the messages that stand."""

    dependencies = [("fahuo", "0014_pre_rule_additions")]

    operations = [
        migrations.CreateModel(
            name="TurnDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "shop_id", "day", "member_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("shop_id", models.BigIntegerField()),
                ("day", models.DateField()),
                ("member_id", models.BigIntegerField()),
                ("turns", models.IntegerField()),
                ("quick", models.IntegerField()),
                ("unanswered", models.IntegerField()),
                ("took", models.BigIntegerField()),
                ("upto", models.BigIntegerField()),
            ],
            options={"db_table": "turn_days"},
        ),
    ]
