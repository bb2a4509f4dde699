"""快递接口: accounts with carriers' services, and the door of their pushes. The example's account stands at an address that
no call leaves for."""

from datetime import datetime
from typing import Any, Final

from fahuo.rules.people import Actor
from fahuo.services import carriers
from fahuo.services.sealing import seal_fields
from fahuo.store.models import CarrierAccount, Shop
from tests.carriers.carrier import SETTINGS
from tests.routes.kinds import NONE, Route
from tests.routes.kinds import route as _r

LOOK: Final = "shop:view_orders"
SET: Final = "shop:configure_shop"
MAKE: Final = "shop:make_labels"
TABLE: Final[dict[str, Route]] = {
    "carrier-accounts": _r(LOOK),
    "carrier-account": _r(LOOK, 200, NONE, "account_id"),
    "carrier-account-new": _r(SET, 200, 422, kind="sf"),
    "carrier-account-edit": _r(SET, 200, 422, "account_id"),
    "carrier-account-try": _r(SET, NONE, 302, "account_id"),
    "carrier-account-drop": _r(SET, NONE, 302, "account_id"),
    "carrier-account-again": _r(MAKE, NONE, 302, "account_id"),
    "carrier-account-settle": _r(MAKE, NONE, 302, "account_id"),
    "carrier-bind": _r("shop:manage_contracts", NONE, 302, contract="{contract}"),
    "carrier-push": _r("push", 405, 404, "shop", "push_key"),
}  # fmt: skip


def example(world: dict[str, Any], shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    """An account."""
    made = carriers.open_account(owner, "sf", "顺丰", SETTINGS["sf"], now=now)
    CarrierAccount.objects.filter(shop_id=shop.id, id=made).update(
        settings=seal_fields({**SETTINGS["sf"], "gateway": "https://127.0.0.1:9/"})
    )
    return {"account_id": made}
