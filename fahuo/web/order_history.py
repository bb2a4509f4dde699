"""The journal in the reader's language: what each act was, and what changed by it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, gettext_lazy

from fahuo.web.order_words import carrier_word
from fahuo.web.templatetags.ui import FLAG_NAMES, STATUSES

ACTS: Final[Mapping[str, Any]] = {
    "order.imported": gettext_lazy("导入"),
    "order.updated": gettext_lazy("再次导入，有更新"),
    "order.memo": gettext_lazy("改备注"),
    "order.flag": gettext_lazy("换旗子"),
    "order.revealed": gettext_lazy("查看收件人"),
    "order.exported": gettext_lazy("导出"),
    "order.erased": gettext_lazy("删除个人信息"),
    "order.assigned": gettext_lazy("分配快递"),
    "order.agreed": gettext_lazy("与买家约定发货时间"),
    "order.reported": gettext_lazy("报备延迟发货"),
    "order.exempted": gettext_lazy("地区免责，期限调整"),
    "complaint.opened": gettext_lazy("被投诉"),
    "complaint.settled": gettext_lazy("赔付了投诉"),
    "complaint.upheld": gettext_lazy("平台裁决：投诉成立"),
    "complaint.dismissed": gettext_lazy("平台裁决：投诉不成立"),
    "complaint.withdrawn": gettext_lazy("买家撤销投诉"),
    "refund.request": gettext_lazy("买家申请退款"),
    "refund.withdraw": gettext_lazy("买家撤回退款申请"),
    "refund.agree": gettext_lazy("同意退款"),
    "refund.refuse": gettext_lazy("拒绝退款"),
    "refund.succeed": gettext_lazy("退款成功"),
    "order.received": gettext_lazy("买家确认收货"),
    "evidence.added": gettext_lazy("提交凭证"),
    "order.conflict": gettext_lazy("发现冲突"),
    "order.conflict_settled": gettext_lazy("处理冲突"),
    "order.printed": gettext_lazy("打印发件单"),
    "order.called": gettext_lazy("叫快递"),
    "order.urged": gettext_lazy("买家催发货"),
    "order.handed": gettext_lazy("交给快递员"),
    "order.taken_back": gettext_lazy("从快递员收回"),
    "message.rested": gettext_lazy("对话标为不用回复"),
    "message.sent": gettext_lazy("给买家发消息"),
    "order.shipped": gettext_lazy("发货"),
    "parcel.shipped": gettext_lazy("发货"),
    "parcel.corrected": gettext_lazy("改单号"),
    "parcel.voided": gettext_lazy("作废包裹"),
    "parcel.scanned": gettext_lazy("快递扫描"),
    "alert.put_away": gettext_lazy("物流预警处理过了"),
    "parcel.handed_over": gettext_lazy("交给快递员"),
    "label.packed": gettext_lazy("打包"),
    "label.unpacked": gettext_lazy("撤销打包"),
    "manifest.added": gettext_lazy("记到交接单"),
    "manifest.removed": gettext_lazy("从交接单去掉"),
    "batch.undone": gettext_lazy("撤销批次"),
    "label.made": gettext_lazy("取号"),
    "label.printed": gettext_lazy("打印面单"),
    "label.reprinted": gettext_lazy("补打面单"),
    "label.voided": gettext_lazy("作废面单"),
    "label.shipped": gettext_lazy("面单发货"),
    "label.unshipped": gettext_lazy("面单退回未发货"),
}

FIELDS: Final[Mapping[str, Any]] = {
    "status": gettext_lazy("状态"),
    "refund_status": gettext_lazy("退款"),
    "refund_amount": gettext_lazy("退款金额"),
    "flag": gettext_lazy("旗"),
    "until": gettext_lazy("到"),
    "agreed_until": gettext_lazy("约定到"),
    "reported_until": gettext_lazy("报备到"),
    "deadline": gettext_lazy("最晚发货"),
    "conflict": gettext_lazy("冲突"),
    "urge_count": gettext_lazy("催发货次数"),
    "marketplace_due_at": gettext_lazy("平台截止时间"),
    "contract": gettext_lazy("快递合同"),
    "carrier": gettext_lazy("快递公司"),
    "waybill": gettext_lazy("运单号"),
    "kind": gettext_lazy("方式"),
    "at": gettext_lazy("时间"),
    "place": gettext_lazy("地点"),
    "grams": gettext_lazy("重量（克）"),
    "reason": gettext_lazy("原因"),
    "printer": gettext_lazy("打印机"),
    "times": gettext_lazy("第几次"),
    "quantity": gettext_lazy("件数"),
    "paid_amount": gettext_lazy("实付"),
    "item_amount": gettext_lazy("货款"),
    "closed_at": gettext_lazy("关闭时间"),
    "completed_at": gettext_lazy("成交时间"),
    "shipped_at": gettext_lazy("发货时间"),
    "paid_at": gettext_lazy("付款时间"),
}
CHANGED: Final[Mapping[str, Any]] = {
    "memo": gettext_lazy("备注"),
    "address": gettext_lazy("地址"),
    "receiver": gettext_lazy("收件人"),
    "phone": gettext_lazy("手机"),
    "lines": gettext_lazy("商品"),
    "buyer_message": gettext_lazy("买家留言"),
    "title": gettext_lazy("宝贝"),
    "buyer": gettext_lazy("买家"),
    **FIELDS,
}
KINDS: Final[Mapping[str, Any]] = {
    "offline": gettext_lazy("快递"),
    "virtual": gettext_lazy("无需物流"),
    "picked_up": gettext_lazy("揽收"),
    "in_transit": gettext_lazy("运输中"),
    "delivered": gettext_lazy("签收"),
}
QUIET: Final = frozenset(
    {"printed_at", "called_at", "draft_hash", "updated_at", "id", "parcel_id", "order_id", "batch_id"}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an order's history."""

    at: datetime
    actor: str
    act: str
    changes: tuple[str, ...]
    batch_id: int | None


def story(row: Any) -> Entry:
    """A journal row as a line people read."""
    before, after = _read(row.before), _read(row.after)
    return Entry(row.at, row.actor, str(ACTS.get(row.act, row.act)), tuple(_changes(before, after)), row.batch_id)


def _read(value: Any) -> dict[str, Any]:
    found = json.loads(value) if isinstance(value, str) else value
    return found if isinstance(found, dict) else {}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What changed, as "field: before → after"; fields nobody reads are passed over."""
    found = []
    for name in dict.fromkeys([*before, *after]):
        if name == "changed" and isinstance(after.get(name), list):
            found += [str(CHANGED.get(part, part)) for part in after[name]]
            continue
        if name in QUIET or before.get(name) == after.get(name) or name not in FIELDS:
            continue
        old, new = value_word(name, before.get(name)), value_word(name, after.get(name))
        change = f"{old} → {new}" if old and new else (new or gettext("{value} → 无").format(value=old))
        found.append(f"{FIELDS[name]} {change}")
    return found


def value_word(name: str, value: Any) -> str:
    """A value as people read it."""
    if value in (None, ""):
        return ""
    if name == "carrier":
        return carrier_word(str(value))
    if name == "flag":
        return str(FLAG_NAMES[value]) if isinstance(value, int) and 0 <= value < len(FLAG_NAMES) else ""
    if name == "kind":
        return str(KINDS.get(str(value)) or (STATUSES[value][0] if value in STATUSES else value))
    if name in ("status", "refund_status", "conflict") and value in STATUSES:
        return str(STATUSES[value][0])
    if name.endswith("_amount"):
        return _money(value)
    return moment_word(value) if isinstance(value, str) else str(value)


def _money(value: Any) -> str:
    try:
        return f"¥{Decimal(str(value)):,.2f}"
    except InvalidOperation:
        return str(value)


def moment_word(text: str) -> str:
    """ISO text as an instant in the shop's time zone; any other text as it is."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    return timezone.localtime(found).strftime("%Y-%m-%d %H:%M") if found and found.tzinfo else text
