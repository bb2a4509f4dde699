"""What came of an urge, in one sentence for the buyer."""

from typing import Final

from django.utils.translation import gettext, gettext_lazy

from fahuo.rules.urges import Urge
from fahuo.store.boards import BuyerOrder
from fahuo.web.templatetags.ui import local

EXEMPT: Final = {
    "custom": gettext_lazy("定制商品按约定时间发货，已转告卖家"),
    "virtual": gettext_lazy("这是虚拟商品，不走快递，已转告卖家"),
    "presale": gettext_lazy("这是预售商品，按预售时间发货，已转告卖家"),
    "exempt_region": gettext_lazy("收货或发货地区目前受影响，平台放宽了发货时间，已转告卖家"),
    "reported": gettext_lazy("卖家已向平台报备延迟发货，已转告卖家"),
    "no_complaint": gettext_lazy("已转告卖家"),
}  # fmt: skip


def told_of(found: Urge, order: BuyerOrder) -> str:
    """The sentence. `order` as it stands after the urge."""
    if found.outcome == "refused":
        return gettext("这笔订单现在不能催发货")
    if found.outcome == "task" and order.state:
        if order.due_at is None or order.state != "awaiting_seller_reply":
            return gettext("已再次催促，卖家和平台正在处理")
        first = found.reason == "past_deadline"
        done = gettext("已催促") if first else gettext("已再次催促")
        return gettext("{done}。卖家必须在 {t} 前发货、退款或回复，否则平台替你投诉").format(
            done=done, t=local(order.due_at, "%m-%d %H:%M")
        )
    if found.reason == "within_deadline" and order.deadline is not None:
        return gettext("已转告卖家。卖家最晚 {t} 发货，过了时间再催会生成平台任务").format(
            t=local(order.deadline, "%m-%d %H:%M")
        )
    return str(EXEMPT.get(found.reason, gettext("已转告卖家")))
