"""Receivers of orders that tests make row by row: written and read as the product does it, sealed."""

from typing import Any

from fahuo.rules.imports import RECEIVER
from fahuo.store import imports, orders


def give_receiver(shop_id: int, order_id: int, **fields: Any) -> None:
    """The receiver of an order that has none."""
    values = [fields.pop(name, None if name == "phone_expires_at" else "") for name in RECEIVER]
    assert not fields
    imports.copy_receivers([(shop_id, order_id, *values)])


def receiver_of(shop_id: int, order_id: int) -> Any:
    """The receiver of an order, in full."""
    return orders.receiver(shop_id, order_id)
