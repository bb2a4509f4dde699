"""Labels as pages list them: what is to be printed, what is printed and still here, what must not leave; one with its orders."""

from typing import Any, Final

from fahuo.store import sql
from fahuo.store.boards.pages import MAX_ID, Count, Page
from fahuo.store.labels import BLOCKED, BLOCKED_PARAMS

TABS: Final = ("to_print", "printed", "blocked", "all")
"""to_print: has its number, no paper yet. printed: paper exists, the courier has not got it. blocked: must not leave.
all: the newest first, those that left and those that were voided with them."""

MOST: Final = 10_000
"""Counting stops here."""

_BLOCKED: Final = f"""EXISTS (
    SELECT FROM label_orders h JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = h.order_id
    WHERE h.shop_id = %(shop_id)s AND h.label_id = l.id AND h.voided_at IS NULL AND {BLOCKED})"""
WHERE: Final = {
    "to_print": "l.handed_over_at IS NULL AND l.voided_at IS NULL AND l.state = 'made'",
    "printed": "l.handed_over_at IS NULL AND l.voided_at IS NULL AND l.state IN ('printed', 'shipped') AND l.print_count > 0",
    "blocked": f"l.handed_over_at IS NULL AND l.voided_at IS NULL AND {_BLOCKED}",
    "all": "TRUE",
}
COLUMNS: Final = """
l.id, l.contract_id, l.carrier, l.waybill, l.state, l.print_count, l.made_at, l.made_by_name, l.printed_at, l.packed_at,
l.shipped_at, l.handed_over_at, l.voided_at, l.void_reason, l.parcel_id, l.replaces_id, l.grams, c.name AS contract,
(SELECT json_agg(json_build_array(o.id, o.number) ORDER BY o.id) FROM label_orders h
 JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = h.order_id
 WHERE h.shop_id = %(shop_id)s AND h.label_id = l.id AND h.voided_at IS NOT DISTINCT FROM l.voided_at) AS orders,
(SELECT max(d.job_id) FROM print_documents d JOIN print_jobs j ON j.shop_id = %(shop_id)s AND j.id = d.job_id
 WHERE d.shop_id = %(shop_id)s AND d.label_id = l.id
   AND (d.state = 'sent' OR d.state = 'waiting' AND j.status IN ('waiting', 'printing', 'held'))) AS job_id
"""
LISTED: Final = {
    (tab, forward): f"""
SELECT {COLUMNS} FROM labels l LEFT JOIN contracts c ON c.shop_id = %(shop_id)s AND c.id = l.contract_id
WHERE l.shop_id = %(shop_id)s AND {where} AND l.id {"<" if forward else ">"} %(id)s
  AND (%(contract_id)s::bigint IS NULL OR l.contract_id = %(contract_id)s::bigint)
ORDER BY l.id {"DESC" if forward else ""} LIMIT %(limit)s
"""
    for tab, where in WHERE.items()
    for forward in (True, False)
}
COUNT: Final = {
    tab: f"""
SELECT count(*) AS count FROM (SELECT FROM labels l WHERE l.shop_id = %(shop_id)s AND {where}
  AND (%(contract_id)s::bigint IS NULL OR l.contract_id = %(contract_id)s::bigint) LIMIT %(limit)s) AS found
"""
    for tab, where in WHERE.items()
    if tab != "all"
}
IDS: Final = {
    tab: f"""
SELECT l.id FROM labels l WHERE l.shop_id = %(shop_id)s AND {where}
  AND (%(contract_id)s::bigint IS NULL OR l.contract_id = %(contract_id)s::bigint) ORDER BY l.id LIMIT %(limit)s
"""
    for tab, where in WHERE.items()
    if tab != "all"
}


def listed(
    shop_id: int, tab: str, *, contract_id: int | None = None, cursor: str = "", limit: int = 50
) -> Page[Any]:  # fmt: skip
    """The labels of a tab, the newest first; `orders` is a list of [id, number], `job_id` the job that has it in line."""
    forward, at = not cursor.startswith("p"), cursor[1:]
    lost = bool(cursor) and not (cursor[0] in "np" and at.isascii() and at.isdigit() and len(at) < 19)
    if lost or not cursor:
        forward, at = True, str(MAX_ID)
    rows = sql.fetch(
        LISTED[tab, forward], shop_id=shop_id, id=int(at), contract_id=contract_id, limit=limit + 1, **BLOCKED_PARAMS
    )  # fmt: skip
    more, rows = len(rows) > limit, rows[:limit]
    if not forward:
        rows.reverse()
    later = (more if forward else True) and bool(rows)
    earlier = (bool(cursor) and not lost if forward else more) and bool(rows)
    return Page(
        rows, next=f"n{rows[-1].id}" if later else None, previous=f"p{rows[0].id}" if earlier else None, cursor_lost=lost
    )  # fmt: skip


def counts(shop_id: int, *, contract_id: int | None = None) -> dict[str, Count]:
    """How many labels stand in each tab but the last; up to MOST."""
    found = {
        tab: sql.fetch(
            statement, shop_id=shop_id, contract_id=contract_id, limit=MOST + 1, **BLOCKED_PARAMS
        )[0].count for tab, statement in COUNT.items()
    }  # fmt: skip
    return {tab: Count(min(number, MOST), number > MOST) for tab, number in found.items()}


def matching_ids(shop_id: int, tab: str, *, contract_id: int | None = None, limit: int = MOST) -> list[int]:
    """The labels of a tab (not of `all`), the oldest first."""
    rows = sql.fetch(IDS[tab], shop_id=shop_id, contract_id=contract_id, limit=limit, **BLOCKED_PARAMS)
    return [row.id for row in rows]


OF_ORDER: Final = f"""
SELECT {COLUMNS} FROM label_orders x
JOIN labels l ON l.shop_id = %(shop_id)s AND l.id = x.label_id
LEFT JOIN contracts c ON c.shop_id = %(shop_id)s AND c.id = l.contract_id
WHERE x.shop_id = %(shop_id)s AND x.order_id = %(order_id)s ORDER BY l.voided_at IS NOT NULL, l.id DESC LIMIT 20
"""
ONE: Final = f"""
SELECT {COLUMNS} FROM labels l LEFT JOIN contracts c ON c.shop_id = %(shop_id)s AND c.id = l.contract_id
WHERE l.shop_id = %(shop_id)s AND l.id = %(label_id)s
"""


def of_order(shop_id: int, order_id: int) -> list[Any]:
    """The labels that an order has or had: the living one first, then the newest."""
    return sql.fetch(OF_ORDER, shop_id=shop_id, order_id=order_id)


def one(shop_id: int, label_id: int) -> Any | None:
    """One label."""
    return sql.fetch_one(ONE, shop_id=shop_id, label_id=label_id)


LIVING: Final = """
SELECT l.id FROM labels l
WHERE l.shop_id = %(shop_id)s AND l.waybill = %(waybill)s AND l.carrier = %(carrier)s AND l.voided_at IS NULL
"""


def living(shop_id: int, carrier: str, waybill: str) -> int | None:
    """The label that has this number now."""
    row = sql.fetch_one(LIVING, shop_id=shop_id, carrier=carrier, waybill=waybill)
    return int(row.id) if row else None
