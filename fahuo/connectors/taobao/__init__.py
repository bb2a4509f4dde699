"""Taobao and Tmall, by the open platform (TOP), with the shop's own app; see README.md beside this file."""

from fahuo.connectors.contract import Field, Marketplace
from fahuo.connectors.taobao.connector import TaobaoConnector

TAOBAO = Marketplace(
    "taobao", "淘宝 / 天猫", "Taobao / Tmall",
    (
        Field("app_key", "App Key", "App key"),
        Field("app_secret", "App Secret", "App secret", secret=True),
        Field("session", "授权令牌（Session Key）", "Session key", required=False, secret=True,
              hint_zh="在淘宝授权页授权后会自动填好；也可以直接粘贴", hint_en="Comes by itself once you agree on the marketplace's page; or paste it"),
        Field("refresh_token", "刷新令牌", "Refresh token", required=False, secret=True),
        Field("gateway", "网关地址", "Gateway", default="https://eco.taobao.com/router/rest"),
        Field("authorize", "授权地址", "Authorisation address", default="https://oauth.taobao.com/authorize"),
        Field("token", "换令牌地址", "Token address", default="https://oauth.taobao.com/token"),
        Field("sign_method", "签名方式", "Signature", choices=("md5", "hmac-sha256")),
    ),
    TaobaoConnector, overlap=300, window=1800, at_once=20, pushes=True, renews=True,
)  # fmt: skip
