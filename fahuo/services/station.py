"""The bench (打包台): find what was scanned, check its goods, pack it, take the packing back. Safe to repeat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal

from django.db import transaction

from fahuo.rules import station as rules
from fahuo.rules.freight import Freight, freight
from fahuo.rules.label_states import why_blocked
from fahuo.rules.parcels import NOT_WAITING
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.station import Check, Goods
from fahuo.rules.waybills import normalise
from fahuo.services import contracts, labels, parcels
from fahuo.store import labels as store_labels
from fahuo.store import station as store
from fahuo.store.boards import station as board

LONGEST: Final = 64
"""Characters of a scan that are looked up."""
UNDO_WITHIN: Final = timedelta(hours=12)
"""撤销 takes back one's own last packing of this shift, nothing older; older ones are taken back from the list."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something in the parcel, as rules.station.Line."""

    key: str
    title: str
    sku: str
    code: str
    quantity: int
    barcode: str = ""
    shelf: str = ""
    grams: int | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """A label on the bench. `label`: a row of store.station.bench; `orders`: one row each; `blocks`: why it must not be
    packed; `notes`: what should be looked at; `expected`: what the goods weigh (g), where that is known."""

    label: Any
    orders: tuple[Any, ...]
    goods: tuple[Goods, ...]
    blocks: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    expected: int | None

    @property
    def label_id(self) -> int:
        return int(self.label.label_id)

    @property
    def pieces(self) -> int:
        """How many pieces go into the parcel."""
        return sum(each.quantity for each in self.goods)


@dataclass(frozen=True, slots=True)
class Found:
    """What a scan is. A label has its `bench`; an order or a parcel without label has `order_id` and the `problem` that
    it is not packed here; a SKU, and what nobody knows, has the `problem` alone."""

    kind: Literal["label", "parcel", "order", "sku", "unknown"]
    bench: Bench | None = None
    order_id: int | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Packed:
    """A packed label. `parcel_id`: its parcel, once it is submitted; `again`: it was packed before."""

    label_id: int
    waybill: str
    parcel_id: int | None
    again: bool = False


def find(actor: Actor, text: str, *, contract_id: int | None = None) -> Found:
    """What was scanned: the number of a label, an order or a parcel, or a SKU's code. Two statements at most.

    `contract_id`: the one that this bench packs for; labels of another are blocked.
    """
    actor.require("pack")
    text = text.replace("\0", "")
    code = normalise(text)[:LONGEST]
    hit = (
        store.resolve(actor.shop_id, code=code, text=text.strip()[:LONGEST], contract_id=contract_id) if code else None
    )
    if hit is None:
        return Found("unknown", problem=Problem("station_unknown", {"value": code[:40]}))
    if hit.kind == "label":
        bench = open_label(actor, hit.id, contract_id=contract_id)
        return (
            Found("label", bench)
            if bench
            else Found("unknown", problem=Problem("station_unknown", {"value": code[:40]}))
        )
    if hit.kind == "sku":
        sku = store.sku(actor.shop_id, hit.id)
        return Found(
            "sku", problem=Problem("goods_wrong", {"goods": f"{sku.title} {sku.code}".strip() if sku else code})
        )
    return _without_label(actor.shop_id, hit)


def _without_label(shop_id: int, hit: Any) -> Found:
    if hit.kind == "parcel":
        parcel = store.parcel(shop_id, hit.id)
        data = {"waybill": parcel.waybill, "order": parcel.number} if parcel else {"waybill": "", "order": ""}
        return Found("parcel", order_id=parcel and parcel.id, problem=Problem("station_no_label_parcel", data))
    order = store.order(shop_id, hit.id)
    assert order is not None
    code = NOT_WAITING.get(order.status, "station_no_label")
    return Found("order", order_id=order.id, problem=Problem(code, {"order": order.number}))


def open_label(actor: Actor, label_id: int, *, contract_id: int | None = None) -> Bench | None:
    """A label with all that lies under it, as it stands now; None for one that is not the shop's."""
    rows = store.bench(actor.shop_id, label_id)
    if not rows:
        return None
    orders = tuple({row.id: row for row in rows}.values())
    goods = tuple(rules.goods_of(_lines(rows)))
    label = rows[0]
    return Bench(
        label, orders, goods, tuple(_blocks(actor, label, orders, contract_id)), tuple(_notes(label)),
        rules.expected_grams(goods),
    )  # fmt: skip


def _lines(rows: Sequence[Any]) -> list[Line]:
    """What goes into this parcel. A label that took part of an order holds what its parcel holds."""
    part = any(row.parcelled is not None for row in rows)
    found = []
    for row in rows:
        if row.line_id is None:
            found.append(Line(f"o{row.id}", row.order_title, "", "", row.order_quantity))
        elif row.line_refund != "succeeded":
            quantity = (row.parcelled or 0) if part else row.unshipped
            found.append(
                Line(str(row.line_id), row.title, row.sku, row.code, quantity, row.barcode, row.shelf, row.sku_grams)
            )
    return found


def _blocks(actor: Actor, label: Any, orders: Sequence[Any], contract_id: int | None) -> list[Problem]:
    data = {"waybill": label.waybill}
    found = []
    if label.handed_over_at is not None:
        found.append(Problem("manifest_handed_over", data))
    elif label.packed_at is not None:
        found.append(Problem("label_packed", {**data, "who": label.packed_by_name}))
    if contract_id not in (None, label.contract_id):
        mine = next((row.name for row in board.contracts(actor.shop_id) if row.id == contract_id), "")
        found.append(Problem("station_other_contract", {**data, "contract": label.contract, "mine": mine}))
    for problem in map(why_blocked, orders):
        if problem is not None and problem not in found:
            found.append(problem)
    return found


def _notes(label: Any) -> list[Problem]:
    return [Problem("label_not_printed", {"waybill": label.waybill})] if label.label_state == "made" else []


def freight_of(shop_id: int, bench: Bench, grams: int) -> Freight | None:
    """What the contract asks for this parcel at this weight (g), beside what was expected; None where it has no price."""
    tariffs = contracts.tariffs_of(shop_id, bench.label.contract_id)
    postage = sum((order.postage for order in bench.orders), Decimal("0.00"))
    found = freight(tariffs, bench.orders[0].region, grams=grams, expected=bench.expected, postage=postage)
    return found if found.known else None


def check(bench: Bench, check: Check, text: str) -> rules.Counted:
    """Count one piece by its code; a code that belongs to nothing in the parcel is `goods_wrong`."""
    found = rules.count(bench.goods, check, text)
    return found or rules.Counted(check, problem=Problem("goods_wrong", {"goods": normalise(text)[:40]}))


def pack(
    actor: Actor, label_id: int, *, now: datetime, grams: int | None = None, checked: Check | None = None,
    sure: bool = False, contract_id: int | None = None,
) -> Packed:  # fmt: skip
    """The parcel is closed: its label is packed now, with its weight (g), and submitted where its contract ships so.

    `checked` None: this bench does not check goods. `sure`: somebody looked again at a weight that is odd. Packed by the
    same person before: nothing changes. Refusals: `label_unknown`, `label_packed` by somebody else, what forbids it to
    leave (see `Bench.blocks`), `goods_left`, `weight_impossible`, and unless `sure` `weight_light`, `weight_heavy`.
    """
    actor.require("pack")
    with transaction.atomic():
        store_labels.lock(actor.shop_id, [label_id])
        bench = open_label(actor, label_id, contract_id=contract_id)
        if bench is None:
            raise Refusal.of("label_unknown")
        label = bench.label
        if label.packed_at is not None and label.packed_by == actor.member_id and label.handed_over_at is None:
            return Packed(label_id, label.waybill, label.parcel_id, again=True)
        _refuse(bench, grams, checked, sure=sure)
        how = "" if checked is None else "eye" if checked.by_eye else "scan"
        store.pack(actor, label_id, grams=grams, checked=how, now=now)
        parcel_id = label.parcel_id
        if parcel_id is None and label.ships_at == "packed":
            parcel_id = _ship(actor, label_id, now=now)
    return Packed(label_id, label.waybill, parcel_id)


def _refuse(bench: Bench, grams: int | None, checked: Check | None, *, sure: bool) -> None:
    """Raise Refusal with what forbids to close the parcel."""
    if bench.blocks:
        raise Refusal(*bench.blocks)
    missing = rules.unfinished(bench.goods, checked) if checked is not None else None
    if missing:
        raise Refusal(missing)
    odd = rules.weight_problem(grams, bench.expected) if grams is not None else None
    if odd and not (sure and odd.code != "weight_impossible"):
        raise Refusal(odd)


def _ship(actor: Actor, label_id: int, *, now: datetime) -> int:
    """Raises Refusal where the label's parcel may not be submitted."""
    (shipped,) = labels.ship(actor, [label_id], now=now)
    if isinstance(shipped, Problem):
        raise Refusal(shipped)
    return shipped


def undo(actor: Actor, *, now: datetime, label_id: int | None = None) -> Packed:
    """Take a packing back: the label's, or one's own last one. What packing submitted waits again.

    A label that is not packed: nothing changes (`again`). Refusals: `station_nothing_to_undo`, `label_unknown`,
    `manifest_handed_over`, `label_on_manifest`, `parcel_picked_up`.
    """
    actor.require("pack")
    asked = label_id or store.last_packed(actor, since=now - UNDO_WITHIN)
    if asked is None:
        raise Refusal.of("station_nothing_to_undo")
    with transaction.atomic():
        store_labels.lock(actor.shop_id, [asked])
        bench = open_label(actor, asked)
        if bench is None:
            raise Refusal.of("label_unknown")
        label, data = bench.label, {"waybill": bench.label.waybill}
        if label.handed_over_at is not None:
            raise Refusal.of("manifest_handed_over", **data)
        if label.packed_at is None:
            return Packed(asked, label.waybill, label.parcel_id, again=True)
        if label.listed_in is not None:
            raise Refusal.of("label_on_manifest", **data)
        parcel_id = label.parcel_id
        if parcel_id is not None and label.shipped_at is not None and label.shipped_at >= label.packed_at:
            parcels.void(actor, parcel_id, now=now)
            parcel_id = None
        store.unpack(actor, asked, now=now)
    return Packed(asked, label.waybill, parcel_id)
