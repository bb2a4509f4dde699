"""接口: the API's door (a key opens it, whoever is signed in), its documents, and the page of its keys."""

from datetime import datetime
from typing import Any, Final

from fahuo.rules.people import Actor
from fahuo.services import keys, webhooks
from fahuo.store.models import Shop
from tests.routes.kinds import NONE, Route
from tests.routes.kinds import route as _r

TABLE: Final[dict[str, Route]] = {
    "api": _r("public", 401, 401, "rest"),
    "api-docs": _r("public", 200, NONE),
    "machines": _r("shop:manage_machines", 200, 200, name="ERP", scopes="people"),
    "key-revoke": _r("shop:manage_machines", NONE, 302, "key"),
    "hook-new": _r("shop:manage_machines", 200, 200, address="https://erp.example.com/2", which="all"),
    "hook": _r(
        "shop:manage_machines",
        200,
        302,
        "webhook",
        address="https://erp.example.com/3",
        which="some",
        kinds="order.flag",
    ),
    "hook-deliveries": _r("shop:manage_machines", 200, NONE, "webhook"),
    "hook-secret": _r("shop:manage_machines", NONE, 200, "webhook"),
    **{
        f"hook-{act}": _r("shop:manage_machines", NONE, 302, "webhook")
        for act in ("trial", "on", "off", "replay", "drop")
    },
}


def example(world: dict[str, Any], shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    """A key, and an address of the API."""
    made, _ = webhooks.add(owner, name="ERP", address="https://erp.example.com/in", now=now)
    return {"key": keys.make(owner, name="ERP", scopes=["ship"], now=now)[0], "rest": "orders", "webhook": made}
