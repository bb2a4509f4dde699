"""What a courier does with the orders in his contract's hands: look, take or enter numbers, ship, fetch their addresses.

Every verb locks the orders, as whoever takes them back does, and then asks whether they are his. What it says names his
own orders and numbers only. The journal has it under his name.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules import waybills
from fahuo.rules.handing import SEEN_AFTER
from fahuo.rules.label_states import why_blocked
from fahuo.rules.people import CourierActor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import disclosures, labels
from fahuo.services import parcels as shipping
from fahuo.services.labels import Made
from fahuo.services.papers import ADDRESS_FIELDS
from fahuo.store import courier as store
from fahuo.store import journal, orders, parcels
from fahuo.store.boards import courier as board
from fahuo.store.boards.courier import CourierOrder
from fahuo.store.journal import Moved
from fahuo.store.models import Shop

MOST: Final = 500
"""So many orders in one go: a day's work, and what a phone shows."""

ADDRESS_COLUMNS: Final = (
    ("订单编号", "number"), ("收件人", "receiver"), ("联系电话", "phone"), ("省", "province"), ("市", "city"),
    ("区县", "district"), ("详细地址", "address"), ("物品", "goods"), ("数量", "quantity"), ("备注", "memo"),
    ("寄件人", "sender_name"), ("寄件电话", "sender_phone"), ("寄件地址", "sender_address"), ("运单号", "waybill"),
)  # fmt: skip
"""The table for the carrier's own system. 备注 is the shop's word to the courier, not its memo."""


def own(courier: CourierActor, order_ids: Sequence[int], *, now: datetime) -> list[CourierOrder]:
    """These orders, in this order, as their courier sees them. Refusal `order_unknown` where one is not in his hands."""
    wanted = list(dict.fromkeys(order_ids))
    if not wanted:
        raise Refusal.of("no_orders_chosen")
    if len(wanted) > MOST:
        raise Refusal.of("too_many_orders", most=MOST)
    carrier = store.carrier(courier.shop_id, courier.contract_id)
    found = board.orders(courier.shop_id, courier.contract_id, carrier, wanted, since=now - SEEN_AFTER)
    if len(found) < len(wanted):
        raise Refusal.of("order_unknown", order="")
    return found


def held(courier: CourierActor, order_ids: Sequence[int], *, now: datetime) -> list[CourierOrder]:
    """`own`, with the orders locked: nobody takes them back meanwhile."""
    parcels.lock_orders(courier.shop_id, sorted(set(order_ids)))
    return own(courier, order_ids, now=now)


def stopped(order: CourierOrder) -> Problem | None:
    """What forbids to print or ship an order, or None: a refund, a closed order, a changed address, a torn label."""
    if order.torn:
        return Problem("label_torn", {"waybill": order.waybill})
    return None if order.tab == "shipped" else why_blocked(_Facts(order))


class _Facts:
    """An order as rules.label_states.why_blocked asks about it; one without a label has no other receiver to have."""

    def __init__(self, order: CourierOrder) -> None:
        row = order.facts
        self.number, self.status, self.line_refunding = row.number, row.status, row.line_refunding
        self.refund_status, self.refund_amount, self.paid_amount = row.refund_status, row.refund_amount, row.paid_amount
        self.receiver_key = row.receiver_key
        self.label_key = row.label_key if order.label_id is not None else row.receiver_key
        self.label_state, self.waybill = order.label_state or "made", order.waybill


def told(problem: Problem, numbers: set[str]) -> Problem:
    """A problem as the courier may read it: it names no order but his own."""
    for name in ("order", "other"):
        if name in problem.data and str(problem.data[name]) not in numbers:
            waybill = problem.data.get("waybill") or problem.data.get("value")
            return Problem("waybill_used", {"waybill": waybill}) if waybill else Problem("order_stopped")
    return problem


def reveal(courier: CourierActor, order_id: int, *, now: datetime) -> Any:
    """The receiver of one of his orders with nothing masked; every look is journaled. Refusal `receiver_unknown`."""
    with transaction.atomic():
        held(courier, [order_id], now=now)
        found = orders.receiver(courier.shop_id, order_id)
        if found is None:
            raise Refusal.of("receiver_unknown")
        disclosures.spend(courier.acting(), "revealed", 1, now=now)
        journal.append(courier.acting(), "order.revealed", [Moved(order_id=order_id)], now=now)
    return found


def take(courier: CourierActor, order_ids: Sequence[int], *, now: datetime) -> list[Made | Problem]:
    """Give each of his orders a label with a number of the stock or the carrier's service; one that has a label keeps it.

    One outcome an order, in their order: as services.labels.make, or what `stopped` says.
    """
    with transaction.atomic():
        mine = held(courier, order_ids, now=now)
        stuck = {order.id: problem for order in mine if (problem := stopped(order))}
        good = [order.id for order in mine if order.id not in stuck]
        made = labels.make(courier.acting(), good, contract_id=courier.contract_id, now=now) if good else []
        found = stuck | dict(zip(good, made, strict=True))
    return _outcomes(mine, found)


def _outcomes(mine: Sequence[CourierOrder], found: dict[int, Any]) -> list[Any]:
    numbers = {order.number for order in mine}
    found_of = (found[order.id] for order in mine)
    return [told(one, numbers) if isinstance(one, Problem) else one for one in found_of]


def enter(
    courier: CourierActor, numbers: Sequence[tuple[int, str]], *, now: datetime, warnings: list[Problem] | None = None
) -> list[Made | Problem]:
    """Give his orders labels under numbers that he brings: (order id, number) each; one outcome each, in this order.

    All or each for itself: what is right is written whatever becomes of the others. Outcomes as services.labels.entered.
    """
    with transaction.atomic():
        mine = held(courier, [order_id for order_id, _ in numbers], now=now)
        known = {order.id: order for order in mine}
        found = {}
        for order_id, waybill in numbers:
            found[order_id] = stopped(known[order_id]) or labels.entered(
                courier.acting(), order_id, courier.contract_id, waybill, now, warnings=warnings
            )
    return _outcomes(mine, found)


def run(
    courier: CourierActor, order_ids: Sequence[int], first: str, *, now: datetime
) -> list[tuple[CourierOrder, str]]:
    """His orders with consecutive numbers from `first` on, in this order, as they would be entered; nothing is written.

    Refusals: what rules.waybills.run_of says, `order_unknown`.
    """
    found = own(courier, order_ids, now=now)
    carrier = store.carrier(courier.shop_id, courier.contract_id)
    return list(zip(found, waybills.run_of(carrier, waybills.normalise(first), len(found)), strict=True))


def give_up(courier: CourierActor, order_id: int, *, reason: str, now: datetime) -> None:
    """Void the label of one of his orders that has not left: a wrong number, spoilt paper. Refusals: `label_none`,
    `label_torn`, `label_shipped`, `reason_missing`, `reason_long`."""
    with transaction.atomic():
        (order,) = held(courier, [order_id], now=now)
        label_id = _label(order)
        for outcome in labels.void(courier.acting(), [label_id], reason=reason, now=now):
            if isinstance(outcome, Problem):
                raise Refusal(told(outcome, {order.number}))


def _label(order: CourierOrder) -> int:
    if order.label_id is None:
        raise Refusal.of("label_none", order=order.number)
    if order.torn:
        raise Refusal.of("label_torn", waybill=order.waybill)
    return order.label_id


def label_ids(courier: CourierActor, order_ids: Sequence[int], *, now: datetime) -> list[int]:
    """The labels of his orders, each once, in their order; to be printed. Raises Refusal with what forbids one."""
    mine = own(courier, order_ids, now=now)
    wrong = [problem for order in mine if (problem := stopped(order))]
    if wrong:
        raise Refusal(*(told(problem, {order.number for order in mine}) for problem in wrong))
    return list(dict.fromkeys(_label(order) for order in mine))


def ship(courier: CourierActor, order_ids: Sequence[int], *, now: datetime) -> list[int | Problem]:
    """Submit his orders under their labels' numbers: the parcel's id, or the problem, of each order in their order."""
    with transaction.atomic():
        mine = held(courier, order_ids, now=now)
        found: dict[int, int | Problem] = {}
        for order in mine:
            stuck = stopped(order)
            if order.tab == "shipped" and order.parcel_id is not None:
                found[order.id] = order.parcel_id
            elif stuck or order.label_id is None:
                found[order.id] = stuck or Problem("label_none", {"order": order.number})
        rest = [order for order in mine if order.id not in found]
        sent = dict.fromkeys(order.label_id or 0 for order in rest)
        shipped = dict(zip(sent, labels.ship(courier.acting(), list(sent), now=now), strict=True)) if sent else {}
        found |= {order.id: shipped[order.label_id or 0] for order in rest}
    return _outcomes(mine, found)


def take_again(courier: CourierActor, order_id: int, *, now: datetime) -> None:
    """Undo his own shipping of an order, while nobody signed for it or scanned it: it waits again, with its label.

    Refusals: `order_unknown` unless he shipped it himself, `courier_signed`, `parcel_picked_up`.
    """
    with transaction.atomic():
        (order,) = held(courier, [order_id], now=now)
        if order.parcel_id is None or not store.shipped_by(courier.shop_id, order.parcel_id, courier.courier_id):
            raise Refusal.of("order_unknown", order="")
        if order.handed_over_at is not None:
            raise Refusal.of("courier_signed", waybill=order.waybill)
        shipping.void(courier.acting(), order.parcel_id, now=now)


def address_table(courier: CourierActor, order_ids: Sequence[int], *, now: datetime) -> tuple[str, bytes]:
    """His orders as a sheet for his carrier's own system, receivers in full: (name, body); each order is journaled."""
    with transaction.atomic():
        mine = held(courier, order_ids, now=now)
        rows = store.addresses(courier.shop_id, courier.contract_id, [order.id for order in mine])
        disclosures.spend(courier.acting(), "exported", len(rows), now=now)
        journal.append(courier.acting(), "order.exported", [Moved(order_id=row.id) for row in rows], now=now)
    shop = Shop.objects.get(id=courier.shop_id)
    makers = [ADDRESS_FIELDS[field] for _, field in ADDRESS_COLUMNS]
    cells = ([make(row, shop) for make in makers] for row in rows)
    return f"地址表-{len(rows)}单.xlsx", write_xlsx([heading for heading, _ in ADDRESS_COLUMNS], cells)
