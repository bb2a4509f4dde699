"""Kuaidi100: labels, tracking and pushes for many carriers, with the shop's own key; see README.md beside this file."""

from datetime import timedelta

from fahuo.connectors.carrying import Service
from fahuo.connectors.contract import Field
from fahuo.connectors.kuaidi100.connector import CODES, Kuaidi100Connector

KUAIDI100 = Service(
    "kuaidi100", "快递100", "Kuaidi100",
    (
        Field("key", "授权 key", "Key", secret=True),
        Field("secret", "授权 secret", "Secret", required=False, secret=True,
              hint_zh="取号要用", hint_en="Needed to order numbers"),
        Field("customer", "customer", "Customer", required=False, hint_zh="查轨迹要用", hint_en="Needed to ask for scans"),
        Field("partner_id", "电子面单客户账号（partnerId）", "Waybill account (partnerId)", required=False),
        Field("partner_key", "电子面单密码（partnerKey）", "Waybill password (partnerKey)", required=False, secret=True),
        Field("partner_secret", "电子面单密钥（partnerSecret）", "Waybill secret (partnerSecret)", required=False, secret=True),
        Field("partner_name", "电子面单账号名（partnerName）", "Waybill account name (partnerName)", required=False),
        Field("net", "网点（net）", "Branch (net)", required=False),
        Field("code", "承载编号（code）", "Carrying code (code)", required=False),
        Field("check_man", "快递员（checkMan）", "Courier (checkMan)", required=False),
        Field("pay_type", "付款方式", "Who pays", choices=("SHIPPER", "CONSIGNEE", "MONTHLY", "THIRDPARTY")),
        Field("exp_type", "业务类型（expType）", "Product (expType)", required=False, default="标准快递"),
        Field("salt", "推送签名（salt）", "Push signature (salt)", required=False, secret=True,
              hint_zh="自己定一串字母数字，订阅时会告诉快递100", hint_en="Letters and digits of your own; told to Kuaidi100 when subscribing"),
        Field("label_gateway", "电子面单地址", "Label address", default="https://api.kuaidi100.com/label/order"),
        Field("poll_gateway", "查询与订阅地址", "Tracking address", default="https://poll.kuaidi100.com/poll"),
    ),
    Kuaidi100Connector,
    CODES,
    frozenset({"check", "order", "cancel", "track", "subscribe"}), pushes=True, safe_for=timedelta(hours=47),
)  # fmt: skip
