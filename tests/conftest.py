"""Story fixtures: a shop with its main account, a teammate with few permissions, and a stranger of another shop."""

from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from fahuo.rules.people import Actor
from fahuo.store.models import Member, Shop, User

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""Monday noon in Shanghai."""


class Account(NamedTuple):
    user: User
    member: Member
    actor: Actor


def make_account(shop: Shop, name: str, *, is_owner: bool = False, permissions: tuple[str, ...] = ()) -> Account:
    user = User.objects.create_user(username=name, password="correct horse")
    member = Member.objects.create(
        shop_id=shop.id, user_id=user.id, name=name, is_owner=is_owner, permissions=list(permissions), created_at=NOW
    )
    return Account(user, member, Actor(shop.id, member.id, name, is_owner, frozenset(permissions)))


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop.objects.create(code="lan", name="兰草小铺", platform="taobao", ship_from="330106", created_at=NOW)


@pytest.fixture
def other_shop(db: None) -> Shop:
    return Shop.objects.create(code="zhu", name="竹里馆", platform="tmall", ship_from="440305", created_at=NOW)


@pytest.fixture
def owner_account(shop: Shop) -> Account:
    return make_account(shop, "owner", is_owner=True)


@pytest.fixture
def owner(owner_account: Account) -> Actor:
    return owner_account.actor


@pytest.fixture
def teammate_account(shop: Shop) -> Account:
    """A sub-account that answers customers and nothing else."""
    return make_account(shop, "teammate", permissions=("messages",))


@pytest.fixture
def teammate(teammate_account: Account) -> Actor:
    return teammate_account.actor


@pytest.fixture
def stranger_account(other_shop: Shop) -> Account:
    return make_account(other_shop, "stranger", is_owner=True)


@pytest.fixture
def stranger(stranger_account: Account) -> Actor:
    return stranger_account.actor
