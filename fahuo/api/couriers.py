"""Couriers' accounts; orders handed to them and taken back."""

from collections.abc import Sequence
from typing import Any

from fahuo.api.calls import Call
from fahuo.api.contract import Done, Nothing
from fahuo.api.server import serves
from fahuo.api.shapes import couriers as shapes
from fahuo.api.shapes.common import NumbersIn, Outcomes, PasswordOut
from fahuo.api.shapes.shop import InvitedOut
from fahuo.api.told import order_id, order_ids, outcomes, shaped
from fahuo.rules.problems import Problem
from fahuo.services import contracts, couriers, handing


def _id(call: Call[Any, Any]) -> int:
    return int(call.parts["courier_id"])


@serves(shapes.LIST)
def list_couriers(call: Call[Nothing, Any]) -> shapes.CouriersOut:
    return shapes.CouriersOut([shaped(row, shapes.CourierOut) for row in couriers.listed(call.actor)])


@serves(shapes.INVITE)
def invite_courier(call: Call[Nothing, shapes.NewCourierIn]) -> InvitedOut:
    sent = call.body
    made, password = couriers.invite(
        call.actor, username=sent.username, name=sent.name, phone=sent.phone, contract_id=sent.contract_id,
        existing=sent.existing, now=call.now,
    )  # fmt: skip
    return InvitedOut(made, password)


@serves(shapes.CHANGE)
def change_courier(call: Call[Nothing, shapes.CourierIn]) -> Done:
    sent = call.body
    return Done(couriers.change(
        call.actor, _id(call), name=sent.name, phone=sent.phone, contract_id=sent.contract_id, now=call.now
    ))  # fmt: skip


@serves(shapes.CLOSE)
def close_courier(call: Call[Nothing, Any]) -> Done:
    return Done(couriers.close(call.actor, _id(call), now=call.now))


@serves(shapes.REOPEN)
def reopen_courier(call: Call[Nothing, Any]) -> Done:
    return Done(couriers.reopen(call.actor, _id(call), now=call.now))


@serves(shapes.PASSWORD)
def reset_courier_password(call: Call[Nothing, Any]) -> PasswordOut:
    return PasswordOut(couriers.reset_password(call.actor, _id(call), now=call.now))


@serves(shapes.HANDS_OVER)
def set_hands_over(call: Call[Nothing, shapes.HandsOverIn]) -> Done:
    contract = contracts.find(call.shop_id, call.parts["contract_id"])
    return Done(couriers.set_hands_over(call.actor, contract.id, call.body.hands_over, now=call.now))


def _told(call: Call[Nothing, Any], problems: Sequence[Problem]) -> Outcomes:
    """An outcome for each order, in the same order; a problem names the order that it is about."""
    by_order = {str(each.data.get("order", "")): each for each in problems}
    numbers = call.body.orders
    return Outcomes(outcomes(numbers, [by_order.get(number) for number in numbers], call.language))


@serves(shapes.HAND)
def hand_orders(call: Call[Nothing, shapes.HandIn]) -> Outcomes:
    sent, ids = call.body, order_ids(call, call.body.orders)
    found = handing.hand(call.actor, ids, contract_id=sent.contract_id, note=sent.note, now=call.now)
    return _told(call, found.problems)


@serves(shapes.TAKE_BACK)
def take_orders_back(call: Call[Nothing, NumbersIn]) -> Outcomes:
    ids = order_ids(call, call.body.orders)
    return _told(call, handing.take_back(call.actor, ids, now=call.now).problems)


@serves(shapes.NOTE)
def set_courier_note(call: Call[Nothing, shapes.NoteIn]) -> Done:
    return Done(handing.set_note(call.actor, order_id(call), call.body.note))
