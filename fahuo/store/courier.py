"""What a courier's verbs read besides his lists: his contract, whose parcel it is, addresses for a sheet."""

from collections.abc import Sequence
from typing import Any, Final

from fahuo.store import sql

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
       coalesce(r.city, '') AS city, coalesce(r.district, '') AS district, coalesce(r.address, '') AS address,
       o.title AS goods, o.quantity, g.note AS memo, coalesce(l.waybill, '') AS waybill
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
    return sql.fetch(ADDRESSES, shop_id=shop_id, contract_id=contract_id, order_ids=list(order_ids))
