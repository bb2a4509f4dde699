"""Shops and their people: who is made, what they are given, and what nobody can hand out or take."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fahuo.rules.people import PERMISSIONS, Actor
from fahuo.rules.problems import Refusal
from fahuo.services import people
from fahuo.store.models import JournalEntry, Member, Shop, User
from tests.conftest import NOW, Account, make_account

WORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _quick_to_hash() -> Iterator[None]:
    """Passwords are made by the hundred here, and how slowly they are hashed is not asked."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


def codes(act: Callable[[], Any]) -> list[str]:
    with pytest.raises(Refusal) as refusal:
        act()
    for problem in refusal.value.problems:
        assert problem.sentence("zh")
        assert problem.sentence("en")
    return [problem.code for problem in refusal.value.problems]


def outcome(act: Callable[[], Any]) -> tuple[Any, str]:
    """What the act gave, or the code it was refused with."""
    try:
        return act(), ""
    except Refusal as refusal:
        return None, refusal.problems[0].code


def make(code: str = "mei", owner: str = "mei", password: str | None = WORD, **more: Any) -> Actor:
    return people.create_shop(code, "梅家茶铺", owner=owner, password=password, now=NOW, **more)


def invite(actor: Actor, username: str, permissions: Iterable[str] = ()) -> int:
    return people.invite(actor, username=username, name="", permissions=permissions, now=NOW)[0]


@pytest.mark.django_db
def test_a_shop_and_its_main_account() -> None:
    actor = make(owner_name="梅姐", platform="tmall", time_zone="Asia/Urumqi")
    found = Shop.objects.get(id=actor.shop_id)
    assert (found.code, found.name, found.platform, found.time_zone) == ("mei", "梅家茶铺", "tmall", "Asia/Urumqi")
    user = User.objects.get(username="mei")
    assert user.check_password(WORD)
    assert people.actor_for(user.id, "mei") == actor
    assert (actor.name, actor.is_owner, actor.may("manage_people"), actor.may("refund")) == ("梅姐", True, True, True)


@pytest.mark.django_db
def test_one_person_may_serve_several_shops() -> None:
    make()
    make("lan", password=None)
    user = User.objects.get(username="mei")
    assert [shop.code for shop in people.shops_of(user.id)] == ["mei", "lan"]
    assert people.actor_for(user.id, "mei").shop_id != people.actor_for(user.id, "lan").shop_id
    assert codes(lambda: people.actor_for(user.id, "zhu")) == ["not_a_member"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"code": "mei"}, "shop_code_taken"),
        ({"code": "new", "owner": "nobody", "password": None}, "person_unknown"),
        ({"code": "new", "owner": "MEI"}, "username_taken"),
        ({"code": "new", "owner": "new", "password": "1234"}, "password_weak"),
        ({"code": "new", "owner": "a b"}, "name_length"),
        ({"code": "new", "owner": "new", "platform": "elsewhere"}, "shop_code"),
        ({"code": "new", "owner": "new", "time_zone": "Asia/Nowhere"}, "shop_time_zone"),
    ],
)
def test_what_stands_in_the_way_of_a_shop_leaves_nothing_behind(wrong: dict[str, Any], code: str) -> None:
    make()
    before = (Shop.objects.count(), User.objects.count(), Member.objects.count())
    assert codes(lambda: make(**wrong)) == [code]
    assert (Shop.objects.count(), User.objects.count(), Member.objects.count()) == before


ANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)


@pytest.mark.django_db
@ANY
@given(st.text(max_size=45) | st.from_regex(r"[a-z0-9-]{1,45}", fullmatch=True))
@example("mei\n")
@example("Mei")
@example("-mei")
@example("ｍei")
@example("")
@example("\x00")
def test_a_code_is_an_address_or_refused(code: str) -> None:
    good = re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", code) is not None and code.isascii()
    actor, refused = outcome(lambda: make(code, owner=f"of.{Shop.objects.count()}"))
    if refused:
        assert refused == ("shop_code_taken" if good else "shop_code")
    else:
        assert good
        assert Shop.objects.get(id=actor.shop_id).code == code


@pytest.mark.django_db
@ANY
@given(st.text(max_size=90))
@example("x\x00")
@example("小周\n")
@example("  ")
def test_any_name_makes_an_account_or_is_refused(name: str) -> None:
    actor = Actor(
        make(f"n{Shop.objects.count()}", owner=f"n{User.objects.count()}").shop_id, None, "main", is_owner=True
    )
    username = f"u{User.objects.count()}"
    made, refused = outcome(lambda: people.invite(actor, username=username, name=name, permissions=(), now=NOW))
    if refused:
        assert (refused, len(name) > people.NAME) == ("name_length", True)
    else:
        assert 0 < len(Member.objects.get(shop_id=actor.shop_id, id=made[0]).name) <= people.NAME


@pytest.mark.django_db
@ANY
@given(st.text(max_size=90))
@example("a\x00")
@example("小周\n")
def test_any_account_word_is_taken_or_refused(username: str) -> None:
    actor = Actor(
        make(f"n{Shop.objects.count()}", owner=f"n{User.objects.count()}").shop_id, None, "main", is_owner=True
    )
    _, refused = outcome(lambda: invite(actor, username))
    if refused:
        assert refused in ("name_length", "username_taken")
    else:
        assert User.objects.filter(username=username).count() == 1


@pytest.mark.django_db
@ANY
@given(st.sets(st.sampled_from([*PERMISSIONS])), st.sets(st.sampled_from([*PERMISSIONS, "owner", ""])))
def test_nobody_hands_out_what_they_do_not_hold(held: set[str], asked: set[str]) -> None:
    number = Shop.objects.count()
    owner = make(f"n{number}", owner=f"n{number}")
    chief = Actor(owner.shop_id, invite(owner, f"c{number}", held), "chief", permissions=frozenset(held))
    target = invite(owner, f"t{number}")
    may = "people" in held
    expected = None if may and asked <= held else "grant_beyond_own" if may else "not_permitted"
    for act in (
        lambda: people.grant(chief, target, asked, now=NOW),
        lambda: people.invite(chief, username=f"i{number}", name="", permissions=asked, now=NOW),
    ):
        if expected is None:
            act()
        else:
            assert codes(act) == [expected]
    row = Member.objects.get(shop_id=owner.shop_id, id=target)
    assert row.permissions == ([name for name in PERMISSIONS if name in asked] if expected is None else [])


@pytest.mark.django_db
def test_nobody_takes_from_who_holds_more(shop: Shop, owner: Actor, now: datetime) -> None:
    chief = make_account(shop, "chief", permissions=("people", "ship")).actor
    rich = make_account(shop, "rich", permissions=("ship", "finance")).member.id
    poor = make_account(shop, "poor", permissions=("ship",)).member.id
    for act in (people.deactivate, people.reactivate, people.reset_password):
        assert codes(lambda act=act: act(chief, rich, now=now)) == ["grant_beyond_own"]
        act(chief, poor, now=now)
        act(owner, rich, now=now)


@pytest.mark.django_db
def test_the_main_account_ones_own_and_strangers_stand_fast(
    shop: Shop, owner: Actor, stranger: Actor, now: datetime
) -> None:
    chief = make_account(shop, "chief", permissions=tuple(PERMISSIONS)).actor
    acts: list[Callable[[Actor, int], Any]] = [
        lambda actor, member: people.grant(actor, member, ["ship"], now=now),
        lambda actor, member: people.deactivate(actor, member, now=now),
        lambda actor, member: people.reactivate(actor, member, now=now),
        lambda actor, member: people.reset_password(actor, member, now=now),
    ]
    assert owner.member_id
    assert chief.member_id
    assert stranger.member_id
    for act in acts:
        assert codes(lambda act=act: act(chief, owner.member_id)) == ["member_not_yours"]
        assert codes(lambda act=act: act(chief, chief.member_id)) == ["member_not_yours"]
        assert codes(lambda act=act: act(owner, stranger.member_id)) == ["member_unknown"]
        assert codes(lambda act=act: act(stranger, chief.member_id)) == ["member_unknown"]
    assert not JournalEntry.objects.filter(act__startswith="people.").exists()


@pytest.mark.django_db
def test_off_and_on_again_with_what_was_held(owner: Actor, teammate_account: Account, now: datetime) -> None:
    member, user = teammate_account.member.id, teammate_account.user.id
    people.deactivate(owner, member, now=now)
    assert codes(lambda: people.actor_for(user, "lan")) == ["not_a_member"]
    assert people.shops_of(user) == []
    people.reactivate(owner, member, now=now)
    assert people.actor_for(user, "lan").permissions == {"messages"}
    entries = JournalEntry.objects.filter(shop_id=owner.shop_id).order_by("id")
    assert [(entry.act, entry.before["active"], entry.after["active"]) for entry in entries] == [
        ("people.deactivated", True, False), ("people.reactivated", False, True),
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_reset_password_opens_and_the_old_one_does_not(
    owner: Actor, teammate_account: Account, now: datetime
) -> None:
    word = people.reset_password(owner, teammate_account.member.id, now=now)
    assert re.fullmatch(rf"[{people.ALPHABET}]{{4}}(-[{people.ALPHABET}]{{4}}){{2}}", word)
    user = User.objects.get(id=teammate_account.user.id)
    assert user.check_password(word)
    assert not user.check_password("correct horse")
    assert word not in str(list(JournalEntry.objects.values_list("before", "after")))


@pytest.mark.django_db
def test_who_serves_another_shop_keeps_the_password(owner: Actor, teammate_account: Account, other_shop: Shop) -> None:
    elsewhere = Member.objects.create(
        shop_id=other_shop.id, user_id=teammate_account.user.id, name="二", created_at=NOW
    )
    reset = lambda: people.reset_password(owner, teammate_account.member.id, now=NOW)  # noqa: E731  # said twice
    assert codes(reset) == ["person_elsewhere"]
    elsewhere.active = False
    elsewhere.save(update_fields=["active"])
    assert reset()


@pytest.mark.django_db
def test_the_list_is_for_who_manages_people(owner: Actor, teammate: Actor, stranger: Actor) -> None:
    assert {row.name for row in people.members(owner)} == {"owner", "teammate"}
    assert {row.name for row in people.members(stranger)} == {"stranger"}
    assert codes(lambda: people.members(teammate)) == ["not_permitted"]
