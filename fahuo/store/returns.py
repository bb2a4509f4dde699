"""Numbers that the carrier's rule gives back: voided without a trace, or untouched for long without one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fahuo.rules.label_states import before
from fahuo.store import arrays, sql

FROM = """
FROM contracts c
JOIN waybill_numbers n ON n.shop_id = %(shop_id)s AND n.contract_id = c.id
LEFT JOIN labels l ON l.shop_id = %(shop_id)s AND l.id = n.label_id AND n.state <> 'voided' AND l.voided_at IS NULL
WHERE c.shop_id = %(shop_id)s AND n.state IN ('taken', 'printed', 'voided') AND n.scanned_at IS NULL
  AND (n.state = 'voided' AND n.changed_at <= %(now)s - c.return_voided_days * interval '1 day'
       OR n.state IN ('taken', 'printed') AND n.changed_at <= %(now)s - c.return_silent_days * interval '1 day')
  AND (l.id IS NULL OR l.state = ANY(%(voidable)s) AND l.handed_over_at IS NULL)
"""
"""Numbers `n` that come back by their contracts; days that are NULL give nothing back. `l`: the label that still holds it."""

DUE = f"""
SELECT n.id, l.id AS label_id {FROM}
  AND n.changed_at <= %(now)s - LEAST(c.return_voided_days, c.return_silent_days) * interval '1 day'
ORDER BY n.contract_id, n.changed_at, n.id LIMIT %(limit)s
"""


def due(shop_id: int, *, now: datetime, limit: int) -> list[Any]:
    """Numbers that come back at `now`: id, and the living label that holds it (or None)."""
    return sql.fetch(DUE, shop_id=shop_id, now=now, limit=limit, voidable=list(before("void")))


STILL = f"""
SELECT n.id, l.id AS label_id {FROM} AND n.id = ANY(%(ids)s::bigint[]) ORDER BY n.id FOR NO KEY UPDATE OF n
"""


def lock(shop_id: int, number_ids: Sequence[int], *, now: datetime) -> list[Any]:
    """Those of these numbers that still come back, locked, as `due` tells them. Their labels are locked before them."""
    return sql.fetch(STILL, shop_id=shop_id, ids=arrays.ids(number_ids), now=now, voidable=list(before("void")))
