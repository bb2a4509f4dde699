"""A shop is set up by a program alone: contract, prices, stock, rule, sheet in, batch, workbook out."""

from base64 import b64decode, b64encode
from datetime import datetime
from typing import Any

import pytest

from fahuo.api.calls import Request
from fahuo.services import batches
from fahuo.services.sealing import opened_fields
from fahuo.store.models import CarrierAccount, Shop
from tests.api.conftest import Caller
from tests.carriers.carrier import SETTINGS
from tests.services.shipping import make_order, order_number, waybill
from tests.services.test_rulebooks import NEW


def test_a_contract_its_prices_its_stock_and_a_rule(shop: Shop, api: Caller, now: datetime) -> None:
    terms = {"carrier": "ZTO", "name": "中通西湖三部", "pickup_times": ["16:30", "11:00"], "sender_name": "兰\u0000草"}
    contract = api.post("/contracts", terms).data["id"]
    told = api.get(f"/contracts/{contract}").data
    assert (told["pickup_times"], told["sender_name"]) == (["11:00", "16:30"], "兰草")
    again = api("PUT", f"/contracts/{contract}", {**terms, "name": "中通"}).data
    assert again["name"] == "中通"
    prices = {"rows": [{"first_price": "4.00", "next_price": "2.00"}, {"region": "54", "served": False}]}
    assert api("PUT", f"/contracts/{contract}/tariffs", prices).data == {"changed": True}
    assert api("PUT", f"/contracts/{contract}/tariffs", prices).data == {"changed": False}
    quote = api.get(f"/contracts/{contract}/quote?region=310104&grams=1200").data
    assert (quote["why"], quote["price"]) == ("priced", "6.00")
    assert api.get(f"/contracts/{contract}/quote?region=540102").data["why"] == "not_served"
    run = {"first": waybill(1), "count": 3, "price": "0.80", "bought_on": "2026-03-02"}
    assert api.post(f"/contracts/{contract}/number-runs", run).data["count"] == 3
    stock = api.get(f"/contracts/{contract}/stock").data
    assert (stock["left"], stock["bought"], stock["runs_out_at"]) == (3, "2.40", None)
    page = api.get(f"/contracts/{contract}/numbers?state=free&limit=2").data
    rest = api.get(f"/contracts/{contract}/numbers?state=free&limit=2&cursor={page['next']}").data
    assert [row["number"] for row in page["rows"] + rest["rows"]] == [waybill(n) for n in (1, 2, 3)]
    assert rest["next"] is None
    moves = api.get(f"/contracts/{contract}/numbers/{waybill(2)}").data["moves"]
    assert [move["act"] for move in moves] == ["buy"]
    rule = api.post("/carrier-rules", {"contract_id": contract, "memo": ["中通"]}).data["id"]
    make_order(shop.id, 1, now=now)
    assert api.post("/orders/contracts", {"orders": [order_number(1)]}).data["without"] == 0
    why = api.get(f"/orders/{order_number(1)}/contract").data
    assert (why["rule_id"], [offer["contract_id"] for offer in why["offers"]]) == (None, [contract])
    assert api("DELETE", f"/carrier-rules/{rule}").status == 200
    assert api("DELETE", f"/carrier-rules/{rule}").code == "carrier_rule_unknown"
    acts = [row["act"] for row in api.get("/journal").data["rows"]]
    assert acts[:3] == ["carrier_rule.dropped", "order.assigned", "carrier_rule.kept"]
    made = api.get("/journal?act=contract.made&limit=1").data
    assert ([row["after"]["contract"] for row in made["rows"]], made["next"]) == ([contract], None)
    assert api.get("/journal?cursor=x").code == "cursor_unknown"


def test_a_sheet_comes_in_and_a_workbook_goes_out(shop: Shop, api: Caller, now: datetime) -> None:
    make_order(shop.id, 1, now=now)
    sheet = b64encode(f"订单编号,运单号\n{order_number(1)},{waybill(1)}\n3001,1\n".encode()).decode()
    sent = api.post("/sheets", {"kind": "shipments", "name": "C:\\发货.csv", "content": sheet, "carrier": "ZTO"})
    batch = sent.data["id"]
    assert batches.work(shop.id, batch, now=now)
    assert api.get(f"/batches/{batch}").data["batch"]["name"] == "发货.csv"
    problems = api.get(f"/batches/{batch}/problems").data
    assert (problems["name"][-5:], b64decode(problems["content"])[:2]) == (".xlsx", b"PK")
    assert api.post("/sheets", {"kind": "numbers", "name": "n.csv", "content": sheet}).code == "contract_unknown"
    assert api.post("/sheets", {"kind": "orders", "name": "n.csv", "content": "no base64"}).code == "body_shape"
    assert api.post("/orders/sheet", {"orders": ["1"]}).code == "order_unknown"


def test_a_shop_elsewhere_has_rules_of_its_own(shop: Shop, api: Caller) -> None:
    assert api.post("/rulebook/additions", {"text": NEW}).code == "rulebook_of_platform"
    assert api("PUT", "/shop/tasks-here", {"here": False}).data == {"changed": True}
    found: Any = api.post("/rulebook/additions/check", {"text": NEW}).data
    assert (found["name"], found["orders"], found["differ"]) == ("taobao-2027", 0, 0)
    made = api.post("/rulebook/additions", {"text": NEW}).data["id"]
    assert [(row["id"], row["own"]) for row in api.get("/rulebook/additions").data["rows"]] == [(made, True)]
    assert api.post(f"/rulebook/additions/{made}/withdrawn").data == {"changed": True}


@pytest.mark.parametrize("name", ["a b", "甲", "a" * 129, "\x7f"])
def test_a_call_has_a_name_of_visible_letters_or_none(api: Caller, name: str) -> None:
    assert api.post("/skus/named", Idempotency_Key=name).code == "idempotency_key"


def test_a_push_address_is_of_a_name_of_ours(shop: Shop, api: Caller, now: datetime) -> None:
    sent = {"kind": "kuaidi100", "name": "快递100", "fields": SETTINGS["kuaidi100"]}
    made = api.post("/carrier-accounts", sent, Host="localhost").data["id"]
    kept = opened_fields(CarrierAccount.objects.get(shop_id=shop.id, id=made).settings)
    assert kept["push_address"].startswith("http://localhost/push/carriers/lan/")
    for host, origin in (("localhost:8000", "https://localhost:8000"), ("evil.example", ""), ("", "")):
        assert Request("POST", "/", "", {"host": host}, lambda most: b"", now).origin == origin
