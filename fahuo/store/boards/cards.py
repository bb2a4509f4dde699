"""The rows of the order list: one order as a line of a table, with its receiver masked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fahuo.rules import masking, penalties
from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.policy import RuleBook
from fahuo.store import rulebooks, sealed, sql
from fahuo.store.boards.pages import ordered

BESIDE_SHOWN: Final = 20
"""How many further waiting orders of the same receiver are counted."""

CARDS: Final = (
    """
SELECT o.id, o.number, o.status, o.kind, o.buyer, o.title, o.quantity, o.item_amount, o.paid_amount, o.postage,
       o.refund_status, o.refund_amount, o.region, o.buyer_message, o.memo, o.flag, o.ordered_at, o.paid_at,
       o.shipped_at, o.completed_at, o.closed_at, o.deadline, o.deadline_clause, o.rulebook, o.urge_count, o.urged_at,
       o.printed_at, o.called_at, o.conflict, shops.platform,
       """
    + sql.promised("o", "coalesce(o.promise_hours, shops.promise_hours)")
    + """ AS promise,
       coalesce(r.name, '') AS receiver, coalesce(r.phone, '') AS phone, coalesce(r.province, '') AS province,
       coalesce(r.city, '') AS city, coalesce(r.district, '') AS district,
       coalesce(held.parcels, '[]'::json) AS parcels, coalesce(beside.number, 0) AS beside,
       coalesce(c.name, '') AS contract, coalesce(g.chosen_by, '') AS chosen_by,
       CASE WHEN g.handed_at IS NULL THEN '' ELSE coalesce(c.name, '') END AS handed
FROM orders o
JOIN shops ON shops.id = %(shop_id)s
LEFT JOIN assignments g ON g.shop_id = %(shop_id)s AND g.order_id = o.id
LEFT JOIN contracts c ON c.shop_id = %(shop_id)s AND c.id = g.contract_id
LEFT JOIN receivers r ON r.shop_id = %(shop_id)s AND r.order_id = o.id
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object('id', p.id, 'kind', p.kind, 'carrier', p.carrier, 'waybill', p.waybill,
        'picked_up', p.picked_up_at IS NOT NULL, 'delivered', p.delivered_at IS NOT NULL)
        ORDER BY p.shipped_at, p.id) AS parcels
    FROM parcel_orders po JOIN parcels p ON p.shop_id = po.shop_id AND p.id = po.parcel_id
    WHERE po.shop_id = %(shop_id)s AND p.shop_id = %(shop_id)s AND po.order_id = o.id AND p.voided_at IS NULL
) AS held ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS number FROM (
        SELECT 1 FROM orders s JOIN backlog w ON w.shop_id = s.shop_id AND w.order_id = s.id
        WHERE s.shop_id = %(shop_id)s AND w.shop_id = %(shop_id)s AND s.receiver_key = o.receiver_key AND s.id <> o.id
          AND NOT o.receiver_key = '' AND o.status = ANY(%(waiting)s) LIMIT %(beside)s
    ) AS others
) AS beside ON true
WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(ids)s)
"""
)


@dataclass(frozen=True, slots=True)
class ParcelMark:
    """A parcel of an order, as far as a table row tells it."""

    id: int
    kind: str
    carrier: str
    waybill: str
    picked_up: bool
    delivered: bool


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order in a list. Personal data is masked; money in CNY.

    `contract`: the name of the contract it goes by ("" for none), `chosen_by` rules.contracts.ChosenBy.
    `stake`: what silence costs next (0 where nothing waits). `beside`: further waiting orders of the same receiver, up to
    BESIDE_SHOWN. `handed`: the contract whose couriers have it, or "".
    """

    id: int
    number: str
    status: str
    kind: str
    buyer: str
    receiver: str
    phone: str
    province: str
    city: str
    district: str
    region: str
    title: str
    quantity: int
    item_amount: Decimal
    paid_amount: Decimal
    refund_status: str
    refund_amount: Decimal
    flag: int | None
    memo: str
    buyer_message: str
    ordered_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    deadline: datetime | None
    deadline_clause: str
    stake: Decimal
    urge_count: int
    urged_at: datetime | None
    printed: bool
    called: bool
    conflict: str
    parcels: tuple[ParcelMark, ...]
    beside: int
    handed: str
    contract: str = ""
    chosen_by: str = ""

    @property
    def waiting(self) -> bool:
        """Whether some of it still waits to be shipped."""
        return self.status in IN_BACKLOG


def stake_of(book: RuleBook, row: Any, *, now: datetime) -> Decimal:
    """What it costs if nobody acts on a waiting order; 0.00 for every other. `row` has the columns of CARDS."""
    if row.status not in IN_BACKLOG or row.deadline is None or row.paid_at is None:
        return Decimal("0.00")
    version = book.at(row.paid_at)
    return penalties.at_stake(row.item_amount, row.deadline, version, now=now, promise_hours=row.promise)


def cards(shop_id: int, ids: Sequence[int], *, now: datetime) -> list[OrderRow]:
    """The rows of these orders, in this order; ids of no order of the shop are left out."""
    if not ids:
        return []
    found = sql.fetch(CARDS, shop_id=shop_id, ids=list(ids), waiting=sorted(IN_BACKLOG), beside=BESIDE_SHOWN)
    found = sealed.open_texts(shop_id, found, sealed.MESSAGE, "buyer_message")
    if not found:
        return []
    book = rulebooks.book(found[0].platform, shop_id)
    return [_card(book, row, now) for row in ordered(found, ids)]


def _card(book: RuleBook, row: Any, now: datetime) -> OrderRow:
    return OrderRow(
        id=row.id, number=row.number, status=row.status, kind=row.kind, buyer=masking.mask_name(row.buyer),
        receiver=masking.mask_name(row.receiver), phone=masking.mask_phone(row.phone), province=row.province,
        city=row.city, district=row.district, region=row.region, title=row.title, quantity=row.quantity,
        item_amount=row.item_amount, paid_amount=row.paid_amount, refund_status=row.refund_status,
        refund_amount=row.refund_amount, flag=row.flag, memo=row.memo, buyer_message=row.buyer_message,
        ordered_at=row.ordered_at, paid_at=row.paid_at, shipped_at=row.shipped_at, deadline=row.deadline,
        deadline_clause=row.deadline_clause, stake=stake_of(book, row, now=now), urge_count=row.urge_count,
        urged_at=row.urged_at, printed=row.printed_at is not None, called=row.called_at is not None,
        conflict=row.conflict, parcels=tuple(ParcelMark(**parcel) for parcel in row.parcels), beside=row.beside,
        handed=row.handed,
        contract=row.contract, chosen_by=row.chosen_by,
    )  # fmt: skip
