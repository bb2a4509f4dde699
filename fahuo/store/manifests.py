"""What a number on a manifest is: of a label or of a parcel, where it stands, and what became of its orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fahuo.store import sql


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order of a parcel, as rules.label_states.LabelFacts."""

    id: int
    number: str
    status: str
    refund_status: str
    refund_amount: Decimal
    paid_amount: Decimal
    line_refunding: bool
    receiver_key: str
    label_key: str
    label_state: str
    waybill: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A number, as rules.pickups.Sent. A parcel that was shipped without label counts as a label that is shipped."""

    place: int
    waybill: str
    carrier: str
    label_id: int | None
    parcel_id: int | None
    contract_id: int | None
    state: str
    printed_at: datetime | None
    packed_at: datetime | None
    handed_over_at: datetime | None
    gone: bool
    listed_in: int | None
    orders: tuple[OrderFacts, ...]

    @property
    def numbers(self) -> list[str]:
        """The numbers of its orders."""
        return [order.number for order in self.orders]


BY_NUMBER: Final = """
SELECT n.place::int AS place, n.waybill, (
           SELECT l.id FROM labels l WHERE l.shop_id = %(shop_id)s AND l.waybill = n.waybill AND l.voided_at IS NULL
           ORDER BY (l.contract_id = %(contract_id)s) DESC, l.id DESC LIMIT 1) AS label_id, (
           SELECT p.id FROM parcels p WHERE p.shop_id = %(shop_id)s AND p.waybill = n.waybill AND p.waybill <> ''
           AND p.voided_at IS NULL AND p.retired_at IS NULL
           ORDER BY (p.carrier = %(carrier)s) DESC, p.id DESC LIMIT 1) AS parcel_id
FROM unnest(%(waybills)s::text[]) WITH ORDINALITY AS n (waybill, place)
"""
PACKED: Final = """
SELECT row_number() OVER (ORDER BY l.packed_at, l.id)::int AS place, l.waybill, l.id AS label_id, NULL::bigint AS parcel_id
FROM labels l
WHERE l.shop_id = %(shop_id)s AND l.contract_id = %(contract_id)s AND l.handed_over_at IS NULL AND l.voided_at IS NULL
  AND l.packed_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM pickup_parcels x WHERE x.shop_id = %(shop_id)s AND x.carrier = l.carrier
                  AND x.waybill = l.waybill AND x.signed_at IS NULL)
  AND NOT EXISTS (SELECT FROM parcels p WHERE p.shop_id = %(shop_id)s AND p.id = l.parcel_id
                  AND p.picked_up_at IS NOT NULL)
ORDER BY l.packed_at, l.id LIMIT %(limit)s
"""
LISTED: Final = """
SELECT row_number() OVER (ORDER BY x.added_at, x.waybill)::int AS place, x.waybill, x.label_id, x.parcel_id
FROM pickup_parcels x WHERE x.shop_id = %(shop_id)s AND x.pickup_id = %(pickup_id)s
ORDER BY x.added_at, x.waybill LIMIT %(limit)s
"""
SENT: Final = """
WITH asked AS MATERIALIZED ({source})
SELECT a.place, a.waybill, l.id AS label_id, p.id AS parcel_id, coalesce(l.carrier, p.carrier, '') AS carrier, l.contract_id,
       coalesce(l.state, CASE WHEN p.id IS NOT NULL THEN 'shipped' ELSE '' END) AS state, l.printed_at, l.packed_at,
       coalesce(l.handed_over_at, p.handed_over_at) AS handed_over_at, coalesce(l.receiver_key, '') AS label_key,
       l.id IS NULL AND p.id IS NULL AND EXISTS (SELECT FROM labels v WHERE v.shop_id = %(shop_id)s
           AND v.waybill = a.waybill AND v.voided_at IS NOT NULL) AS gone,
       (SELECT x.pickup_id FROM pickup_parcels x WHERE x.shop_id = %(shop_id)s
           AND x.carrier = coalesce(l.carrier, p.carrier) AND x.waybill = a.waybill AND x.signed_at IS NULL) AS listed_in,
       f.orders
FROM asked a
LEFT JOIN labels l ON l.shop_id = %(shop_id)s AND l.id = a.label_id AND l.voided_at IS NULL
LEFT JOIN parcels p ON p.shop_id = %(shop_id)s AND p.id = coalesce(l.parcel_id, CASE WHEN l.id IS NULL THEN a.parcel_id END)
    AND p.waybill = a.waybill AND p.voided_at IS NULL AND p.retired_at IS NULL
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(o.id, o.number, o.status, o.refund_status, o.refund_amount::text, o.paid_amount::text,
           EXISTS (SELECT FROM order_lines y WHERE y.shop_id = %(shop_id)s AND y.order_id = o.id
                   AND y.refund_status IN ('requested', 'agreed')), o.receiver_key) ORDER BY o.id) AS orders
    FROM (
        SELECT lo.order_id FROM label_orders lo
        WHERE lo.shop_id = %(shop_id)s AND lo.label_id = l.id AND lo.voided_at IS NULL
        UNION ALL
        SELECT po.order_id FROM parcel_orders po
        WHERE po.shop_id = %(shop_id)s AND po.parcel_id = p.id AND l.id IS NULL
    ) AS held JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = held.order_id
) AS f ON true
ORDER BY a.place
"""
SENT_BY_NUMBER: Final = SENT.format(source=BY_NUMBER)
SENT_PACKED: Final = SENT.format(source=PACKED)
SENT_LISTED: Final = SENT.format(source=LISTED)


def by_number(shop_id: int, numbers: Sequence[str], *, contract_id: int, carrier: str) -> list[Sent]:
    """What each number is, in their order. Where two carriers have the same, that of the contract comes first."""
    rows = sql.fetch(
        SENT_BY_NUMBER, shop_id=shop_id, waybills=list(numbers), contract_id=contract_id, carrier=carrier
    )  # fmt: skip
    return [_sent(row) for row in rows]


def packed(shop_id: int, contract_id: int, *, limit: int) -> list[Sent]:
    """What is packed under a contract, not handed over, and on no manifest, the first packed first."""
    rows = sql.fetch(SENT_PACKED, shop_id=shop_id, contract_id=contract_id, limit=limit)
    return [_sent(row) for row in rows]


def listed(shop_id: int, pickup_id: int, *, limit: int = 100_000) -> list[Sent]:
    """What stands on a pickup's manifest, in the order in which it was added."""
    return [_sent(row) for row in sql.fetch(SENT_LISTED, shop_id=shop_id, pickup_id=pickup_id, limit=limit)]


def _sent(row: Any) -> Sent:
    return Sent(
        row.place, row.waybill, row.carrier, row.label_id, row.parcel_id, row.contract_id, row.state, row.printed_at,
        row.packed_at, row.handed_over_at, row.gone, row.listed_in,
        tuple(_order(row, parts) for parts in row.orders or ()),
    )  # fmt: skip


def _order(row: Any, parts: Sequence[Any]) -> OrderFacts:
    order_id, number, status, refund_status, refund, paid, line_refunding, receiver_key = parts
    return OrderFacts(
        order_id, number, status, refund_status, Decimal(refund), Decimal(paid), line_refunding, receiver_key,
        receiver_key if row.label_id is None else row.label_key, row.state, row.waybill,
    )  # fmt: skip
