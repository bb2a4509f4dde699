"""What parties put on record over orders, complaints and delay reports. Append-only."""

from datetime import datetime
from typing import Any, Final

from fahuo.store import sealed, sql

ADD: Final = """
INSERT INTO evidence (shop_id, order_id, complaint_id, report_id, at, party, member_id, name, body, upload_id)
VALUES (%(shop_id)s, %(order_id)s, %(complaint_id)s, %(report_id)s, %(now)s, %(party)s, %(member_id)s, %(name)s,
        %(body)s, %(upload_id)s) RETURNING id
"""
COLUMNS: Final = """e.id, e.order_id, e.complaint_id, e.report_id, e.at, e.party, e.member_id, e.name, e.body, e.upload_id,
       u.name AS file, octet_length(u.body) AS size"""
OF_COMPLAINT: Final = f"""
SELECT {COLUMNS} FROM evidence e
LEFT JOIN uploads u ON u.shop_id = %(shop_id)s AND u.id = e.upload_id
WHERE e.shop_id = %(shop_id)s AND e.complaint_id = %(complaint_id)s
  AND e.order_id = (SELECT c.order_id FROM complaints c WHERE c.shop_id = %(shop_id)s AND c.id = %(complaint_id)s)
ORDER BY e.id
"""
OF_ORDER: Final = f"""
SELECT {COLUMNS} FROM evidence e
LEFT JOIN uploads u ON u.shop_id = %(shop_id)s AND u.id = e.upload_id
WHERE e.shop_id = %(shop_id)s AND e.order_id = %(order_id)s AND e.report_id IS NULL ORDER BY e.id
"""
OF_REPORT: Final = f"""
SELECT {COLUMNS} FROM evidence e
LEFT JOIN uploads u ON u.shop_id = %(shop_id)s AND u.id = e.upload_id
WHERE e.shop_id = %(shop_id)s AND e.report_id = %(report_id)s ORDER BY e.id
"""
FILE: Final = """
SELECT u.name, u.body, e.order_id, e.report_id FROM evidence e
JOIN uploads u ON u.shop_id = %(shop_id)s AND u.id = e.upload_id
WHERE e.shop_id = %(shop_id)s AND e.id = %(evidence_id)s
"""
COUNT: Final = """
SELECT count(*) AS n FROM evidence e WHERE e.shop_id = %(shop_id)s AND e.party = %(party)s AND CASE
    WHEN %(report_id)s::bigint IS NOT NULL THEN e.report_id = %(report_id)s
    ELSE e.order_id = %(order_id)s AND e.complaint_id IS NOT DISTINCT FROM %(complaint_id)s::bigint END
"""


def add(
    shop_id: int, *, order_id: int | None, complaint_id: int | None, report_id: int | None, party: str,
    member_id: int | None, name: str, body: str, upload_id: int | None, now: datetime,
) -> int:  # fmt: skip
    """Put a piece on record; its id."""
    row = sql.fetch(
        ADD, shop_id=shop_id, order_id=order_id, complaint_id=complaint_id, report_id=report_id, party=party,
        member_id=member_id, name=name, body=sealed.seal_text(shop_id, sealed.EVIDENCE, body),
        upload_id=upload_id, now=now,
    )[0]  # fmt: skip
    return int(row.id)


def of_complaint(shop_id: int, complaint_id: int) -> list[Any]:
    """What was put on record over a complaint, oldest first; `file` is a name or None, `size` its bytes."""
    return _open(shop_id, sql.fetch(OF_COMPLAINT, shop_id=shop_id, complaint_id=complaint_id))


def of_order(shop_id: int, order_id: int) -> list[Any]:
    """What was put on record over an order, whichever complaint it was about, oldest first."""
    return _open(shop_id, sql.fetch(OF_ORDER, shop_id=shop_id, order_id=order_id))


def of_report(shop_id: int, report_id: int) -> list[Any]:
    """What was put on record over a delay report, oldest first."""
    return _open(shop_id, sql.fetch(OF_REPORT, shop_id=shop_id, report_id=report_id))


def _open(shop_id: int, rows: list[Any]) -> list[Any]:
    rows = [row._replace(size=max(row.size - sealed.OVERHEAD, 0)) if row.size else row for row in rows]
    return sealed.open_texts(shop_id, rows, sealed.EVIDENCE, "body")


def file(shop_id: int, evidence_id: int) -> Any | None:
    """(name, body, order_id, report_id) of a piece's file; None where there is no file."""
    row = sql.fetch_one(FILE, shop_id=shop_id, evidence_id=evidence_id)
    return row and row._replace(body=sealed.opened(shop_id, sealed.FILE, bytes(row.body)))


def count(shop_id: int, *, party: str, order_id: int | None, complaint_id: int | None, report_id: int | None) -> int:
    """How many pieces a party has put on record over a report, or over an order's complaint (None: over no complaint)."""
    row = sql.fetch(
        COUNT, shop_id=shop_id, party=party, order_id=order_id, complaint_id=complaint_id, report_id=report_id
    )[0]  # fmt: skip
    return int(row.n)
