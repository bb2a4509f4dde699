"""What the conversations of days that are over add up to, so that figures need not be read from every message again.

A day's sums hold as long as no message stands that came later (a greater id) and lies on or before that day.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from fahuo.store import sql

TURN: Final = "SELECT pg_advisory_xact_lock(hashtextextended('turns', %(shop_id)s))"
STANDS: Final = """
SELECT known.first, known.last, known.upto,
       (SELECT min(m.at) FROM messages m WHERE m.shop_id = %(shop_id)s AND m.id > known.upto) AS late
FROM (SELECT min(d.day) AS first, max(d.day) AS last, max(d.upto) AS upto FROM turn_days d
      WHERE d.shop_id = %(shop_id)s) AS known
"""
NEWEST: Final = """
SELECT min(m.at) AS first, max(m.id) AS upto FROM messages m WHERE m.shop_id = %(shop_id)s
"""
DAYS: Final = """
SELECT d.day, d.member_id, d.turns, d.quick, d.unanswered, d.took FROM turn_days d
WHERE d.shop_id = %(shop_id)s AND d.day >= %(first)s AND d.day <= %(last)s
"""
DROP: Final = "DELETE FROM turn_days d WHERE d.shop_id = %(shop_id)s AND d.day >= %(day)s"
COLUMNS: Final = ("shop_id", "day", "member_id", "turns", "quick", "unanswered", "took", "upto")


def take_turn(shop_id: int) -> None:
    """Let one at a time add up the days of a shop."""
    sql.fetch(TURN, shop_id=shop_id)


def stands(shop_id: int) -> Any:
    """Which days are added up (`first` to `last`, None: none), up to which message (`upto`), and the earliest instant
    `late` of what was written since."""
    return sql.fetch(STANDS, shop_id=shop_id)[0]


def newest(shop_id: int) -> Any:
    """The instant of the shop's `first` message and the greatest id (`upto`) of any; None without messages."""
    return sql.fetch(NEWEST, shop_id=shop_id)[0]


def days(shop_id: int, first: date, last: date) -> list[Any]:
    """The sums of these days: day, member_id (0: nobody's), turns, quick, unanswered, took (microseconds)."""
    return sql.fetch(DAYS, shop_id=shop_id, first=first, last=last)


def drop(shop_id: int, day: date) -> int:
    """Forget the sums of a day and of those after it."""
    return sql.run(DROP, shop_id=shop_id, day=day)


def put(records: Sequence[tuple[Any, ...]]) -> int:
    """Keep the sums of days, in the order of COLUMNS."""
    return sql.copy_rows("turn_days", COLUMNS, records)
