"""The seller's desk: orders, parcels, batches, people, settings; and the doors of everybody."""

from datetime import datetime
from typing import Any, Final

from fahuo.rules.people import Actor
from fahuo.store.models import Shop
from tests.routes.kinds import NONE, Route
from tests.routes.kinds import route as _r
from tests.services.shipping import waybill

FOR_IMPORTS: Final = "import_orders"
ORDERS: Final = ["order_id"]
PARCEL: Final = ["order_id", "parcel_id"]
WORD: Final = "battery staple 9"
TABLE: Final[dict[str, Route]] = {
    "healthz": _r("public", 200, 200),
    "readyz": _r("public", 503, 503),
    "metrics-text": _r("public", 200, 200),
    "home": _r("signed_in", 302, 302),
    "login": _r("public", 302, 302),
    "login-second": _r("public", 302, 302),
    "passkey-ask": _r("public", NONE, 200),
    "passkey-answer": _r("public", NONE, 422),
    "invitation": _r("public", 410, 410, "token"),
    "account": _r("signed_in"),
    "account-sure": _r("signed_in", 200, 302, password="correct horse"),
    "account-app": _r("signed_in", 200, 422, code="x"),
    "account-app-off": _r("signed_in", NONE, 302),
    "account-codes": _r("signed_in", NONE, 422),
    "account-passkey": _r("signed_in"),
    "passkey-new": _r("signed_in", NONE, 200),
    "passkey-add": _r("signed_in", NONE, 422),
    "account-passkey-drop": _r("signed_in", NONE, 404, "passkey"),
    "account-sessions-end": _r("signed_in", NONE, 302),
    "logout": _r("public", NONE, 302),
    "language": _r("public", NONE, 302, language="en"),
    "theme": _r("public", NONE, 302, theme="dark"),
    "password": _r("signed_in", 200, 302, old_password="correct horse", new_password1=WORD, new_password2=WORD),
    "ui": _r("public", 404, 404),
    "start": _r("shop:any", 200, 200),
    "orders": _r("shop:view_orders"),
    "orders-ship": _r("shop:ship", NONE, 302, ids="{order_id}"),
    "orders-export": _r("shop:export_orders", NONE, 200, ids="{order_id}"),
    "orders-flag": _r("shop:edit_memo", NONE, 302, ids="{order_id}", flag="3"),
    "orders-report": _r("shop:set_deadline", NONE, 302, ids="{order_id}", until="{later}"),
    "orders-agree": _r("shop:set_deadline", NONE, 302, ids="{order_id}", agreed="{later}"),
    "orders-called": _r("shop:ship", NONE, 302, ids="{order_id}"),
    "order-row": _r("shop:view_orders", 200, NONE, *ORDERS),
    "papers": _r("shop:print_papers", NONE, 200, ids="{order_id}"),
    "view-save": _r("shop:view_orders", NONE, 302, name="急", query="urged=1"),
    "view-drop": _r("shop:view_orders", NONE, 302, "view_id"),
    "order": _r("shop:view_orders", 200, NONE, *ORDERS),
    "order-memo": _r("shop:edit_memo", NONE, 302, *ORDERS, memo="x"),
    "order-flag": _r("shop:edit_memo", NONE, 302, *ORDERS, flag="2"),
    "order-reveal": _r("shop:reveal_receiver", NONE, 200, *ORDERS),
    "order-urge": _r("shop:view_orders", NONE, 302, *ORDERS),
    "order-agree": _r("shop:set_deadline", NONE, 302, *ORDERS, until="{later}"),
    "order-report": _r("shop:set_deadline", NONE, 302, *ORDERS, until="{later}"),
    "order-settle": _r("shop:ship", NONE, 302, *ORDERS),
    "order-called": _r("shop:ship", NONE, 302, *ORDERS),
    "order-ship": _r("shop:ship", 200, 302, *ORDERS, carrier="ZTO", waybill=waybill(73)),
    "order-check": _r("shop:ship", 200, NONE, *ORDERS),
    "parcel-correct": _r("shop:ship", NONE, 302, *PARCEL, carrier="ZTO", waybill=waybill(72)),
    "parcel-void": _r("shop:ship", NONE, 302, *PARCEL),
    "parcel-picked-up": _r("shop:ship", NONE, 302, *PARCEL),
    "find": _r("shop:view_orders"),
    "import": _r("shop:import_orders", 200, 302, file="{orders}"),
    "import_sample": _r("shop:import_orders", 404, NONE, "name"),
    "batch_new": _r("shop:ship", 302, 302, file="{numbers}", carrier="ZTO"),
    "batch_addresses": _r("shop:export_orders", NONE, 200, "waiting", carrier="ZTO"),
    "batch_carrier": _r("shop:ship", NONE, 302, "waiting", carrier="YTO"),
    "batch_numbers": _r("shop:ship", NONE, 302, "waiting", file="{numbers}", carrier="ZTO"),
    "batch_run": _r("shop:ship", 302, 302, "waiting", carrier="ZTO", first=waybill(80)),
    "batch_upload_file": _r("shop:ship", NONE, 200, "shipped"),
    "batches": _r("shop:view_orders", 200, 200),
    "batch": _r("shop:view_orders", 200, 200, "waiting"),
    "batch_progress": _r("shop:view_orders", 302, 302, "waiting"),
    "batch_problems": _r("shop:view_orders", 200, 200, "imported", also=FOR_IMPORTS, both=True),
    "batch_columns": _r("shop:view_orders", NONE, 302, "unknown", also=FOR_IMPORTS, **{"column-0": "number"}),
    "batch_commit": _r("shop:view_orders", NONE, 302, "imported", also=FOR_IMPORTS),
    "batch_close": _r("shop:view_orders", NONE, 302, "waiting", also="ship"),
    "batch_reopen": _r("shop:view_orders", NONE, 302, "imported", also=FOR_IMPORTS),
    "batch_undo": _r("shop:view_orders", NONE, 302, "shipped", also="ship"),
    "batch_hand_over": _r("shop:view_orders", NONE, 302, "shipped", also="ship"),
    "people": _r("shop:manage_people", 200, 200),
    "person_new": _r("shop:manage_people", 200, 200, account="fresh", name="新"),
    "person": _r("shop:manage_people", 200, 302, "member", name="闲"),
    "person_off": _r("shop:manage_people", NONE, 302, "member"),
    "person_on": _r("shop:manage_people", NONE, 302, "member"),
    "person_password": _r("shop:manage_people", NONE, 200, "member"),
    "person_link": _r("shop:manage_people", NONE, 200, "member"),
    "person_unlink": _r("shop:manage_people", NONE, 302, "member"),
    "person_factors": _r("shop:manage_people", NONE, 422, "member"),
    "people_factor": _r("shop:manage_people", NONE, 422, on="1"),
    "settings": _r("shop:configure_shop", 200, 302, name="兰草小铺"),
    "settings-tasks": _r("shop:configure_shop", 200, 302, here="1"),
    "template_new": _r("shop:configure_shop", 200, 302, name="表", purpose="address", format="csv", heading="单号", field="number"),
    "template": _r("shop:configure_shop", 200, 302, "template", name="新表", format="csv", heading="单号", field="number"),
    "template_drop": _r("shop:configure_shop", NONE, 302, "template"),
    "column_map_forget": _r("shop:configure_shop", NONE, 302, "columns"),
    "preferences": _r("shop:any", NONE, 302, table="orders", column="title"),
}  # fmt: skip
"""Name of a route -> what it asks and answers. Who is signed in already is sent on from the sign-in page."""


def example(world: dict[str, Any], shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    """A link that opens nothing, and nobody's passkey."""
    return {"token": "none", "passkey": 0}
