"""The marketplace's words for where an order, a refund and a parcel are, and ours; both ways."""

from collections.abc import Mapping
from typing import Final

from fahuo.rules.orders import OrderStatus, RefundStatus

TRADE: Final[Mapping[str, str]] = {
    "awaiting_payment": "WAIT_BUYER_PAY",
    "awaiting_shipment": "WAIT_SELLER_SEND_GOODS",
    "part_shipped": "SELLER_CONSIGNED_PART",
    "shipped": "WAIT_BUYER_CONFIRM_GOODS",
    "completed": "TRADE_FINISHED",
    "closed": "TRADE_CLOSED",
}
"""Our status -> theirs. An order closed before it was paid is TRADE_CLOSED_BY_TAOBAO."""

CLOSED_UNPAID: Final = "TRADE_CLOSED_BY_TAOBAO"

ORDER: Final[Mapping[str, OrderStatus]] = {
    "TRADE_NO_CREATE_PAY": "awaiting_payment",
    "WAIT_BUYER_PAY": "awaiting_payment",
    "PAY_PENDING": "awaiting_payment",
    "WAIT_PRE_AUTH_CONFIRM": "awaiting_payment",
    "PAID_FORBID_CONSIGN": "awaiting_payment",
    "WAIT_SELLER_SEND_GOODS": "awaiting_shipment",
    "SELLER_CONSIGNED_PART": "part_shipped",
    "WAIT_BUYER_CONFIRM_GOODS": "shipped",
    "TRADE_BUYER_SIGNED": "shipped",
    "TRADE_FINISHED": "completed",
    "TRADE_CLOSED": "closed",
    CLOSED_UNPAID: "closed",
}
"""Their status -> ours. PAID_FORBID_CONSIGN is paid and must not be shipped yet: it does not wait for shipment."""

ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    **{theirs: (ours,) for ours, theirs in TRADE.items()},
    CLOSED_UNPAID: ("closed",),
    "TRADE_NO_CREATE_PAY": (),
    "PAY_PENDING": (),
    "WAIT_PRE_AUTH_CONFIRM": (),
    "PAID_FORBID_CONSIGN": (),
    "TRADE_BUYER_SIGNED": (),
    "ALL_WAIT_PAY": ("awaiting_payment",),
    "ALL_CLOSED": ("closed",),
}
"""A status that a query may name -> ours that it means; () is a status that exists there and never here."""

REFUND: Final[Mapping[str, str]] = {
    "none": "NO_REFUND",
    "requested": "WAIT_SELLER_AGREE",
    "agreed": "WAIT_BUYER_RETURN_GOODS",
    "refused": "SELLER_REFUSE_BUYER",
    "succeeded": "SUCCESS",
}
"""Our refund status -> theirs."""

REFUND_READ: Final[Mapping[str, RefundStatus]] = {
    "NO_REFUND": "none",
    "": "none",
    "WAIT_SELLER_AGREE": "requested",
    "WAIT_BUYER_RETURN_GOODS": "agreed",
    "WAIT_SELLER_CONFIRM_GOODS": "agreed",
    "SELLER_REFUSE_BUYER": "refused",
    "CLOSED": "none",
    "SUCCESS": "succeeded",
    "WAIT_BUYER_CONFIRM_EXCHANGE_SELLER_SEND_GOODS": "agreed",
    "EXCHANGE_TRANSFORM_TO_REFUND": "requested",
    "WAIT_SELLER_CONSIGN_GOODS": "agreed",
}
"""Their refund status -> ours. CLOSED: the request was taken back."""

URGED: Final = "lg"
"""The value of `ob_tag` of an order whose buyer pressed 催发货."""
