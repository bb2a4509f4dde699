"""What wants attention: alerts about parcels, and the channels of the shop that carry reminders out of the house."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, Done, Listed, Nothing, Operation, Paged
from fahuo.api.shapes.aftersales import MadeOut
from fahuo.api.shapes.common import Changed, IdsIn
from fahuo.api.shapes.orders import AN_ORDER
from fahuo.api.shapes.parcels import A_WAYBILL

AlertKind = Literal["not_picked_up", "silent", "number_used_before", "out_of_stock"]
ChannelKind = Literal["email", "dingtalk", "wecom", "feishu", "webhook"]
Fields = Annotated[dict[str, Annotated[str, Meta(max_length=500)]], Meta(max_length=20)]


class AlertQuery(Paged, kw_only=True):
    """Open alerts of one kind, or of all."""

    kind: AlertKind | None = None


class AlertOut(Struct):
    """An alert about a parcel, or about an order that was late for so long that it counts as out of stock (no parcel)."""

    id: int
    kind: str
    at: datetime
    number: str
    title: str
    status: str
    deadline: datetime | None
    parcel_id: int | None
    carrier: str | None
    waybill: str | None
    shipped_at: datetime | None
    last_scan_at: datetime | None


class AlertCounts(Struct):
    """How many alerts are open, by kind; "" for all of them. Counting stops at ten thousand."""

    counts: dict[str, int]


class ChannelIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A channel of the shop. `fields` by the kind's own names (docs/reminders.md); a secret that is left out stays."""

    name: Annotated[str, Meta(max_length=40)]
    fields: Fields
    active: bool = True


class NewChannelIn(Struct, forbid_unknown_fields=True):
    """A new channel of the shop."""

    kind: ChannelKind
    name: Annotated[str, Meta(max_length=40)]
    fields: Fields


class ChannelOut(Struct):
    """A channel of the shop, and what became of its last message (null: there was none). Its secrets are never told."""

    id: int
    kind: str
    name: str
    active: bool
    status: str | None
    why: str | None
    sent_at: datetime | None
    attempts: int | None
    due_at: datetime | None


class ChannelsOut(Struct):
    """The channels of the shop."""

    rows: list[ChannelOut]


class SentOut(Struct):
    """A message of a channel; without a task a trial. `why`: what went wrong last."""

    id: int
    created_at: datetime
    status: str
    why: str
    attempts: int
    due_at: datetime | None
    done_at: datetime | None
    task_id: int | None
    number: str | None


class SentsOut(Struct):
    """The last messages of a channel, the newest first."""

    rows: list[SentOut]


_CHANNEL = {"channel_id": "131"}

LIST_ALERTS = Operation(
    name="list_alerts", method="GET", path="/alerts", noun="notices", act="view_orders", zh="物流预警", en="List open alerts",
    query=AlertQuery, body=Nothing, out=Listed[AlertOut], asks={"kind": "not_picked_up"},
    gets=Listed([AlertOut(121, "not_picked_up", AN_INSTANT, AN_ORDER, "兰草皂", "shipped", AN_INSTANT, 5001, "ZTO", A_WAYBILL, AN_INSTANT, None)]),
)  # fmt: skip
COUNT_ALERTS = Operation(
    name="count_alerts", method="GET", path="/alerts/counts", noun="notices", act="view_orders", zh="预警数", en="Count open alerts",
    query=Nothing, body=Nothing, out=AlertCounts, gets=AlertCounts({"": 3, "not_picked_up": 3}),
)  # fmt: skip
PUT_AWAY = Operation(
    name="put_alerts_away", method="POST", path="/alerts/put-away", noun="notices", act="ship", zh="预警已处理",
    en="Somebody has seen to these alerts", query=Nothing, body=IdsIn, out=Changed, rows="ids", sends=IdsIn([121]),
    gets=Changed(1),
)  # fmt: skip
LIST_CHANNELS = Operation(
    name="list_channels", method="GET", path="/channels", noun="notices", act="configure_shop", zh="店铺的提醒渠道",
    en="The shop's channels for reminders", query=Nothing, body=Nothing, out=ChannelsOut,
    gets=ChannelsOut([ChannelOut(131, "dingtalk", "发货群", True, "sent", "", AN_INSTANT, 1, None)]),
)  # fmt: skip
ADD_CHANNEL = Operation(
    name="add_channel", method="POST", path="/channels", noun="notices", act="configure_shop", zh="添加提醒渠道",
    en="Set up a channel for reminders", query=Nothing, body=NewChannelIn, out=MadeOut, status=201,
    sends=NewChannelIn("dingtalk", "发货群", {"token": "0f1e2d3c"}), gets=MadeOut(131),
)  # fmt: skip
CHANGE_CHANNEL = Operation(
    name="change_channel", method="PUT", path="/channels/{channel_id}", noun="notices", act="configure_shop", zh="改提醒渠道",
    en="Change a channel", query=Nothing, body=ChannelIn, out=Done, sends=ChannelIn("发货群", {}), gets=Done(), parts=_CHANNEL,
    missing=("channel_unknown",),
)  # fmt: skip
DROP_CHANNEL = Operation(
    name="drop_channel", method="DELETE", path="/channels/{channel_id}", noun="notices", act="configure_shop", zh="删提醒渠道",
    en="Delete a channel with what waits for it", query=Nothing, body=Nothing, out=Done, gets=Done(), parts=_CHANNEL,
    missing=("channel_unknown",),
)  # fmt: skip
TRY_CHANNEL = Operation(
    name="try_channel", method="POST", path="/channels/{channel_id}/trial", noun="notices", act="configure_shop", zh="试发",
    en="Send a trial to a channel", query=Nothing, body=Nothing, out=MadeOut, status=201, gets=MadeOut(141), parts=_CHANNEL,
    missing=("channel_unknown",),
)  # fmt: skip
LIST_SENT = Operation(
    name="list_channel_messages", method="GET", path="/channels/{channel_id}/messages", noun="notices", act="configure_shop",
    zh="渠道发出的消息", en="What a channel carried last", query=Nothing, body=Nothing, out=SentsOut, parts=_CHANNEL,
    gets=SentsOut([SentOut(141, AN_INSTANT, "sent", "", 1, None, AN_INSTANT, None, None)]), missing=("channel_unknown",),
)  # fmt: skip
