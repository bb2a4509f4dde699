"""An order of WooCommerce as our OrderDraft. Money must be CNY; what cannot be read is a Problem of its row."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from fahuo.connectors.contract import Found
from fahuo.rules import regions
from fahuo.rules.orders import IN_BACKLOG, LineDraft, OrderDraft, OrderStatus
from fahuo.rules.problems import Problem

PARCELS: Final = "_fahuo_parcels"
"""The order's own field in which its parcels are kept there."""

STATUSES: Final[Mapping[str, OrderStatus]] = {
    "pending": "awaiting_payment", "on-hold": "awaiting_payment", "checkout-draft": "awaiting_payment",
    "processing": "awaiting_shipment", "completed": "shipped", "cancelled": "closed", "failed": "closed",
    "refunded": "closed", "trash": "closed",
}  # fmt: skip
"""Theirs -> ours. There `completed` means that the shop has sent it; whether the buyer has it, nobody says."""

PROVINCES: Final = [
    "云南省",
    "北京市",
    "天津市",
    "河北省",
    "山西省",
    "内蒙古自治区",
    "辽宁省",
    "吉林省",
    "黑龙江省",
    "上海市",
    "江苏省",
    "浙江省",
    "安徽省",
    "福建省",
    "江西省",
    "山东省",
    "河南省",
    "湖北省",
    "湖南省",
    "广东省",
    "广西壮族自治区",
    "海南省",
    "重庆市",
    "四川省",
    "贵州省",
    "陕西省",
    "甘肃省",
    "青海省",
    "宁夏回族自治区",
    "澳门特别行政区",
    "西藏自治区",
    "新疆维吾尔自治区",
]
"""CN1 to CN32, as WooCommerce numbers them."""


def found_of(order: Mapping[str, Any]) -> Found:
    """The order, or why it cannot be read."""
    ref = str(order.get("id") or "")
    try:
        draft = _draft(order)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as wrong:
        field = str(wrong)[:40] if isinstance(wrong, (KeyError, ValueError)) else "?"
        return Found(ref, problem=Problem("marketplace_field", {"order": ref, "field": field}))
    return Found(ref, draft, modified=_moment(order, "date_modified_gmt"), waits=draft.status in IN_BACKLOG)


def _draft(order: Mapping[str, Any]) -> OrderDraft:
    status = STATUSES.get(str(order["status"]))
    if status is None:
        raise ValueError("status")
    if order.get("currency") not in (None, "CNY"):
        raise ValueError("currency")
    number = str(order.get("number") or order["id"])
    lines = [_line(row, number) for row in order.get("line_items") or ()]
    place = order.get("shipping") or {}
    if not place.get("address_1"):
        place = order.get("billing") or {}
    billing = order.get("billing") or {}
    province = _province(str(place.get("state") or ""))
    words = " ".join(filter(None, (province, str(place.get("city") or ""), str(place.get("address_1") or ""))))
    split = regions.split_address(words)
    paid_at, total = _moment(order, "date_paid_gmt"), _money(order.get("total"))
    back = sum(
        (abs(_money(str(row.get("total") or "0").lstrip("-"))) for row in order.get("refunds") or ()), Decimal(0)
    )
    whole = order["status"] == "refunded" or (total > 0 and back >= total)
    if status in ("awaiting_shipment", "shipped") and paid_at is None:
        paid_at = _moment(order, "date_created_gmt")
    parcels = parcels_of(order)
    return OrderDraft(
        number=number, status="closed" if whole else status, buyer=str(order.get("customer_id") or billing.get("email") or "")[:100],
        receiver=f"{place.get('last_name') or ''}{place.get('first_name') or ''}".strip()[:100],
        phone=str(place.get("phone") or billing.get("phone") or "")[:40], province=split.province or province,
        city=split.city or str(place.get("city") or ""), district=split.district, region=split.region,
        address=f"{split.rest or place.get('address_1') or ''} {place.get('address_2') or ''}".strip()[:300],
        postcode=str(place.get("postcode") or "")[:12], paid_amount=total, postage=_money(order.get("shipping_total")),
        item_amount=sum((line.amount or Decimal(0) for line in lines), Decimal("0.00")),
        refund_status="succeeded" if back else "none", refund_amount=back.quantize(Decimal("0.01")),
        quantity=sum(line.quantity for line in lines) or 1, title=lines[0].title if lines else "",
        ordered_at=_moment(order, "date_created_gmt"), paid_at=paid_at if status != "awaiting_payment" else None,
        shipped_at=_moment(order, "date_completed_gmt"), buyer_message=str(order.get("customer_note") or "")[:1000],
        carrier=parcels[0][0] if parcels and status == "shipped" else "",
        waybill=parcels[0][1] if parcels and status == "shipped" else "", lines=lines,
    )  # fmt: skip


def _line(row: Mapping[str, Any], number: str) -> LineDraft:
    quantity = int(row["quantity"])
    if not 0 < quantity < 1_000_000:
        raise ValueError("quantity")
    return LineDraft(
        order_number=number, number=str(row["id"]), title=str(row.get("name") or "")[:200], sku_code=str(row.get("sku") or "")[:100],
        quantity=quantity, price=_money(row.get("price")), amount=_money(row.get("total")),
    )  # fmt: skip


def parcels_of(order: Mapping[str, Any]) -> list[list[str]]:
    """[carrier, number, lines apart by commas] of each parcel that was told there."""
    for row in order.get("meta_data") or ():
        if isinstance(row, Mapping) and row.get("key") == PARCELS and isinstance(row.get("value"), list):
            return [[str(part) for part in each] for each in row["value"] if isinstance(each, list) and len(each) == 3]
    return []


def _province(state: str) -> str:
    found = re.fullmatch(r"CN-?(\d{1,2})", state)
    if found and 0 < int(found[1]) <= len(PROVINCES):
        return PROVINCES[int(found[1]) - 1]
    return state


def _money(value: Any) -> Decimal:
    text = str(value if value not in (None, "") else "0")
    if not re.fullmatch(r"\d{1,10}(\.\d+)?", text, re.ASCII):
        raise ValueError("money")
    return Decimal(text).quantize(Decimal("0.01"))


def _moment(order: Mapping[str, Any], name: str) -> datetime | None:
    text = order.get(name)
    return datetime.fromisoformat(str(text).removesuffix("Z")).replace(tzinfo=UTC) if text else None
