"""Couriers' accounts, and orders in their hands."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, Done, Nothing, Operation
from fahuo.api.shapes.common import Id, NumbersIn, Outcome, Outcomes, PasswordOut
from fahuo.api.shapes.orders import AN_ORDER
from fahuo.api.shapes.shop import InvitedOut

Name = Annotated[str, Meta(min_length=1, max_length=60)]


class CourierIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A courier of one of the shop's contracts."""

    name: Name
    contract_id: Id
    phone: Annotated[str, Meta(max_length=26)] = ""


class NewCourierIn(CourierIn, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A new courier. `existing`: the person has a sign-in of his own under this name."""

    username: Annotated[str, Meta(min_length=1, max_length=80)]
    existing: bool = False


class CourierOut(Struct):
    """A courier's account."""

    id: int
    username: str
    name: str
    phone: str
    contract_id: int
    contract: str
    carrier: str
    active: bool
    created_at: datetime
    closed_at: datetime | None
    last_login: datetime | None


class CouriersOut(Struct):
    """The shop's couriers, those that are closed last."""

    rows: list[CourierOut]


class HandsOverIn(Struct, forbid_unknown_fields=True):
    """Whether orders that come to the contract are handed to its couriers by themselves."""

    hands_over: bool


class HandIn(NumbersIn, forbid_unknown_fields=True, omit_defaults=True):
    """Orders for the couriers of a contract, with a word to them."""

    contract_id: Id
    note: Annotated[str, Meta(max_length=200)] = ""


class NoteIn(Struct, forbid_unknown_fields=True):
    """A word to the courier who has the order."""

    note: Annotated[str, Meta(max_length=200)]


_COURIER = {"courier_id": "71"}
_SENT = CourierIn("小张", 11, "13800000000")

LIST = Operation(
    name="list_couriers", method="GET", path="/couriers", noun="couriers", act="manage_couriers", zh="快递员账号",
    en="List couriers", query=Nothing, body=Nothing, out=CouriersOut,
    gets=CouriersOut([CourierOut(71, "lancao:zhang", "小张", "13800000000", 11, "中通西湖三部", "ZTO", True, AN_INSTANT, None, None)]),
)  # fmt: skip
INVITE = Operation(
    name="invite_courier", method="POST", path="/couriers", noun="couriers", act="manage_couriers", zh="新建快递员账号",
    en="Make an account for a courier", query=Nothing, body=NewCourierIn, out=InvitedOut, status=201,
    sends=NewCourierIn("小张", 11, username="lancao:zhang"), gets=InvitedOut(71, "abcd-efgh-jkmn"),
)  # fmt: skip
CHANGE = Operation(
    name="change_courier", method="PUT", path="/couriers/{courier_id}", noun="couriers", act="manage_couriers", zh="改快递员",
    en="Set a courier's name, phone and contract", query=Nothing, body=CourierIn, out=Done, sends=_SENT, gets=Done(),
    parts=_COURIER, missing=("courier_unknown",),
)  # fmt: skip
CLOSE = Operation(
    name="close_courier", method="POST", path="/couriers/{courier_id}/closed", noun="couriers", act="manage_couriers",
    zh="停用快递员", en="Shut a courier out", query=Nothing, body=Nothing, out=Done, gets=Done(), parts=_COURIER,
    missing=("courier_unknown",),
)  # fmt: skip
REOPEN = Operation(
    name="reopen_courier", method="POST", path="/couriers/{courier_id}/reopened", noun="couriers", act="manage_couriers",
    zh="恢复快递员", en="Let a courier in again", query=Nothing, body=Nothing, out=Done, gets=Done(), parts=_COURIER,
    missing=("courier_unknown",),
)  # fmt: skip
PASSWORD = Operation(
    name="reset_courier_password", method="POST", path="/couriers/{courier_id}/password", noun="couriers",
    act="manage_couriers", zh="重设快递员密码", en="Give a courier a new password", query=Nothing, body=Nothing, out=PasswordOut,
    gets=PasswordOut("abcd-efgh-jkmn"), parts=_COURIER, missing=("courier_unknown",),
)  # fmt: skip
HANDS_OVER = Operation(
    name="set_hands_over", method="PUT", path="/contracts/{contract_id}/hands-over", noun="couriers", act="manage_couriers",
    zh="自动交给快递员", en="Whether a contract's orders go to its couriers by themselves", query=Nothing, body=HandsOverIn,
    out=Done, sends=HandsOverIn(True), gets=Done(), parts={"contract_id": "11"}, missing=("contract_unknown",),
)  # fmt: skip
HAND = Operation(
    name="hand_orders", method="POST", path="/orders/handed", noun="couriers", act="hand_to_couriers", zh="交给快递员",
    en="Hand orders to a contract's couriers", query=Nothing, body=HandIn, out=Outcomes, rows="orders",
    sends=HandIn([AN_ORDER], 11), gets=Outcomes([Outcome(AN_ORDER)]),
)  # fmt: skip
TAKE_BACK = Operation(
    name="take_orders_back", method="POST", path="/orders/taken-back", noun="couriers", act="hand_to_couriers",
    zh="从快递员收回", en="Take orders out of couriers' hands", query=Nothing, body=NumbersIn, out=Outcomes, rows="orders",
    sends=NumbersIn([AN_ORDER]), gets=Outcomes([Outcome(AN_ORDER)]),
)  # fmt: skip
NOTE = Operation(
    name="set_courier_note", method="PUT", path="/orders/{number}/courier-note", noun="couriers", act="hand_to_couriers",
    zh="给快递员的话", en="Set a word to the courier who has an order", query=Nothing, body=NoteIn, out=Done,
    sends=NoteIn("易碎"), gets=Done(), parts={"number": AN_ORDER}, missing=("order_unknown",),
)  # fmt: skip
