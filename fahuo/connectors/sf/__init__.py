"""SF Express by its platform 丰桥, with the shop's own partner account; see README.md beside this file."""

from fahuo.connectors.carrying import Service
from fahuo.connectors.contract import Field
from fahuo.connectors.sf.connector import CODES, SfConnector

SF = Service(
    "sf", "顺丰丰桥", "SF Express (Fengqiao)",
    (
        Field("partner_id", "顾客编码（partnerID）", "Partner ID"),
        Field("check_word", "校验码（checkWord）", "Check word", secret=True),
        Field("monthly_card", "月结卡号", "Monthly account", required=False),
        Field("express_type", "产品（expressTypeId）", "Product (expressTypeId)", default="2",
              hint_zh="丰桥后台开通的产品编号", hint_en="The number of a product that your account has"),
        Field("pay_method", "付款方式", "Who pays", choices=("1", "2", "3"),
              hint_zh="1 寄付 2 到付 3 第三方付", hint_en="1 sender, 2 receiver, 3 somebody else"),
        Field("call_courier", "下单时通知快递员上门", "Call a courier with each order", choices=("no", "yes")),
        Field("gateway", "网关地址", "Gateway", default="https://bspgw.sf-express.com/std/service",
              hint_zh="沙箱是 https://sfapi-sbox.sf-express.com/std/service",
              hint_en="The sandbox is https://sfapi-sbox.sf-express.com/std/service"),
    ),
    SfConnector, CODES, frozenset({"check", "order", "cancel", "track", "pickup", "call_off"}),
)  # fmt: skip
