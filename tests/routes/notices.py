"""消息: reminders, the popup and the line, the subscription and the channels."""

from datetime import datetime
from typing import Any, Final

from fahuo.rules.people import Actor
from fahuo.services import channels
from fahuo.store.models import Shop
from tests.routes.kinds import NONE, Route
from tests.routes.kinds import route as _r

CHANNEL: Final = ["channel"]
SHOPS: Final[dict[str, Any]] = {"also": "configure_shop", "both": True}
"""The example's channel is the shop's."""
TABLE: Final[dict[str, Route]] = {
    "live": _r("shop:send_messages", 200, NONE),
    "notices": _r("shop:view_tasks", 200, NONE),
    "notices-popup": _r("shop:view_tasks", 200, NONE),
    "notices-seen": _r("shop:view_tasks", NONE, 204, ids="1,2"),
    "notices-all-seen": _r("shop:view_tasks", NONE, 302),
    "subscription": _r("shop:view_tasks", 200, 302, todo_notice="on"),
    "channel-new": _r("shop:any", 200, 302, also="view_tasks", both=True, kind="wecom", token="k-1"),
    "channel": _r("shop:any", 200, 302, *CHANNEL, **SHOPS, name="群"),
    "channel-drop": _r("shop:any", NONE, 302, *CHANNEL, **SHOPS),
    "channel-try": _r("shop:any", NONE, 302, *CHANNEL, **SHOPS),
    "channel-messages": _r("shop:any", 200, NONE, *CHANNEL, **SHOPS),
}


def example(world: dict[str, Any], shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    """A channel of the shop."""
    made = channels.add(owner, kind="wecom", name="", fields={"token": "k-1"}, of_shop=True, now=now)
    return {"channel": made}
