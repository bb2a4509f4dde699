"""账号 and 设置: adding, granting, closing; what one may not do to others; the shop's data and templates."""

import re

import pytest
from django.test import Client

from fahuo.rules.people import PERMISSIONS, Actor
from fahuo.rules.problems import Refusal
from fahuo.services import people
from fahuo.store.models import JournalEntry, Member, SheetTemplate, Shop, User
from fahuo.web.people import WORDS
from tests.conftest import NOW, Account, make_account
from tests.web.pages import link_on, sign_in, text_of


def add(client: Client, account: str, *permissions: str) -> str:
    """Add a sub-account through the page; the address of the link it showed."""
    page = client.post("/s/lan/people/new/", {"account": account, "name": "小周", "permissions": permissions})
    assert page.status_code == 200, text_of(page.content)
    return link_on(page.content)


def test_a_sub_account_is_added_signs_in_and_sees_what_it_may(owner_account: Account) -> None:
    link = add(sign_in(owner_account), "xiaozhou", "ship", "print")
    client = Client()
    assert "lan:xiaozhou" in text_of(client.get(link).content)
    assert client.post(link, {"password": "battery staple 9", "again": "battery staple 9"}).status_code == 302
    assert client.get("/s/lan/").status_code == 200
    assert client.get("/s/lan/people/").status_code == 403
    entry = JournalEntry.objects.get(act="people.invited")
    assert entry.after == {"account": "lan:xiaozhou", "permissions": ["ship", "print"]}


def test_what_was_typed_is_kept_when_the_account_is_taken(owner_account: Account) -> None:
    client = sign_in(owner_account)
    add(client, "xiaozhou")
    page = client.post("/s/lan/people/new/", {"account": "xiaozhou", "name": "小周二", "permissions": ["export"]})
    assert page.status_code == 422
    assert "已经有人用了" in text_of(page.content)
    assert 'value="小周二"' in page.content.decode()
    assert re.search(r'value="export" checked', page.content.decode())


def test_permissions_are_granted_and_taken(owner_account: Account, teammate_account: Account) -> None:
    client = sign_in(owner_account)
    address = f"/s/lan/people/{teammate_account.member.id}/"
    assert client.post(address, {"name": "小李", "permissions": ["ship", "export"]}).status_code == 302
    actor = people.actor_for(teammate_account.user.id, "lan")
    assert (actor.name, actor.permissions) == ("小李", {"ship", "export"})


def test_switching_off_shuts_out_at_once_and_undo_lets_in_again(
    owner_account: Account, teammate_account: Account
) -> None:
    client, mate = sign_in(owner_account), sign_in(teammate_account)
    assert mate.get("/s/lan/").status_code == 200
    page = client.post(f"/s/lan/people/{teammate_account.member.id}/off/", follow=True)
    undo = re.search(r'action="(/s/lan/people/\d+/on/)"', page.content.decode())
    assert undo
    assert mate.get("/s/lan/").status_code == 404
    client.post(undo[1])
    assert mate.get("/s/lan/").status_code == 200


def test_a_new_password_ends_the_old_sessions(owner_account: Account, teammate_account: Account) -> None:
    mate = sign_in(teammate_account)
    page = sign_in(owner_account).post(f"/s/lan/people/{teammate_account.member.id}/password/")
    assert "密码只显示这一次" in text_of(page.content)
    assert mate.get("/s/lan/").status_code == 302


def test_the_main_account_and_ones_own_stand_fast(shop: Shop, owner_account: Account) -> None:
    chief = make_account(shop, "chief", permissions=("people", "ship"))
    for target in (owner_account.member.id, chief.member.id):
        with pytest.raises(Refusal) as refusal:
            people.grant(chief.actor, target, ["ship"], now=NOW)
        assert refusal.value.problems[0].code == "member_not_yours"


def test_nobody_hands_out_or_takes_what_they_do_not_hold(shop: Shop, teammate_account: Account) -> None:
    chief = make_account(shop, "chief", permissions=("people", "ship"))
    for act in (
        lambda: people.invite(chief.actor, username="lan:x", name="x", permissions=["export"], now=NOW),
        lambda: people.grant(chief.actor, teammate_account.member.id, [], now=NOW),
        lambda: people.reset_password(chief.actor, teammate_account.member.id, now=NOW),
    ):
        with pytest.raises(Refusal) as refusal:
            act()
        assert refusal.value.problems[0].code == "grant_beyond_own"
    assert not User.objects.filter(username="lan:x").exists()


def test_one_shop_cannot_reset_the_password_of_anothers_person(
    owner: Actor, teammate_account: Account, other_shop: Shop
) -> None:
    Member.objects.create(shop_id=other_shop.id, user_id=teammate_account.user.id, name="兼", created_at=NOW)
    with pytest.raises(Refusal) as refusal:
        people.reset_password(owner, teammate_account.member.id, now=NOW)
    assert refusal.value.problems[0].code == "person_elsewhere"


def test_another_shops_member_does_not_exist_here(owner_account: Account, stranger_account: Account) -> None:
    client = sign_in(owner_account)
    for part in ("", "off/", "password/"):
        assert client.post(f"/s/lan/people/{stranger_account.member.id}/{part}").status_code == 404


def test_every_permission_has_its_words() -> None:
    assert set(WORDS) == set(PERMISSIONS)
    assert {name: str(word) for name, (word, _) in WORDS.items()} == dict(PERMISSIONS)


def test_the_password_page_changes_the_own_password(owner_account: Account) -> None:
    client = sign_in(owner_account)
    words = {"old_password": "correct horse", "new_password1": "battery staple 9", "new_password2": "battery staple 9"}
    assert client.post("/password/", words).status_code == 302
    owner_account.user.refresh_from_db()
    assert owner_account.user.check_password("battery staple 9")
    assert client.get("/s/lan/").status_code == 200


SETTINGS = {"name": "兰草小铺", "ship_from": "浙江省杭州市余杭区", "promise_hours": "24", "default_carrier": "YTO"}


def test_the_shop_is_set_and_its_place_becomes_a_region(owner_account: Account, shop: Shop) -> None:
    assert sign_in(owner_account).post("/s/lan/settings/", SETTINGS).status_code == 302
    shop.refresh_from_db()
    assert (shop.ship_from, shop.promise_hours, shop.default_carrier) == ("330110", 24, "YTO")
    assert JournalEntry.objects.get(act="shop.changed").after["fields"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("ship_from", "火星", "认不出这个地方"),
        ("promise_hours", "9999", "360"),
        ("name", "", ""),
        ("default_carrier", "X", "X"),
    ],
)
def test_nonsense_stays_in_the_form(owner_account: Account, shop: Shop, field: str, value: str, said: str) -> None:
    page = sign_in(owner_account).post("/s/lan/settings/", {**SETTINGS, field: value})
    assert page.status_code == 422
    assert said in page.content.decode()
    shop.refresh_from_db()
    assert shop.promise_hours is None


def test_a_template_is_made_changed_and_dropped(owner_account: Account) -> None:
    client = sign_in(owner_account)
    typed = {
        "name": "圆通",
        "purpose": "address",
        "format": "csv",
        "heading": ["单号", "", "谁"],
        "field": ["number", "blank", "receiver"],
    }
    assert client.post("/s/lan/settings/templates/new/", typed).status_code == 302
    template = SheetTemplate.objects.get(name="圆通")
    assert template.columns == [["单号", "number"], ["谁", "receiver"]]
    assert client.post("/s/lan/settings/templates/new/", typed).status_code == 422
    address = f"/s/lan/settings/templates/{template.id}/"
    assert client.post(address, {**typed, "heading": ["订单"], "field": ["password"]}).status_code == 422
    assert client.post(address, {**typed, "name": "圆通二"}).status_code == 302
    assert "圆通二" in text_of(client.get("/s/lan/settings/").content)
    assert client.post(f"{address}drop/").status_code == 302
    assert client.get(address).status_code == 404


def test_a_shop_whose_marketplace_keeps_the_tasks(
    shop: Shop, owner_account: Account, teammate_account: Account
) -> None:
    client, here = sign_in(owner_account), "/s/lan/settings/tasks/"
    Shop.objects.filter(id=shop.id).update(tasks_here=True)
    assert "报备" in text_of(client.get(here).content)
    for asked, stands, entries in (("0", False, 1), ("0", False, 1), ("1", True, 2)):
        client.post(here, {"here": asked})
        shop.refresh_from_db()
        assert shop.tasks_here is stands
        assert JournalEntry.objects.filter(act="shop.changed").count() == entries
    assert "任务在外部平台处理" not in text_of(client.get("/s/lan/settings/").content)
    assert sign_in(teammate_account).post(here, {"here": "0"}).status_code == 403


def test_nobody_gets_in_with_an_account_that_is_off(shop: Shop, owner: Actor, teammate_account: Account) -> None:
    client = sign_in(teammate_account)
    assert client.get("/s/lan/orders/").status_code == 200
    people.deactivate(owner, teammate_account.member.id, now=NOW)
    assert client.get("/s/lan/orders/").status_code == 404
