"""What a template may write in braces, by name: `{receiver_name}`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from fahuo.rules.carriers import CARRIERS
from fahuo.rules.labels.data import Goods, LabelData


@dataclass(frozen=True, slots=True)
class Field:
    """One name: what it means, and how it is read; "" where the label has nothing to say."""

    zh: str
    en: str
    of: Callable[[LabelData], str]


@dataclass(frozen=True, slots=True)
class GoodsField:
    """The same of one line of the contents; `place` counts from 1."""

    zh: str
    en: str
    of: Callable[[Goods, int], str]


def _carrier(data: LabelData) -> str:
    return CARRIERS[data.carrier].zh if data.carrier in CARRIERS else data.carrier


def _carrier_en(data: LabelData) -> str:
    return CARRIERS[data.carrier].en if data.carrier in CARRIERS else data.carrier


def grouped(number: str) -> str:
    """A number in groups of four from its right end, letters in front of it apart: JT 1 0000 0000 0017."""
    head = number.rstrip("0123456789")
    digits = number[len(head) :]
    first = len(digits) % 4
    groups = [digits[:first], *(digits[at : at + 4] for at in range(first, len(digits), 4))]
    return " ".join(part for part in (head, *groups) if part)


def _goods(data: LabelData) -> str:
    return "；".join(
        " ".join(part for part in (line.title, line.sku, f"×{line.quantity}") if part) for line in data.goods
    )


FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "carrier": Field("快递公司", "carrier, in Chinese", _carrier),
        "carrier_en": Field("快递公司英文名", "carrier, in English", _carrier_en),
        "carrier_code": Field("快递公司代码", "the carrier's code", lambda data: data.carrier),
        "product": Field("产品类型", "the carrier's service", lambda data: data.product),
        "waybill": Field("运单号", "waybill number", lambda data: data.waybill),
        "waybill_grouped": Field("运单号，四位一组", "waybill number in groups of four", lambda data: grouped(data.waybill)),
        "route_code": Field("三段码", "hub, branch and sub-branch", lambda data: data.route_code),
        "mark": Field("大头笔", "the destination in big letters", lambda data: data.mark),
        "hub_name": Field("集包地", "where parcels are bagged", lambda data: data.hub_name),
        "hub_code": Field("集包地编码", "its code", lambda data: data.hub_code),
        "receiver_name": Field("收件人", "receiver", lambda data: data.receiver.name),
        "receiver_phone": Field("收件电话", "receiver's phone", lambda data: data.receiver.phone),
        "receiver_region": Field("收件省市区", "receiver's province, city, district", lambda data: data.receiver.region),
        "receiver_city": Field("收件城市", "receiver's city", lambda data: data.receiver.city),
        "receiver_street": Field("收件详细地址", "receiver's address after the district", lambda data: data.receiver.address),
        "receiver_address": Field("收件完整地址", "receiver's whole address", lambda data: data.receiver.whole_address),
        "sender_name": Field("寄件人", "sender", lambda data: data.sender.name),
        "sender_phone": Field("寄件电话", "sender's phone", lambda data: data.sender.phone),
        "sender_region": Field("寄件省市区", "sender's province, city, district", lambda data: data.sender.region),
        "sender_street": Field("寄件详细地址", "sender's address after the district", lambda data: data.sender.address),
        "sender_address": Field("寄件完整地址", "sender's whole address", lambda data: data.sender.whole_address),
        "goods": Field("所有商品，分号隔开", "all contents, separated", _goods),
        "goods_kinds": Field("商品种数", "how many lines", lambda data: str(len(data.goods) or "")),
        "goods_count": Field(
            "商品总件数", "pieces of goods altogether", lambda data: str(sum(line.quantity for line in data.goods) or "")
        ),
        "memo": Field("卖家备注", "the seller's memo", lambda data: data.memo),
        "buyer_message": Field("买家留言", "the buyer's message", lambda data: data.buyer_message),
        "orders": Field("订单号，空格隔开", "order numbers", lambda data: " ".join(data.orders)),
        "orders_count": Field("订单数，多于一单时", "how many orders, if several", lambda data: _several(len(data.orders))),
        "shop": Field("店铺名", "the shop", lambda data: data.shop),
        "piece": Field("第几件，多于一件时", "which piece, if several", lambda data: str(data.piece) if data.pieces > 1 else ""),
        "pieces": Field("共几件，多于一件时", "of how many pieces, if several", lambda data: _several(data.pieces)),
        "printed_at": Field("打印时间", "when it is printed", lambda data: data.printed_at),
        "reprint": Field("第几次补打", "which reprint it is", lambda data: str(data.reprint or "")),
    }
)  # fmt: skip

GOODS_FIELDS: Final[Mapping[str, GoodsField]] = MappingProxyType(
    {
        "place": GoodsField("第几行", "which line", lambda line, place: str(place)),
        "title": GoodsField("商品名", "title", lambda line, place: line.title),
        "sku": GoodsField("规格", "variant", lambda line, place: line.sku),
        "quantity": GoodsField("数量", "quantity", lambda line, place: str(line.quantity)),
    }
)

LEFT_OUT_FIELDS: Final[Mapping[str, str]] = MappingProxyType({"kinds": "未列出的种数", "pieces": "未列出的件数"})
"""What `more` of a list of goods may write: kinds and pieces that found no room."""


def _several(count: int) -> str:
    return str(count) if count > 1 else ""
