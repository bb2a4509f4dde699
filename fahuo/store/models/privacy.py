"""What was done about personal data: how far it is sealed, who was shown how much, what was erased."""

from django.db import models

from fahuo.rules.retention import KINDS, OUTCOMES
from fahuo.store.models.base import ShopOwned, one_of

DISCLOSURES = ("revealed", "exported")


class SealPass(models.Model):
    """How far a walk over one kind of rows has come that seals them under the key `key_id`: up to (`upto`, `row`).

    `moved`: rows this walk sealed. `done_at`: when a whole walk found nothing to do.
    """

    pk = models.CompositePrimaryKey("shop_id", "place")
    shop_id = models.BigIntegerField()
    place = models.TextField()
    key_id = models.TextField()
    upto = models.BigIntegerField(default=0)
    row = models.BigIntegerField(default=0)
    moved = models.BigIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "seal_passes"


class Disclosure(models.Model):
    """How many receivers an account was shown (`revealed`) or took out (`exported`) on one day; 0 is the command line."""

    pk = models.CompositePrimaryKey("shop_id", "member_id", "day", "kind")
    shop_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    day = models.DateField()
    kind = models.TextField()
    count = models.IntegerField()

    class Meta:
        db_table = "disclosures"
        indexes = [models.Index(fields=["day", "shop_id"], name="disclosures_days")]
        constraints = [one_of("kind", DISCLOSURES, "disclosures_kind")]


class Erasure(ShopOwned):
    """That personal data was erased, or was asked to be and had to stay: by a rule over many orders, or on a person's
    request over one. Append-only, and without anything of what was erased."""

    at = models.DateTimeField()
    kind = models.TextField()
    stage = models.TextField()
    outcome = models.TextField(default="done")
    order_id = models.BigIntegerField(null=True)
    member_id = models.BigIntegerField(null=True)
    actor = models.TextField(default="")
    reason = models.TextField(default="")
    before = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)

    class Meta:
        db_table = "erasures"
        indexes = [models.Index(fields=["shop_id", "-id"], name="erasures_recent")]
        constraints = [
            one_of("kind", KINDS, "erasures_kind"),
            one_of("outcome", OUTCOMES, "erasures_outcome"),
        ]
