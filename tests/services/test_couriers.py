"""Couriers' accounts: invited for one contract, closed at once, never moved by the way, and no key to other doors."""

from typing import Any

import pytest

from fahuo.rules.people import Actor
from fahuo.services import buyers, couriers, people
from fahuo.store.models import Contract, Courier, JournalEntry, Shop, User
from tests.conftest import NOW, Account, make_account
from tests.services.contracts import make_contract, make_courier
from tests.services.test_people import codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract(shop: Shop) -> Contract:
    return make_contract(shop.id, now=NOW)


def invite(actor: Actor, contract: Contract, username: str = "lan:xiaoli", **more: Any) -> tuple[int, str]:
    return couriers.invite(actor, username=username, name="小李", contract_id=contract.id, now=NOW, **more)


def acts(shop: Shop) -> list[str]:
    return list(JournalEntry.objects.filter(shop_id=shop.id, act__startswith="courier.").values_list("act", flat=True))


def test_a_courier_is_invited_with_a_password_that_works(owner: Actor, shop: Shop, contract: Contract) -> None:
    made, word = invite(owner, contract, phone="170 0000 0001")
    user = User.objects.get(username="lan:xiaoli")
    assert user.check_password(word)
    found = couriers.find(user.id, "lan")
    assert found
    actor = couriers.actor_of(found)
    assert (actor.shop_id, actor.courier_id, actor.contract_id, actor.name) == (shop.id, made, contract.id, "小李")
    assert not actor.acting().is_owner
    assert couriers.find(user.id, "zhu") is None
    entry = JournalEntry.objects.get(shop_id=shop.id, act="courier.invited")
    assert entry.after == {"account": "lan:xiaoli", "contract": "中通西湖"}
    assert codes(lambda: invite(owner, contract)) == ["username_taken"]
    assert acts(shop) == ["courier.invited"]


def test_an_existing_person_is_invited_once_and_never_moved(owner: Actor, shop: Shop, contract: Contract) -> None:
    User.objects.create_user(username="laozhang", password="correct horse")
    made, word = invite(owner, contract, "laozhang", existing=True)
    assert word == ""
    assert invite(owner, contract, "laozhang", existing=True) == (made, "")
    other = make_contract(shop.id, "圆通", carrier="YTO", now=NOW)
    assert codes(lambda: invite(owner, other, "laozhang", existing=True)) == ["courier_already"]
    assert couriers.close(owner, made, now=NOW)
    assert codes(lambda: invite(owner, contract, "laozhang", existing=True)) == ["courier_already"]
    assert Courier.objects.get(shop_id=shop.id, id=made).contract_id == contract.id
    assert acts(shop) == ["courier.invited", "courier.closed"]


def test_who_serves_the_shop_is_not_its_courier(owner: Actor, shop: Shop, contract: Contract) -> None:
    mate = make_account(shop, "mate", permissions=("ship",))
    for switch in (lambda: None, lambda: people.deactivate(owner, mate.member.id, now=NOW)):
        switch()
        assert codes(lambda: invite(owner, contract, "mate", existing=True)) == ["courier_is_member"]
    assert acts(shop) == []


def test_what_is_wrong_with_an_invitation(
    owner: Actor, shop: Shop, other_shop: Shop, contract: Contract, teammate: Actor
) -> None:
    elsewhere = make_contract(other_shop.id, now=NOW)
    old = make_contract(shop.id, "旧合同", now=NOW, active=False)
    for wrong in (elsewhere, old):
        assert codes(lambda wrong=wrong: invite(owner, wrong)) == ["contract_not_in_force"]  # type: ignore[misc]
    assert codes(lambda: invite(owner, contract, phone="call me")) == ["courier_phone"]
    assert codes(lambda: invite(owner, contract, "nobody", existing=True)) == ["username_unknown"]
    assert codes(lambda: invite(owner, contract, "a b")) == ["name_length"]
    assert codes(lambda: invite(owner, contract, password="123")) == ["password_weak"]
    assert codes(lambda: invite(teammate, contract)) == ["not_permitted"]
    assert not User.objects.filter(username="lan:xiaoli").exists()


def test_closed_and_reopened_each_once(owner: Actor, shop: Shop, contract: Contract, stranger: Actor) -> None:
    account = make_courier(contract)
    key = account.courier.id
    assert [couriers.close(owner, key, now=NOW) for _ in range(2)] == [True, False]
    assert couriers.serves(account.user.id) == []
    assert couriers.closed_for(account.user.id)
    assert [couriers.reopen(owner, key, now=NOW) for _ in range(2)] == [True, False]
    assert not couriers.closed_for(account.user.id)
    assert acts(shop) == ["courier.closed", "courier.reopened"]
    for act in (couriers.close, couriers.reopen):
        assert codes(lambda act=act: act(stranger, key, now=NOW)) == ["courier_unknown"]  # type: ignore[misc]


def test_a_change_is_said_and_repeats_without_a_trace(owner: Actor, shop: Shop, contract: Contract) -> None:
    key = make_courier(contract).courier.id
    other = make_contract(shop.id, "圆通", carrier="YTO", now=NOW)
    to: dict[str, Any] = {"name": "小李", "phone": "", "contract_id": other.id}
    assert [couriers.change(owner, key, **to, now=NOW) for _ in range(2)] == [True, False]
    entry = JournalEntry.objects.get(shop_id=shop.id, act="courier.changed")
    assert (entry.before["contract"], entry.after["contract"]) == ("中通西湖", "圆通")
    assert couriers.one(owner, key).contract == "圆通"
    assert codes(lambda: couriers.change(owner, key, **{**to, "contract_id": 1}, now=NOW)) == ["contract_not_in_force"]


def test_a_new_password_only_for_who_has_no_other_door(
    owner: Actor, shop: Shop, contract: Contract, stranger_account: Account
) -> None:
    made, _ = invite(owner, contract)
    word = couriers.reset_password(owner, made, now=NOW)
    assert User.objects.get(username="lan:xiaoli").check_password(word)
    buyers.add("zhu", "lan:xiaoli", name="清河", now=NOW)
    assert codes(lambda: couriers.reset_password(owner, made, now=NOW)) == ["person_elsewhere"]
    guest, _ = invite(owner, contract, "stranger", existing=True)
    assert codes(lambda: couriers.reset_password(owner, guest, now=NOW)) == ["person_elsewhere"]
    User.objects.create_user(username="alone", password="correct horse")
    alone, _ = invite(owner, contract, "alone", existing=True)
    assert codes(lambda: couriers.reset_password(owner, alone, now=NOW)) == ["person_elsewhere"]


def test_a_member_who_carries_for_another_shop_keeps_the_key(
    owner: Actor, teammate_account: Account, other_shop: Shop
) -> None:
    Courier.objects.create(
        shop_id=other_shop.id, contract_id=make_contract(other_shop.id, now=NOW).id, user_id=teammate_account.user.id,
        name="x", created_at=NOW,
    )  # fmt: skip
    act = lambda: people.reset_password(owner, teammate_account.member.id, now=NOW)  # noqa: E731
    assert codes(act) == ["person_elsewhere"]
