"""Webhooks: set up, tried, switched, looked at, replayed."""

from typing import Any

from fahuo.api.calls import Call
from fahuo.api.contract import Done, Listed, Nothing
from fahuo.api.server import serves
from fahuo.api.shapes import webhooks as shapes
from fahuo.api.shapes.common import Changed
from fahuo.api.told import cursor_of, shaped, walked
from fahuo.rules import webhooks as rules
from fahuo.services import webhooks


def _id(call: Call[Any, Any]) -> int:
    return int(call.parts["webhook_id"])


def _wish(call: Call[Nothing, shapes.WebhookIn]) -> dict[str, Any]:
    sent = call.body
    return {
        "name": sent.name, "address": sent.address, "kinds": sent.kinds, "with_receiver": sent.with_receiver,
        "now": call.now,
    }  # fmt: skip


@serves(shapes.LIST_KINDS)
def list_event_kinds(call: Call[Nothing, Any]) -> shapes.KindsOut:
    return shapes.KindsOut([shapes.KindOut(kind, zh, en) for kind, (zh, en) in rules.KINDS.items()])


@serves(shapes.LIST_WEBHOOKS)
def list_webhooks(call: Call[Nothing, Any]) -> shapes.WebhooksOut:
    return shapes.WebhooksOut([shaped(row, shapes.WebhookOut) for row in webhooks.of_shop(call.actor)])


@serves(shapes.ADD_WEBHOOK)
def add_webhook(call: Call[Nothing, shapes.WebhookIn]) -> shapes.MadeWebhook:
    return shapes.MadeWebhook(*webhooks.add(call.actor, **_wish(call)))


@serves(shapes.GET_WEBHOOK)
def get_webhook(call: Call[Nothing, Any]) -> shapes.WebhookOut:
    return shaped(webhooks.one(call.actor, _id(call)), shapes.WebhookOut)


@serves(shapes.CHANGE_WEBHOOK)
def change_webhook(call: Call[Nothing, shapes.WebhookIn]) -> Done:
    webhooks.change(call.actor, _id(call), **_wish(call))
    return Done()


@serves(shapes.DROP_WEBHOOK)
def drop_webhook(call: Call[Nothing, Any]) -> Done:
    webhooks.drop(call.actor, _id(call), now=call.now)
    return Done()


@serves(shapes.TURN_ON)
def turn_webhook_on(call: Call[Nothing, Any]) -> Done:
    return Done(webhooks.turn_on(call.actor, _id(call), now=call.now))


@serves(shapes.TURN_OFF)
def turn_webhook_off(call: Call[Nothing, Any]) -> Done:
    return Done(webhooks.turn_off(call.actor, _id(call), now=call.now))


@serves(shapes.TURN_SECRET)
def turn_webhook_secret(call: Call[Nothing, Any]) -> shapes.SecretOut:
    return shapes.SecretOut(webhooks.turn_secret(call.actor, _id(call), now=call.now))


@serves(shapes.TRY_OUT)
def try_webhook(call: Call[Nothing, Any]) -> shapes.TrialOut:
    return shapes.TrialOut(webhooks.try_out(call.actor, _id(call), now=call.now))


@serves(shapes.LIST_DELIVERIES)
def list_deliveries(call: Call[shapes.DeliveryQuery, Any]) -> Listed[shapes.DeliveryOut]:
    cursor, limit = cursor_of(call), call.query.limit
    rows = webhooks.listed(
        call.actor, _id(call), status=call.query.status or "", before=int(cursor or 2**63 - 1), limit=limit + 1
    )  # fmt: skip
    return walked(rows, limit, shapes.DeliveryOut)


@serves(shapes.REPLAY)
def replay_deliveries(call: Call[Nothing, shapes.ReplayIn]) -> Changed:
    sent = call.body
    return Changed(webhooks.replay(call.actor, _id(call), sent.ids, failed=sent.failed, now=call.now))
