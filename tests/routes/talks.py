"""Conversations, the automatic reply, and urges that are entered for an outside marketplace."""

from datetime import datetime, timedelta
from typing import Any, Final

from fahuo.rules.people import Actor, BuyerActor
from fahuo.services import messages
from fahuo.store.models import Shop
from tests.routes.kinds import BUYER, NONE, Route
from tests.routes.kinds import route as _r
from tests.services.shipping import make_order, order_number

WRITE: Final = "shop:send_messages"
ENTER: Final = "shop:enter_urges"
TABLE: Final[dict[str, Route]] = {
    "talks": _r(WRITE),
    "talks-count": _r(WRITE),
    "talks-automatic": _r(WRITE, 200, 302, also="configure_shop", body="稍等", start="22:00", end="08:00"),
    "talk": _r(WRITE, 200, NONE, "order_id"),
    "talk-lines": _r(WRITE, 200, NONE, "order_id"),
    "talk-say": _r(WRITE, NONE, 302, "order_id", body="明天发"),
    "talk-seen": _r(WRITE, NONE, 204, "order_id", until="1"),
    "talk-rest": _r(WRITE, NONE, 302, "order_id", until="1"),
    "urges": _r(ENTER, 200, 302, number="{urged}", at="{urged_at}", due_at="{later}"),
    "urges-sheet": _r(ENTER, 302, 302, file="{orders}"),
    "urges-empty": _r(ENTER),
}


def example(world: dict[str, Any], shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    """A message of the example's buyer, and an order of yesterday."""
    messages.send(BuyerActor(shop.id, BUYER), world["order_id"], body="在吗", now=now)
    make_order(shop.id, 60, now=now - timedelta(days=1), buyer=BUYER)
    return {"urged": order_number(60), "urged_at": f"{now:%Y-%m-%dT%H:%M}"}
