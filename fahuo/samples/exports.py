"""Drafts as the marketplace writes them: the three generations of the order list, both of the line list, and what a
carrier sends back. The headings, their order and their trailing spaces are the real ones.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from fahuo.rules import carriers
from fahuo.rules.orders import LineDraft, OrderDraft

ZONE: Final = ZoneInfo("Asia/Shanghai")
SHOP: Final = "样例生活馆"

STATUS: Final[Mapping[str, str]] = {
    "awaiting_payment": "等待买家付款",
    "awaiting_shipment": "买家已付款\uff0c等待卖家发货",
    "part_shipped": "卖家部分发货",
    "shipped": "卖家已发货\uff0c等待买家确认",
    "completed": "交易成功",
    "closed": "交易关闭",
}
REFUND: Final[Mapping[str, str]] = {
    "none": "没有申请退款",
    "requested": "买家已经申请退款\uff0c等待卖家同意",
    "agreed": "卖家已经同意退款\uff0c等待买家退货",
    "refused": "卖家拒绝退款",
    "succeeded": "退款成功",
}

_MONEY: Final = (
    "买家应付货款",
    "买家应付邮费",
    "买家支付积分",
    "总金额",
    "返点积分",
    "买家实际支付金额",
    "买家实际支付积分",
)
_MIDDLE: Final = ("订单创建时间", "订单付款时间 ", "宝贝标题 ", "宝贝种类 ", "物流单号 ", "物流公司", "订单备注", "宝贝总数量", "店铺Id", "店铺名称", "订单关闭原因", "卖家服务费", "买家服务费", "发票抬头")  # fmt: skip
_RECEIVER: Final = ("订单状态", "买家留言", "收货人姓名", "收货地址 ", "运送方式", "联系电话 ", "联系手机")
_CHANGES: Final = (
    "定金排名",
    "修改后的sku",
    "修改后的收货地址",
    "异常信息",
    "天猫卡券抵扣",
    "集分宝抵扣",
    "是否是O2O交易",
)
_NEWER: Final = (
    "是否手机订单", "分阶段订单信息", "特权订金订单id", "是否上传合同照片", "是否上传小票", "是否代付", *_CHANGES,
    "新零售交易类型", "新零售导购门店名称", "新零售导购门店id", "新零售发货门店名称", "新零售发货门店id", "退款金额", "预约门店",
    "确认收货时间", "打款商家金额", "含应开票给个人的个人红包", "是否信用购", "体验期结束时间", "前N有礼", "配送类型",
)  # fmt: skip

ORDERS_2017: Final = ("订单编号", "买家会员名", "买家支付宝账号", *_MONEY, *_RECEIVER, *_MIDDLE, *_CHANGES)
ORDERS_2019: Final = (
    "订单编号", "买家会员名", "买家支付宝账号", "支付单号", "支付详情", *_MONEY, *_RECEIVER, *_MIDDLE, *_NEWER, "主订单编号",
)  # fmt: skip
ORDERS_2022: Final = (
    "订单编号", "买家会员名", "买家会员昵称", "支付单号", "支付详情", *_MONEY, *_RECEIVER, "虚拟号过期时间", *_MIDDLE, *_NEWER,
    "直播返现状态", "返现金额", "延迟发货自动赔付金额", "新零售成交门店昵称", "新零售成交门店id", "新零售成交经销商id", "预售订单", "发货时间",
    "商家备忘", "主订单编号",
)  # fmt: skip
LINES_2017: Final = (
    "订单编号",
    "标题",
    "价格",
    "购买数量",
    "外部系统编号",
    "商品属性",
    "套餐信息",
    "备注",
    "订单状态",
    "商家编码",
)
LINES_2022: Final = (
    "子订单编号", "主订单编号", *LINES_2017[1:], "支付单号", "买家应付货款", "买家实际支付金额", "退款状态", "退款金额", "订单创建时间", "订单付款时间",
)  # fmt: skip
SHIPMENTS: Final = ("订单编号", "收货人", "快递公司", "运单号")

Cell = Callable[[OrderDraft], str]


def _time(instant: datetime | None) -> str:
    return instant.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S") if instant else ""


def _address(order: OrderDraft) -> str:
    return f"{order.province} {order.city} {order.district} {order.address}({order.postcode})"


def _phone(order: OrderDraft) -> str:
    return f"{order.phone}-{order.phone_extension}" if order.phone_extension else order.phone


def _carrier(order: OrderDraft) -> str:
    found = carriers.find(order.carrier) if order.carrier else None
    return found.zh if found else ""


_CELLS: Final[Mapping[str, Cell]] = {
    "订单编号": lambda order: order.number,
    "主订单编号": lambda order: order.number,
    "买家会员名": lambda order: order.buyer,
    "买家会员昵称": lambda order: order.buyer,
    "支付单号": lambda order: f"20{order.number}" if order.paid_at else "",
    "买家应付货款": lambda order: str(order.item_amount),
    "买家应付邮费": lambda order: str(order.postage),
    "总金额": lambda order: str(order.item_amount + order.postage),
    "买家实际支付金额": lambda order: str(order.paid_amount),
    "订单状态": lambda order: STATUS[order.status],
    "买家留言": lambda order: order.buyer_message or "null",
    "收货人姓名": lambda order: order.receiver,
    "收货地址": _address,
    "运送方式": lambda order: "虚拟物品" if order.kind == "virtual" else "快递",
    "联系手机": _phone,
    "虚拟号过期时间": lambda order: _time(order.phone_expires_at),
    "订单创建时间": lambda order: _time(order.ordered_at),
    "订单付款时间": lambda order: _time(order.paid_at),
    "宝贝标题": lambda order: order.title,
    "宝贝种类": lambda order: str(max(len(order.lines), 1)),
    "物流单号": lambda order: order.waybill,
    "物流公司": _carrier,
    "订单备注": lambda order: order.memo or "",
    "商家备忘": lambda order: order.memo or "",
    "宝贝总数量": lambda order: str(order.quantity),
    "店铺Id": lambda order: "0",
    "店铺名称": lambda order: SHOP,
    "订单关闭原因": lambda order: order.close_reason or "订单未关闭",
    "卖家服务费": lambda order: "0",
    "买家服务费": lambda order: "0元",
    "是否手机订单": lambda order: "手机订单",
    "分阶段订单信息": lambda order: order.staged,
    "是否上传合同照片": lambda order: "否",
    "是否上传小票": lambda order: "否",
    "是否代付": lambda order: "否",
    "退款金额": lambda order: str(order.refund_amount),
    "确认收货时间": lambda order: _time(order.completed_at),
    "打款商家金额": lambda order: f"{order.paid_amount}元",
    "是否信用购": lambda order: "否",
    "预售订单": lambda order: "是" if order.kind.startswith("presale") else "否",
    "发货时间": lambda order: _time(order.shipped_at),
}


def order_row(header: tuple[str, ...], order: OrderDraft) -> list[str]:
    """The order's cells under `header` (of any generation); columns we have nothing for are empty."""
    cells = (_CELLS.get(heading.strip()) for heading in header)
    return [cell(order) if cell else "" for cell in cells]


def old_order_row(order: OrderDraft) -> list[str]:
    """As order_row of 2017, with that generation's habits: half-width comma, ' before a mobile, trailing tabs."""
    row = order_row(ORDERS_2017, order)
    row[ORDERS_2017.index("联系手机")] = f"'{_phone(order)}"
    row[ORDERS_2017.index("订单状态")] = STATUS[order.status].replace("\uff0c", ",")
    row[ORDERS_2017.index("订单创建时间")] += "\t"
    waybill = ORDERS_2017.index("物流单号 ")
    row[waybill] = f"No:{row[waybill]}" if row[waybill] else ""
    return row


def line_row(header: tuple[str, ...], order: OrderDraft, line: LineDraft) -> list[str]:
    """The line's cells under LINES_2017 or LINES_2022."""
    told = {
        "订单编号": order.number, "主订单编号": order.number, "子订单编号": line.number, "标题": line.title,
        "价格": str(line.price), "购买数量": str(line.quantity), "外部系统编号": line.sku_code, "商品属性": line.sku,
        "订单状态": STATUS[order.status], "商家编码": line.item_code, "支付单号": f"20{order.number}" if order.paid_at else "",
        "买家应付货款": str(line.amount), "买家实际支付金额": str(line.amount if order.paid_at else "0.00"),
        "退款状态": REFUND[line.refund_status], "退款金额": str(line.refund_amount or "0.00"),
        "订单创建时间": _time(order.ordered_at), "订单付款时间": _time(order.paid_at), "套餐信息": "null", "备注": "null",
    }  # fmt: skip
    return [told[heading] for heading in header]
