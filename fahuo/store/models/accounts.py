"""How people sign in: sessions, passkeys, recovery codes, tries, invitations, and what happened to an account.

None of these belongs to a shop: a person may serve several. They stay where users stay.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    """A browser that is signed in, or about to be. `session_key` is a digest: a copy of this table opens nothing."""

    user_id = models.BigIntegerField(null=True)
    since = models.DateTimeField()
    seen = models.DateTimeField()
    address = models.TextField(default="")
    agent = models.TextField(default="")

    class Meta:
        db_table = "sessions"
        indexes = [models.Index(fields=["user_id"], name="sessions_user", condition=models.Q(user_id__isnull=False))]


class Passkey(models.Model):
    """A passkey of a person. `credential`, `public_key` and `handle` are base64url."""

    user_id = models.BigIntegerField()
    credential = models.TextField(unique=True)
    public_key = models.TextField()
    handle = models.TextField()
    host = models.TextField()
    name = models.TextField()
    sign_count = models.BigIntegerField(default=0)
    transports = ArrayField(models.TextField(), default=list)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "passkeys"
        indexes = [models.Index(fields=["user_id"], name="passkeys_user")]


class RecoveryCode(models.Model):
    """The digest of a code that stands in for a second factor, once."""

    user_id = models.BigIntegerField()
    digest = models.TextField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recovery_codes"
        constraints = [models.UniqueConstraint(fields=["user_id", "digest"], name="recovery_codes_one")]


class SignInTries(models.Model):
    """How many wrong tries there were, by account, address or both (a digest of what is counted), and until when none
    is taken."""

    key = models.TextField(primary_key=True)
    tries = models.IntegerField()
    last_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        db_table = "sign_in_tries"
        indexes = [models.Index(fields=["last_at"], name="sign_in_tries_age")]


class Invitation(models.Model):
    """A link with which a person chooses the first, or another, password. Only its digest is kept."""

    digest = models.TextField(unique=True)
    user_id = models.BigIntegerField()
    made_by = models.TextField()
    place = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "invitations"
        indexes = [models.Index(fields=["user_id"], name="invitations_user")]


class AccountEvent(models.Model):
    """The journal of an account: append-only, for the person to read."""

    user_id = models.BigIntegerField()
    at = models.DateTimeField()
    act = models.TextField()
    address = models.TextField(default="")
    agent = models.TextField(default="")
    facts = models.JSONField(default=dict)

    class Meta:
        db_table = "account_events"
        indexes = [models.Index(fields=["user_id", "-at"], name="account_events_latest")]
