"""The words of the order list: its tabs, its columns, its filters and what is set in them."""

from collections.abc import Mapping
from typing import Final

from django.urls import reverse
from django.utils.translation import get_language, gettext, gettext_lazy

from fahuo.rules import waybills
from fahuo.rules.carriers import CARRIERS
from fahuo.rules.filters import NO_CONTRACT, NO_FLAG, TABS, OrderFilter
from fahuo.rules.regions import name_of, provinces
from fahuo.store import boards
from fahuo.web.templatetags.ui import FLAG_NAMES
from fahuo.web.ui import Chip, Column, Filter, Tab

TAB_WORDS: Final = {
    "awaiting": gettext_lazy("待发货"), "unpaid": gettext_lazy("待付款"), "shipped": gettext_lazy("已发货"),
    "refunding": gettext_lazy("退款中"), "completed": gettext_lazy("交易成功"), "closed": gettext_lazy("交易关闭"),
    "all": gettext_lazy("全部"),
}  # fmt: skip

EMPTY_WORDS: Final = {
    "awaiting": (gettext_lazy("没有等着发货的订单"), gettext_lazy("买家付了款、还没发的订单会排在这里，最早到期的在最上面。")),
    "unpaid": (gettext_lazy("没有待付款的订单"), gettext_lazy("买家拍下还没付款的订单会在这里。")),
    "shipped": (gettext_lazy("没有在路上的订单"), gettext_lazy("发出后、买家确认收货前的订单会在这里。")),
    "refunding": (gettext_lazy("没有退款中的订单"), gettext_lazy("买家申请了退款、还没处理完的订单会在这里，发货前先看一眼。")),
    "completed": (gettext_lazy("还没有交易成功的订单"), gettext_lazy("买家确认收货的订单会在这里。")),
    "closed": (gettext_lazy("没有关闭的订单"), gettext_lazy("取消、超时未付或全额退款的订单会在这里。")),
    "all": (gettext_lazy("还没有订单"), gettext_lazy("从卖家后台导出订单报表，导入后全部订单都在这里。")),
}  # fmt: skip

NUMBER: Final = ("number", gettext_lazy("订单编号"), "text", "")
COLUMNS: Final = (
    ("left", gettext_lazy("剩余时间"), "time", gettext_lazy("离最晚发货时间还有多久")),
    ("stake", gettext_lazy("不发要赔"), "money", gettext_lazy("没有人处理的话，接下来要赔的钱")),
    ("title", gettext_lazy("宝贝"), "text", ""),
    ("receiver", gettext_lazy("收件人"), "text", ""),
    ("region", gettext_lazy("地区"), "text", ""),
    ("contract", gettext_lazy("快递"), "text", gettext_lazy("按哪份快递合同发")),
    ("status", gettext_lazy("状态"), "text", ""),
    ("marks", gettext_lazy("提醒"), "text", gettext_lazy("催发货、退款、冲突、买家留言、同收件人")),
    ("parcels", gettext_lazy("快递单号"), "text", ""),
    ("paid", gettext_lazy("实付"), "money", ""),
    ("memo", gettext_lazy("备注"), "text", ""),
    ("buyer", gettext_lazy("买家"), "text", ""),
    ("ordered", gettext_lazy("下单时间"), "time", ""),
    ("paid_at", gettext_lazy("付款时间"), "time", ""),
    ("printed", gettext_lazy("打印"), "text", ""),
)
WAITING_COLUMNS: Final = ("left", "stake", "title", "receiver", "region", "marks", "paid", "memo")
OTHER_COLUMNS: Final = ("status", "title", "receiver", "marks", "parcels", "paid", "memo", "ordered")

FILTER_WORDS: Final = {
    "urged": gettext_lazy("催发货"), "overdue": gettext_lazy("已超时"), "due_today": gettext_lazy("今天到期"),
    "due": gettext_lazy("到期"), "region": gettext_lazy("地区"), "goods": gettext_lazy("宝贝"),
    "carrier": gettext_lazy("快递"), "flag": gettext_lazy("旗"), "memo": gettext_lazy("备注含"),
    "has_memo": gettext_lazy("备注"), "message": gettext_lazy("有买家留言"), "buyer": gettext_lazy("买家"),
    "receiver": gettext_lazy("收件人"), "phone": gettext_lazy("手机"), "number": gettext_lazy("订单编号"),
    "waybill": gettext_lazy("运单号"), "same_receiver": gettext_lazy("同收件人有多单"),
    "beside": gettext_lazy("同一收件人"), "conflict": gettext_lazy("有冲突"),
    "unscanned": gettext_lazy("满 24 小时未揽收"), "printed": gettext_lazy("打印"),
    "handed": gettext_lazy("快递员"), "no_parcel": gettext_lazy("没有包裹记录"), "batch": gettext_lazy("批次"),
    "contract": gettext_lazy("快递合同"),
}  # fmt: skip


def column(parts: tuple[str, object, str, object]) -> Column:
    """A column as the table component takes it, in the page's language."""
    key, label, kind, title = parts
    return Column(key, str(label), kind, str(title))


def choices() -> list[Column]:
    """The columns a member may choose from."""
    return [column(parts) for parts in COLUMNS]


def shown(kept: object, tab: str, *, contracts: bool = False) -> list[Column]:
    """The columns that are shown: those `kept` (a list of keys), else what fits the tab; the number stands first.

    `contracts`: the shop has some, so it is worth telling which an order goes by.
    """
    default: tuple[str, ...] = WAITING_COLUMNS if tab == "awaiting" else OTHER_COLUMNS
    if contracts and tab == "awaiting":
        default = (*default, "contract")
    keys = kept if isinstance(kept, list) and kept else default
    return [column(NUMBER), *(column(parts) for parts in COLUMNS if parts[0] in keys)]


def tabs(code: str, counts: dict[str, boards.Count], current: str) -> list[Tab]:
    """The tabs with their counts."""
    home = reverse("orders", kwargs={"shop": code})
    return [
        Tab(str(TAB_WORDS[tab]), home if tab == TABS[0] else f"{home}?tab={tab}", counts[tab], tab == current)
        for tab in TABS
    ]


def quick(wish: OrderFilter) -> list[Filter]:
    """The filters that stand open over the table; the others are under 更多."""
    due = [("2", gettext("2 小时内")), ("6", gettext("6 小时内")), ("24", gettext("24 小时内"))]
    waiting = [
        Filter("overdue", gettext("已超时"), "check", "1" if wish.overdue else ""),
        Filter("urged", gettext("催发货"), "check", "1" if wish.urged else ""),
        Filter("due", gettext("到期"), "select", str(wish.due or ""), due),
    ]
    regions = [(code[:2], name) for code, name in provinces()]
    if wish.region and len(wish.region) > 2:
        regions.append((wish.region, region_word(wish.region)))
    return [
        Filter("goods", gettext("宝贝、规格或商家编码"), "search", wish.goods),
        *(waiting if wish.tab == "awaiting" else waiting[1:2]),
        Filter("region", gettext("地区"), "select", wish.region, regions),
    ]


def more(wish: OrderFilter, contracts: Mapping[int, str]) -> dict[str, object]:
    """What the fields under 更多 need. `contracts`: the shop's, names by id."""
    return {
        "contract_choices": [
            (str(NO_CONTRACT), gettext("没有分配")),
            *((str(key), name) for key, name in contracts.items()),
        ]
        if contracts
        else [],
        "contract_value": "" if wish.contract is None else str(wish.contract),
        "wish": wish,
        "carriers": [(code, carrier_word(code)) for code in CARRIERS],
        "flags": [(str(NO_FLAG), gettext("无旗")), *((str(n), str(name)) for n, name in enumerate(FLAG_NAMES))],
        "flag_value": "" if wish.flag is None else str(wish.flag),
        "opened": any(name in wish.asked for name in FILTER_WORDS if name not in QUICK),
    }


QUICK: Final = ("goods", "overdue", "urged", "due", "region")


def chips(wish: OrderFilter, contracts: Mapping[int, str]) -> list[Chip]:
    """What is set, each with the address of the list without it."""
    found = []
    for name in wish.asked:
        rest = {other: getattr(wish, other) for other in wish.asked if other != name}
        address = OrderFilter(tab=wish.tab, **rest).query()
        found.append(Chip(str(FILTER_WORDS[name]), f"?{address}", value_word(wish, name, contracts)))
    return found


def value_word(wish: OrderFilter, name: str, contracts: Mapping[int, str]) -> str:
    """A set value in words; "" where the field's name alone says it."""
    value = getattr(wish, name)
    if name == "has_memo":
        return gettext("有") if value else gettext("无")
    if name == "printed":
        return gettext("已打印") if value else gettext("未打印")
    if name == "handed":
        return gettext("已交给快递员") if value else gettext("没交给快递员")
    if value is True or name == "beside":
        return ""
    if name == "due":
        return gettext("{n} 小时内").format(n=value)
    if name == "region":
        return region_word(value)
    if name == "contract":
        return gettext("没有分配") if value == NO_CONTRACT else contracts.get(value, str(value))
    if name == "flag":
        return gettext("无旗") if value == NO_FLAG else str(FLAG_NAMES[value])
    return carrier_word(value) if name == "carrier" else str(value)


def region_word(prefix: str) -> str:
    """A region by the prefix of its code, named in full where it is known."""
    return name_of(prefix.ljust(6, "0")) or prefix


def carrier_word(code: str) -> str:
    """A carrier's name in the page's language; an unknown code stands for itself."""
    known = CARRIERS.get(code)
    if known is None:
        return code
    return known.en if english() else known.zh


def english() -> bool:
    """Whether the page is in English."""
    return (get_language() or "").startswith("en")


def offers(waybill: str, carrier: str) -> list[tuple[str, str]]:
    """The carriers that a number would fit, most likely first, without the one that was chosen."""
    fits = waybills.candidates(waybills.normalise(waybill))
    return [(fit.code, carrier_word(fit.code)) for fit in fits if fit.code != carrier][:4]
