"""What an order is, and what may be done with it."""

from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

import msgspec

OrderStatus = Literal["awaiting_payment", "awaiting_shipment", "part_shipped", "shipped", "completed", "closed"]
ORDER_STATUSES: Final[tuple[OrderStatus, ...]] = (
    "awaiting_payment", "awaiting_shipment", "part_shipped", "shipped", "completed", "closed",
)  # fmt: skip
IN_BACKLOG: Final[frozenset[str]] = frozenset({"awaiting_shipment", "part_shipped"})
"""An order is in the backlog from its payment until the last of it is shipped, or it is closed."""

OrderKind = Literal["normal", "custom", "virtual", "presale_full", "presale_staged"]
ORDER_KINDS: Final[tuple[OrderKind, ...]] = ("normal", "custom", "virtual", "presale_full", "presale_staged")

RefundStatus = Literal["none", "requested", "agreed", "refused", "succeeded"]
REFUND_STATUSES: Final[tuple[RefundStatus, ...]] = ("none", "requested", "agreed", "refused", "succeeded")

Conflict = Literal["", "address_changed", "refund_requested", "refunded", "closed"]
CONFLICTS: Final[tuple[Conflict, ...]] = ("", "address_changed", "refund_requested", "refunded", "closed")
"""What changed at the marketplace after the parcel was printed or shipped here; a person must look."""

FLAGS: Final[tuple[str, ...]] = (
    "grey", "red", "yellow", "green", "blue", "purple", "orange", "light_blue", "light_pink", "dark_green", "peach",
)  # fmt: skip
"""The seller's flags, by the marketplace's numbers 0 to 10."""


class LineDraft(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One line (sub-order) as a sheet tells it. Money in CNY with two decimals."""

    order_number: str
    number: str = ""
    title: str = ""
    sku: str = ""
    sku_code: str = ""
    item_code: str = ""
    quantity: int = 1
    price: Decimal | None = None
    amount: Decimal | None = None
    refund_status: RefundStatus = "none"
    refund_amount: Decimal | None = None
    remark: str = ""


class OrderDraft(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One order as a sheet or a channel tells it; instants in UTC, money in CNY with two decimals.

    `memo` None means the sheet has no such column (keep what stands); "" means it is empty there.
    """

    number: str
    status: OrderStatus
    kind: OrderKind = "normal"
    buyer: str = ""
    receiver: str = ""
    phone: str = ""
    phone_extension: str = ""
    phone_expires_at: datetime | None = None
    province: str = ""
    city: str = ""
    district: str = ""
    region: str = ""
    address: str = ""
    postcode: str = ""
    item_amount: Decimal = Decimal("0.00")
    postage: Decimal = Decimal("0.00")
    paid_amount: Decimal = Decimal("0.00")
    refund_status: RefundStatus = "none"
    refund_amount: Decimal = Decimal("0.00")
    quantity: int = 1
    title: str = ""
    ordered_at: datetime | None = None
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    completed_at: datetime | None = None
    close_reason: str = ""
    buyer_message: str = ""
    memo: str | None = None
    flag: int | None = None
    carrier: str = ""
    waybill: str = ""
    promise_hours: int | None = None
    promised_until: datetime | None = None
    channel_deadline: datetime | None = None
    staged: str = ""
    lines: list[LineDraft] = []
