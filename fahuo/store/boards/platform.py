"""The platform's desk: open complaints, interventions without one, and what was decided, across all shops.

Each list walks one partial index over what waits (`complaints_desk`, `tasks_desk`) or is over (`complaints_over`) from a
cursor and stops at its page, so that its cost depends on the page, not on how many shops there are. By money it reads
what is open, all of it, and no more. Ids come from one sequence, so they break every tie.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from fahuo.store import sql
from fahuo.store.boards.pages import MAX_ID, Count, Page

CAP: Final = 1000
"""The tabs count no further."""
SORTS: Final = ("oldest", "money")

_FILTERS: Final = """(%(shop)s = '' OR s.code = %(shop)s) AND (%(platform)s = '' OR s.platform = %(platform)s)"""
_SHOP: Final = "s.id AS shop_id, s.code, s.name AS shop, s.platform, s.time_zone"
_ORDER: Final = (
    "o.number, o.status AS order_status, o.item_amount, o.buyer, o.paid_at, o.urge_count, o.deadline, "
    + sql.promised("o", "o.promise_hours")
    + " AS promised"
)
_COMPLAINT: Final = """c.id, c.order_id, c.kind, c.opened_by, c.opened_at, c.status, c.closed_at, c.closed_by, c.compensation,
       c.points, c.rulebook"""
_JOINED: Final = """FROM complaints c JOIN shops s ON s.id = c.shop_id
JOIN orders o ON o.shop_id = c.shop_id AND o.id = c.order_id"""
OPEN: Final = f"""
/* across shops: the platform's desk */
SELECT {_SHOP}, {_ORDER}, {_COMPLAINT}, c.opened_at AS at, (
    SELECT string_agg(DISTINCT e.party, ' ') FROM evidence e
    WHERE e.shop_id = c.shop_id AND e.order_id = c.order_id AND e.complaint_id = c.id) AS parties
{_JOINED}
WHERE c.status = 'open' AND {_FILTERS} AND (%(kind)s = '' OR c.kind = %(kind)s) AND """
TAKEN: Final = f"""
/* across shops: the platform's desk */
SELECT {_SHOP}, {_ORDER}, t.id, t.order_id, t.kind, t.state, t.plan_reason, t.state_since AS at,
       (SELECT e.clause FROM task_events e WHERE e.shop_id = t.shop_id AND e.order_id = t.order_id AND e.task_id = t.id
        ORDER BY e.id DESC LIMIT 1) AS clause
FROM tasks t JOIN shops s ON s.id = t.shop_id JOIN orders o ON o.shop_id = t.shop_id AND o.id = t.order_id
WHERE t.state = 'platform_intervention' AND {_FILTERS} AND NOT EXISTS (
    SELECT FROM complaints c WHERE c.shop_id = t.shop_id AND c.order_id = t.order_id AND c.status = 'open') AND """
OVER: Final = f"""
/* across shops: the platform's desk */
SELECT {_SHOP}, {_ORDER}, {_COMPLAINT}, c.closed_at AS at {_JOINED}
WHERE c.closed_at IS NOT NULL AND {_FILTERS} AND (%(kind)s = '' OR c.kind = %(kind)s)
  AND (%(outcome)s = '' OR c.status = %(outcome)s) AND """


@dataclass(frozen=True, slots=True)
class Walk:
    """A list and the key it is sorted by: an instant, or an amount; `down` from the greatest."""

    statement: str
    column: str
    alias: str
    down: bool
    money: bool = False

    def sql(self, forward: bool) -> str:
        after, way = ("<", "DESC") if self.down == forward else (">", "ASC")
        place = "%(amount)s::numeric" if self.money else "%(at)s::timestamptz"
        bound = f"(%(from_start)s OR ({self.column}, {self.alias}.id) {after} ({place}, %(id)s))"
        return f"{self.statement}{bound} ORDER BY {self.column} {way}, {self.alias}.id {way} LIMIT %(limit)s"


WALKS: Final = {
    ("open", "oldest"): Walk(OPEN, "c.opened_at", "c", down=False),
    ("open", "money"): Walk(OPEN, "o.item_amount", "c", down=True, money=True),
    ("taken", "oldest"): Walk(TAKEN, "t.state_since", "t", down=False),
    ("taken", "money"): Walk(TAKEN, "o.item_amount", "t", down=True, money=True),
    ("over", "oldest"): Walk(OVER, "c.closed_at", "c", down=True),
}
TABS: Final = ("open", "taken", "over")

_CURSOR: Final = re.compile(r"([np])(-?[0-9]{1,18})\.([0-9]{1,19})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Step:
    forward: bool
    value: int
    id: int


def _read(text: str) -> _Step | None:
    found = _CURSOR.fullmatch(text)
    if found is None or int(found[3]) > MAX_ID:
        return None
    return _Step(found[1] == "n", int(found[2]), int(found[3]))


def _instant(micros: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return None


def desk_page(
    tab: str, *, sort: str = "oldest", shop: str = "", platform: str = "", kind: str = "", outcome: str = "",
    cursor: str = "", limit: int = 50,
) -> Page[Any]:  # fmt: skip
    """A page of the desk: `tab` open (complaints that wait for a verdict, oldest first), taken (interventions without a
    complaint, oldest first) or over (newest first, always); `sort` money puts the dearest order first. "" filters nothing."""
    walk = WALKS[tab, "oldest" if tab == "over" else sort]
    step = _read(cursor)
    at = None if step is None or walk.money else _instant(step.value)
    if step is not None and not walk.money and at is None:
        step = None
    forward = step is None or step.forward
    rows = sql.fetch(
        walk.sql(forward), shop=shop, platform=platform, kind=kind, outcome=outcome, from_start=step is None, at=at,
        amount=Decimal(step.value) / 100 if step else 0, id=step.id if step else 0, limit=limit + 1,
    )  # fmt: skip
    more = len(rows) > limit
    rows = rows[:limit] if forward else rows[:limit][::-1]
    onward, back = (more, step is not None) if forward else (True, more)
    return Page(
        rows, next=f"n{_key(rows[-1], walk)}" if rows and onward else None,
        previous=f"p{_key(rows[0], walk)}" if rows and back else None, cursor_lost=bool(cursor) and step is None,
    )  # fmt: skip


def _key(row: Any, walk: Walk) -> str:
    value = int(row.item_amount * 100) if walk.money else (row.at - _EPOCH) // timedelta(microseconds=1)
    return f"{value}.{row.id}"


COUNTS: Final = """
/* across shops: the platform's desk */
SELECT (SELECT count(*) FROM (SELECT FROM complaints c WHERE c.status = 'open' LIMIT %(cap)s) AS x) AS open,
       (SELECT count(*) FROM (
            SELECT FROM tasks t WHERE t.state = 'platform_intervention' AND NOT EXISTS (
                SELECT FROM complaints c WHERE c.shop_id = t.shop_id AND c.order_id = t.order_id AND c.status = 'open')
            LIMIT %(cap)s) AS x) AS taken,
       (SELECT count(*) FROM (
            SELECT FROM delay_reports r WHERE r.status = 'filed' LIMIT %(cap)s) AS x) AS reports
"""


@dataclass(frozen=True, slots=True)
class DeskCounts:
    """How much waits for the platform."""

    open: Count
    taken: Count
    reports: Count


def desk_counts() -> DeskCounts:
    """How many complaints wait for a verdict, interventions have no complaint, and delay reports wait."""
    row = sql.fetch(COUNTS, cap=CAP + 1)[0]
    return DeskCounts(*(Count(min(number, CAP), number > CAP) for number in row))


SHOP: Final = """
SELECT s.id, s.code, s.name, s.platform, s.time_zone, s.ship_from, s.tasks_here, s.created_at FROM shops s
WHERE s.code = %(code)s
"""
SHOP_NAMES: Final = "SELECT s.code, s.name FROM shops s ORDER BY s.name, s.id LIMIT 1000"


def shop_by_code(code: str) -> Any | None:
    """A shop's own row."""
    return sql.fetch_one(SHOP, code=code)


def shop_names() -> list[Any]:
    """(code, name) of the first thousand shops by name, to choose from."""
    return sql.fetch(SHOP_NAMES)
