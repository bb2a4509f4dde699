"""Contracts, and labels that are printed and packed: what stands before a courier comes. Made through their services."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from fahuo.rules.people import Actor
from fahuo.services import labels
from fahuo.store.models import Contract, Label
from tests.services.shipping import make_order, waybill


def make_contract(shop_id: int, *, now: datetime, **fields: Any) -> Contract:
    """A contract with a carrier who comes at 11:00 and 17:30; its numbers are entered. What is packed ships then."""
    known = {
        "name": "中通西湖", "carrier": "ZTO", "numbers": "entered", "ships_at": "pickup",
        "pickup_times": [time(11, 0), time(17, 30)],
    }  # fmt: skip
    return Contract.objects.create(shop_id=shop_id, created_at=now, **(known | fields))


def make_label(
    actor: Actor, contract: Contract, n: int, *, now: datetime, state: str = "printed", number: str = "", **fields: Any
) -> Label:
    """A label of order `n` (made with `fields`) under waybill(n); `state`: made, printed or packed."""
    order_id = make_order(actor.shop_id, n, now=now, **fields)
    made = labels.entered(actor, order_id, contract.id, number or waybill(n), now)
    assert isinstance(made, labels.Made), made
    label = Label.objects.get(shop_id=actor.shop_id, id=made.label_id)
    if state != "made":
        label.state, label.printed_at, label.print_count = "printed", now, 1
    if state == "packed":
        label.packed_at, label.packed_by, label.packed_by_name = now, actor.member_id, actor.name
    label.save()
    return label


def make_labels(
    actor: Actor, contract: Contract, ns: Sequence[int], *, now: datetime, state: str = "packed"
) -> list[Label]:
    """A label for each of these orders."""
    return [make_label(actor, contract, n, now=now, state=state) for n in ns]


def fresh(label: Label) -> Label:
    """The label as it stands now."""
    return Label.objects.get(shop_id=label.shop_id, id=label.id)
