"""The addresses of the Taobao-compatible gateway: anyone may ask, and the call itself says who it is."""

from datetime import datetime
from typing import Any, Final

from fahuo.rules.people import Actor
from fahuo.services import gateway, marketplaces
from fahuo.store.models import Shop
from tests.routes.kinds import Route, route

TABLE: Final[dict[str, Route]] = {
    "top-rest": route("top", 200, 200),
    "top-token": route("top", 405, 401),
    "gateway-apps": route("shop:configure_shop", 200, 200, name="ERP"),
    "gateway-issue": route("shop:configure_shop", 405, 200, "app"),
    "gateway-renew": route("shop:configure_shop", 405, 200, "app"),
    "gateway-switch": route("shop:configure_shop", 405, 302, "app", active="1"),
    "gateway-end": route("shop:configure_shop", 405, 302, "session"),
    "gateway-authorise": route("signed_in", 422, 422),
    "marketplaces": route("shop:view_orders"),
    "marketplace-connect": route(
        "shop:configure_shop", 200, 302, "kind", address="https://w.example", key="k", secret="s"
    ),
    "marketplace": route("shop:view_orders", 200, 405, "marketplace"),
    "marketplace-change": route("shop:configure_shop", 405, 302, "marketplace", app_key="1"),
    "marketplace-drop": route("shop:configure_shop", 405, 302, "marketplace"),
    "marketplace-hurry": route("shop:ship", 405, 302, "marketplace"),
    "marketplace-again": route("shop:ship", 405, 302, "marketplace"),
    "marketplace-settled": route("shop:ship", 405, 302, "marketplace", confirmation="1"),
    "marketplace-authorise": route("shop:configure_shop", 405, 200, "marketplace"),
    "marketplace-callback": route("signed_in", 404),
    "marketplace-push": route("push", 405, 404, "shop", "push_key"),
}


def example(world: dict[str, Any], shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    _, key, _ = gateway.register(owner, name="ERP", now=now)
    made = marketplaces.connect(owner, "taobao", {"app_key": "1", "app_secret": "2"}, now=now)
    session = gateway.issue(owner, key, now=now).caller.session_id
    return {"push_key": "nobody-s", "app": int(key), "session": session, "marketplace": made, "kind": "woocommerce"}
