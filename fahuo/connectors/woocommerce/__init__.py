"""A shop of one's own on WooCommerce, by its REST API; see README.md beside this file."""

from fahuo.connectors.contract import Field, Marketplace
from fahuo.connectors.woocommerce.connector import WooConnector

WOOCOMMERCE = Marketplace(
    "woocommerce", "WooCommerce 独立站", "WooCommerce",
    (
        Field("address", "网站地址", "Address of the site", hint_zh="如 https://shop.example.com",
              hint_en="Like https://shop.example.com"),
        Field("key", "Consumer key", "Consumer key", secret=True),
        Field("secret", "Consumer secret", "Consumer secret", secret=True),
        Field("push_secret", "Webhook 密钥", "Webhook secret", required=False, secret=True),
    ),
    WooConnector, overlap=120, window=86_400, at_once=100, pushes=True,
)  # fmt: skip
