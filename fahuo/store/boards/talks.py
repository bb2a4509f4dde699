"""Conversations with buyers: which wait for an answer? Unread ones first, then the newest.

Each page walks one index of `talks`; the counts stop at COUNTED.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fahuo.rules import masking
from fahuo.store import sealed, sql
from fahuo.store.boards.pages import Count, Cursor, Key, Page, read_cursor

TALK_TABS: Final[tuple[str, ...]] = ("waiting", "all")
COUNTED: Final = 1000
FOUND: Final = 200
"""Orders of one buyer that a search looks at."""

_ROW: Final = """
SELECT t.order_id, t.fresh, t.unread, t.last_at, t.waiting_since, o.number, o.buyer, o.title, o.quantity,
       o.status AS order_status, m.sender, m.kind, m.body, m.name, k.id AS task_id, k.state, k.due_at
FROM ({walk}) AS t
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = t.order_id
JOIN messages m ON m.shop_id = %(shop_id)s AND m.id = t.last_id
LEFT JOIN tasks k ON k.shop_id = %(shop_id)s AND k.order_id = t.order_id AND k.kind = 'urge_shipment'
     AND NOT (k.state = 'completed')
ORDER BY t.fresh {way}, t.last_at {way}, t.order_id {way}
"""
_WALK: Final = """
    SELECT t.order_id, t.fresh, t.unread, t.last_at, t.last_id, t.waiting_since FROM talks t
    WHERE t.shop_id = %(shop_id)s {only} {from_here}
    ORDER BY t.fresh {way}, t.last_at {way}, t.order_id {way} LIMIT %(limit)s"""
_HERE: Final = "AND (t.fresh, t.last_at, t.order_id) {sign} (%(fresh)s, %(at)s, %(id)s)"
_WAITING: Final = "AND t.waiting_since IS NOT NULL"
_THESE: Final = "AND t.order_id = ANY(%(ids)s::bigint[])"


@dataclass(frozen=True, slots=True)
class TalkRow:
    """A conversation in a list. `buyer` is masked; `last` is who wrote last what (`kind`: message, card, auto), when.

    `waiting_since`: since when the buyer waits for a person; `state` and `due_at` are of the open task ("" for none).
    """

    order_id: int
    number: str
    buyer: str
    title: str
    quantity: int
    order_status: str
    unread: int
    waiting_since: datetime | None
    last_at: datetime
    sender: str
    kind: str
    body: str
    name: str
    task_id: int | None
    state: str
    due_at: datetime | None
    fresh: bool

    @property
    def key(self) -> Key:
        """Where it stands in the list."""
        return Key(self.last_at, int(self.fresh), self.order_id)


def _statement(*, back: bool, begun: bool, tab: str, these: bool) -> str:
    way = "ASC" if back else "DESC"
    only = " ".join(part for part, on in ((_WAITING, tab == "waiting"), (_THESE, these)) if on)
    here = _HERE.format(sign=">" if back else "<") if begun else ""
    return _ROW.format(walk=_WALK.format(only=only, from_here=here, way=way), way=way)


def talks_page(
    shop_id: int, *, tab: str = "waiting", text: str = "", cursor: str = "", limit: int = 50
) -> Page[TalkRow]:
    """A page of the shop's conversations. `text`: an order's number or a buyer's name, whole."""
    at = read_cursor(cursor, "m")
    back = at is not None and not at.forward
    ids = _meant(shop_id, text) if text.strip() else None
    asked = {"fresh": bool(at.key.tie), "at": at.key.at, "id": at.key.id} if at else {}
    statement = _statement(back=back, begun=at is not None, tab=tab, these=ids is not None)
    found = sql.fetch(statement, shop_id=shop_id, ids=ids, limit=limit + 1, **asked)
    more = len(found) > limit
    rows = [_row(row) for row in sealed.open_texts(shop_id, found[:limit], sealed.TALK, "body")]
    if back:
        rows.reverse()
    seen = at.seen if at else 0
    first = seen + 1 if not back else max(seen - len(rows), 0) + 1
    onward, before = (more, at is not None) if not back else (True, more)
    return Page(
        rows, next=str(Cursor("m", True, rows[-1].key, first - 1 + len(rows))) if rows and onward else None,
        previous=str(Cursor("m", False, rows[0].key, first - 1)) if rows and before else None,
        cursor_lost=bool(cursor) and at is None, first=first,
    )  # fmt: skip


def _row(row: Any) -> TalkRow:
    told = row._asdict()
    told.pop("last_id", None)
    return TalkRow(**{**told, "buyer": masking.mask_name(row.buyer), "state": row.state or ""})


MEANT: Final = """
(SELECT o.id FROM orders o WHERE o.shop_id = %(shop_id)s AND o.number = %(text)s LIMIT %(limit)s)
UNION
(SELECT o.id FROM orders o WHERE o.shop_id = %(shop_id)s AND o.buyer = %(text)s LIMIT %(limit)s)
"""


def _meant(shop_id: int, text: str) -> list[int]:
    text = text.replace("\x00", "").strip()[:200]
    return [row.id for row in sql.fetch(MEANT, shop_id=shop_id, text=text, limit=FOUND)]


COUNTS: Final = """
SELECT (SELECT count(*) FROM (SELECT FROM talks t WHERE t.shop_id = %(shop_id)s AND t.waiting_since IS NOT NULL
                              LIMIT %(most)s) AS waits) AS waiting,
       (SELECT count(*) FROM (SELECT FROM talks t WHERE t.shop_id = %(shop_id)s LIMIT %(most)s) AS every) AS every
"""


def talk_counts(shop_id: int) -> dict[str, Count]:
    """Tab -> how many conversations it shows."""
    row = sql.fetch(COUNTS, shop_id=shop_id, most=COUNTED)[0]
    counted = {"waiting": int(row.waiting), "all": int(row.every)}
    return {name: Count(n, n >= COUNTED) for name, n in counted.items()}


FRESH: Final = """
SELECT count(*) AS n FROM (SELECT FROM talks t WHERE t.shop_id = %(shop_id)s AND t.fresh LIMIT %(most)s) AS new
"""


def fresh_count(shop_id: int) -> Count:
    """How many conversations have something unread."""
    n = int(sql.fetch(FRESH, shop_id=shop_id, most=COUNTED)[0].n)
    return Count(n, n >= COUNTED)


ONE: Final = """
SELECT o.id, o.number, o.buyer, t.waiting_since, coalesce(t.unread, 0) AS unread, coalesce(t.last_id, 0) AS last_id
FROM orders o LEFT JOIN talks t ON t.shop_id = %(shop_id)s AND t.order_id = o.id
WHERE o.shop_id = %(shop_id)s AND o.id = %(order_id)s
"""


def talk(shop_id: int, order_id: int) -> Any | None:
    """How the conversation over an order stands (id, number, buyer masked, waiting_since, unread, last_id); None where
    the shop has no such order. An order without messages has an empty one."""
    row = sql.fetch_one(ONE, shop_id=shop_id, order_id=order_id)
    return None if row is None else row._replace(buyer=masking.mask_name(row.buyer))


MARKS: Final = """
SELECT e.id, e.at, e.actor, e.event, e.to_state, e.clause, e.rulebook, e.data, e.task_id, t.kind, t.state, t.due_at, t.plan, t.plan_until,
       t.marketplace_due_at
FROM task_events e JOIN tasks t ON t.shop_id = %(shop_id)s AND t.id = e.task_id
WHERE e.shop_id = %(shop_id)s AND e.order_id = %(order_id)s ORDER BY e.id
"""


def talk_marks(shop_id: int, order_id: int) -> list[Any]:
    """What happened to an order's tasks, oldest first, each with its task as it stands now."""
    return sql.fetch(MARKS, shop_id=shop_id, order_id=order_id)
