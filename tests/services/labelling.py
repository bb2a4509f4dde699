"""Labels for tests, and what must always hold of labels, their numbers, their orders and their parcels."""

from fahuo.rules.people import Actor
from fahuo.services import labels
from fahuo.services.labels import Made
from fahuo.store import sql
from fahuo.store.models import Contract, Label
from tests.conftest import NOW
from tests.services.shipping import agree, make_order
from tests.services.stocks import adds_up, buy, make_contract


def stocked(actor: Actor, count: int = 10, **fields: object) -> Contract:
    """A contract with so many numbers in stock."""
    contract = make_contract(actor.shop_id, **fields)  # type: ignore[arg-type]
    buy(actor, contract, count)
    return contract


def labelled(actor: Actor, n: int = 1, **fields: object) -> tuple[int, int]:
    """An order with its label: their ids."""
    order = make_order(actor.shop_id, n, now=NOW, **fields)  # type: ignore[arg-type]
    made = labels.make(actor, [order], now=NOW)[0]
    assert isinstance(made, Made)
    return order, made.label_id


def state(shop_id: int, label_id: int) -> str:
    return Label.objects.get(shop_id=shop_id, id=label_id).state


def consistent(shop_id: int) -> None:
    """Orders, backlog, tallies, parcels, labels, numbers and ledger agree over the whole shop."""
    agree(shop_id)
    adds_up(shop_id)
    assert sql.fetch(WRONG, shop_id=shop_id) == []
    assert sql.fetch(STRAY, shop_id=shop_id) == []


WRONG = """
SELECT l.id, l.state, n.state AS number, p.id AS parcel FROM labels l
LEFT JOIN waybill_numbers n ON n.shop_id = %(shop_id)s AND n.id = l.number_id
LEFT JOIN parcels p ON p.shop_id = %(shop_id)s AND p.id = l.parcel_id
WHERE l.shop_id = %(shop_id)s AND (
    (l.state = 'shipped') <> (l.parcel_id IS NOT NULL)
    OR (l.state = 'shipped') <> (l.shipped_at IS NOT NULL) AND l.state <> 'voided'
    OR (l.state = 'voided') <> (l.voided_at IS NOT NULL)
    OR l.state = 'shipped' AND (p.voided_at IS NOT NULL OR p.waybill <> l.waybill OR p.carrier <> l.carrier)
    OR n.id IS NOT NULL AND l.voided_at IS NULL AND n.label_id IS DISTINCT FROM l.id
    OR n.id IS NOT NULL AND l.state = 'made' AND n.state <> 'taken'
    OR n.id IS NOT NULL AND l.state = 'printed' AND n.state <> 'printed'
    OR n.id IS NOT NULL AND l.state = 'shipped' AND n.state <> 'shipped'
    OR l.voided_at IS NULL AND NOT EXISTS (
        SELECT FROM label_orders h WHERE h.shop_id = %(shop_id)s AND h.label_id = l.id AND h.voided_at IS NULL)
    OR l.voided_at IS NOT NULL AND EXISTS (
        SELECT FROM label_orders h WHERE h.shop_id = %(shop_id)s AND h.label_id = l.id AND h.voided_at IS NULL)
    OR l.state = 'shipped' AND EXISTS (
        SELECT FROM label_orders h WHERE h.shop_id = %(shop_id)s AND h.label_id = l.id AND h.voided_at IS NULL AND NOT EXISTS (
            SELECT FROM parcel_orders c WHERE c.shop_id = %(shop_id)s AND c.parcel_id = p.id AND c.order_id = h.order_id)))
"""
STRAY = """
SELECT n.id, n.state FROM waybill_numbers n WHERE n.shop_id = %(shop_id)s AND n.state IN ('taken', 'printed')
AND NOT EXISTS (SELECT FROM labels l WHERE l.shop_id = %(shop_id)s AND l.number_id = n.id AND l.voided_at IS NULL)
"""
