"""Who may call the Taobao-compatible gateway: apps with their secrets, sessions of shops, and how often each calls.

An app key or a token is the first thing that a call names, before any shop is known: these tables are small and shared,
like users and sessions, and lead to the shop.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from fahuo.store.models.base import NextId


class GatewayApp(models.Model):
    """A program that may call, under its key. `secret` is sealed: signatures need it readable, a stolen database not.

    `shop_id`: the shop that registered it; others may let it in by OAuth.
    """

    id = models.BigIntegerField(primary_key=True, db_default=NextId())
    shop_id = models.BigIntegerField()
    key = models.TextField(unique=True)
    secret = models.TextField()
    name = models.TextField()
    redirect_uris = ArrayField(models.TextField(), default=list)
    per_second = models.IntegerField(default=40)
    per_day = models.IntegerField(default=1_000_000)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.TextField(default="")

    class Meta:
        db_table = "gateway_apps"
        indexes = [models.Index(fields=["shop_id", "id"], name="gateway_apps_shop")]


class GatewaySession(models.Model):
    """An account of a shop that lets an app act for it. Of code and tokens only digests are kept.

    It begins with a code (OAuth) or at once with a token; `ended_at` ends it.
    """

    id = models.BigIntegerField(primary_key=True, db_default=NextId())
    app_id = models.BigIntegerField()
    shop_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    code = models.TextField(null=True, unique=True)
    code_until = models.DateTimeField(null=True)
    redirect_uri = models.TextField(default="")
    token = models.TextField(null=True, unique=True)
    until = models.DateTimeField(null=True)
    refresh_token = models.TextField(null=True, unique=True)
    refresh_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "gateway_sessions"
        indexes = [
            models.Index(fields=["shop_id", "app_id"], name="gateway_sessions_shop"),
        ]


class GatewayUse(models.Model):
    """How often an app called a method: in the second and on the day that it called last."""

    pk = models.CompositePrimaryKey("app_id", "method")
    app_id = models.BigIntegerField()
    method = models.TextField()
    second = models.BigIntegerField(default=0)
    in_second = models.IntegerField(default=0)
    day = models.DateField()
    in_day = models.IntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        db_table = "gateway_uses"
