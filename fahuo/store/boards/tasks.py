"""The seller's tasks: which must be answered first? Sorted by what they cost if nobody acts, then by when they are due.

The cost of a task is the compensation of the complaint it has, or of the one that its due instant would open, taken
by itself: the sum of a buyer's day (rules.penalties) is looked at when a complaint closes. A shop has thousands of open
tasks at most, so all of them are priced by one statement; the completed ones are walked by their id and never counted
beyond COUNTED.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from psycopg.types.json import Jsonb

from fahuo.rules import masking
from fahuo.rules.tasks import OPEN, STATES
from fahuo.store import sql
from fahuo.store.boards.pages import Count, Page, ordered

TASK_TABS: Final[tuple[str, ...]] = (*STATES, "open")
COUNTED: Final = 10_000
PRICED: Final = 20_000
"""So many open tasks are priced at most; a shop with more answers the oldest of them first."""
_CURSOR: Final = re.compile(r"([np])([0-9]{1,12})\.([0-9]{1,18})\.([0-9]{1,19})~([0-9]{1,9})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What the list shows: a tab of TASK_TABS, due within so many hours, a kind, a plan, only what was set aside."""

    tab: str = "open"
    within: int | None = None
    kind: str = ""
    plan: str = ""
    aside: bool = False


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task in a list. `cost` (CNY) and `points`: what silence costs next; personal data is masked."""

    id: int
    order_id: int
    number: str
    title: str
    quantity: int
    item_amount: Decimal
    receiver: str
    order_status: str
    deadline: datetime | None
    kind: str
    state: str
    due_at: datetime | None
    state_since: datetime
    created_at: datetime
    plan: str
    plan_until: datetime | None
    plan_reason: str
    answered_by: str
    urge_count: int
    urged_at: datetime | None
    rulebook: str
    set_aside: bool
    complaint: str
    cost: Decimal
    points: int

    @property
    def id_text(self) -> str:
        """The id as a name within a page."""
        return str(self.id)


_OPEN_STATES: Final = ", ".join(f"'{state}'" for state in OPEN)
PRICED_TASKS: Final = (
    """
WITH rates AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(rates)s) AS r (
        version text, kind text, percent numeric, least numeric, most numeric, over_hours int, long_percent numeric,
        long_least numeric, long_most numeric, hours int, points int)
), found AS MATERIALIZED (
    SELECT t.id, t.order_id, t.kind, t.state, t.due_at, t.state_since, t.created_at, t.plan, t.plan_until,
           t.plan_reason, t.answered_by, t.urge_count, t.rulebook, t.set_aside_at
    FROM tasks t WHERE t.shop_id = %(shop_id)s AND {states}
      AND (%(states)s::text[] IS NULL OR t.state = ANY(%(states)s::text[]))
      AND (%(before)s::timestamptz IS NULL OR t.due_at <= %(before)s) AND (%(kind)s = '' OR t.kind = %(kind)s)
      AND (%(plan)s = '' OR t.plan = %(plan)s) AND (NOT %(aside)s OR t.set_aside_at IS NOT NULL)
    ORDER BY t.id{order} LIMIT %(most)s
), judged AS (
    SELECT f.*, o.number, o.title, o.quantity, o.item_amount, o.status AS order_status, o.deadline, o.urged_at,
           coalesce(r.name, '') AS receiver, """
    + sql.promised("o", "coalesce(o.promise_hours, s.promise_hours)")
    + """ AS promise,
           coalesce(m.name, '') AS answerer, coalesce(c.kind, '') AS complaint,
           coalesce(c.kind, CASE WHEN f.due_at IS NULL OR o.deadline IS NULL THEN NULL
               WHEN GREATEST(f.due_at, %(now)s) >= o.deadline + make_interval(hours => (
                   SELECT min(v.hours) FROM rates v WHERE v.version = f.rulebook))
               THEN 'out_of_stock' ELSE 'delay' END) AS threat
    FROM found f
    JOIN shops s ON s.id = %(shop_id)s
    JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = f.order_id
    LEFT JOIN receivers r ON r.shop_id = %(shop_id)s AND r.order_id = f.order_id
    LEFT JOIN members m ON m.shop_id = %(shop_id)s AND m.id = f.answered_by
    LEFT JOIN complaints c ON c.shop_id = %(shop_id)s AND c.order_id = f.order_id AND c.status = 'open'
), priced AS (
    SELECT j.*, CASE WHEN v.kind IS NULL OR paid.kind IS NOT NULL THEN 0.00
           WHEN v.over_hours IS NOT NULL AND j.promise > v.over_hours
           THEN round(LEAST(GREATEST(j.item_amount * v.long_percent / 100, v.long_least), v.long_most), 2)
           ELSE round(LEAST(GREATEST(j.item_amount * v.percent / 100, v.least), v.most), 2) END AS cost,
           CASE WHEN v.kind IS NULL OR paid.kind IS NOT NULL THEN 0 ELSE v.points END AS points
    FROM judged j LEFT JOIN rates v ON v.version = j.rulebook AND v.kind = j.threat
    LEFT JOIN LATERAL (
        SELECT l.kind FROM ledger l
        WHERE l.shop_id = %(shop_id)s AND l.order_id = j.order_id AND l.kind = j.threat LIMIT 1
    ) AS paid ON true
)
"""
)
OPEN_PAGE: Final = (
    PRICED_TASKS.format(states=f"t.state IN ({_OPEN_STATES})", order="")
    + """
SELECT p.* FROM priced p
WHERE %(cost)s::numeric IS NULL OR (-p.cost, coalesce(p.due_at, %(never)s), p.id) > (-%(cost)s::numeric, %(due)s, %(id)s)
ORDER BY -p.cost, coalesce(p.due_at, %(never)s), p.id LIMIT %(limit)s
"""
)
BACK_PAGE: Final = (
    PRICED_TASKS.format(states=f"t.state IN ({_OPEN_STATES})", order="")
    + """
SELECT p.* FROM priced p
WHERE (-p.cost, coalesce(p.due_at, %(never)s), p.id) < (-%(cost)s::numeric, %(due)s, %(id)s)
ORDER BY -p.cost DESC, coalesce(p.due_at, %(never)s) DESC, p.id DESC LIMIT %(limit)s
"""
)
DONE_PAGE: Final = (
    PRICED_TASKS.format(states="t.state = 'completed' AND t.id < %(id)s", order=" DESC")
    + "SELECT p.* FROM priced p ORDER BY p.id DESC"
)
DONE_BACK: Final = (
    PRICED_TASKS.format(states="t.state = 'completed' AND t.id > %(id)s", order="")
    + "SELECT p.* FROM priced p ORDER BY p.id"
)


@dataclass(frozen=True, slots=True)
class _At:
    """Where a page begins: after (or before) this cost, due instant and id."""

    forward: bool
    cost: Decimal
    due: datetime
    id: int
    seen: int

    def __str__(self) -> str:
        cents, micros = int(self.cost * 100), (self.due - _EPOCH) // timedelta(microseconds=1)
        return f"{'n' if self.forward else 'p'}{cents}.{micros}.{self.id}~{self.seen}"


def _read(text: str) -> _At | None:
    found = _CURSOR.fullmatch(text)
    if found is None or int(found[4]) >= 2**63:
        return None
    try:
        due = _EPOCH + timedelta(microseconds=int(found[3]))
    except OverflowError:
        return None
    return _At(found[1] == "n", Decimal(int(found[2])) / 100, due, int(found[4]), int(found[5]))


def tasks_page(
    shop_id: int, wish: TaskFilter, rates: Sequence[Mapping[str, Any]], *, now: datetime, cursor: str = "",
    limit: int = 50,
) -> Page[TaskRow]:  # fmt: skip
    """A page of the shop's tasks. `rates`: what each version of the rule book asks (services.stakes.rates)."""
    at = _read(cursor)
    rows = _rows(shop_id, wish, rates, at, now=now, limit=limit + 1)
    forward = at is None or at.forward
    more, rows = len(rows) > limit, rows[:limit]
    if not forward:
        rows.reverse()
    seen = at.seen if at else 0
    first = seen + 1 if forward else max(seen - len(rows), 0) + 1
    after = forward and more or not forward and bool(rows)
    before = (forward and at is not None and bool(rows)) or (not forward and more)
    return Page(
        rows, next=_cursor(rows, True, first - 1 + len(rows)) if after else None,
        previous=_cursor(rows, False, first - 1) if before else None, cursor_lost=bool(cursor) and at is None, first=first,
    )  # fmt: skip


def _cursor(rows: Sequence[TaskRow], forward: bool, seen: int) -> str:
    row = rows[-1] if forward else rows[0]
    return str(_At(forward, row.cost, row.due_at or _NEVER, row.id, seen))


def _rows(
    shop_id: int, wish: TaskFilter, rates: Sequence[Mapping[str, Any]], at: _At | None, *, now: datetime, limit: int
) -> list[TaskRow]:
    asked = {
        "shop_id": shop_id, "rates": Jsonb(list(rates)), "now": now, "kind": wish.kind, "plan": wish.plan,
        "states": None if wish.tab in ("open", "completed") else [wish.tab], "aside": wish.aside,
        "before": now + timedelta(hours=wish.within) if wish.within else None, "most": PRICED, "limit": limit,
        "never": _NEVER, "cost": at.cost if at else None, "due": at.due if at else _NEVER,
    }  # fmt: skip
    if wish.tab == "completed":
        back = at is not None and not at.forward
        start = at.id if at else 2**63 - 1
        return [
            _row(row) for row in sql.fetch(DONE_BACK if back else DONE_PAGE, **{**asked, "id": start, "most": limit})
        ]
    back = at is not None and not at.forward
    return [_row(row) for row in sql.fetch(BACK_PAGE if back else OPEN_PAGE, **{**asked, "id": at.id if at else 0})]


def _row(row: Any) -> TaskRow:
    plain = {field.name for field in fields(TaskRow)} - {"receiver", "answered_by", "set_aside"}
    return TaskRow(
        **{name: getattr(row, name) for name in plain}, receiver=masking.mask_name(row.receiver),
        answered_by=row.answerer, set_aside=row.set_aside_at is not None,
    )  # fmt: skip


NAMED: Final = PRICED_TASKS.format(states="t.id = ANY(%(ids)s)", order="") + "SELECT p.* FROM priced p"


def task_rows(
    shop_id: int, ids: Sequence[int], rates: Sequence[Mapping[str, Any]], *, now: datetime
) -> list[TaskRow]:  # fmt: skip
    """These tasks as the list shows them, in this order; ids of no task of the shop are left out."""
    found = sql.fetch(
        NAMED, shop_id=shop_id, rates=Jsonb(list(rates)), now=now, kind="", plan="", states=None, aside=False,
        before=None, most=len(ids), ids=list(ids),
    )  # fmt: skip
    return [_row(row) for row in ordered(found, ids)]


def task_row(shop_id: int, task_id: int, rates: Sequence[Mapping[str, Any]], *, now: datetime) -> TaskRow | None:
    """One task as the list shows it."""
    return next(iter(task_rows(shop_id, [task_id], rates, now=now)), None)


COUNTS: Final = f"""
SELECT t.state, count(*) AS n, count(*) FILTER (WHERE t.set_aside_at IS NOT NULL) AS aside FROM tasks t
WHERE t.shop_id = %(shop_id)s AND t.state IN ({_OPEN_STATES}) AND NOT (t.state = 'completed') GROUP BY t.state
"""
DONE: Final = """
SELECT count(*) AS n FROM (
    SELECT FROM tasks t WHERE t.shop_id = %(shop_id)s AND t.state = 'completed' LIMIT %(most)s
) AS done
"""


def task_counts(shop_id: int) -> dict[str, Count]:
    """Tab -> how many tasks it shows; "aside" counts those that were set aside."""
    found = sql.fetch(COUNTS, shop_id=shop_id)
    done = int(sql.fetch(DONE, shop_id=shop_id, most=COUNTED)[0].n)
    counts = {state: Count(0) for state in STATES} | {row.state: Count(int(row.n)) for row in found}
    counts["completed"] = Count(done, done >= COUNTED)
    counts["open"] = Count(sum(int(row.n) for row in found))
    counts["aside"] = Count(sum(int(row.aside) for row in found))
    return counts


STAKES: Final = (
    PRICED_TASKS.format(states=f"t.state IN ({_OPEN_STATES})", order="")
    + """
SELECT count(*) AS tasks, coalesce(sum(p.cost), 0) AS cost, coalesce(sum(p.points), 0) AS points,
       count(*) FILTER (WHERE p.due_at <= %(until)s) AS due, min(p.due_at) AS next_due,
       coalesce(sum(p.cost) FILTER (WHERE p.due_at <= %(until)s OR NOT (p.complaint = '')), 0) AS due_cost,
       coalesce(sum(p.points) FILTER (WHERE p.due_at <= %(until)s OR NOT (p.complaint = '')), 0) AS due_points,
       count(*) FILTER (WHERE p.state IN ('awaiting_seller_reply', 'awaiting_seller_action')) AS mine
FROM priced p
"""
)


@dataclass(frozen=True, slots=True)
class TaskStakes:
    """What the open tasks cost (CNY, points) if nobody acts: all of them, and what falls due by some instant or stands
    before the platform already. `mine`: how many wait for the seller. `next_due`: when the first runs out."""

    tasks: int
    mine: int
    due: int
    next_due: datetime | None
    cost: Decimal
    points: int
    due_cost: Decimal
    due_points: int


def task_stakes(shop_id: int, rates: Sequence[Mapping[str, Any]], *, until: datetime, now: datetime) -> TaskStakes:
    """What the shop's open tasks put at stake by `until`."""
    row = sql.fetch(
        STAKES, shop_id=shop_id, rates=Jsonb(list(rates)), now=now, until=until, kind="", plan="", states=None,
        aside=False, before=None, most=PRICED,
    )[0]  # fmt: skip
    return TaskStakes(
        tasks=row.tasks, mine=row.mine, due=row.due, next_due=row.next_due, cost=row.cost, points=int(row.points),
        due_cost=row.due_cost, due_points=int(row.due_points),
    )  # fmt: skip
