"""The rows of a batch in words: what is written, what changes, what is wrong. Personal data is masked.

What a row holds in `data` is written by the services: an import keeps the draft of its order or line (and `changes`
where the order stands already), a shipment its carrier and number, a bad row of a sheet its `cells`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext, gettext_lazy

from fahuo.rules import masking, waybills
from fahuo.rules.carriers import CARRIERS, Carrier
from fahuo.rules.imports import PERSONAL
from fahuo.rules.sheets import COLUMNS, heading_key
from fahuo.store.boards.cards import OrderRow, cards
from fahuo.web.contract_words import grams
from fahuo.web.templatetags.ui import FLAG_NAMES, STATUSES, sentence

VERDICT_WORDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "orders": {
        "new": gettext_lazy("新增"), "update": gettext_lazy("更新"), "same": gettext_lazy("无变化"),
        "conflict": gettext_lazy("有冲突"), "bad": gettext_lazy("有问题"), "done": gettext_lazy("已写入"),
    },
    "shipments": {
        "waiting": gettext_lazy("待填单号"), "ready": gettext_lazy("可发货"), "bad": gettext_lazy("有问题"),
        "done": gettext_lazy("已发货"), "same": gettext_lazy("早已发货"), "conflict": gettext_lazy("有冲突"),
        "undone": gettext_lazy("已撤销"),
    },
    "numbers": {
        "ready": gettext_lazy("可入库"), "done": gettext_lazy("已入库"), "bad": gettext_lazy("有问题"),
    },
    **dict.fromkeys(("skus", "route_marks", "tariffs"), {
        "new": gettext_lazy("新增"), "update": gettext_lazy("更新"), "same": gettext_lazy("无变化"),
        "bad": gettext_lazy("有问题"), "done": gettext_lazy("已写入"),
    }),
    "urges": {
        "ready": gettext_lazy("可登记"), "done": gettext_lazy("已登记"), "same": gettext_lazy("早已登记"),
        "bad": gettext_lazy("有问题"),
    },
}  # fmt: skip
"""Kind of batch -> verdict -> what people read, in the order of the tabs."""

EFFECT_WORDS: Final[Mapping[str, Any]] = {
    "task": gettext_lazy("生成任务"), "counted": gettext_lazy("任务多催一次"), "flagged": gettext_lazy("只标记订单"),
    "deadline": gettext_lazy("更新平台截止时间"),
}  # fmt: skip
"""What an urge that a shop enters comes to (rules.entries)."""
FIELD_WORDS: Final[Mapping[str, Any]] = {
    "status": gettext_lazy("状态"), "kind": gettext_lazy("类型"), "buyer": gettext_lazy("买家"),
    "title": gettext_lazy("宝贝"), "quantity": gettext_lazy("件数"), "item_amount": gettext_lazy("货款"),
    "postage": gettext_lazy("邮费"), "paid_amount": gettext_lazy("实付"), "amount": gettext_lazy("金额"),
    "price": gettext_lazy("单价"), "refund_status": gettext_lazy("退款状态"), "refund_amount": gettext_lazy("退款金额"),
    "region": gettext_lazy("地区"), "buyer_message": gettext_lazy("买家留言"), "memo": gettext_lazy("备注"),
    "flag": gettext_lazy("旗帜"), "ordered_at": gettext_lazy("下单时间"), "paid_at": gettext_lazy("付款时间"),
    "shipped_at": gettext_lazy("发货时间"), "completed_at": gettext_lazy("成交时间"),
    "close_reason": gettext_lazy("关闭原因"), "promise_hours": gettext_lazy("承诺时效"),
    "promised_until": gettext_lazy("约定发货时间"), "channel_deadline": gettext_lazy("最晚发货时间"),
    "conflict": gettext_lazy("冲突"), "name": gettext_lazy("收货人"), "phone": gettext_lazy("电话"),
    "phone_extension": gettext_lazy("分机号"), "phone_expires_at": gettext_lazy("虚拟号有效期"),
    "province": gettext_lazy("省"), "city": gettext_lazy("市"), "district": gettext_lazy("区县"),
    "address": gettext_lazy("地址"), "postcode": gettext_lazy("邮编"), "sku": gettext_lazy("规格"),
    "sku_code": gettext_lazy("规格编码"), "item_code": gettext_lazy("商家编码"), "remark": gettext_lazy("商品备注"),
}  # fmt: skip
KIND_WORDS: Final[Mapping[str, Any]] = {
    "normal": gettext_lazy("普通"), "custom": gettext_lazy("定制"), "virtual": gettext_lazy("虚拟商品"),
    "presale_full": gettext_lazy("全款预售"), "presale_staged": gettext_lazy("定金预售"),
}  # fmt: skip
MONEY: Final = frozenset({"item_amount", "postage", "paid_amount", "refund_amount", "amount", "price"})
NAMES: Final = frozenset({"name", "receiver", "buyer"})
PRIVATE: Final = PERSONAL | {"receiver"}
SHOWN: Final = 60
"""Characters of a wrong value, or of a title, that a row shows."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changes: its name, and its value before and after ("" where it is personal)."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing wrong with a row: the sentence, the column and its text (masked), carriers whose number it could be."""

    text: str
    column: str = ""
    value: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a batch, ready to be shown. `order` is the order it means, as the order list shows it."""

    no: int
    number: str
    verdict: str
    word: str
    tone: str
    icon: str
    order_id: int | None
    summary: str
    changes: tuple[Change, ...]
    troubles: tuple[Trouble, ...]
    carrier: str = ""
    waybill: str = ""
    receiver: str = ""
    place: str = ""
    order: OrderRow | None = None


def carrier_word(carrier: Carrier) -> str:
    """A carrier's name in the page's language."""
    return carrier.en if (get_language() or "").startswith("en") else carrier.zh


def carrier_name(code: str) -> str:
    """As `carrier_word`, by code; an unknown code stands for itself."""
    found = CARRIERS.get(code)
    return carrier_word(found) if found else code


def rows_of(kind: str, shop_id: int, found: Sequence[Any], *, now: datetime) -> list[Row]:
    """Rows of boards.batch_rows in words, with their orders where they are known."""
    ids = [row.order_id for row in found if row.order_id] if kind == "shipments" else []
    orders = {order.id: order for order in cards(shop_id, list(dict.fromkeys(ids)), now=now)}
    return [_row(kind, row, orders.get(row.order_id)) for row in found]


def _row(kind: str, row: Any, order: OrderRow | None) -> Row:
    data = row.data if isinstance(row.data, dict) else {}
    _, tone, drawing = STATUSES[row.verdict]
    changes = tuple(_change(item) for item in data.get("changes") or ())
    return Row(
        no=row.row_no, number=row.number, verdict=row.verdict, tone=tone, icon=drawing, order_id=row.order_id,
        word=str(VERDICT_WORDS[kind].get(row.verdict, row.verdict)),
        summary="" if changes or kind == "shipments" else SUMMARIES.get(kind, _summary)(data),
        changes=changes,
        troubles=tuple(_trouble(kind, item) for item in row.problems or ()),
        carrier=carrier_name(str(data.get("carrier") or "")), waybill=str(data.get("waybill") or ""),
        receiver=f"{order.receiver} {order.phone}".strip() if order else "",
        place=f"{order.province}{order.city}{order.district}" if order else "", order=order,
    )  # fmt: skip


def _urge(data: Mapping[str, Any]) -> str:
    """What a row of an urge says and comes to, in one line; "" for a row that could not be read."""
    if not data.get("at"):
        return ""
    parts = [gettext("{t} 催促").format(t=value("urged_at", data["at"]))]
    if data.get("due_at"):
        parts.append(gettext("平台截止 {t}").format(t=value("due_at", data["due_at"])))
    return " · ".join([*parts, *(str(EFFECT_WORDS[effect]) for effect in [data.get("effect")] if effect)])


def _own(data: Mapping[str, Any]) -> str:
    """What a row of numbers, SKUs or route marks says; "" for a row that could not be read."""
    if "cells" in data:
        return ""
    parts = []
    for name, told in data.items():
        if told not in (None, "") and name not in ("waybill", "code", "region"):
            parts.append(
                carrier_name(told) if name == "carrier" else grams(told) if name == "grams" else str(told)[:SHOWN]
            )
    return " · ".join(parts)


def _tariff(data: Mapping[str, Any]) -> str:
    """What a row of prices says; "" for a row that could not be read."""
    if "cells" in data:
        return ""
    if data.get("served") is False:
        return gettext("不到那里")
    parts = []
    for weight, price, word in (
        ("first_grams", "first_price", gettext("首重")),
        ("next_grams", "next_price", gettext("续重每")),
    ):
        told = [grams(data[weight]) if weight in data else "", f"¥{data[price]}" if price in data else ""]
        if any(told):
            parts.append(" ".join([word, *filter(None, told)]))
    return " · ".join(parts)


def _summary(data: Mapping[str, Any]) -> str:
    """What a new order or line holds, in one line; "" for a row that could not be read."""
    if "cells" in data or not data:
        return ""
    parts = [value("status", data["status"])] if data.get("status") else []
    title = str(data.get("title") or "")[:SHOWN]
    count = int(data.get("quantity") or 1)
    if title:
        parts.append(f"{title} × {count}" if count > 1 else title)
    parts += [value(name, data[name]) for name in ("sku", "paid_amount", "amount") if data.get(name)]
    receiver = masking.mask_name(str(data.get("receiver") or ""))
    phone = masking.mask_phone(str(data.get("phone") or ""))
    where = "".join(str(data.get(name) or "") for name in ("province", "city", "district"))
    return " · ".join(part for part in (*parts, f"{receiver} {phone}".strip(), where) if part)


def _change(item: Mapping[str, Any]) -> Change:
    name = str(item.get("field") or "")
    word = str(FIELD_WORDS.get(name, name))
    if name in PRIVATE:
        return Change(word, "", "")
    return Change(word, value(name, item.get("before")), value(name, item.get("after")))


def value(name: str, told: Any) -> str:
    """A field's value as people read it; a dash for none."""
    if told in (None, ""):
        return "—"
    if name in MONEY:
        return f"¥{told}"
    if name == "flag":
        return str(FLAG_NAMES[int(told)])
    if name == "kind":
        return str(KIND_WORDS.get(told, told))
    if name in {"status", "refund_status", "conflict"}:
        return str(STATUSES[told][0]) if told in STATUSES else str(told)
    if name.endswith(("_at", "_until", "_deadline")):
        moment = parse_datetime(str(told))
        return timezone.localtime(moment).strftime("%m-%d %H:%M") if moment else str(told)
    if name == "promise_hours":
        return gettext("{n} 小时").format(n=told)
    return str(told)[:SHOWN]


SUMMARIES: Final[Mapping[str, Any]] = {
    "urges": _urge,
    "numbers": _own,
    "skus": _own,
    "route_marks": _own,
    "tariffs": _tariff,
}
"""Kind of batch -> how its rows are told in one line, where that is not an order's."""

_FIELDS: Final = {
    kind: {heading_key(heading): column.field for column in columns.values() for heading in column.headings}
    for kind, columns in COLUMNS.items()
}


def field_of(heading: str, kind: str) -> str:
    """The field a heading means by itself ("" when it is none we know). `kind` as in rules.sheets.COLUMNS."""
    return _FIELDS[kind].get(heading_key(heading), "")


def _trouble(kind: str, item: Mapping[str, Any]) -> Trouble:
    column, text = str(item.get("column") or ""), str(item.get("value") or "")
    others: tuple[str, ...] = ()
    if item.get("code") in {"waybill_shape", "waybill_other_carrier", "check_digit"}:
        number = str((item.get("data") or {}).get("value") or text)
        others = tuple(carrier_name(found.code) for found in waybills.candidates(number)[:4])
    told = sentence(item)
    return Trouble(told, column, "" if text and text in told else shown(kind, column, text), others)


def shown(kind: str, column: str, text: str) -> str:
    """A wrong cell as a page may show it: masked where the column is personal, and hidden where nobody knows."""
    if not text:
        return ""
    kinds = ("orders", "lines") if kind == "orders" else (kind,)
    field = next((found for found in (field_of(column, name) for name in kinds) if found), None)
    if field is None:
        return gettext("（见问题表）")
    if field in NAMES:
        return masking.mask_name(text[:SHOWN])
    if field == "phone":
        return masking.mask_phone(text[:SHOWN])
    if field in PRIVATE:
        return gettext("（见问题表）")
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
