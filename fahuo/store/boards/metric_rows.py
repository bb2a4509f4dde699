"""The rows behind the figures, a page at a time: the orders that were due, the tasks that were raised, what was paid and
shipped in an hour. Each list walks the index that its figure was counted from, the newest first."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from fahuo.store import sql
from fahuo.store.boards.metrics import DUE, RAISED, Range
from fahuo.store.boards.pages import Cursor, Key, Page, read_cursor

_FORWARD: Final = "(f.at, f.id) < (%(at)s, %(tie)s) ORDER BY f.at DESC, f.id DESC"
_BACK: Final = "(f.at, f.id) > (%(at)s, %(tie)s) ORDER BY f.at, f.id"

_DUE: Final = f"""
SELECT f.id, f.number, f.deadline, f.shipped_at, f.picked_up_at, f.member_id, f.pickup, f.at
FROM (SELECT d.*, d.deadline AS at FROM ({DUE}) AS d) AS f
WHERE f.pickup = ANY(%(outcomes)s)
  AND (NOT %(by_member)s OR f.member_id IS NOT DISTINCT FROM %(member)s::bigint) AND """
_RAISED: Final = f"""
SELECT f.id, f.order_id, f.kind, f.state, f.created_at, f.answered_at, f.member_id, f.answer, f.in_time, f.waits,
       o.number, f.at
FROM (SELECT r.*, r.created_at AS at FROM ({RAISED}) AS r) AS f
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = f.order_id
WHERE (NOT %(by_member)s OR f.member_id IS NOT DISTINCT FROM %(member)s::bigint)
  AND (NOT %(missed)s OR NOT (f.in_time OR f.waits)) AND """
_PAID: Final = """
SELECT f.id, f.number, f.paid_at, f.shipped_at, f.deadline, f.at
FROM (SELECT o.id, o.number, o.paid_at, o.shipped_at, o.deadline, o.paid_at AS at FROM orders o
      WHERE o.shop_id = %(shop_id)s AND o.paid_at >= %(start)s AND o.paid_at < %(end)s) AS f
WHERE (%(hour)s::int IS NULL OR extract(hour FROM f.at AT TIME ZONE %(zone)s) = %(hour)s::int) AND """
_SHIPPED: Final = """
SELECT f.id, f.carrier, f.waybill, f.shipped_at, f.picked_up_at, f.member_id, f.at, orders_in.orders
FROM (SELECT p.id, p.carrier, p.waybill, p.shipped_at, p.picked_up_at, p.shipped_by AS member_id, p.shipped_at AS at
      FROM parcels p WHERE p.shop_id = %(shop_id)s AND p.shipped_at >= %(start)s AND p.shipped_at < %(end)s
        AND p.voided_at IS NULL) AS f
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_array(o.id, o.number) ORDER BY o.id), '[]') AS orders FROM parcel_orders po
    JOIN orders o ON o.shop_id = po.shop_id AND o.id = po.order_id
    WHERE po.shop_id = %(shop_id)s AND po.parcel_id = f.id
) AS orders_in
WHERE (%(hour)s::int IS NULL OR extract(hour FROM f.at AT TIME ZONE %(zone)s) = %(hour)s::int) AND """

_LIMIT: Final = " LIMIT %(limit)s"
_STATEMENTS: Final = {
    name: (f"{head}{_FORWARD}{_LIMIT}", f"{head}{_BACK}{_LIMIT}")
    for name, head in {"d": _DUE, "r": _RAISED, "p": _PAID, "s": _SHIPPED}.items()
}


def due(
    asked: Range, outcomes: Sequence[str], *, by_member: bool, member: int | None, cursor: str, limit: int
) -> Page[Any]:  # fmt: skip
    """Orders that were due with one of these outcomes, by deadline; `by_member`: those that `member` shipped last."""
    return _page("d", asked, cursor, limit, outcomes=list(outcomes), by_member=by_member, member=member)


def raised(
    asked: Range, *, missed: bool, by_member: bool, member: int | None, within: timedelta, cursor: str, limit: int
) -> Page[Any]:  # fmt: skip
    """Tasks that were raised; `missed`: only those that were not answered in time; `by_member`: by who answered."""
    return _page("r", asked, cursor, limit, missed=missed, by_member=by_member, member=member, within=within)


def paid(asked: Range, *, hour: int | None, cursor: str, limit: int) -> Page[Any]:
    """Orders that were paid, in one hour of the day or in any."""
    return _page("p", asked, cursor, limit, hour=hour)


def shipped(asked: Range, *, hour: int | None, cursor: str, limit: int) -> Page[Any]:
    """Parcels that were shipped and not voided, each with its orders as (id, number)."""
    return _page("s", asked, cursor, limit, hour=hour)


def _page(letter: str, asked: Range, cursor: str, limit: int, **more: Any) -> Page[Any]:
    forward, back = _STATEMENTS[letter]

    def fetch(ahead: bool, key: Key, most: int) -> list[Any]:
        return sql.fetch(forward if ahead else back, at=key.at, tie=key.id, limit=most, **asked.params(), **more)

    return walk(letter, cursor, limit, Key(asked.end, 0, 0), fetch, lambda row: Key(row.at, 0, row.id))


def walk(
    letter: str, cursor: str, limit: int, top: Key, fetch: Callable[[bool, Key, int], list[Any]],
    key_of: Callable[[Any], Key],
) -> Page[Any]:  # fmt: skip
    """A page of a list whose newest rows stand under `top`.

    `fetch(forward, key, most)` gives rows strictly after the key in the direction, the nearest first.
    """
    at = read_cursor(cursor, letter)
    here = at or Cursor(letter, True, top)
    rows = fetch(here.forward, here.key, limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    seen = here.seen if here.forward else max(here.seen - len(rows), 0)
    if not here.forward:
        rows.reverse()
    lost = bool(cursor) and at is None
    if not rows:
        return Page([], cursor_lost=lost)
    has_next = more if here.forward else True
    has_previous = at is not None if here.forward else more
    return Page(
        rows, str(Cursor(letter, True, key_of(rows[-1]), seen + len(rows))) if has_next else None,
        str(Cursor(letter, False, key_of(rows[0]), seen)) if has_previous else None, lost, first=seen + 1,
    )  # fmt: skip
