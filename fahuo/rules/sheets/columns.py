"""The columns we understand, as declarations: which headings mean which field, and how its cells are read.

The headings of a field stand in order of preference: where a sheet has several of them, the first that is not empty in
a row counts (修改后的收货地址 before 收货地址, 商家备忘 before 订单备注).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final
from unicodedata import normalize

from fahuo.rules import carriers, waybills
from fahuo.rules.sheets import cells, measures
from fahuo.rules.sheets.cells import BadCell, Parser, words


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `headings[0]` is its name for people. `exact`: its digits are an identity, a rounded number is lost.

    `empty` is what an empty cell of an existing column gives; None leaves the field to its default.
    """

    field: str
    headings: tuple[str, ...]
    parse: Parser
    en: str
    required: bool = False
    exact: bool = False
    empty: Any = None


def heading_key(heading: str) -> str:
    """A heading as it is compared: no spaces, half-width, no mark of a required column, no case."""
    return "".join(normalize("NFKC", heading).split()).strip("*:\ufeff").casefold()


def carrier(text: str, zone: tzinfo) -> str:
    """The carrier's code, by code, full name, short name or alias."""
    found = carriers.find(text)
    if found is None:
        raise BadCell("formula") if text[0] == "=" else BadCell("carrier_unknown", carrier=text[:40])
    return found.code


def any_carrier(text: str, zone: tzinfo) -> str:
    """As `carrier`, but a name we do not know is OTHER: the parcel is on its way already, whoever carries it."""
    found = carriers.find(text)
    return found.code if found else "OTHER"


def shipped_waybill(text: str, zone: tzinfo) -> str:
    return cells.waybill(waybills.normalise(text), zone)


def _columns(*columns: Column) -> Mapping[str, Column]:
    return {column.field: column for column in columns}


_NUMBER_HEADINGS = (
    "订单编号",
    "订单号",
    "交易编号",
    "交易号",
    "平台订单号",
    "主订单编号",
    "主订单号",
    "订单id",
    "order number",
    "order no",
    "tid",
)
_CARRIER_HEADINGS = (
    "快递公司",
    "物流公司",
    "承运商",
    "快递名称",
    "物流公司名称",
    "快递",
    "发货快递",
    "carrier",
    "logistics company",
)
_WAYBILL_HEADINGS = (
    "运单号", "物流单号", "快递单号", "运单编号", "快递运单号", "物流运单号", "面单号", "发货单号", "单号", "waybill",
    "waybill number", "tracking number",
)  # fmt: skip

ORDER_COLUMNS: Final = _columns(
    Column("number", _NUMBER_HEADINGS, cells.number, "Order number", required=True, exact=True),
    Column("status", ("订单状态", "交易状态", "状态", "order status", "status"), cells.status, "Status", required=True),
    Column("kind", ("订单类型", "交易类型"), cells.kind, "Kind"),
    Column("buyer", ("买家会员名", "买家会员昵称", "买家昵称", "买家", "会员名", "buyer"), words(200), "Buyer"),
    Column("receiver", ("收货人姓名", "收货人", "收件人", "收件人姓名", "收货人名称", "receiver"), words(100, plain=True), "Receiver"),
    Column("phone", ("联系手机", "收货人手机", "收件人手机", "手机", "手机号", "手机号码", "收件人电话", "联系电话", "电话", "phone", "mobile"), cells.phone, "Phone", exact=True),
    Column("phone_expires_at", ("虚拟号过期时间",), cells.instant, "Virtual phone valid until"),
    Column("province", ("省", "省份", "收货省份", "收件省份"), words(60, plain=True), "Province"),
    Column("city", ("市", "城市", "收货城市", "收件城市"), words(60, plain=True), "City"),
    Column("district", ("区", "区县", "区/县", "收货区县", "县区"), words(60, plain=True), "District"),
    Column("address", ("修改后的收货地址", "收货地址", "收件地址", "收货人地址", "收件人地址", "详细地址", "地址", "address"), words(500, plain=True), "Address"),
    Column("postcode", ("邮编", "收货邮编", "邮政编码", "postcode"), cells.postcode, "Postcode"),
    Column("item_amount", ("买家应付货款", "货款", "商品金额", "商品总价"), cells.money, "Price of the goods"),
    Column("postage", ("买家应付邮费", "邮费", "运费", "快递费"), cells.money, "Postage"),
    Column("paid_amount", ("买家实际支付金额", "实付金额", "实付款", "实收款", "支付金额"), cells.money, "Amount paid"),
    Column("refund_status", ("退款状态", "售后状态"), cells.refund_status, "Refund status"),
    Column("refund_amount", ("退款金额",), cells.money, "Amount refunded"),
    Column("quantity", ("宝贝总数量", "商品总数量", "数量", "件数", "购买数量", "quantity"), cells.count, "Quantity"),
    Column("title", ("宝贝标题", "商品标题", "商品名称", "宝贝名称", "标题", "title"), words(1000, plain=True), "Goods"),
    Column("ordered_at", ("订单创建时间", "下单时间", "创建时间", "拍下时间"), cells.instant, "Ordered at"),
    Column("paid_at", ("订单付款时间", "付款时间", "支付时间"), cells.instant, "Paid at"),
    Column("shipped_at", ("发货时间",), cells.instant, "Shipped at"),
    Column("completed_at", ("确认收货时间", "交易成功时间", "完成时间"), cells.instant, "Completed at"),
    Column("close_reason", ("订单关闭原因", "关闭原因"), cells.close_reason, "Why closed"),
    Column("buyer_message", ("买家留言", "买家备注", "留言"), words(2000), "Buyer's message"),
    Column("memo", ("商家备忘", "订单备注", "卖家备注", "商家备注", "备注", "memo"), words(2000), "Memo", empty=""),
    Column("flag", ("旗帜", "插旗", "旗子", "备注旗帜", "卖家旗帜", "flag"), cells.flag, "Flag"),
    Column("delivery", ("运送方式",), cells.by_virtual_way, "Way of delivery"),
    Column("staged", ("分阶段订单信息",), cells.stages, "Stages of payment"),
    Column("presale", ("预售订单", "是否预售"), cells.yes, "Presale"),
    Column("carrier", ("物流公司", "快递公司", "承运商", "carrier"), any_carrier, "Carrier"),
    Column("waybill", ("物流单号", "运单号", "快递单号", "运单编号", "waybill"), cells.waybill, "Waybill number", exact=True),
    Column("promise_hours", ("承诺发货时效", "发货时效", "承诺发货小时"), cells.hours, "Promise in hours"),
    Column("promised_until", ("承诺发货时间", "约定发货时间"), cells.instant, "Promised until"),
    Column("channel_deadline", ("最晚发货时间", "应发货时间", "发货截止时间"), cells.instant, "Ship by (marketplace)"),
)  # fmt: skip
"""One row an order: 订单报表 in all its generations, and the fields any other sheet can be mapped to."""

LINE_COLUMNS: Final = _columns(
    Column("order_number", ("主订单编号", "主订单号", *_NUMBER_HEADINGS[:5]), cells.number, "Order number", required=True, exact=True),
    Column("number", ("子订单编号", "子订单号", "oid"), cells.number, "Line number", exact=True),
    Column("title", ("标题", "宝贝标题", "商品标题", "商品名称"), words(1000, plain=True), "Goods", required=True),
    Column("sku", ("修改后的sku", "商品属性", "规格", "销售属性", "套餐信息"), words(500, plain=True), "SKU"),
    Column("sku_code", ("外部系统编号", "sku编码", "规格编码"), words(200, plain=True), "SKU code"),
    Column("item_code", ("商家编码", "货号"), words(200, plain=True), "Item code"),
    Column("quantity", ("购买数量", "数量", "件数"), cells.count, "Quantity"),
    Column("price", ("价格", "单价", "单价(元)"), cells.money, "Price"),
    Column("amount", ("买家应付货款", "货款", "买家实际支付金额", "金额"), cells.money, "Amount"),
    Column("refund_status", ("退款状态", "售后状态"), cells.refund_status, "Refund status"),
    Column("refund_amount", ("退款金额",), cells.money, "Amount refunded"),
    Column("remark", ("备注",), words(2000), "Remark"),
)  # fmt: skip
"""One row a line: 宝贝报表 in both generations."""

SHIPMENT_COLUMNS: Final = _columns(
    Column("number", _NUMBER_HEADINGS, cells.number, "Order number", required=True, exact=True),
    Column("carrier", _CARRIER_HEADINGS, carrier, "Carrier"),
    Column("waybill", _WAYBILL_HEADINGS, shipped_waybill, "Waybill number", required=True, exact=True),
)  # fmt: skip
"""One row a shipped order: what comes back from the carrier, or goes up to the marketplace."""

URGE_COLUMNS: Final = _columns(
    Column("number", _NUMBER_HEADINGS, cells.number, "Order number", required=True, exact=True),
    Column("at", ("催促时间", "催发货时间", "买家催促时间", "催单时间", "urged at"), cells.instant, "Urged at", required=True),
    Column("due_at", ("平台截止时间", "任务截止时间", "处理截止时间", "回复截止时间", "截止时间", "due at"), cells.instant, "Due at (marketplace)"),
)  # fmt: skip
"""One row an urge at an outside marketplace."""

NUMBER_COLUMNS: Final = _columns(
    Column("waybill", _WAYBILL_HEADINGS, shipped_waybill, "Waybill number", required=True, exact=True),
)  # fmt: skip
"""One row a bought waybill number."""

SKU_COLUMNS: Final = _columns(
    Column("code", ("商家编码", "SKU编码", "规格编码", "外部系统编号", "货号", "编码", "sku", "sku code", "code"), words(200, plain=True), "SKU code", required=True, exact=True),
    Column("title", ("商品名称", "宝贝标题", "名称", "品名", "title", "name"), words(500, plain=True), "Goods", empty=""),
    Column("barcode", ("条码", "商品条码", "条形码", "69码", "barcode", "ean"), words(60, plain=True), "Barcode", exact=True, empty=""),
    Column("shelf", ("货位", "库位", "仓位", "货架", "shelf", "location"), words(60, plain=True), "Shelf", empty=""),
    Column("grams", ("重量(克)", "克重", "重量(g)", "单件重量", "重量", "weight", "grams", "weight (g)"), measures.grams, "Weight (g)"),
    Column("kilograms", ("重量(千克)", "重量(公斤)", "重量(kg)", "weight (kg)"), measures.kilograms, "Weight (kg)"),
)  # fmt: skip
"""One row a SKU: what the shop knows of it beyond the orders."""

ROUTE_MARK_COLUMNS: Final = _columns(
    Column("carrier", _CARRIER_HEADINGS, carrier, "Carrier"),
    Column("region", ("地区", "收货地区", "目的地", "省市区", "地区代码", "region"), measures.region, "Region", required=True),
    Column("mark", ("大头笔", "mark", "big mark"), words(60, plain=True), "Mark", empty=""),
    Column("route_code", ("三段码", "分拣码", "route code"), words(60, plain=True), "Route code", empty=""),
    Column("hub_name", ("集包地", "集包地名称", "hub", "hub name"), words(60, plain=True), "Hub", empty=""),
    Column("hub_code", ("集包地编码", "集包地代码", "集包编码", "hub code"), words(60, plain=True), "Hub code", empty=""),
)  # fmt: skip
"""One row a region: what a carrier wants printed on labels that go there."""

TARIFF_COLUMNS: Final = _columns(
    Column("region", ("寄到", "地区", "目的地", "收货地区", "省份", "省市区", "地区代码", "region"), measures.region_or_rest, "Goes to", required=True),
    Column("served", ("到不到", "能否送达", "是否可达", "是否送达", "served"), measures.served, "Served"),
    Column("first_grams", ("首重(克)", "首重克数", "首重(g)", "首重", "first weight (g)"), measures.grams, "First weight (g)"),
    Column("first_kilograms", ("首重(千克)", "首重(公斤)", "首重(kg)", "first weight (kg)"), measures.kilograms, "First weight (kg)"),
    Column("first_price", ("首重运费(元)", "首重运费", "首重价格", "首重价", "首重费用", "首费", "first price"), cells.money, "First price"),
    Column("next_grams", ("续重每(克)", "续重(克)", "续重克数", "续重(g)", "续重", "next weight (g)"), measures.grams, "Next weight (g)"),
    Column("next_kilograms", ("续重每(千克)", "续重(千克)", "续重(公斤)", "续重(kg)", "next weight (kg)"), measures.kilograms, "Next weight (kg)"),
    Column("next_price", ("续重运费(元)", "续重运费", "续重价格", "续重价", "续重费用", "续费", "next price"), cells.money, "Next price"),
)  # fmt: skip
"""One row a region: what a contract asks for a parcel there."""

COLUMNS: Final[Mapping[str, Mapping[str, Column]]] = {
    "orders": ORDER_COLUMNS, "lines": LINE_COLUMNS, "shipments": SHIPMENT_COLUMNS, "urges": URGE_COLUMNS,
    "numbers": NUMBER_COLUMNS, "skus": SKU_COLUMNS, "route_marks": ROUTE_MARK_COLUMNS, "tariffs": TARIFF_COLUMNS,
}  # fmt: skip

FIELDS: Final = ORDER_COLUMNS
"""field -> Column for the page that maps an unknown order sheet."""
