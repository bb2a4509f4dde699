"""What a courier's verbs read besides his lists: his contract, whose parcel it is, addresses for a sheet."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from fahuo.store import sealed, sql

CONTRACT: Final = """
SELECT c.carrier, c.name, c.branch, c.numbers, c.ships_at, c.printer_id, c.template_id, c.pickup_times
FROM contracts c WHERE c.shop_id = %(shop_id)s AND c.id = %(contract_id)s
"""


def contract(shop_id: int, contract_id: int) -> Any:
    """What a courier's pages need of his contract: carrier, name, branch, numbers, ships_at, printer, template, times."""
    return sql.fetch(CONTRACT, shop_id=shop_id, contract_id=contract_id)[0]


def carrier(shop_id: int, contract_id: int) -> str:
    """The carrier of a contract."""
    return str(contract(shop_id, contract_id).carrier)


SHIPPED_BY: Final = """
SELECT FROM parcels p WHERE p.shop_id = %(shop_id)s AND p.id = %(parcel_id)s AND p.shipped_by = %(courier_id)s
"""


def shipped_by(shop_id: int, parcel_id: int, courier_id: int) -> bool:
    """Whether a courier himself shipped a parcel."""
    return bool(sql.fetch(SHIPPED_BY, shop_id=shop_id, parcel_id=parcel_id, courier_id=courier_id))


ADDRESSES: Final = """
SELECT o.id, o.number, coalesce(r.name, '') AS receiver, coalesce(r.phone, '') AS phone,
       coalesce(r.phone_extension, '') AS phone_extension, coalesce(r.province, '') AS province,
       coalesce(r.city, '') AS city, coalesce(r.district, '') AS district, coalesce(r.address, '') AS address, r.sealed,
       r.order_id AS sealed_of, o.title AS goods, o.quantity, g.note AS memo, coalesce(l.waybill, '') AS waybill
FROM unnest(%(order_ids)s::bigint[]) WITH ORDINALITY AS asked (id, place)
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = asked.id
JOIN assignments g ON g.shop_id = %(shop_id)s AND g.order_id = o.id AND g.contract_id = %(contract_id)s
LEFT JOIN receivers r ON r.shop_id = %(shop_id)s AND r.order_id = o.id
LEFT JOIN label_orders h ON h.shop_id = %(shop_id)s AND h.order_id = o.id AND h.voided_at IS NULL
LEFT JOIN labels l ON l.shop_id = %(shop_id)s AND l.id = h.label_id AND l.contract_id = %(contract_id)s
ORDER BY asked.place
"""


def addresses(shop_id: int, contract_id: int, order_ids: Sequence[int]) -> list[Any]:
    """These orders of a contract with their receivers in full, in this order."""
    rows = sql.fetch(ADDRESSES, shop_id=shop_id, contract_id=contract_id, order_ids=list(order_ids))
    return sealed.open_receivers(shop_id, rows)


IDS_OF: Final = """
SELECT o.id FROM orders o JOIN assignments g ON g.shop_id = %(shop_id)s AND g.order_id = o.id
WHERE o.shop_id = %(shop_id)s AND o.number = ANY(%(numbers)s::text[]) AND g.contract_id = %(contract_id)s
  AND g.handed_at IS NOT NULL ORDER BY o.id
"""


def ids_of(shop_id: int, contract_id: int, numbers: Sequence[str]) -> list[int]:
    """The orders of these numbers that are in the hands of the contract's couriers."""
    rows = sql.fetch(IDS_OF, shop_id=shop_id, contract_id=contract_id, numbers=list(dict.fromkeys(numbers)))
    return [row.id for row in rows]


OWN_LABELS: Final = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, a.* FROM unnest(%(label_ids)s::bigint[]) WITH ORDINALITY AS a (id, place)
)
SELECT l.id FROM asked a JOIN labels l ON l.shop_id = a.shop_id AND l.id = a.id AND l.contract_id = %(contract_id)s
WHERE NOT EXISTS (
    SELECT FROM label_orders h WHERE h.shop_id = a.shop_id AND h.label_id = l.id
      AND h.voided_at IS NOT DISTINCT FROM l.voided_at
      AND NOT EXISTS (SELECT FROM assignments g WHERE g.shop_id = a.shop_id AND g.order_id = h.order_id
                      AND g.contract_id = %(contract_id)s AND g.handed_at IS NOT NULL))
ORDER BY a.place
"""


def own_labels(shop_id: int, contract_id: int, label_ids: Sequence[int]) -> list[int]:
    """Those of these labels whose every order is in the hands of the contract's couriers, in this order."""
    rows = sql.fetch(OWN_LABELS, shop_id=shop_id, contract_id=contract_id, label_ids=list(label_ids))
    return [row.id for row in rows]


JOBS: Final = """
SELECT j.id, j.status, j.count, j.printed_count, j.created_at, j.problem::json AS problem, p.kind, p.name AS printer,
       (SELECT count(*) FROM print_documents d WHERE d.shop_id = %(shop_id)s AND d.job_id = j.id AND d.state = 'sent') AS sent,
       (SELECT count(*) FROM print_documents d
        WHERE d.shop_id = %(shop_id)s AND d.job_id = j.id AND d.state = 'waiting') AS waiting,
       (SELECT count(*) FROM print_documents d
        WHERE d.shop_id = %(shop_id)s AND d.job_id = j.id AND d.state = 'blocked') AS blocked
FROM print_jobs j JOIN printers p ON p.shop_id = %(shop_id)s AND p.id = j.printer_id
WHERE j.shop_id = %(shop_id)s AND j.member_id = %(courier_id)s AND (j.id = %(job_id)s
      OR %(job_id)s::bigint IS NULL AND j.status IN ('waiting', 'printing', 'held'))
ORDER BY j.id DESC LIMIT 20
"""


def jobs(shop_id: int, courier_id: int, job_id: int | None = None) -> list[Any]:
    """A courier's own print jobs that are not over, newest first, or one of them: with how many documents are sent and
    not acknowledged, waiting, blocked."""
    return sql.fetch(JOBS, shop_id=shop_id, courier_id=courier_id, job_id=job_id)


PHONE: Final = "快递员手机"
ADD_PHONE: Final = """
INSERT INTO printers (shop_id, name, kind, host, port, path, language, dpi, acknowledge, settings, active, created_at)
VALUES (%(shop_id)s, %(name)s, 'browser', '', 9100, '', 'pdf', 203, 'person', '{}', true, %(now)s)
ON CONFLICT (shop_id, name) DO NOTHING
"""
PHONES: Final = """
SELECT id FROM printers WHERE shop_id = %(shop_id)s AND kind = 'browser' AND active ORDER BY name <> %(name)s, id LIMIT 1
"""


def phone(shop_id: int, *, now: datetime) -> int | None:
    """The printer that stands for couriers' own phones; made when there is none. None where its name is otherwise used."""
    found = sql.fetch_one(PHONES, shop_id=shop_id, name=PHONE)
    if found is None:
        sql.run(ADD_PHONE, shop_id=shop_id, name=PHONE, now=now)
        found = sql.fetch_one(PHONES, shop_id=shop_id, name=PHONE)
    return int(found.id) if found else None
