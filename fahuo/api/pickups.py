"""Pickups, their manifests, and what was left behind."""

from collections.abc import Sequence
from typing import Any

from fahuo.api.calls import Call
from fahuo.api.contract import Done, Listed, Nothing, Paged
from fahuo.api.server import serves
from fahuo.api.shapes import pickups as shapes
from fahuo.api.shapes.aftersales import MadeOut
from fahuo.api.shapes.common import Changed
from fahuo.api.tasks import aware
from fahuo.api.told import kept_problem, listed, problem, shaped
from fahuo.rules.problems import Refusal
from fahuo.services import pickup_calls, pickups, rounds
from fahuo.store.boards import pickups as board

MOST = 5000
"""Numbers of a manifest that are told."""


@serves(shapes.LIST_PICKUPS)
def list_pickups(call: Call[Paged, Any]) -> Listed[shapes.PickupOut]:
    page = board.recent(call.shop_id, cursor=call.query.cursor, limit=call.query.limit)
    return listed(page, lambda row: shaped(row, shapes.PickupOut))


@serves(shapes.CALL)
def call_pickup(call: Call[Nothing, shapes.CallIn]) -> MadeOut:
    sent = call.body
    made = pickups.call(call.actor, sent.contract_id, at=aware(sent.at) or sent.at, note=sent.note, now=call.now)
    return MadeOut(made)


@serves(shapes.LIST_ON)
def list_on_manifest(call: Call[Nothing, shapes.ManifestIn]) -> shapes.ManifestOut:
    found = pickups.add(call.actor, call.parts["pickup_id"], call.body.waybills, now=call.now)
    return shapes.ManifestOut([
        shapes.Listing(each.waybill, each.new, None if each.problem is None else problem(each.problem, call.language))
        for each in found
    ])  # fmt: skip


@serves(shapes.SIGN)
def sign_pickup(call: Call[Nothing, shapes.SignIn]) -> shapes.SignedOut:
    sent = call.body
    signed = pickups.sign(
        call.actor, call.parts["pickup_id"], count=sent.count, courier=sent.courier, now=call.now,
        missing=sent.missing,
    )  # fmt: skip
    return shaped(signed, shapes.SignedOut)


@serves(shapes.CANCEL)
def cancel_pickup(call: Call[Nothing, Any]) -> Done:
    return Done(pickups.cancel(call.actor, call.parts["pickup_id"], now=call.now) > 0)


def _asked(call: Call[Any, Any], pickup_ids: Sequence[int]) -> dict[int, shapes.ServiceCall]:
    """How pickups stand with the services that are asked for them."""
    return {
        pickup: shapes.ServiceCall(row.state, row.attempts, row.due_at, kept_problem(row.problem, call.language))
        for pickup, row in pickup_calls.standing(call.shop_id, pickup_ids).items()
    }


@serves(shapes.GET_DAY)
def get_pickup_day(call: Call[Nothing, Any]) -> shapes.PickupDay:
    day = rounds.day(call.shop_id, now=call.now)
    asked = _asked(call, [one.pickup.id for one in day.rounds if one.pickup])
    return shapes.PickupDay([
        shapes.RoundOut(
            one.contract.id, one.contract.name, one.contract.carrier, one.at, one.state,
            one.pickup.id if one.pickup else None, one.pickup.listed if one.pickup else 0, one.contract.printed,
            one.contract.packed, one.contract.unlisted, asked.get(one.pickup.id) if one.pickup else None,
        )
        for one in day.rounds
    ], day.unscanned.number)  # fmt: skip


@serves(shapes.BEGIN_DAILY)
def begin_daily_pickup(call: Call[Nothing, shapes.BeginIn]) -> MadeOut:
    sent = call.body
    return MadeOut(pickups.open_daily(call.actor, sent.contract_id, at=aware(sent.at) or sent.at, now=call.now))


@serves(shapes.BEGIN)
def begin_pickup(call: Call[Nothing, Any]) -> Done:
    return Done(pickups.begin(call.actor, call.parts["pickup_id"], now=call.now))


@serves(shapes.GET_PICKUP)
def get_pickup(call: Call[Nothing, Any]) -> shapes.PickupDetail:
    row = board.pickup(call.shop_id, call.parts["pickup_id"])
    if row is None:
        raise Refusal.of("pickup_unknown")
    rows = board.manifest(call.shop_id, row.id, newest=MOST)
    parcels = [shaped({**each._asdict(), "orders": each.numbers or []}, shapes.ListedParcel) for each in rows]
    service = _asked(call, [row.id]).get(row.id)
    return shaped({**row._asdict(), "parcels": parcels, "service": service}, shapes.PickupDetail)


@serves(shapes.ASK_AGAIN)
def ask_pickup_again(call: Call[Nothing, Any]) -> Done:
    return Done(pickup_calls.again(call.actor, call.parts["pickup_id"], now=call.now))


@serves(shapes.SETTLE_CALL)
def settle_pickup_call(call: Call[Nothing, Any]) -> Done:
    return Done(pickup_calls.settled(call.actor, call.parts["pickup_id"], now=call.now))


@serves(shapes.LIST_PACKED)
def list_packed_on_manifest(call: Call[Nothing, Any]) -> shapes.FilledOut:
    found = pickups.add_packed(call.actor, call.parts["pickup_id"], now=call.now)
    return shapes.FilledOut(found.count, [problem(each, call.language) for each in found.problems])


@serves(shapes.LIST_OFF)
def take_off_manifest(call: Call[Nothing, shapes.ManifestIn]) -> Changed:
    return Changed(pickups.remove(call.actor, call.parts["pickup_id"], call.body.waybills, now=call.now))


@serves(shapes.LEFT)
def list_left_behind(call: Call[shapes.LeftQuery, Any]) -> shapes.LeftOut:
    asked = call.query
    if asked.tab == "unscanned":
        within = rounds.day(call.shop_id, now=call.now).within
        rows = [(row, row.handed_over_at) for row in board.unscanned(call.shop_id, within=within, now=call.now)]
    else:
        found = board.left_here(
            call.shop_id, packed=asked.tab == "packed", contract_id=asked.contract_id, now=call.now
        )  # fmt: skip
        rows = [(row, row.packed_at or row.printed_at) for row in found]
    return shapes.LeftOut([
        shapes.LeftRow(row.waybill, row.carrier, row.contract, list(row.numbers or ()), since)
        for row, since in rows[: board.ROWS]
    ])  # fmt: skip
