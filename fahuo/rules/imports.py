"""What an order list changes in an order that stands already.

The marketplace's sheet is true about what happens there, and may be older than what was done here: a status only moves
forward, an empty cell wipes nothing out, a masked name never replaces a whole one.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from fahuo.rules.orders import CONFLICTS, ORDER_STATUSES, Conflict, OrderDraft

RANK: Final[Mapping[str, int]] = {status: rank for rank, status in enumerate(ORDER_STATUSES)}
"""How far an order is. A sheet moves it forward only; `closed` is the end from everywhere."""

WEIGHT: Final[Mapping[str, int]] = {conflict: weight for weight, conflict in enumerate(CONFLICTS)}
"""A conflict that waits to be settled gives way to a weightier one only."""

UNDER_WAY: Final = frozenset({"part_shipped", "shipped"})
PAID: Final = frozenset({"awaiting_shipment", "part_shipped", "shipped", "completed"})

PERSONAL: Final = frozenset({
    "buyer", "buyer_message", "memo", "channel_memo", "receiver_key", "name", "phone", "phone_extension",
    "phone_expires_at", "province", "city", "district", "address", "postcode",
})  # fmt: skip
"""Fields whose values never go into the journal or a preview, only that they changed."""

UNTOLD: Final = frozenset({"channel_memo", "receiver_key", "draft_hash", "updated_at", "conflict_at", "closed_at"})
"""Fields that change along with others and say nothing by themselves."""

ERASED: Final = ("buyer", "buyer_message", "memo", "channel_memo")
"""What a sheet, with the receiver, does not bring back once it was erased."""

RECEIVER: Final = ("name", "phone", "phone_extension", "phone_expires_at", "province", "city", "district", "address",
                   "postcode")  # fmt: skip


class Standing(NamedTuple):
    """An order as it stands, with its receiver. Money in CNY, instants in UTC. `erased`: see rules/retention.toml."""

    id: int
    number: str
    status: str
    kind: str
    buyer: str
    title: str
    quantity: int
    item_amount: Decimal
    postage: Decimal
    paid_amount: Decimal
    refund_status: str
    refund_amount: Decimal
    region: str
    receiver_key: str
    buyer_message: str
    memo: str
    channel_memo: str
    flag: int | None
    ordered_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    completed_at: datetime | None
    closed_at: datetime | None
    close_reason: str
    promise_hours: int | None
    promised_until: datetime | None
    channel_deadline: datetime | None
    reported_until: datetime | None
    agreed_until: datetime | None
    deadline: datetime | None
    deadline_clause: str
    rulebook: str
    printed_at: datetime | None
    conflict: str
    conflict_at: datetime | None
    draft_hash: str
    updated_at: datetime
    name: str
    phone: str
    phone_extension: str
    phone_expires_at: datetime | None
    province: str
    city: str
    district: str
    address: str
    postcode: str
    erased: int = 0


@dataclass(slots=True)
class Change:
    """What a draft changes: order columns and receiver columns with their new values, and the conflict it raises."""

    order: dict[str, Any] = field(default_factory=dict)
    receiver: dict[str, Any] = field(default_factory=dict)
    conflict: Conflict = ""

    def __bool__(self) -> bool:
        return bool(self.order or self.receiver)

    def told(self, standing: Standing) -> list[dict[str, Any]]:
        """[{field, before, after}] in words a page or the journal may hold: values of personal fields are left out."""
        found = []
        for name, after in {**self.order, **self.receiver}.items():
            if name not in UNTOLD:
                before = getattr(standing, name)
                hidden = name in PERSONAL
                found.append({"field": name, "before": None if hidden else plain(before),
                              "after": None if hidden else plain(after)})  # fmt: skip
        return found


def plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def merge(standing: Standing, draft: OrderDraft, *, now: datetime, tells_refund: bool = False) -> Change:
    """What importing `draft` changes in the order; an empty Change when nothing does.

    `tells_refund`: the sheet has a column of refund statuses, so that its `none` means that a request was taken back.
    """
    change = Change()
    _facts(change.order, standing, draft)
    _refund(change.order, standing, draft, tells_refund)
    _status(change.order, standing, draft, now)
    if standing.erased:
        for name in ERASED:
            change.order.pop(name, None)
    else:
        _receiver(change.receiver, standing, draft)
    if change.receiver or "buyer" in change.order:
        now_there = {**standing._asdict(), **change.order, **change.receiver}
        key = receiver_key(*(now_there[name] for name in ("buyer", *KEYED)))
        if key != standing.receiver_key:
            change.order["receiver_key"] = key
    _raise(change, standing, now)
    return change


def _raise(change: Change, standing: Standing, now: datetime) -> None:
    conflict = _conflict(change, standing)
    if conflict and WEIGHT[conflict] >= WEIGHT[standing.conflict]:
        change.conflict = conflict
        change.order["conflict"] = conflict
        change.order["conflict_at"] = now


FACTS: Final = (
    "buyer", "title", "item_amount", "postage", "paid_amount", "ordered_at", "paid_at", "completed_at", "close_reason",
    "buyer_message", "region", "promise_hours", "promised_until", "channel_deadline",
)  # fmt: skip


def _facts(order: dict[str, Any], standing: Standing, draft: OrderDraft) -> None:
    for name in FACTS:
        told = getattr(draft, name)
        if told and told != getattr(standing, name) and not _masks(told, getattr(standing, name)):
            order[name] = told
    if draft.kind not in {"normal", standing.kind}:
        order["kind"] = draft.kind
    if draft.quantity != standing.quantity and draft.title:
        order["quantity"] = draft.quantity
    if draft.flag is not None and standing.flag is None:
        order["flag"] = draft.flag
    if draft.memo is not None and draft.memo != standing.channel_memo:
        order["channel_memo"] = draft.memo
        if draft.memo != standing.memo:
            order["memo"] = draft.memo


def _refund(order: dict[str, Any], standing: Standing, draft: OrderDraft, tells: bool) -> None:
    untold = draft.refund_status == "none" and not tells
    if standing.refund_status not in {"succeeded", draft.refund_status} and not untold:
        order["refund_status"] = draft.refund_status
    if draft.refund_amount and draft.refund_amount != standing.refund_amount:
        order["refund_amount"] = draft.refund_amount


def _status(order: dict[str, Any], standing: Standing, draft: OrderDraft, now: datetime) -> None:
    status = max(standing.status, draft.status, key=RANK.__getitem__)
    if draft.shipped_at and not standing.shipped_at and RANK[status] >= RANK["shipped"]:
        order["shipped_at"] = draft.shipped_at
    if status == standing.status:
        return
    order["status"] = status
    if status in PAID and not (standing.paid_at or draft.paid_at):
        order["paid_at"] = order.get("ordered_at", standing.ordered_at)
    if status in {"shipped", "completed"} and not (standing.shipped_at or draft.shipped_at):
        order["shipped_at"] = draft.completed_at or now
    if status == "completed" and not (standing.completed_at or draft.completed_at):
        order["completed_at"] = now
    if status == "closed":
        order["closed_at"] = now


def line_refunds(standing: Standing, statuses: Collection[str], *, now: datetime) -> Change:
    """What the refund statuses of all its lines change in the order; a refund that succeeded stays."""
    change = Change()
    told = next((status for status in ("requested", "agreed", "refused") if status in statuses), "none")
    if set(statuses) == {"succeeded"}:
        told = "succeeded"
    if standing.refund_status not in {"succeeded", told}:
        change.order["refund_status"] = told
        _raise(change, standing, now)
    return change


def _masks(told: Any, known: Any) -> bool:
    return isinstance(told, str) and "*" in told and bool(known) and "*" not in known


def _receiver(receiver: dict[str, Any], standing: Standing, draft: OrderDraft) -> None:
    new = receiver_of(draft)
    if draft.address and not _masks(draft.address, standing.address):
        # an address comes whole: what the new one leaves empty does not stay from the old one
        for name in ("province", "city", "district", "address"):
            if new[name] != getattr(standing, name):
                receiver[name] = new[name]
    if new["phone"] and not _masks(new["phone"], standing.phone):
        for name in ("phone", "phone_extension", "phone_expires_at"):
            if new[name] != getattr(standing, name):
                receiver[name] = new[name]
    for name in ("name", "postcode"):
        if new[name] and new[name] != getattr(standing, name) and not _masks(new[name], getattr(standing, name)):
            receiver[name] = new[name]


def receiver_of(draft: OrderDraft) -> dict[str, Any]:
    """The receiver columns of a draft."""
    return {
        "name": draft.receiver, "phone": draft.phone, "phone_extension": draft.phone_extension,
        "phone_expires_at": draft.phone_expires_at, "province": draft.province, "city": draft.city,
        "district": draft.district, "address": draft.address, "postcode": draft.postcode,
    }  # fmt: skip


KEYED: Final = ("name", "phone", "phone_extension", "province", "city", "district", "address")


def receiver_key(
    buyer: str, name: str, phone: str, extension: str, province: str, city: str, district: str, address: str
) -> str:
    """Equal for orders of one buyer to one receiver at one address; "" where the sheet names no receiver.

    A virtual phone number (with an extension) is made for each order, so it does not count.
    """
    if not (name and address):
        return ""
    where = "".join((province + city + district + address).split())
    whole = "\x1f".join((buyer, name, "" if extension else phone, where))
    return hashlib.blake2b(whole.encode(), digest_size=12).hexdigest()


def _conflict(change: Change, standing: Standing) -> Conflict:
    """What a person must look at, because a paper was printed or goods left before the sheet said so."""
    if standing.status not in UNDER_WAY and (standing.printed_at is None or RANK[standing.status] > RANK["shipped"]):
        return ""
    refund = change.order.get("refund_status")
    if change.order.get("status") == "closed":
        return "closed"
    if refund == "succeeded" or (refund is None and "refund_amount" in change.order):
        return "refunded"
    if refund in {"requested", "agreed"}:
        return "refund_requested"
    return "address_changed" if _moved(change, standing) else ""


def _moved(change: Change, standing: Standing) -> bool:
    """Whether the parcel would go elsewhere, or be called on another number that is really the buyer's."""
    new, old = {**standing._asdict(), **change.receiver}, standing._asdict()
    place, before = ("".join("".join(row[f] for f in KEYED[3:]).split()) for row in (new, old))
    virtual = bool(new["phone_extension"] or new["phone_expires_at"])
    return place != before or new["name"] != old["name"] or (new["phone"] != old["phone"] and not virtual)
