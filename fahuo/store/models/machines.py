"""What other software knows us by: API keys and their limits, answers kept for repeated calls, webhooks and their outbox.

`ApiKeyMap` and the bucket of tokens are all that is asked before the shop is known; everything else is the shop's.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from fahuo.rules.webhooks import STATUSES
from fahuo.store.models.base import ShopOwned, one_of


class ApiKey(ShopOwned):
    """A key of a shop's software: what it may do (`scopes`, of rules.people.PERMISSIONS). Its digest stands in ApiKeyMap.

    `hint` is the part of the key that pages show. `per_minute`: calls a minute, None for the installation's own limit.
    """

    name = models.TextField()
    hint = models.TextField()
    scopes = ArrayField(models.TextField(), default=list)
    per_minute = models.IntegerField(null=True)
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)
    created_by_name = models.TextField(default="")
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by_name = models.TextField(default="")

    class Meta:
        db_table = "api_keys"


class ApiKeyMap(models.Model):
    """SHA-256 of a key -> whose it is. Small and shared: a reference table. A row never changes."""

    digest = models.BinaryField(primary_key=True)
    to_shop_id = models.BigIntegerField()
    key_id = models.BigIntegerField()

    class Meta:
        db_table = "api_key_map"


class ApiLimit(models.Model):
    """The tokens a key has left, filled up as time passes. Not logged: after a crash everybody begins with a full one."""

    pk = models.CompositePrimaryKey("shop_id", "key_id")
    shop_id = models.BigIntegerField()
    key_id = models.BigIntegerField()
    tokens = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        db_table = "api_limits"


class KeptAnswer(models.Model):
    """What a call with an `Idempotency-Key` was answered; `request` is the digest of what was asked."""

    pk = models.CompositePrimaryKey("shop_id", "key_id", "name")
    shop_id = models.BigIntegerField()
    key_id = models.BigIntegerField()
    name = models.TextField()
    request = models.BinaryField()
    status = models.SmallIntegerField(default=0)
    body = models.BinaryField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "kept_answers"
        indexes = [models.Index(fields=["shop_id", "at"], name="kept_answers_old")]


class Webhook(ShopOwned):
    """An address of the shop's software that is told what happens: events of `kinds` (empty: of every kind).

    `cursor`: events up to this id are in the outbox. `with_receiver`: events of an order carry its receiver in full.
    `failing_since` and `rest_until`: how long the address has answered nothing good, and when it is tried again.
    """

    name = models.TextField()
    address = models.TextField()
    kinds = ArrayField(models.TextField(), default=list)
    with_receiver = models.BooleanField(default=False)
    secret_no = models.SmallIntegerField(default=1)
    cursor = models.BigIntegerField()
    active = models.BooleanField(default=True)
    off_why = models.TextField(default="")
    off_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    rest_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by_name = models.TextField(default="")

    class Meta:
        db_table = "webhooks"


class WebhookDelivery(ShopOwned):
    """One event for one webhook: an entry of the journal or of a task's log (`entry_id`), or (None) a trial."""

    webhook_id = models.BigIntegerField()
    entry_id = models.BigIntegerField(null=True)
    of_task = models.BooleanField(default=False)
    kind = models.TextField()
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0, db_default=0)
    status = models.TextField(default="waiting", db_default="waiting")
    why = models.TextField(default="", db_default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "webhook_deliveries"
        indexes = [
            models.Index(fields=["shop_id", "webhook_id", "due_at", "id"], name="webhook_deliveries_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["shop_id", "webhook_id", "-id"], name="webhook_deliveries_recent"),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "webhook_id", "entry_id"], name="webhook_deliveries_once"),
            one_of("status", STATUSES, "webhook_deliveries_status"),
        ]
