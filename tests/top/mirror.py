"""Our connector against our gateway: a shop here that is the market's seller, and the same seller's desk as a second shop.

The market's side is the gateway over one shop; the merchant's side is another shop, connected to it. `wire` carries the
connector's requests to the gateway, as a real network would on a bad day: see `Fault`.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from django.test import Client

from fahuo.connectors.web import Answer, Request, Unanswered
from fahuo.rules.people import Actor
from fahuo.services import gateway, marketplace_sync, marketplaces
from fahuo.store.models import Confirmation, Marketplace, MarketplaceOrder, Order, Parcel, ParcelOrder, Shop

Fault = Literal[
    "", "timeout", "lost_answer", "twice", "half_page", "cut_off", "garbage", "not_json", "http_502", "limited", "isp",
    "empty", "other_root",
]  # fmt: skip
FAULTS: tuple[Fault, ...] = (
    "timeout", "lost_answer", "twice", "half_page", "cut_off", "garbage", "not_json", "http_502", "limited", "isp",
    "empty", "other_root",
)  # fmt: skip

BANNED = {"error_response": {"code": 7, "msg": "App Call Limited", "sub_code": "accesscontrol.limited-by-api-access-count",
                             "sub_msg": "This ban will last for 3 more seconds", "request_id": "x"}}  # fmt: skip
ISP = {"error_response": {"code": 15, "msg": "Remote service error", "sub_code": "isp.top-remote-connection-timeout",
                          "sub_msg": "again", "request_id": "x"}}  # fmt: skip


@dataclass
class Wire:
    """Carries requests to the gateway in this process; each call takes the next fault of the schedule, then none."""

    faults: Iterator[Fault] = field(default_factory=lambda: iter(()))
    calls: list[str] = field(default_factory=list)
    client: Client = field(default_factory=Client)

    def schedule(self, faults: Sequence[Fault]) -> None:
        self.faults = iter(faults)

    def __call__(self, request: Request) -> Answer:
        fault = next(self.faults, "")
        self.calls.append(fault)
        if fault == "timeout":
            raise Unanswered("timeout", sent=False)
        if fault == "limited":
            return _answer(BANNED)
        if fault == "isp":
            return _answer(ISP)
        if fault == "http_502":
            return Answer(502, {}, b"<html>Bad Gateway</html>")
        answer = self._send(request)
        if fault == "twice":
            answer = self._send(request)
        return _spoilt(answer, fault)

    def _send(self, request: Request) -> Answer:
        path = urlsplit(request.url).path
        said = self.client.generic(request.method, path, request.body, "application/x-www-form-urlencoded")
        return Answer(said.status_code, {}, said.content)


def _answer(body: Any) -> Answer:
    return Answer(200, {}, json.dumps(body).encode())


def _spoilt(answer: Answer, fault: Fault) -> Answer:
    if fault == "lost_answer":
        raise Unanswered("timeout", sent=True)
    if fault == "cut_off":
        return Answer(200, {}, answer.body[: len(answer.body) // 2])
    if fault == "garbage":
        return Answer(200, {}, b'{"trades_sold_increment_get_response":{"trades":"none","total_results":-1}}')
    if fault == "not_json":
        return Answer(200, {}, b"<error_response><code>1</code></error_response>")
    if fault == "empty":
        return Answer(200, {}, b"")
    if fault == "other_root":
        return Answer(200, {}, b'{"time_get_response":{"time":"2026-01-01 00:00:00"}}')
    if fault == "half_page":
        body = json.loads(answer.body)
        for root in body.values():
            trades = root.get("trades", {}).get("trade") if isinstance(root, dict) else None
            if trades:
                root["trades"]["trade"] = trades[: len(trades) // 2]
        return _answer(body)
    return answer


class Mirror:
    """Market and merchant, and a clock that both go by."""

    def __init__(self, market: Actor, merchant: Actor, now: datetime, **settings: Any) -> None:
        self.market, self.merchant, self.at = market, merchant, now
        self.wire = Wire()
        _, self.key, self.secret = gateway.register(market, name="发货台", per_second=1000, now=now)
        self.session = gateway.issue(market, self.key, now=now).token
        fields = {
            "app_key": self.key, "app_secret": self.secret, "session": self.session,
            "gateway": "https://gw.example/router/rest",
        }  # fmt: skip
        self.id = marketplaces.connect(merchant, "taobao", fields, now=now, **settings)

    def now(self) -> datetime:
        return self.at

    def wait(self, **span: int) -> None:
        self.at += timedelta(**span)

    def round(self, faults: Sequence[Fault] = (), *, moment: Callable[[], datetime] | None = None) -> None:
        """One round of the merchant's clock, on a wire with these faults."""
        self.wire.schedule(faults)
        marketplaces.hurry(self.merchant, self.id, now=self.at)
        marketplace_sync.run_due(self.merchant.shop_id, moment=moment or self.now, send=self.wire)

    def row(self) -> Marketplace:
        return Marketplace.objects.get(shop_id=self.merchant.shop_id, id=self.id)

    def settle(self, rounds: int = 30) -> None:
        """Rounds without faults, time passing, until nothing waits."""
        for _ in range(rounds):
            self.wait(minutes=11)
            self.round()
            if self.quiet():
                return
        raise AssertionError(f"not in step after {rounds} rounds: {self.row().problem}")

    def quiet(self) -> bool:
        row = self.row()
        mine = {"shop_id": self.merchant.shop_id, "marketplace_id": self.id}
        return (
            not row.trouble and row.backlog_done
            and not Confirmation.objects.filter(**mine, status="waiting").exists()
            and not MarketplaceOrder.objects.filter(**mine, due_at__lte=self.at).exists()
        )  # fmt: skip

    def theirs(self, shop: Shop | Actor) -> dict[str, Order]:
        shop_id = shop.shop_id if isinstance(shop, Actor) else shop.id
        return {order.number: order for order in Order.objects.filter(shop_id=shop_id)}

    def parcels(self, who: Actor) -> dict[str, set[tuple[str, str]]]:
        """Order number -> the (carrier, number) pairs that it left under."""
        orders = {order.id: order.number for order in Order.objects.filter(shop_id=who.shop_id)}
        living = {p.id: (p.carrier, p.waybill) for p in Parcel.objects.filter(shop_id=who.shop_id, voided_at=None)}
        found: dict[str, set[tuple[str, str]]] = {number: set() for number in orders.values()}
        for held in ParcelOrder.objects.filter(shop_id=who.shop_id):
            if held.parcel_id in living:
                found[orders[held.order_id]].add(living[held.parcel_id])
        return found

    def agree(self) -> None:
        """Both sides tell the same, order by order; nothing left twice."""
        market, merchant = self.theirs(self.market), self.theirs(self.merchant)
        assert set(market) == set(merchant)
        for number, theirs in market.items():
            ours = merchant[number]
            assert (number, ours.status) == (number, theirs.status)
            assert (ours.paid_amount, ours.buyer, ours.quantity) == (theirs.paid_amount, theirs.buyer, theirs.quantity)
            assert ours.refund_status == theirs.refund_status, number
        assert self.parcels(self.market) == self.parcels(self.merchant)
