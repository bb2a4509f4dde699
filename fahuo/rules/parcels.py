"""What a parcel is, and how goods leave."""

from typing import Final, Literal

ParcelKind = Literal["offline", "virtual"]
PARCEL_KINDS: Final[tuple[ParcelKind, ...]] = ("offline", "virtual")
"""offline 自己联系物流: a carrier and a waybill number. virtual 无需物流: neither."""

ScanKind = Literal["picked_up", "in_transit", "delivered"]
SCAN_KINDS: Final[tuple[ScanKind, ...]] = ("picked_up", "in_transit", "delivered")
