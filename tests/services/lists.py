"""Order lists and line lists as the marketplace exports them, made small for tests: one dict of changes a row."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from fahuo.connectors.sheet.writer import write_xlsx

OLD = "".join(
    "订单编号,买家会员名,买家支付宝账号,支付单号,支付详情,买家应付货款,买家应付邮费,买家支付积分,总金额,返点积分,买家实际支付金额,买家实际支付积分,"
    "订单状态,买家留言,收货人姓名,收货地址 ,运送方式,联系电话 ,联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,宝贝种类 ,物流单号 ,物流公司,订单备注,"
    "宝贝总数量,店铺Id,店铺名称,订单关闭原因,卖家服务费,买家服务费,发票抬头,是否手机订单,分阶段订单信息,特权订金订单id,是否上传合同照片,"
    "是否上传小票,是否代付,定金排名,修改后的sku,修改后的收货地址,异常信息,天猫卡券抵扣,集分宝抵扣,是否是O2O交易,新零售交易类型,"
    "新零售导购门店名称,新零售导购门店id,新零售发货门店名称,新零售发货门店id,退款金额,预约门店,确认收货时间,打款商家金额,"
    "含应开票给个人的个人红包,是否信用购,体验期结束时间,前N有礼,配送类型,主订单编号"
).split(",")
"""The 61 columns of 2019, trailing spaces and all."""

LINES = [
    "子订单编号",
    "主订单编号",
    "标题",
    "价格",
    "购买数量",
    "外部系统编号",
    "商品属性",
    "套餐信息",
    "备注",
    "订单状态",
    "商家编码",
    "支付单号",
    "买家应付货款",
    "买家实际支付金额",
    "退款状态",
    "退款金额",
    "订单创建时间",
    "订单付款时间",
]
LINES_2017 = [
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
]

PAID, SENT, DONE, SHUT, UNPAID = (
    "买家已付款，等待卖家发货",
    "卖家已发货，等待买家确认",
    "交易成功",
    "交易关闭",
    "等待买家付款",
)


def number(n: int) -> str:
    return f"2719{n:014}"


def order(n: int, **changes: Any) -> dict[str, str]:
    """The cells of order `n`; `changes` by heading."""
    row = {
        "订单编号": number(n), "买家会员名": f"buyer{n % 997}", "买家应付货款": "59.90", "买家应付邮费": "0.00", "总金额": "59.90",
        "买家实际支付金额": "59.90", "订单状态": PAID, "收货人姓名": f"收件{n % 89}", "联系手机": f"'170{n % 10**8:08}",
        "收货地址": f"浙江省 杭州市 西湖区 文三路{n % 500}号 {n % 7}幢 ", "订单创建时间": "2026-03-01 10:00:00",
        "订单付款时间": "2026-03-01 10:01:00", "宝贝标题": "手工陶瓷杯 大号", "宝贝种类": "1", "宝贝总数量": "1", "店铺Id": "0",
        "店铺名称": "兰草小铺", "订单备注": "", "退款金额": "0.00", "是否手机订单": "手机订单", "打款商家金额": "0.00元", "主订单编号": number(n),
    }  # fmt: skip
    return {**row, **changes}


def line(n: int, part: int, **changes: Any) -> dict[str, str]:
    """The cells of line `part` of order `n`."""
    row = {
        "子订单编号": f"2719{n:012}{part:02}", "主订单编号": number(n), "标题": f"手工陶瓷杯 {part}号", "价格": "29.95",
        "购买数量": "1", "商品属性": "颜色分类:白", "订单状态": PAID, "商家编码": f"CUP-{part}", "买家应付货款": "29.95",
        "退款状态": "没有申请退款", "退款金额": "0.00",
    }  # fmt: skip
    return {**row, **changes}


def table(rows: Iterable[Mapping[str, str]], header: list[str]) -> list[list[str]]:
    return [[row.get(text.strip(), "") for text in header] for row in rows]


def as_csv(rows: Iterable[Mapping[str, str]], header: list[str] = OLD, *, encoding: str = "gb18030") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header, *table(rows, header)])
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Iterable[Mapping[str, str]], header: list[str] = OLD) -> bytes:
    return write_xlsx(header, table(rows, header))
