"""The courier's face, and what the shop does with couriers. The example's courier has one order, of a contract that has
a stock of numbers nobody filled; orders, labels and pickups of another contract are asked for in test_courier_walls.py."""

from datetime import datetime
from typing import Any, Final

from fahuo.rules.people import Actor
from fahuo.services import handing
from fahuo.store.models import Shop
from tests.routes.kinds import BUYER, NONE, Route
from tests.routes.kinds import route as _r
from tests.services.contracts import make_contract, make_courier
from tests.services.shipping import make_order, waybill

ONE: Final = ("shop", "handed_order")
SHOP: Final = ("shop",)
PEOPLE: Final = "shop:manage_couriers"
HAND: Final = "shop:hand_to_couriers"
TABLE: Final[dict[str, Route]] = {
    "couriers": _r(PEOPLE),
    "couriers-new": _r(PEOPLE, 200, 200, account="xiaoli", name="小李", contract="{contract}"),
    "couriers-one": _r(PEOPLE, 200, 302, "courier", name="小王", contract="{contract}"),
    "couriers-close": _r(PEOPLE, NONE, 302, "courier"),
    "couriers-open": _r(PEOPLE, NONE, 302, "courier"),
    "couriers-password": _r(PEOPLE, NONE, 422, "courier"),
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
}


def example(world: dict[str, Any], shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    """A courier of one contract with one order in his hands."""
    contract = make_contract(shop.id, now=now)
    account = make_courier(contract, "lan:kuaidi")
    order = make_order(shop.id, 70, now=now, buyer=BUYER)
    handing.hand(owner, [order], contract_id=contract.id, now=now)
    return {"contract": contract.id, "courier": account.courier.id, "handed_order": order}
