"""Answers kept for calls that are made again with the same `Idempotency-Key`.

The claim is a row, written in the transaction of the work itself: what was not done was not claimed. The advisory lock
only tells a twin at once that the first is still at work, where the row's own lock would let it wait.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from fahuo.store import sql

CLAIM: Final = """
WITH turn AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtextextended(%(name)s, %(shop_id)s::bigint # %(key_id)s::bigint)) AS mine
), made AS (
    INSERT INTO kept_answers (shop_id, key_id, name, request, status, at)
    SELECT %(shop_id)s, %(key_id)s, %(name)s, %(request)s, 0, %(now)s FROM turn WHERE turn.mine
    ON CONFLICT DO NOTHING RETURNING true
)
SELECT turn.mine, EXISTS (SELECT FROM made) AS made, a.request, a.status, a.body, a.at
FROM turn LEFT JOIN kept_answers a ON a.shop_id = %(shop_id)s AND a.key_id = %(key_id)s AND a.name = %(name)s
"""
AGAIN: Final = """
UPDATE kept_answers SET request = %(request)s, status = 0, body = NULL, at = %(now)s
WHERE shop_id = %(shop_id)s AND key_id = %(key_id)s AND name = %(name)s AND at < %(old)s
"""
KEEP: Final = """
UPDATE kept_answers SET status = %(status)s, body = %(body)s
WHERE shop_id = %(shop_id)s AND key_id = %(key_id)s AND name = %(name)s
"""
FORGET: Final = "DELETE FROM kept_answers WHERE shop_id = %(shop_id)s AND at < %(before)s"
DAY: Final = timedelta(days=1)


def claim(shop_id: int, key_id: int, name: str, request: bytes, *, now: datetime) -> Any:
    """Claim a name for this call: `made` where it is ours to do; else what stands (`request`, `status`, `body`), all None
    and `mine` False while another call is at work under the name. To be called within the transaction of the work."""
    asked: dict[str, Any] = {"shop_id": shop_id, "key_id": key_id, "name": name, "request": request, "now": now}
    found = sql.fetch(CLAIM, **asked)[0]
    if found.mine and not found.made and found.at is None:
        found = sql.fetch(CLAIM, **asked)[0]  # it was written between the look and the lock
    if found.at is not None and found.at < now - DAY and sql.run(AGAIN, **asked, old=now - DAY):
        return found._replace(made=True)
    return found


def keep(shop_id: int, key_id: int, name: str, *, status: int, body: bytes) -> None:
    """Write the answer beside its claim."""
    sql.run(KEEP, shop_id=shop_id, key_id=key_id, name=name, status=status, body=body)


def forget(shop_id: int, before: datetime) -> int:
    """Delete answers older than a moment; how many."""
    return sql.run(FORGET, shop_id=shop_id, before=before)
