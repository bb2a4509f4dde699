"""Webhooks: addresses that are told what happens, and what was sent to them."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, Done, Listed, Nothing, Operation, Paged
from fahuo.api.shapes.common import Changed
from fahuo.api.shapes.orders import AN_ORDER

DeliveryStatus = Literal["waiting", "sent", "given_up", "dropped"]


class WebhookIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An address and what it is told: events of these kinds (none: of every kind). `with_receiver`: events of an order
    carry its receiver in full, which needs the scope export."""

    address: Annotated[str, Meta(min_length=1, max_length=500)]
    name: Annotated[str, Meta(max_length=60)] = ""
    kinds: Annotated[list[str], Meta(max_length=100)] = []
    with_receiver: bool = False


class WebhookOut(Struct):
    """A webhook. `off_why`: why it was switched off by itself; `failing_since`: since when nothing was taken well."""

    id: int
    name: str
    address: str
    kinds: list[str]
    with_receiver: bool
    active: bool
    off_why: str
    off_at: datetime | None
    failing_since: datetime | None
    rest_until: datetime | None
    created_at: datetime
    created_by_name: str


class WebhooksOut(Struct):
    """The shop's webhooks."""

    rows: list[WebhookOut]


class MadeWebhook(Struct):
    """A new webhook and its secret, which is told this once."""

    id: int
    secret: str


class SecretOut(Struct):
    """The new secret, which is told this once; the old one signs nothing any more."""

    secret: str


class DeliveryQuery(Paged, kw_only=True):
    """Deliveries in one state, or in any."""

    status: DeliveryStatus | None = None


class DeliveryOut(Struct):
    """One event for the address. `why`: what went wrong last; `due_at`: when it is tried next."""

    id: int
    kind: str
    at: datetime
    number: str | None
    status: str
    why: str
    attempts: int
    due_at: datetime | None
    done_at: datetime | None


class ReplayIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Send deliveries again under their own ids: these, or all that did not get through."""

    ids: Annotated[list[Annotated[int, Meta(ge=1, le=2**63 - 1)]], Meta(max_length=1000)] = []
    failed: bool = False


class KindOut(Struct):
    """A kind of event."""

    kind: str
    zh: str
    en: str


class KindsOut(Struct):
    """Every kind of event that there is."""

    rows: list[KindOut]


class TrialOut(Struct):
    """The trial's delivery."""

    delivery_id: int


_HOOK = WebhookOut(
    81, "ERP", "https://erp.example.com/fahuo", ["parcel.shipped"], False, True, "", None, None, None, AN_INSTANT, "ERP"
)
_IN = WebhookIn("https://erp.example.com/fahuo", "ERP", ["parcel.shipped"])
_PATH = {"webhook_id": "81"}

LIST_KINDS = Operation(
    name="list_event_kinds", method="GET", path="/webhooks/kinds", noun="webhooks", act="manage_machines", zh="事件种类",
    en="Every kind of event", query=Nothing, body=Nothing, out=KindsOut,
    gets=KindsOut([KindOut("parcel.shipped", "发货", "a parcel was shipped")]),
)  # fmt: skip
LIST_WEBHOOKS = Operation(
    name="list_webhooks", method="GET", path="/webhooks", noun="webhooks", act="manage_machines", zh="Webhook 列表",
    en="List webhooks", query=Nothing, body=Nothing, out=WebhooksOut, gets=WebhooksOut([_HOOK]),
)  # fmt: skip
ADD_WEBHOOK = Operation(
    name="add_webhook", method="POST", path="/webhooks", noun="webhooks", act="manage_machines", zh="新建 Webhook",
    en="Tell an address what happens from now on", query=Nothing, body=WebhookIn, out=MadeWebhook, status=201, sends=_IN,
    gets=MadeWebhook(81, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
)  # fmt: skip
GET_WEBHOOK = Operation(
    name="get_webhook", method="GET", path="/webhooks/{webhook_id}", noun="webhooks", act="manage_machines",
    zh="一个 Webhook", en="One webhook", query=Nothing, body=Nothing, out=WebhookOut, gets=_HOOK, parts=_PATH,
    missing=("webhook_unknown",),
)  # fmt: skip
CHANGE_WEBHOOK = Operation(
    name="change_webhook", method="PUT", path="/webhooks/{webhook_id}", noun="webhooks", act="manage_machines",
    zh="修改 Webhook", en="Change a webhook", query=Nothing, body=WebhookIn, out=Done, sends=_IN, gets=Done(), parts=_PATH,
    missing=("webhook_unknown",),
)  # fmt: skip
DROP_WEBHOOK = Operation(
    name="drop_webhook", method="DELETE", path="/webhooks/{webhook_id}", noun="webhooks", act="manage_machines",
    zh="删除 Webhook", en="Delete a webhook with what waits for it", query=Nothing, body=Nothing, out=Done, gets=Done(),
    parts=_PATH, missing=("webhook_unknown",),
)  # fmt: skip
TURN_ON = Operation(
    name="turn_webhook_on", method="POST", path="/webhooks/{webhook_id}/on", noun="webhooks", act="manage_machines",
    zh="启用 Webhook", en="Switch a webhook on", query=Nothing, body=Nothing, out=Done, gets=Done(), parts=_PATH,
    missing=("webhook_unknown",), more="What happened in the last three days while it was off is told, too.",
)  # fmt: skip
TURN_OFF = Operation(
    name="turn_webhook_off", method="POST", path="/webhooks/{webhook_id}/off", noun="webhooks", act="manage_machines",
    zh="停用 Webhook", en="Switch a webhook off", query=Nothing, body=Nothing, out=Done, gets=Done(), parts=_PATH,
    missing=("webhook_unknown",), more="What waits is dropped, and may be replayed.",
)  # fmt: skip
TURN_SECRET = Operation(
    name="turn_webhook_secret", method="POST", path="/webhooks/{webhook_id}/secret", noun="webhooks",
    act="manage_machines", zh="换签名密钥", en="A new secret", query=Nothing, body=Nothing, out=SecretOut,
    gets=SecretOut("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"), parts=_PATH, missing=("webhook_unknown",),
)  # fmt: skip
TRY_OUT = Operation(
    name="try_webhook", method="POST", path="/webhooks/{webhook_id}/trial", noun="webhooks", act="manage_machines",
    zh="试发", en="Send a trial event", query=Nothing, body=Nothing, out=TrialOut, status=201, gets=TrialOut(9101), parts=_PATH,
    missing=("webhook_unknown",),
)  # fmt: skip
LIST_DELIVERIES = Operation(
    name="list_deliveries", method="GET", path="/webhooks/{webhook_id}/deliveries", noun="webhooks", act="manage_machines",
    zh="投递记录", en="What was sent to a webhook", query=DeliveryQuery, body=Nothing, out=Listed[DeliveryOut], parts=_PATH,
    missing=("webhook_unknown",), asks={"status": "given_up"},
    gets=Listed([DeliveryOut(9101, "parcel.shipped", AN_INSTANT, AN_ORDER, "sent", "", 1, None, AN_INSTANT)]),
)  # fmt: skip
REPLAY = Operation(
    name="replay_deliveries", method="POST", path="/webhooks/{webhook_id}/replay", noun="webhooks", act="manage_machines",
    zh="重新投递", en="Send deliveries again", query=Nothing, body=ReplayIn, out=Changed, sends=ReplayIn(failed=True),
    gets=Changed(3), parts=_PATH, missing=("webhook_unknown",),
)  # fmt: skip
