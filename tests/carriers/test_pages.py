"""The whole way in pages: a contract that goes by a carrier's account, numbers ordered, told, awaited, come, printed."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from fahuo.rules.carrying import reference_of
from fahuo.rules.people import Actor
from fahuo.services import handing
from fahuo.store.models import Contract, Label, PrintDocument
from tests.carriers.carrier import SETTINGS
from tests.carriers.desk import Desk
from tests.conftest import NOW, Account
from tests.services.contracts import make_courier
from tests.services.presses import make_printer
from tests.services.shipping import make_order
from tests.services.stocks import buy, make_contract
from tests.web.pages import sign_in, text_of

pytestmark = pytest.mark.django_db
BASE = "/s/lan/"
TERMS = {"name": "走接口", "numbers": "service", "ships_at": "packed", "active": "on", "masked": "on"}


@pytest.mark.parametrize("kind", sorted(SETTINGS))
def test_from_the_contract_to_the_printer(owner_account: Account, owner: Actor, kind: str) -> None:
    client, desk = sign_in(owner_account), Desk(owner, kind, at=datetime.now(UTC), tracks=False)
    terms = {**TERMS, "carrier": desk.contract.carrier, "carrier_account_id": str(desk.account)}
    assert client.post(f"{BASE}contracts/new/", terms).status_code == 302
    contract = Contract.objects.get(shop_id=owner.shop_id, name="走接口")
    assert (contract.numbers, contract.carrier_account_id) == ("service", desk.account)
    printer = make_printer(owner.shop_id)
    orders = [make_order(owner.shop_id, n, now=NOW, quantities=(1,)) for n in (1, 2)]
    asked = {"ids": ",".join(map(str, orders)), "contract": str(contract.id), "printer": str(printer.id)}
    told = text_of(client.post(f"{BASE}orders/labels/", asked).content)
    assert "2 个单号向快递接口取" in told
    assert "差 2" not in told
    answer = client.post(f"{BASE}orders/labels/make/", asked, follow=True)
    assert answer.redirect_chain[-1][0] == f"{BASE}labels/"
    told = text_of(answer.content)
    assert "2 个单号正在向快递接口取，到号后面单自动做好" in told
    assert "2 个单号正在向快递接口取" in text_of(client.get(f"{BASE}labels/").content)
    assert "向快递接口取号，2 个已经在取" in text_of(client.post(f"{BASE}orders/labels/", asked).content)
    desk.fake.refuses = {reference_of(owner.shop_id, desk.rows()[0].id)}
    desk.round(1)
    told = text_of(client.get(f"{BASE}orders/{orders[0]}/").content)
    assert "被拒绝" in told
    assert "快递接口拒绝了" in told
    assert "其中 1 个被拒绝" in text_of(client.get(f"{BASE}labels/").content)
    desk.fake.refuses = set()
    stock = make_contract(owner.shop_id, "用库存", carrier="ZTO")
    buy(owner, stock, 3)
    third = make_order(owner.shop_id, 3, now=NOW, quantities=(1,))
    label = Label.objects.get(shop_id=owner.shop_id)
    both = {"ids": f"{orders[0]},{orders[1]}", "printer": str(printer.id), "contract": str(contract.id)}
    answer = client.post(f"{BASE}orders/labels/make/", both, follow=True)
    told = text_of(answer.content)
    assert "1 张面单已排队打印" in told
    assert "1 个单号正在向快递接口取" in told
    assert PrintDocument.objects.get(shop_id=owner.shop_id).label_id == label.id
    desk.round(1)
    assert Label.objects.filter(shop_id=owner.shop_id).count() == 2
    spoilt = Label.objects.filter(shop_id=owner.shop_id).latest("id")
    anew = {"ids": str(spoilt.id), "printer": str(printer.id), "how": "new", "reason": "面单破损"}
    answer = client.post(f"{BASE}labels/print/", anew, follow=True)
    assert "1 个单号正在向快递接口取" in text_of(answer.content)
    desk.round(1)
    fresh = Label.objects.get(shop_id=owner.shop_id, replaces_id=spoilt.id)
    spoilt.refresh_from_db()
    assert (fresh.voided_at, spoilt.void_reason) == (None, "面单破损")
    only = client.post(f"{BASE}orders/labels/make/", {"ids": f"{third}", "printer": "none", "contract": f"{stock.id}"})
    assert only.status_code == 302


def test_an_account_must_be_named_and_must_serve_the_carrier(owner_account: Account, owner: Actor) -> None:
    client, desk = sign_in(owner_account), Desk(owner, "sf", tracks=False)
    bare = client.post(f"{BASE}contracts/new/", {**TERMS, "carrier": "SF"})
    assert bare.status_code == 422
    assert "选一个快递接口账号" in text_of(bare.content)
    other = client.post(f"{BASE}contracts/new/", {**TERMS, "carrier": "ZTO", "carrier_account_id": str(desk.account)})
    assert other.status_code == 422
    assert "不支持中通快递" in text_of(other.content)
    changed = {**TERMS, "carrier": "SF", "name": desk.contract.name, "numbers": "entered", "masked": ""}
    changed |= {"carrier_account_id": str(desk.account)}
    assert client.post(f"{BASE}contracts/{desk.contract.id}/", changed).status_code == 302
    desk.contract.refresh_from_db()
    assert (desk.contract.carrier_account_id, desk.contract.masked) == (None, False)
    assert 'name="masked"' in client.get(f"{BASE}contracts/{desk.contract.id}/").content.decode()


def test_a_courier_is_told_that_his_numbers_are_awaited(owner: Actor) -> None:
    desk = Desk(owner, "kdniao", at=datetime.now(UTC), tracks=False)
    li = make_courier(desk.contract)
    orders = [make_order(owner.shop_id, n, now=NOW, quantities=(1,)) for n in (1, 2)]
    handing.hand(owner, orders, contract_id=desk.contract.id, now=desk.at)
    client = Client()
    client.force_login(li.user)
    ticked = {"ids": ",".join(map(str, orders)), "to": "phone"}
    for place in ("take", "print"):
        answer = client.post(f"/c/lan/{place}/", ticked, follow=True)
        assert answer.status_code == 200
        assert "2 个单号正在向快递要，到了就能打" in text_of(answer.content)
    desk.round(1)
    answer = client.post("/c/lan/print/", ticked, follow=True)
    assert "2 张面单可以打了" in text_of(answer.content)
