"""What was added to the rule books while the product runs."""

from django.db import models

from fahuo.store.models.base import NextId


class RuleAddition(models.Model):
    """An addition to a platform's rule book, or to one shop's (`shop_id`). Its text never changes; it may be withdrawn
    before it takes force. A reference table: small, and read by all shops of the platform."""

    id = models.BigIntegerField(primary_key=True, db_default=NextId())
    platform = models.TextField()
    shop_id = models.BigIntegerField(null=True)
    name = models.TextField()
    starts_at = models.DateTimeField()
    body = models.TextField()
    added_at = models.DateTimeField()
    added_by = models.TextField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.TextField(default="", db_default="")

    class Meta:
        db_table = "rule_additions"
        indexes = [models.Index(fields=["platform", "shop_id", "starts_at"], name="rule_additions_platform")]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "shop_id", "name"],
                name="rule_additions_name",
                nulls_distinct=False,
                condition=models.Q(withdrawn_at__isnull=True),
            ),
        ]
