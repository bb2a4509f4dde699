"""Connectors to marketplaces: the conformance suite over each, and what is read of recorded answers."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fahuo.connectors
from fahuo.connectors.check import NOW, SINCE, check, main, recorded_in
from fahuo.connectors.contract import Found, Outcome, Shipment, Trouble
from fahuo.connectors.marketplaces import marketplaces
from fahuo.connectors.taobao import TAOBAO, reading
from fahuo.connectors.taobao.connector import TaobaoConnector
from fahuo.connectors.web import Answer, Request, Unanswered
from fahuo.connectors.woocommerce import WOOCOMMERCE
from fahuo.connectors.woocommerce.connector import WooConnector

HERE = Path(fahuo.connectors.__file__).parent


@pytest.mark.parametrize("name", sorted(marketplaces()))
def test_each_connector_keeps_the_contract(name: str) -> None:
    assert check(marketplaces()[name], recorded_in(HERE / name / "payloads")) == []


class Careless(TaobaoConnector):
    """Breaks the contract in ways that are easily overlooked."""

    def confirm(self, shipments: Any) -> list[Outcome]:
        body = self.transport(Request("POST", self.settings["gateway"], {}, b"logistics.offline.send")).body
        return [Outcome("done")] if body else []

    def read(self, refs: Any) -> list[Found]:
        return list(reversed(super().read(refs)))


def test_the_suite_finds_what_breaks_the_contract() -> None:
    complaints = check(replace(TAOBAO, make=Careless), recorded_in(HERE / "taobao" / "payloads"))
    said = "\n".join(complaints)
    assert "read: not the same orders" in said
    assert "confirm: not one outcome a row" in said
    assert "Unanswered instead of Trouble" in said


def test_the_suite_as_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["taobao", str(HERE / "taobao" / "payloads")]) == 0
    assert capsys.readouterr().out == "keeps the contract\n"
    assert main(["taobao"]) == 2


def taobao() -> TaobaoConnector:
    recorded = recorded_in(HERE / "taobao" / "payloads")
    return TaobaoConnector(recorded.settings, recorded.reply, NOW)


def test_a_recorded_trade_becomes_an_order() -> None:
    good, odd = [found for page in taobao().changes(SINCE, NOW) for found in page]
    draft = good.draft
    assert draft is not None
    assert (good.ref, good.urged, good.masked, good.waits) == ("3141592653589793238", True, True, True)
    assert good.mark.startswith("1W0Iic")
    assert draft.channel_deadline == datetime(2026, 3, 4, 3, 0, tzinfo=UTC)
    assert draft.promised_until is None  # "付款后2天内" is no moment
    assert (draft.paid_amount, draft.refund_status, draft.region) == (Decimal("76.00"), "requested", "330106")
    assert draft.buyer == "t**1#tTTGYPRl"
    assert [(line.number, line.refund_status, line.amount) for line in draft.lines] == [
        ("3141592653589793239", "none", Decimal("37.00")), ("3141592653589793240", "requested", Decimal("37.00")),
    ]  # fmt: skip
    assert odd.draft is None
    assert odd.problem is not None
    assert odd.problem.data["field"] == "status"


def test_an_order_that_left_under_our_number_is_done_whatever_is_answered() -> None:
    done = taobao().confirm([Shipment("3141592653589793238", "ZTO", "75330000000777")])
    assert done == [Outcome("done")]
    other = recorded_in(HERE / "taobao" / "payloads")

    def refuse(request: Request) -> Answer:
        return other.reply(replace(request, body=request.body.replace(b"75330000000888", b"75330000000777")))

    refused = TaobaoConnector(other.settings, refuse, NOW).confirm(
        [Shipment("3141592653589793238", "ZTO", "75330000000888")]
    )
    assert refused[0].verdict == "refused"
    assert refused[0].problem is not None
    assert refused[0].problem.code == "marketplace_other_number"


def test_a_ban_ends_the_work_and_says_for_how_long() -> None:
    ban = {"error_response": {"code": 7, "sub_code": "accesscontrol.limited-by-app-access-count",
                              "sub_msg": "This ban will last for 31062 more seconds"}}  # fmt: skip
    calls: list[Request] = []

    def banned(request: Request) -> Answer:
        calls.append(request)
        return Answer(200, {}, json.dumps(ban).encode())

    made = TaobaoConnector(recorded_in(HERE / "taobao" / "payloads").settings, banned, NOW)
    outcomes = made.confirm([Shipment(str(n), "ZTO", "1") for n in range(5)])
    assert [(o.verdict, o.seconds) for o in outcomes] == [("again", 31062)] * 5
    assert len(calls) == 1


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["trade", "trades", "order", "orders", "tid", "total_results", "status", "oid"]), inner, max_size=4), max_leaves=8)  # fmt: skip


@given(JSON)
def test_any_json_is_an_order_a_problem_or_trouble(value: Any) -> None:
    if isinstance(value, dict):
        found = reading.found_of(value)
        assert (found.draft is None) != (found.problem is None)
    body = json.dumps({"trades_sold_increment_get_response": value}).encode()
    made = TaobaoConnector(recorded_in(HERE / "taobao" / "payloads").settings, lambda _: Answer(200, {}, body), NOW)
    try:
        for page in made.changes(SINCE, NOW):
            assert all(isinstance(found, Found) for found in page)
            break
    except Trouble:
        pass


# --- WooCommerce ---


class Shop:
    """A WooCommerce of a few lines: orders in memory, changed by PUT."""

    def __init__(self, *orders: dict[str, Any]) -> None:
        self.orders = {str(order["id"]): order for order in orders}
        self.puts = 0

    def __call__(self, request: Request) -> Answer:
        path = request.url.partition("?")[0]
        if path.endswith("/orders"):
            body: Any = list(self.orders.values())
        else:
            order = self.orders[path.rpartition("/")[2]]
            if request.method == "PUT":
                self.puts += 1
                order.update(json.loads(request.body))
            body = order
        return Answer(200, {"x-wp-totalpages": "1"}, json.dumps(body).encode())


def woo(transport: Any) -> WooConnector:
    return WooConnector(recorded_in(HERE / "woocommerce" / "payloads").settings, transport, NOW)


def recorded_order(**more: Any) -> dict[str, Any]:
    order: dict[str, Any] = json.loads((HERE / "woocommerce" / "payloads" / "order.json").read_text("utf-8"))
    return {**order, **more}


def test_a_woocommerce_order_becomes_an_order() -> None:
    found = woo(Shop(recorded_order())).read(["727", "9"])
    draft = found[0].draft
    assert draft is not None
    assert (draft.number, draft.status, draft.region, draft.receiver) == (
        "727",
        "awaiting_shipment",
        "330106",
        "张三丰",
    )
    assert (draft.paid_amount, draft.postage, draft.refund_amount) == (
        Decimal("88.00"),
        Decimal("10.00"),
        Decimal("5.00"),
    )
    assert draft.lines[0].sku_code == "MUG-W"
    assert found[1] == Found("9")
    dollars = woo(Shop(recorded_order(currency="USD"))).read(["727"])[0]
    assert dollars.problem is not None
    assert dollars.problem.data["field"] == "currency"


def test_woocommerce_hears_of_each_parcel_once() -> None:
    shop = Shop(
        recorded_order(
            line_items=[
                {"id": 1, "quantity": 1, "total": "1", "name": "a"},
                {"id": 2, "quantity": 1, "total": "1", "name": "b"},
            ]
        )
    )
    part = Shipment("727", "ZTO", "75330000000501", ("1",))
    for _ in range(3):
        assert woo(shop).confirm([part]) == [Outcome("done")]
    assert (shop.puts, shop.orders["727"]["status"]) == (1, "processing")
    assert woo(shop).confirm([Shipment("727", "ZTO", "75330000000502", ("2",))]) == [Outcome("done")]
    assert shop.orders["727"]["status"] == "completed"
    changed = Shipment("727", "ZTO", "75330000000503", ("2",), ("ZTO", "75330000000502"))
    assert woo(shop).confirm([changed]) == [Outcome("done")]
    assert shop.orders["727"]["meta_data"][0]["value"] == [
        ["ZTO", "75330000000501", "1"],
        ["ZTO", "75330000000503", "2"],
    ]


def test_a_woocommerce_webhook_must_be_signed() -> None:
    body = b'{"id": 727}'
    sign = base64.b64encode(hmac.new(b"hook", body, hashlib.sha256).digest()).decode()
    assert woo(Shop()).read_push({"x-wc-webhook-signature": sign}, {}, body).refs == ("727",)
    for headers in ({}, {"x-wc-webhook-signature": "x"}):
        with pytest.raises(Trouble):
            woo(Shop()).read_push(headers, {}, body)


def test_a_lost_answer_of_a_put_is_seen_the_next_time() -> None:
    shop = Shop(recorded_order())

    def lossy(request: Request) -> Answer:
        answer = shop(request)
        if request.method == "PUT":
            raise Unanswered("timeout", sent=True)
        return answer

    row = Shipment("727", "ZTO", "75330000000501")
    assert woo(lossy).confirm([row])[0].verdict == "again"
    assert woo(shop).confirm([row]) == [Outcome("done")]
    assert shop.puts == 1
    assert WOOCOMMERCE.pushes
