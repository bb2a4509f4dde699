"""Kdniao 快递鸟: labels, tracking, pushes and pickups for many carriers; see README.md beside this file."""

from fahuo.connectors.carrying import Service
from fahuo.connectors.contract import Field
from fahuo.connectors.kdniao.connector import CODES, KdniaoConnector

KDNIAO = Service(
    "kdniao", "快递鸟", "Kdniao",
    (
        Field("business_id", "用户 ID（EBusinessID）", "User ID (EBusinessID)"),
        Field("app_key", "API key（AppKey）", "API key (AppKey)", secret=True),
        Field("customer_name", "电子面单客户账号（CustomerName）", "Waybill account (CustomerName)", required=False),
        Field("customer_password", "电子面单密码（CustomerPwd）", "Waybill password (CustomerPwd)", required=False, secret=True),
        Field("send_site", "网点（SendSite）", "Branch (SendSite)", required=False),
        Field("month_code", "月结编码（MonthCode）", "Monthly code (MonthCode)", required=False),
        Field("pay_type", "付款方式", "Who pays", choices=("1", "2", "3", "4"),
              hint_zh="1 寄付 2 到付 3 月结 4 第三方付", hint_en="1 sender, 2 receiver, 3 monthly, 4 somebody else"),
        Field("exp_type", "业务类型（ExpType）", "Product (ExpType)", default="1"),
        Field("gateway", "接口地址", "Address", default="https://api.kdniao.com"),
    ),
    KdniaoConnector, CODES, frozenset({"check", "order", "cancel", "track", "subscribe", "pickup", "call_off"}), pushes=True,
)  # fmt: skip
