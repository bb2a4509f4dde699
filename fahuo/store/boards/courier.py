"""A courier's own lists: the orders that are in his contract's hands, with what a label needs of each, masked.

Nothing here reads an amount, the buyer's account or message, or the shop's memo; nothing of another contract.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fahuo.rules import masking
from fahuo.store import sealed, sql
from fahuo.store.boards.pages import Cursor, Key, read_cursor

TABS: Final = ("print", "ship", "shipped")
"""待打印, 待发货, 已发货 (today)."""
PAGE: Final = 50
LETTER: Final = "k"

HANDED: Final = """
WITH mine AS MATERIALIZED (
    SELECT g.shop_id, g.order_id, g.note FROM assignments g
    WHERE g.shop_id = %(shop_id)s AND g.contract_id = %(contract_id)s AND g.handed_at IS NOT NULL
      AND (%(order_ids)s::bigint[] IS NULL OR g.order_id = ANY(%(order_ids)s))
), waiting AS (
    SELECT m.shop_id, m.order_id, m.note, b.deadline, l.id AS label_id, l.state AS label_state, l.carrier, l.waybill,
           l.receiver_key AS label_key, l.print_count, l.printed_at,
           CASE WHEN l.state = 'printed' OR l.state = 'made' AND c.numbers = 'entered' THEN 'ship' ELSE 'print' END AS tab,
           EXISTS (SELECT FROM label_orders x WHERE x.shop_id = m.shop_id AND x.label_id = l.id AND x.voided_at IS NULL
                   AND NOT EXISTS (SELECT FROM assignments y WHERE y.shop_id = m.shop_id AND y.order_id = x.order_id
                                   AND y.contract_id = %(contract_id)s AND y.handed_at IS NOT NULL)) AS torn
    FROM mine m JOIN backlog b ON b.shop_id = m.shop_id AND b.order_id = m.order_id
    JOIN contracts c ON c.shop_id = m.shop_id AND c.id = %(contract_id)s
    LEFT JOIN label_orders h ON h.shop_id = m.shop_id AND h.order_id = m.order_id AND h.voided_at IS NULL
    LEFT JOIN labels l ON l.shop_id = m.shop_id AND l.id = h.label_id AND l.contract_id = %(contract_id)s
)
"""
"""What waits, of the contract's orders; `torn`: its label holds an order that is not (or no longer) handed."""

ORDER: Final = """
    o.id, o.number, o.title, o.quantity, o.status, o.kind, o.refund_status, o.refund_amount, o.paid_amount,
    o.receiver_key, EXISTS (SELECT FROM order_lines x WHERE x.shop_id = o.shop_id AND x.order_id = o.id
                            AND x.refund_status IN ('requested', 'agreed')) AS line_refunding,
    coalesce(r.name, '') AS name, coalesce(r.phone, '') AS phone, coalesce(r.phone_extension, '') AS phone_extension,
    coalesce(r.province, '') AS province, coalesce(r.city, '') AS city, coalesce(r.district, '') AS district,
    coalesce(r.address, '') AS address, r.sealed, r.order_id AS sealed_of
"""

COUNTS: Final = HANDED + "SELECT tab, count(*) AS number FROM waiting GROUP BY tab"
LIST: Final = (
    HANDED
    + f"""
SELECT w.note, w.deadline, w.label_id, w.label_state, w.carrier, w.waybill, w.label_key, w.print_count, w.torn, w.tab,
       NULL::bigint AS parcel_id, NULL::timestamptz AS shipped_at, NULL::timestamptz AS picked_up_at,
       NULL::timestamptz AS handed_over_at, {ORDER}
FROM (SELECT * FROM waiting w WHERE (%(tab)s = '' OR w.tab = %(tab)s)
      AND (%(after_id)s::bigint IS NULL OR (w.deadline, w.order_id) > (%(after_at)s, %(after_id)s))
      ORDER BY w.deadline, w.order_id LIMIT %(limit)s) AS w
JOIN orders o ON o.shop_id = w.shop_id AND o.id = w.order_id
LEFT JOIN receivers r ON r.shop_id = w.shop_id AND r.order_id = w.order_id
ORDER BY w.deadline, w.order_id
"""
)

LEFT: Final = """
WITH mine AS MATERIALIZED (
    SELECT g.shop_id, g.order_id, g.note FROM assignments g
    WHERE g.shop_id = %(shop_id)s AND g.contract_id = %(contract_id)s AND g.handed_at IS NOT NULL
      AND (%(order_ids)s::bigint[] IS NULL OR g.order_id = ANY(%(order_ids)s))
), gone AS MATERIALIZED (
    SELECT m.shop_id, m.order_id, m.note, p.id AS parcel_id, p.carrier, p.waybill, p.shipped_at, p.picked_up_at,
           p.handed_over_at
    FROM mine m JOIN parcel_orders po ON po.shop_id = m.shop_id AND po.order_id = m.order_id
    JOIN parcels p ON p.shop_id = m.shop_id AND p.id = po.parcel_id AND p.voided_at IS NULL
    WHERE p.shipped_at >= %(since)s AND p.carrier = %(carrier)s
)
"""
LEFT_COUNT: Final = LEFT + "SELECT count(DISTINCT order_id) AS number FROM gone"
LEFT_LIST: Final = (
    LEFT
    + f"""
SELECT DISTINCT ON (w.shipped_at, w.order_id)
       w.note, NULL::timestamptz AS deadline, l.id AS label_id, l.state AS label_state, w.carrier, w.waybill,
       l.receiver_key AS label_key, coalesce(l.print_count, 0) AS print_count, false AS torn, 'shipped' AS tab,
       w.parcel_id, w.shipped_at, w.picked_up_at, w.handed_over_at, {ORDER}
FROM gone w JOIN orders o ON o.shop_id = w.shop_id AND o.id = w.order_id
LEFT JOIN receivers r ON r.shop_id = w.shop_id AND r.order_id = w.order_id
LEFT JOIN labels l ON l.shop_id = w.shop_id AND l.parcel_id = w.parcel_id AND l.state = 'shipped'
WHERE (%(after_id)s::bigint IS NULL OR (w.shipped_at, w.order_id) < (%(after_at)s, %(after_id)s))
ORDER BY w.shipped_at DESC, w.order_id DESC LIMIT %(limit)s
"""
)


@dataclass(frozen=True, slots=True)
class CourierOrder:
    """One order as its courier sees it, the receiver masked. `facts`: the row, for rules that ask whether it may go.

    `tab`: where it stands. `torn`: its label is also another order's, which was taken back; the shop must void it.
    `waybill` and `label_id` of the contract's own living label, or of the parcel it left in.
    """

    id: int
    number: str
    goods: str
    quantity: int
    note: str
    name: str
    phone: str
    place: str
    address: str
    tab: str
    torn: bool
    carrier: str
    waybill: str
    label_id: int | None
    label_state: str
    print_count: int
    parcel_id: int | None
    shipped_at: datetime | None
    picked_up_at: datetime | None
    handed_over_at: datetime | None
    facts: Any


@dataclass(frozen=True, slots=True)
class CourierPage:
    """A page of a courier's list, and the cursor of the next one."""

    rows: Sequence[CourierOrder]
    next: str


def counts(shop_id: int, contract_id: int, carrier: str, *, since: datetime) -> dict[str, int]:
    """Tab -> how many orders: those that wait to be printed, those that wait to leave, those that left since midnight."""
    found = {row.tab: int(row.number) for row in sql.fetch(COUNTS, **_of(shop_id, contract_id))}
    gone = sql.fetch(LEFT_COUNT, since=since, carrier=carrier, **_of(shop_id, contract_id))[0].number
    return {"print": found.get("print", 0), "ship": found.get("ship", 0), "shipped": int(gone)}


def page(
    shop_id: int, contract_id: int, carrier: str, tab: str, *, since: datetime, cursor: str = "", limit: int = PAGE
) -> CourierPage:
    """A page of a tab: what must leave first comes first; what left last, on the last tab."""
    place = read_cursor(cursor, LETTER)
    asked = {
        "after_at": place.key.at if place else None, "after_id": place.key.id if place else None, "limit": limit + 1,
        **_of(shop_id, contract_id),
    }  # fmt: skip
    gone = tab == "shipped"
    rows = sql.fetch(LEFT_LIST, since=since, carrier=carrier, **asked) if gone else sql.fetch(LIST, tab=tab, **asked)
    shown = rows[:limit]
    more = ""
    if len(rows) > limit:
        last = shown[-1]
        more = str(Cursor(LETTER, True, Key(last.shipped_at if gone else last.deadline, 0, last.id)))
    return CourierPage([_order(row) for row in sealed.open_receivers(shop_id, shown)], more)


def orders(
    shop_id: int, contract_id: int, carrier: str, order_ids: Sequence[int], *, since: datetime
) -> list[CourierOrder]:
    """Those of these orders that are in the contract's hands, waiting or left since, in the given order."""
    asked = {
        "after_at": None, "after_id": None, "limit": max(len(order_ids), 1), "shop_id": shop_id,
        "contract_id": contract_id, "order_ids": list(order_ids),
    }  # fmt: skip
    rows = sql.fetch(LIST, tab="", **asked)
    if len(rows) < len(set(order_ids)):
        rows += sql.fetch(LEFT_LIST, since=since, carrier=carrier, **asked)
    known = {row.id: _order(row) for row in reversed(sealed.open_receivers(shop_id, rows))}
    return [known[order_id] for order_id in dict.fromkeys(order_ids) if order_id in known]


def waiting_ids(shop_id: int, contract_id: int, tab: str, *, limit: int) -> list[int]:
    """The ids of all orders of a tab that wait, what must leave first first."""
    asked = {"after_at": None, "after_id": None, "limit": limit, **_of(shop_id, contract_id)}
    return [row.id for row in sql.fetch(LIST, tab=tab, **asked)]


FIND: Final = """
SELECT g.order_id FROM assignments g JOIN orders o ON o.shop_id = g.shop_id AND o.id = g.order_id
WHERE g.shop_id = %(shop_id)s AND o.shop_id = %(shop_id)s AND o.number = %(text)s AND g.contract_id = %(contract_id)s
  AND g.handed_at IS NOT NULL
UNION
SELECT h.order_id FROM labels l JOIN label_orders h ON h.shop_id = l.shop_id AND h.label_id = l.id
JOIN assignments g ON g.shop_id = h.shop_id AND g.order_id = h.order_id
WHERE l.shop_id = %(shop_id)s AND h.shop_id = %(shop_id)s AND g.shop_id = %(shop_id)s AND l.waybill = %(text)s
  AND l.voided_at IS NULL AND l.contract_id = %(contract_id)s AND g.contract_id = %(contract_id)s
  AND g.handed_at IS NOT NULL
LIMIT 1
"""


def find(shop_id: int, contract_id: int, text: str) -> int | None:
    """The order in the contract's hands that this order number or waybill number means."""
    row = sql.fetch_one(FIND, shop_id=shop_id, contract_id=contract_id, text=text)
    return int(row.order_id) if row else None


MINE: Final = """
SELECT j.at, j.act, j.actor FROM journal j
WHERE j.shop_id = %(shop_id)s AND j.order_id = %(order_id)s AND j.member_id = %(courier_id)s ORDER BY j.id DESC LIMIT 20
"""


def done(shop_id: int, order_id: int, courier_id: int) -> list[Any]:
    """What a courier himself did with an order, newest first: at, act, actor."""
    return sql.fetch(MINE, shop_id=shop_id, order_id=order_id, courier_id=courier_id)


def _of(shop_id: int, contract_id: int) -> dict[str, Any]:
    return {"shop_id": shop_id, "contract_id": contract_id, "order_ids": None}


def _order(row: Any) -> CourierOrder:
    phone = f"{row.phone}-{row.phone_extension}" if row.phone_extension else row.phone
    return CourierOrder(
        row.id, row.number, row.title, row.quantity, row.note, masking.mask_name(row.name), masking.mask_phone(phone),
        " ".join(dict.fromkeys(part for part in (row.province, row.city, row.district) if part)), masking.mask_address(row.address),
        row.tab, row.torn, row.carrier or "", row.waybill or "", row.label_id, row.label_state or "", row.print_count or 0,
        row.parcel_id, row.shipped_at, row.picked_up_at, row.handed_over_at, row,
    )  # fmt: skip
