"""The bench and the couriers' pickups. The example: a contract, a packed label, and a manifest with it that is open."""

from datetime import datetime, timedelta
from typing import Any, Final

from fahuo.rules.people import Actor
from fahuo.services import pickups
from fahuo.store.models import PickupCall, Shop
from tests.routes.kinds import NONE, Route
from tests.routes.kinds import route as _r
from tests.services.parcelling import make_contract, make_label
from tests.services.shipping import waybill

NUMBER: Final = 71
"""The order and the waybill number of the example's label."""
TABLE: Final[dict[str, Route]] = {
    "station": _r("shop:pack"),
    "station-scan": _r("shop:pack", NONE, 200, scan="{label_number}"),
    "station-done": _r("shop:pack"),
    "station-codes": _r("shop:pack"),
    "pickups": _r("shop:view_labels"),
    "pickups-left": _r("shop:view_labels"),
    "pickup-call": _r("shop:hand_over", NONE, 302, contract="{pickup_contract}", at="{soon}"),
    "pickup-begin": _r("shop:hand_over", NONE, 302, pickup="{called_pickup}"),
    "pickup": _r("shop:view_labels", 200, NONE, "pickup_id"),
    "pickup-add": _r("shop:hand_over", NONE, 200, "pickup_id", scan="{label_number}"),
    "pickup-remove": _r("shop:hand_over", NONE, 302, "pickup_id", number="{label_number}"),
    "pickup-sign": _r("shop:hand_over", NONE, 302, "pickup_id", count="1", courier="王师傅"),
    "pickup-cancel": _r("shop:hand_over", NONE, 302, "pickup_id"),
    "pickup-again": _r("shop:hand_over", NONE, 302, "asked_pickup"),
    "pickup-settled": _r("shop:hand_over", NONE, 302, "asked_pickup"),
    "pickup-paper": _r("shop:view_labels", 200, NONE, "pickup_id"),
}


def example(world: dict[str, Any], shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    """What these addresses name."""
    contract = make_contract(shop.id, name="station", now=now)
    make_label(owner, contract, NUMBER, now=now, state="packed")
    opened = pickups.call(owner, contract.id, at=now, now=now)
    pickups.add_packed(owner, opened, now=now)
    asked = pickups.call(owner, contract.id, at=now + timedelta(hours=2), now=now)
    PickupCall.objects.create(
        shop_id=shop.id, pickup_id=asked, account_id=1, state="refused", problem={"code": "carrier_cannot"}, made_at=now
    )
    return {
        "asked_pickup": asked, "pickup_id": opened, "pickup_contract": contract.id, "label_number": waybill(NUMBER),
        "called_pickup": pickups.call(owner, contract.id, at=now + timedelta(hours=1), now=now),
        "soon": f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}",
    }  # fmt: skip
