"""What a shipping batch holds by carrier: how many rows wait for a number, may be shipped, or have left."""

from typing import Final, NamedTuple

from fahuo.store import sql

SHARES: Final = """
SELECT coalesce(r.data ->> 'carrier', '') AS carrier,
       count(*) FILTER (WHERE r.verdict = 'waiting' AND coalesce(r.data ->> 'waybill', '') = '') AS waiting,
       count(*) FILTER (WHERE r.verdict IN ('waiting', 'ready', 'undone')) AS open,
       count(*) FILTER (WHERE r.verdict = 'done') AS done, count(*) AS rows
FROM batch_rows r WHERE r.shop_id = %(shop_id)s AND r.batch_id = %(batch_id)s AND r.verdict <> 'bad'
GROUP BY 1 ORDER BY count(*) DESC, 1
"""


class Share(NamedTuple):
    """One carrier's part of a batch, bad rows left out. `carrier` "" are the rows that nobody has yet.

    `waiting` rows have no number, `open` ones are not shipped (waiting among them), `done` ones left with this batch.
    """

    carrier: str
    waiting: int
    open: int
    done: int
    rows: int


def carrier_shares(shop_id: int, batch_id: int) -> list[Share]:
    """A batch by carrier, the largest part first."""
    found = sql.fetch(SHARES, shop_id=shop_id, batch_id=batch_id)
    return [Share(row.carrier, row.waiting, row.open, row.done, row.rows) for row in found]
