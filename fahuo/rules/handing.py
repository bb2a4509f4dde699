"""Handing orders to the couriers of a contract: what stands in the way of it, and how long a courier sees what left."""

from datetime import timedelta
from typing import Final, Protocol

from fahuo.rules.parcels import OrderFacts, why_not_ship
from fahuo.rules.problems import Problem

SEEN_AFTER: Final = timedelta(days=7)
"""So long after its parcel left, an order is still seen by the courier who had it: for questions about the delivery."""

NOTE: Final = 100
"""Characters of a word to the courier."""


class HandingFacts(OrderFacts, Protocol):
    """What the rules need to know of an order that somebody wants to hand over.

    `handed_to`: the contract whose couriers have it, if any. `label_orders`: all orders on its living label, as
    (id, number) each; `label_contract_id` is None where there is no label.
    """

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def handed_to(self) -> int | None: ...
    @property
    def handed_name(self) -> str | None: ...
    @property
    def label_contract_id(self) -> int | None: ...
    @property
    def label_contract(self) -> str | None: ...
    @property
    def waybill(self) -> str | None: ...


def why_not_hand(order: HandingFacts, contract_id: int) -> Problem | None:
    """What stands in the way of handing an order to the couriers of a contract now, or None.

    It does not wait to be shipped as a whole, a refund is open, nothing of it is to be carried, it is with other couriers, or it
    has a label of another contract.
    """
    problem = why_not_ship(order)
    if problem is not None:
        return problem
    if order.status == "part_shipped":
        return Problem("order_left_in_part", {"order": order.number})
    if order.kind == "virtual":
        return Problem("order_needs_no_courier", {"order": order.number})
    if order.handed_to not in (None, contract_id):
        return Problem("order_handed_elsewhere", {"order": order.number, "contract": order.handed_name})
    if order.label_contract_id not in (None, contract_id):
        named = {"order": order.number, "contract": order.label_contract, "waybill": order.waybill}
        return Problem("order_labelled_elsewhere", named)
    return None
