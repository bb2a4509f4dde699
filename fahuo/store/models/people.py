"""Shops, the people who serve them, and what they may do."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models

from fahuo.store.models.base import ShopOwned


class User(AbstractUser):
    """A person who signs in. One person may serve several shops."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.TextField(default="")
    language = models.CharField(max_length=8, default="zh-hans")
    theme = models.CharField(max_length=8, default="auto")
    must_change_password = models.BooleanField(default=False, db_default=False)
    second_factor = models.BooleanField(default=False, db_default=False)
    totp = models.TextField(default="", db_default="", blank=True)
    totp_step = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "users"


class Shop(models.Model):
    """A shop on one platform. Small and shared: a reference table."""

    id = models.BigAutoField(primary_key=True)
    code = models.SlugField(max_length=40, unique=True)
    name = models.TextField()
    platform = models.TextField(default="taobao")
    time_zone = models.TextField(default="Asia/Shanghai")
    ship_from = models.TextField(default="", blank=True)
    promise_hours = models.SmallIntegerField(null=True, blank=True)
    default_carrier = models.TextField(default="", blank=True)
    sender_name = models.TextField(default="", blank=True)
    sender_phone = models.TextField(default="", blank=True)
    sender_address = models.TextField(default="", blank=True)
    tasks_here = models.BooleanField(default=True, db_default=True)
    auto_reply = models.TextField(default="", db_default="", blank=True)
    auto_reply_from = models.TimeField(null=True, blank=True)
    auto_reply_until = models.TimeField(null=True, blank=True)
    second_factor = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "shops"


class Member(ShopOwned):
    """A person's account at one shop: the main account (`is_owner`) or a sub-account."""

    user_id = models.BigIntegerField()
    name = models.TextField()
    is_owner = models.BooleanField(default=False)
    permissions = ArrayField(models.TextField(), default=list)
    active = models.BooleanField(default=True)
    preferences = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "members"
        indexes = [models.Index(fields=["user_id"], name="members_user")]
        constraints = [models.UniqueConstraint(fields=["shop_id", "user_id"], name="members_one_per_person")]


class SavedView(ShopOwned):
    """A filter of the order list that a member keeps under a name."""

    member_id = models.BigIntegerField()
    name = models.TextField()
    query = models.TextField()
    position = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "saved_views"
        constraints = [models.UniqueConstraint(fields=["shop_id", "member_id", "name"], name="saved_views_name")]


class Buyer(ShopOwned):
    """A person's account as a buyer at one shop: the orders of the marketplace name `name` are theirs."""

    user_id = models.BigIntegerField()
    name = models.TextField()
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "buyers"
        indexes = [models.Index(fields=["user_id"], name="buyers_user")]
        constraints = [
            models.UniqueConstraint(fields=["shop_id", "user_id"], name="buyers_one_per_person"),
            models.UniqueConstraint(fields=["shop_id", "name"], name="buyers_one_per_name"),
        ]


class PlatformStaff(models.Model):
    """A person who decides for the platform, over all shops."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField(unique=True)
    name = models.TextField()
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "platform_staff"
