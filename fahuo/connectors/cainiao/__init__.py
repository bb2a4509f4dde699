"""Cainiao's electronic waybills through TOP, with the shop's own app and session; see README.md beside this file."""

from fahuo.connectors.cainiao.connector import CODES, CainiaoConnector
from fahuo.connectors.carrying import Service
from fahuo.connectors.contract import Field

CAINIAO = Service(
    "cainiao", "菜鸟电子面单", "Cainiao electronic waybill",
    (
        Field("app_key", "App Key", "App key"),
        Field("app_secret", "App Secret", "App secret", secret=True),
        Field("session", "授权令牌（Session Key）", "Session key", secret=True),
        Field("user_id", "淘宝用户 ID（user_id）", "Marketplace user (user_id)"),
        Field("template_url", "模板地址（template_url）", "Template (template_url)",
              default="http://cloudprint.cainiao.com/template/standard/201"),
        Field("channel", "订单渠道", "Order channel", choices=("TB", "TM", "OTHERS")),
        Field("customer_code", "月结账号（customer_code）", "Monthly account (customer_code)", required=False),
        Field("product_code", "产品（product_code，顺丰）", "Product (product_code, SF)", required=False),
        Field("gateway", "网关地址", "Gateway", default="https://eco.taobao.com/router/rest"),
        Field("sign_method", "签名方式", "Signature", choices=("md5", "hmac-sha256")),
    ),
    CainiaoConnector, CODES, frozenset({"check", "order", "cancel"}), at_once=10,
)  # fmt: skip
