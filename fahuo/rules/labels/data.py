"""What one label says, and how it is masked."""

import re
from dataclasses import dataclass, replace
from typing import Final

from fahuo.rules.masking import mask_address, mask_name, mask_phone

_DIALLED: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:\+?86[\s-]?)?1[3-9](?:[\s-]?[0-9]){9}|0[0-9]{2,3}[\s-]?[0-9]{7,8})(?![0-9])"
)
"""A phone number inside a free text."""


@dataclass(frozen=True, slots=True)
class Party:
    """Sender or receiver. `address` is what follows province, city and district; any part may be ""."""

    name: str
    phone: str
    province: str = ""
    city: str = ""
    district: str = ""
    address: str = ""

    @property
    def region(self) -> str:
        """Province, city and district; a municipality's name stands once (上海 上海市 浦东新区: 上海市浦东新区)."""
        province = "" if self.province.removesuffix("市") == self.city.removesuffix("市") else self.province
        return f"{province}{self.city}{self.district}"

    @property
    def whole_address(self) -> str:
        return f"{self.region}{' ' if self.address[:1].isascii() and self.address[:1].isalpha() else ''}{self.address}"


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of the contents."""

    title: str
    sku: str = ""
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class LabelData:
    """One label (面单) of a parcel. Texts are "" where nothing is known; the carrier alone knows the route.

    `carrier`: the code in carriers.toml. `route_code` 三段码, `mark` 大头笔, `hub_name` and `hub_code` 集包地. `product`: the
    carrier's service. `orders`: the marketplace's order numbers. `piece` of `pieces`. `printed_at`: a local time as text.
    `reprint`: how often it was printed before. `buyer_message` is shown only when it is handed in.
    """

    carrier: str
    waybill: str
    receiver: Party
    sender: Party
    route_code: str = ""
    mark: str = ""
    hub_name: str = ""
    hub_code: str = ""
    product: str = ""
    goods: tuple[Goods, ...] = ()
    memo: str = ""
    orders: tuple[str, ...] = ()
    shop: str = ""
    piece: int = 1
    pieces: int = 1
    printed_at: str = ""
    reprint: int = 0
    buyer_message: str = ""


def masked(data: LabelData) -> LabelData:
    """The label as it is printed by default (GB/T 41833-2022): of receiver and sender one character of the name at least,
    six digits of the phone, and unit and room are hidden; so are phone numbers in memo and message.

    Province, city and district stay: a parcel is sorted by them. Masking twice changes nothing.
    """
    return replace(
        data, receiver=_masked(data.receiver), sender=_masked(data.sender), memo=_without_phones(data.memo),
        buyer_message=_without_phones(data.buyer_message),
    )  # fmt: skip


def _masked(party: Party) -> Party:
    return replace(
        party, name=mask_name(party.name), phone=mask_phone(party.phone), address=mask_address(party.address)
    )


def _without_phones(text: str) -> str:
    return _DIALLED.sub(lambda found: mask_phone(found[0]), text)
