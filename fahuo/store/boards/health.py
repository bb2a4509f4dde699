"""How far behind the installation is, over all shops: what monitoring asks every few seconds.

Each part walks an index that holds only what waits, so that a look costs what waits and not what is kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from fahuo.rules.batches import WORK_WAITS
from fahuo.rules.orders import IN_BACKLOG
from fahuo.store import sql

LANES: Final = {
    "tasks": ("tasks", "due_at", "set_aside_at IS NULL"),
    "reminders": ("tasks", "next_reminder_at", "set_aside_at IS NULL"),
    "deliveries": ("deliveries", "due_at", ""),
    "webhooks": ("webhook_deliveries", "due_at", ""),
    "marketplaces": ("marketplaces", "due_at", ""),
    "confirmations": ("confirmations", "due_at", ""),
    "carriers": ("carrier_accounts", "due_at", ""),
    "numbers": ("number_orders", "due_at", ""),
    "trackings": ("trackings", "due_at", ""),
    "printing": ("print_jobs", "due_at", ""),
}
"""What the clock takes up when it is due: name -> table, the column that says when, what else must hold."""
MANY: Final = 100_000
"""Overdue orders are counted so far and no further."""
TICKING: Final = timedelta(seconds=60)


def _lane(name: str, table: str, due: str, also: str) -> str:
    also = f" AND {also}" if also else ""
    return f"SELECT '{name}' AS lane, count(*) AS rows, min({due}) AS oldest FROM {table} WHERE {due} <= %(now)s{also}"


BEHIND: Final = (
    "/* across shops: the figures of the installation */\n"
    + "\nUNION ALL\n".join(_lane(name, *lane) for name, lane in LANES.items())
    + "\nUNION ALL\nSELECT 'batches', count(*), min(COALESCE(worked_at, created_at)) FROM batches"
    " WHERE status = ANY(%(waits)s)"
)
STATE: Final = """
/* across shops: the figures of the installation */
SELECT (SELECT max(at) FROM clock_ticks) AS ticked,
       (SELECT count(*) FROM clock_ticks WHERE at > %(alive)s) AS clocks,
       (SELECT COALESCE(sum(delta), 0) FROM order_tally WHERE status = ANY(%(waiting)s)) AS waiting,
       (SELECT count(*) FROM (SELECT 1 FROM backlog WHERE deadline < %(now)s LIMIT %(many)s) late) AS overdue,
       (SELECT min(pulled_at) FROM marketplaces WHERE active AND due_at IS NOT NULL) AS pulled,
       (SELECT count(*) FROM print_jobs WHERE status = 'held') AS held,
       pg_database_size(current_database()) AS size
"""


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of work of the clock: how many rows are due, and since when the oldest (None: none is)."""

    name: str
    rows: int
    oldest: datetime | None

    def late(self, now: datetime) -> float:
        """Seconds by which the oldest is late; 0 when nothing is due."""
        return max(0.0, (now - self.oldest).total_seconds()) if self.oldest else 0.0


@dataclass(frozen=True, slots=True)
class State:
    """The installation at one moment. `ticked`: the last round of any clock; `clocks`: how many ran in the last minute;
    `pulled`: the marketplace that was pulled longest ago; `size`: bytes of the database."""

    lanes: tuple[Lane, ...]
    ticked: datetime | None
    clocks: int
    waiting: int
    overdue: int
    pulled: datetime | None
    held: int
    size: int


def behind(now: datetime) -> tuple[Lane, ...]:
    """Every lane of the clock."""
    return tuple(Lane(row.lane, row.rows, row.oldest) for row in sql.fetch(BEHIND, now=now, waits=sorted(WORK_WAITS)))


def state(now: datetime) -> State:
    """All that monitoring asks."""
    row: Any = sql.fetch_one(STATE, now=now, alive=now - TICKING, waiting=sorted(IN_BACKLOG), many=MANY)
    return State(behind(now), row.ticked, row.clocks, int(row.waiting), row.overdue, row.pulled, row.held, row.size)
