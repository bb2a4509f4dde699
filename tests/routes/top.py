"""The addresses of the Taobao-compatible gateway: anyone may ask, and the call itself says who it is."""

from datetime import datetime
from typing import Any, Final

from fahuo.rules.people import Actor
from fahuo.store.models import Shop
from tests.routes.kinds import Route, route

TABLE: Final[dict[str, Route]] = {
    "top-rest": route("top", 200, 200),
    "top-token": route("top", 405, 401),
    "marketplace-push": route("push", 405, 404, "shop", "push_key"),
}


def example(world: dict[str, Any], shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    return {"push_key": "nobody-s"}
