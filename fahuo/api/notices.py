"""Alerts, and the shop's channels for reminders."""

from typing import Any

from fahuo.api.calls import Call
from fahuo.api.contract import Done, Listed, Nothing
from fahuo.api.server import serves
from fahuo.api.shapes import notices as shapes
from fahuo.api.shapes.aftersales import MadeOut
from fahuo.api.shapes.common import Changed, IdsIn
from fahuo.api.told import listed, shaped
from fahuo.rules.problems import Refusal
from fahuo.services import channels, watchdogs
from fahuo.store.boards import alerts
from fahuo.store.boards import notices as board


@serves(shapes.LIST_ALERTS)
def list_alerts(call: Call[shapes.AlertQuery, Any]) -> Listed[shapes.AlertOut]:
    asked = call.query
    page = alerts.alerts_page(call.shop_id, kind=asked.kind or "", cursor=asked.cursor, limit=asked.limit)
    return listed(page, lambda row: shaped(row, shapes.AlertOut))


@serves(shapes.COUNT_ALERTS)
def count_alerts(call: Call[Nothing, Any]) -> shapes.AlertCounts:
    return shapes.AlertCounts({kind: count.number for kind, count in alerts.alert_counts(call.shop_id).items()})


@serves(shapes.PUT_AWAY)
def put_alerts_away(call: Call[Nothing, IdsIn]) -> Changed:
    return Changed(watchdogs.put_away(call.actor, call.body.ids, now=call.now))


def _id(call: Call[Any, Any]) -> int:
    """The channel of the path: the shop's own. Refusal `channel_unknown` for one of an account."""
    row = channels.mine(call.actor, call.parts["channel_id"])
    if row.member_id is not None:
        raise Refusal.of("channel_unknown")
    return int(row.id)


@serves(shapes.LIST_CHANNELS)
def list_channels(call: Call[Nothing, Any]) -> shapes.ChannelsOut:
    rows = board.channels(call.shop_id, None, shops=True)
    return shapes.ChannelsOut([shaped(row, shapes.ChannelOut) for row in rows])


@serves(shapes.ADD_CHANNEL)
def add_channel(call: Call[Nothing, shapes.NewChannelIn]) -> MadeOut:
    sent = call.body
    made = channels.add(call.actor, kind=sent.kind, name=sent.name, fields=sent.fields, of_shop=True, now=call.now)
    return MadeOut(made)


@serves(shapes.CHANGE_CHANNEL)
def change_channel(call: Call[Nothing, shapes.ChannelIn]) -> Done:
    sent = call.body
    channels.change(
        call.actor, _id(call), name=sent.name, fields=sent.fields, active=sent.active, now=call.now
    )  # fmt: skip
    return Done()


@serves(shapes.DROP_CHANNEL)
def drop_channel(call: Call[Nothing, Any]) -> Done:
    channels.drop(call.actor, _id(call), now=call.now)
    return Done()


@serves(shapes.TRY_CHANNEL)
def try_channel(call: Call[Nothing, Any]) -> MadeOut:
    return MadeOut(channels.try_out(call.actor, _id(call), now=call.now))


@serves(shapes.LIST_SENT)
def list_channel_messages(call: Call[Nothing, Any]) -> shapes.SentsOut:
    rows = board.messages_of(call.shop_id, _id(call))
    return shapes.SentsOut([shaped(row, shapes.SentOut) for row in rows])
