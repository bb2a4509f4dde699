"""快递员账号 and handing from the shop's pages: invited, shut out in the middle of a day, orders handed and taken back."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from fahuo.services import courier, couriers, handing
from fahuo.store.models import Assignment, Contract, Courier, Label, Member, Shop
from tests.conftest import NOW, Account, make_account
from tests.services.contracts import CourierAccount, make_contract, make_courier
from tests.services.shipping import make_order, order_number, waybill
from tests.web.pages import link_on, sign_in, text_of


@pytest.fixture
def contract(shop: Shop) -> Contract:
    return make_contract(shop.id, now=NOW)


@pytest.fixture
def li(contract: Contract) -> CourierAccount:
    return make_courier(contract, "lan:xiaoli")


def at_work(of: CourierAccount) -> Client:
    client = Client()
    client.force_login(of.user)
    return client


def test_a_courier_is_invited_and_lands_on_his_own_desk(owner_account: Account, contract: Contract) -> None:
    given = {"account": "xiaowang", "name": "小王", "phone": "17000000002", "contract": contract.id}
    page = sign_in(owner_account).post("/s/lan/people/couriers/new/", given)
    link = link_on(page.content)
    client = Client()
    assert client.post(link, {"password": "battery staple 9", "again": "battery staple 9"}).status_code == 302
    assert client.get("/").headers["Location"] == "/c/lan/"
    assert client.get("/c/lan/").status_code == 200
    for address in ("/s/lan/", "/s/lan/orders/", "/s/lan/people/couriers/", "/c/zhu/", "/my/", "/platform/"):
        assert client.get(address).status_code == 404
    assert client.get("/password/").status_code == 200
    listed = text_of(sign_in(owner_account).get("/s/lan/people/couriers/").content)
    assert "小王" in listed
    assert "lan:xiaowang" in listed


def test_what_was_typed_is_kept_when_it_is_refused(owner_account: Account, contract: Contract) -> None:
    make_account(Shop.objects.get(code="lan"), "mate")
    given = {"account": "mate", "existing": "1", "name": "小王", "contract": contract.id}
    page = sign_in(owner_account).post("/s/lan/people/couriers/new/", given)
    assert page.status_code == 422
    assert "不能再当这家店的快递员" in text_of(page.content)
    assert 'value="小王"' in page.content.decode()
    assert not Courier.objects.exists()


def test_he_is_out_at_his_next_tap_and_told_why(owner_account: Account, li: CourierAccount) -> None:
    client, other = at_work(li), at_work(li)
    assert client.get("/c/lan/").status_code == 200
    page = sign_in(owner_account).post(f"/s/lan/people/couriers/{li.courier.id}/close/", follow=True)
    undo = re.search(r'action="(/s/lan/people/couriers/\d+/open/)"', page.content.decode())
    assert undo
    for session in (client, other):
        gone = session.get("/c/lan/")
        assert gone.status_code == 404
        assert "账号已关闭" in text_of(gone.content)
        assert session.get("/").status_code == 302
        assert session.get("/c/lan/").headers["Location"].startswith("/login/")
    client.force_login(li.user)
    assert "账号已关闭" in text_of(client.get("/").content)
    sign_in(owner_account).post(undo[1])
    client.force_login(li.user)
    assert client.get("/c/lan/").status_code == 200


def test_a_closed_courier_keeps_his_own_other_doors(li: CourierAccount, other_shop: Shop) -> None:
    couriers_shop = Member.objects.create(
        shop_id=other_shop.id, user_id=li.user.id, name="老板", is_owner=True, created_at=NOW
    )
    Courier.objects.filter(shop_id=li.courier.shop_id, id=li.courier.id).update(active=False)
    client = at_work(li)
    assert client.get("/c/lan/").status_code == 404
    assert client.get("/s/zhu/").status_code == 200
    assert couriers_shop.is_owner


def test_who_serves_a_shop_and_carries_for_another_may_choose(li: CourierAccount, other_shop: Shop) -> None:
    Member.objects.create(shop_id=other_shop.id, user_id=li.user.id, name="老板", is_owner=True, created_at=NOW)
    page = at_work(li).get("/").content.decode()
    assert "/s/zhu/" in page
    assert "/c/lan/" in page


def test_orders_are_handed_from_the_list_and_undo_takes_them_back(
    owner_account: Account, shop: Shop, contract: Contract, li: CourierAccount
) -> None:
    orders = [make_order(shop.id, n, now=NOW) for n in (1, 2)]
    client = sign_in(owner_account)
    given = {"ids": ",".join(map(str, orders)), "contract": contract.id, "note": "轻放"}
    page = client.post("/s/lan/orders/hand/", given, follow=True)
    assert "已交给快递员 2 单" in text_of(page.content)
    assert contract.name in text_of(page.content)
    listed = text_of(at_work(li).get("/c/lan/").content)
    assert "轻放" in listed
    undo = re.search(r'action="(/s/lan/orders/take-back/\?ids=[\d,]+)"', page.content.decode())
    assert undo
    assert "已从快递员收回 2 单" in text_of(client.post(undo[1], follow=True).content)
    assert not Assignment.objects.filter(shop_id=shop.id, handed_at__isnull=False).exists()
    assert "轻放" not in text_of(at_work(li).get("/c/lan/").content)


def test_each_verdict_of_a_handing_is_told(
    owner_account: Account, shop: Shop, contract: Contract, li: CourierAccount
) -> None:
    good, refund = make_order(shop.id, 1, now=NOW), make_order(shop.id, 2, now=NOW, refund_status="requested")
    given = {"ids": f"{good},{refund}", "contract": contract.id}
    page = text_of(sign_in(owner_account).post("/s/lan/orders/hand/", given).content)
    assert "已交给快递员 1 单" in page
    assert order_number(2) in page
    assert "退款" in page
    assert "合同" in text_of(sign_in(owner_account).post("/s/lan/orders/hand/", {**given, "contract": "x"}).content)


def test_an_order_tells_whose_courier_has_it(
    owner_account: Account, shop: Shop, contract: Contract, li: CourierAccount
) -> None:
    order = make_order(shop.id, 1, now=NOW)
    client, here = sign_in(owner_account), f"/s/lan/orders/{order}/"
    client.post(f"{here}hand/", {"contract": contract.id, "note": "轻放"})
    page = client.get(here).content.decode()
    assert "已交给“中通西湖”的快递员" in text_of(page.encode())
    assert 'value="轻放"' in page
    client.post(f"{here}courier-note/", {"note": "放门口"})
    assert "放门口" in text_of(at_work(li).get(f"/c/lan/orders/{order}/").content)
    filtered = text_of(client.get("/s/lan/orders/?handed=1").content)
    assert order_number(1) in filtered
    assert order_number(1) not in text_of(client.get("/s/lan/orders/?handed=0").content)
    client.post(f"{here}take-back/")
    assert "交给快递员" in text_of(client.get(here).content)
    assert at_work(li).get(f"/c/lan/orders/{order}/").status_code == 404


def test_what_the_courier_did_already_is_told_and_its_labels_can_be_voided(
    owner_account: Account, shop: Shop, contract: Contract, li: CourierAccount
) -> None:
    now = datetime.now(UTC)
    orders = [make_order(shop.id, n, now=now) for n in (1, 2)]
    handing.hand(owner_account.actor, orders, contract_id=contract.id, now=now)
    courier.enter(li.actor, [(orders[0], waybill(1)), (orders[1], waybill(2))], now=now)
    client = sign_in(owner_account)
    assert waybill(1) in text_of(client.get(f"/s/lan/orders/{orders[0]}/").content)
    page = client.post("/s/lan/orders/take-back/", {"ids": ",".join(map(str, orders))}).content.decode()
    assert "已从快递员收回 2 单" in page
    assert waybill(2) in page
    ids = re.search(r'name="ids" value="([\d,]+)"', page)
    assert ids
    client.post("/s/lan/labels/void/", {"ids": ids[1], "reason": "从快递员收回"})
    assert set(Label.objects.filter(shop_id=shop.id).values_list("state", flat=True)) == {"voided"}


def test_a_contract_is_set_to_hand_over_by_itself(
    owner_account: Account, shop: Shop, contract: Contract, li: CourierAccount
) -> None:
    order = make_order(shop.id, 1, now=NOW)
    Assignment.objects.create(shop_id=shop.id, order_id=order, contract_id=contract.id, chosen_by="rule", chosen_at=NOW)
    address = f"/s/lan/people/couriers/contracts/{contract.id}/"
    assert sign_in(owner_account).post(address, {"on": "1"}).status_code == 302
    assert handing.run_due(now=NOW) == 1
    sign_in(owner_account).post(address, {"on": "0"})
    assert not Contract.objects.get(shop_id=shop.id, id=contract.id).hands_over


def test_a_name_that_is_moved_to_another_contract_sees_the_other(
    owner_account: Account, shop: Shop, li: CourierAccount
) -> None:
    order = make_order(shop.id, 1, now=NOW)
    handing.hand(owner_account.actor, [order], contract_id=li.actor.contract_id, now=NOW)
    other = make_contract(shop.id, "圆通", carrier="YTO", now=NOW)
    client = at_work(li)
    assert client.get(f"/c/lan/orders/{order}/").status_code == 200
    couriers.change(owner_account.actor, li.courier.id, name="小李", phone="", contract_id=other.id, now=NOW)
    assert client.get(f"/c/lan/orders/{order}/").status_code == 404
