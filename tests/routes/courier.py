"""The courier's face, and what the shop does with couriers. The example's courier has two orders, one printed, and a pickup.

What another contract has is asked for by its ids in tests/web/test_courier_walls.py."""

from datetime import datetime
from typing import Any, Final

from fahuo.rules.people import Actor
from fahuo.services import courier, courier_pickups, courier_printing, handing
from fahuo.store.models import Shop
from tests.routes.kinds import BUYER, NONE, Route
from tests.routes.kinds import route as _r
from tests.services.contracts import make_contract, make_courier
from tests.services.shipping import make_order, waybill

ONE: Final = ("shop", "handed_order")
SHOP: Final = ("shop",)
JOB: Final = ("shop", "handed_job")
PICKUP: Final = ("shop", "handed_pickup")
PEOPLE: Final = "shop:manage_couriers"
HAND: Final = "shop:hand_to_couriers"
TABLE: Final[dict[str, Route]] = {
    "couriers": _r(PEOPLE),
    "couriers-new": _r(PEOPLE, 200, 200, account="xiaoli", name="小李", contract="{contract}"),
    "couriers-one": _r(PEOPLE, 200, 302, "courier", name="小王", contract="{contract}"),
    "couriers-close": _r(PEOPLE, NONE, 302, "courier"),
    "couriers-open": _r(PEOPLE, NONE, 302, "courier"),
    "couriers-password": _r(PEOPLE, NONE, 422, "courier"),
    "couriers-link": _r(PEOPLE, NONE, 422, "courier"),
    "couriers-unlink": _r(PEOPLE, NONE, 422, "courier"),
    "couriers-auto": _r(PEOPLE, NONE, 302, "contract", on="1"),
    "orders-hand": _r(HAND, NONE, 302, ids="{order_id}", contract="{contract}"),
    "orders-take-back": _r(HAND, NONE, 302, ids="{handed_order}"),
    "order-hand": _r(HAND, NONE, 302, "order_id", contract="{contract}"),
    "order-take-back": _r(HAND, NONE, 302, "handed_order"),
    "order-courier-note": _r(HAND, NONE, 302, "handed_order", note="轻放"),
    "courier": _r("courier", 200, NONE, *SHOP),
    "courier-find": _r("courier", 404, NONE, *SHOP),
    "courier-scan": _r("courier", 302, NONE, *SHOP),
    "courier-order": _r("courier", 200, NONE, *ONE),
    "courier-reveal": _r("courier", NONE, 200, *ONE),
    "courier-enter": _r("courier", NONE, 302, *ONE, waybill=waybill(90)),
    "courier-void": _r("courier", NONE, 422, *ONE, reason="x"),
    "courier-again": _r("courier", NONE, 422, *ONE),
    "courier-take": _r("courier", NONE, 422, *SHOP, ids="{handed_order}"),
    "courier-ship": _r("courier", NONE, 422, *SHOP, ids="{handed_order}"),
    "courier-run": _r("courier", NONE, 200, *SHOP, ids="{handed_order}", first=waybill(91)),
    "courier-addresses": _r("courier", NONE, 200, *SHOP, ids="{handed_order}"),
    "courier-sheet": _r("courier", 200, 200, *SHOP, file="{numbers}"),
    "courier-print": _r("courier", NONE, 422, *SHOP, ids="{handed_order}"),
    "courier-job": _r("courier", 200, NONE, *JOB),
    "courier-job-pdf": _r("courier", 200, NONE, *JOB),
    "courier-job-answer": _r("courier", NONE, 302, *JOB, out="yes"),
    "courier-job-cancel": _r("courier", NONE, 302, *JOB),
    "courier-pickups": _r("courier", 200, NONE, *SHOP),
    "courier-pickup-begin": _r("courier", NONE, 302, *SHOP),
    "courier-pickup": _r("courier", 200, NONE, *PICKUP),
    "courier-pickup-add": _r("courier", NONE, 422, *PICKUP, scan=waybill(93)),
    "courier-pickup-remove": _r("courier", NONE, 302, *PICKUP, number=waybill(93)),
    "courier-pickup-sign": _r("courier", NONE, 422, *PICKUP, count="1"),
}


def example(world: dict[str, Any], shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    """A courier of one contract with orders in his hands, a print job and a pickup."""
    contract = make_contract(shop.id, now=now)
    account = make_courier(contract, "lan:kuaidi")
    order, printed = (make_order(shop.id, n, now=now, buyer=BUYER) for n in (170, 171))
    handing.hand(owner, [order, printed], contract_id=contract.id, now=now)
    courier.enter(account.actor, [(printed, waybill(92))], now=now)
    return {
        "contract": contract.id, "courier": account.courier.id, "handed_order": order,
        "handed_job": courier_printing.send(account.actor, [printed], by_phone=True, now=now).job_id,
        "handed_pickup": courier_pickups.begin(account.actor, now=now),
    }  # fmt: skip
