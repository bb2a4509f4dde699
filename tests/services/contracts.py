"""Contracts and couriers for tests, made row by row."""

from datetime import datetime
from typing import Any, NamedTuple

from fahuo.rules.people import CourierActor
from fahuo.store.models import Contract, Courier, User


def make_contract(shop_id: int, name: str = "中通西湖", *, now: datetime, **fields: Any) -> Contract:
    """A contract in force; numbers are entered unless `fields` say otherwise."""
    values = {"carrier": "ZTO", "numbers": "entered", **fields}
    return Contract.objects.create(shop_id=shop_id, name=name, created_at=now, **values)


class CourierAccount(NamedTuple):
    user: User
    courier: Courier
    actor: CourierActor


def make_courier(contract: Contract, username: str = "kuaidi", *, active: bool = True) -> CourierAccount:
    """A person who is the courier of a contract."""
    user = User.objects.create_user(username=username, password="correct horse")
    made = Courier.objects.create(
        shop_id=contract.shop_id, contract_id=contract.id, user_id=user.id, name=username, active=active,
        created_at=contract.created_at,
    )  # fmt: skip
    return CourierAccount(user, made, CourierActor(contract.shop_id, made.id, contract.id, username))
