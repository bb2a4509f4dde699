"""What one cell of text means: money, counts, instants, phones, statuses. Each parser takes the cell's text (never
empty, already trimmed) and the shop's zone, and returns the value or raises BadCell with one problem code.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, Final
from unicodedata import normalize

from fahuo.rules.orders import RefundStatus
from fahuo.rules.problems import Datum, Problem

Parser = Callable[[str, tzinfo], Any]

NULLS: Final = frozenset({"", "null", "NULL", "Null", "-", "--"})
"""What the exports write for "nothing here"."""

CENT: Final = Decimal("0.01")
MONEY_MOST: Final = Decimal("99999999.99")
COUNT_MOST: Final = 1_000_000

_MONEY = re.compile(r"-?\d{1,12}(?:\.\d{1,15})?", re.ASCII)
_GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{5,39}", re.ASCII)
_TIME = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T ]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})秒?(?:\.\d+)?|分?))?\s*(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?", re.ASCII)
_SERIAL = re.compile(r"[34567]\d{4}(?:\.\d+)?", re.ASCII)
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 (a spreadsheet's serial day has no zone; the shop's is added)
_MOBILE = re.compile(r"(1\d{2}[\d*]{8})(?:[-转,X#](\d{1,6}))?", re.ASCII)
_LANDLINE = re.compile(r"(?:\(?(0\d{2,3})\)?-?)?([\d*]{7,8})(?:[-转,X#](\d{1,6}))?", re.ASCII)
_SERVICE = re.compile(r"[48]00-?\d{3,4}-?\d{3,4}", re.ASCII)
_SHANGHAI = timezone(timedelta(hours=8))
_POSTCODE_TAIL = re.compile(r"\s*[(\uff08]\s*(\d{6})\s*[)\uff09]\s*$")


class BadCell(Exception):
    """A cell whose text does not mean what its column promises."""

    def __init__(self, code: str, **data: Datum) -> None:
        super().__init__(code)
        self.problem = Problem(code, data)


@lru_cache(1024)
def key(text: str) -> str:
    """A status text without spaces and with one kind of comma, so that every form of it meets in one table."""
    return "".join(normalize("NFKC", text).split()).replace("、", ",").upper()


def _table(texts: Mapping[str, str]) -> dict[str, str]:
    return {key(text): value for text, value in texts.items()}


STATUS_TEXTS: Final = _table({
    "等待买家付款": "awaiting_payment",
    "未付款": "awaiting_payment",
    "待付款": "awaiting_payment",
    "没有创建支付宝交易": "awaiting_payment",
    "买家已付款,等待卖家发货": "awaiting_shipment",
    "买家已付款": "awaiting_shipment",
    "等待卖家发货": "awaiting_shipment",
    "等待发货": "awaiting_shipment",
    "待发货": "awaiting_shipment",
    "卖家部分发货": "part_shipped",
    "部分发货": "part_shipped",
    "卖家已发货,等待买家确认": "shipped",
    "卖家已发货,等待买家确认收货": "shipped",
    "等待买家确认收货": "shipped",
    "卖家已发货": "shipped",
    "已发货": "shipped",
    "待收货": "shipped",
    "买家已签收,货到付款专用": "completed",
    "交易成功": "completed",
    "交易完成": "completed",
    "已完成": "completed",
    "交易关闭": "closed",
    "交易自动关闭": "closed",
    "付款以后用户退款成功,交易自动关闭": "closed",
    "付款以前,卖家或买家主动关闭交易": "closed",
    "已关闭": "closed",
    "已取消": "closed",
    "TRADE_NO_CREATE_PAY": "awaiting_payment",
    "WAIT_BUYER_PAY": "awaiting_payment",
    "PAY_PENDING": "awaiting_payment",
    "WAIT_SELLER_SEND_GOODS": "awaiting_shipment",
    "SELLER_CONSIGNED_PART": "part_shipped",
    "WAIT_BUYER_CONFIRM_GOODS": "shipped",
    "TRADE_BUYER_SIGNED": "completed",
    "TRADE_FINISHED": "completed",
    "TRADE_CLOSED": "closed",
    "TRADE_CLOSED_BY_TAOBAO": "closed",
})  # fmt: skip

REFUND_TEXTS: Final = _table({
    "没有申请退款": "none",
    "无退款": "none",
    "未退款": "none",
    "没有退款": "none",
    "无退款申请": "none",
    "退款关闭": "none",
    "退款申请关闭": "none",
    "NO_REFUND": "none",
    "CLOSED": "none",
    "买家已经申请退款,等待卖家同意": "requested",
    "买家申请退款,等待卖家同意": "requested",
    "申请退款中": "requested",
    "退款中": "requested",
    "WAIT_SELLER_AGREE": "requested",
    "卖家已经同意退款,等待买家退货": "agreed",
    "卖家已同意退款,等待买家退货": "agreed",
    "买家已经退货,等待卖家确认收货": "agreed",
    "等待买家退货": "agreed",
    "WAIT_BUYER_RETURN_GOODS": "agreed",
    "WAIT_SELLER_CONFIRM_GOODS": "agreed",
    "卖家拒绝退款": "refused",
    "卖家拒绝退款,等待买家修改退款申请": "refused",
    "SELLER_REFUSE_BUYER": "refused",
    "退款成功": "succeeded",
    "已退款": "succeeded",
    "全额退款": "succeeded",
    "部分退款": "succeeded",
    "SUCCESS": "succeeded",
})  # fmt: skip

FLAG_TEXTS: Final[Mapping[str, int]] = {
    "灰": 0, "红": 1, "黄": 2, "绿": 3, "蓝": 4, "紫": 5, "粉": 5, "粉红": 5, "橙": 6, "浅蓝": 7, "浅粉": 8, "深绿": 9,
    "桃": 10, "桃红": 10, "GREY": 0, "GRAY": 0, "RED": 1, "YELLOW": 2, "GREEN": 3, "BLUE": 4, "PURPLE": 5, "PINK": 5,
    "ORANGE": 6,
}  # fmt: skip

KIND_TEXTS: Final = _table({
    "普通": "normal", "一般": "normal", "一口价": "normal", "实物": "normal", "NORMAL": "normal",
    "定制": "custom", "CUSTOM": "custom",
    "虚拟": "virtual", "VIRTUAL": "virtual",
    "全款预售": "presale_full", "预售": "presale_full",
    "分阶段": "presale_staged", "定金预售": "presale_staged", "分阶段预售": "presale_staged", "STEP": "presale_staged",
})  # fmt: skip

YES: Final = frozenset({"是", "Y", "YES", "TRUE", "1", "预售", "预售订单", "全款预售"})
NO: Final = frozenset({"否", "N", "NO", "FALSE", "0", "非预售", "无"})
VIRTUAL_WAYS: Final = frozenset({"虚拟", "虚拟物品", "虚拟发货", "无需物流", "VIRTUAL", "DUMMY"})


def money(text: str, zone: tzinfo) -> Decimal:
    """CNY, two decimals: "12.5", "¥1,234.50", "12.00元". Not negative, not over 99,999,999.99."""
    return _money(text)


@lru_cache(4096)
def _money(text: str) -> Decimal:
    """A shop's prices repeat."""
    plain = text
    if not _MONEY.fullmatch(plain):
        plain = normalize("NFKC", text).strip("¥元RMBCNY ")
        if _GROUPED.fullmatch(plain):
            plain = plain.replace(",", "")
        if not _MONEY.fullmatch(plain):
            raise BadCell("not_money")
    amount = Decimal(plain)
    exact = amount.quantize(CENT, ROUND_HALF_UP)
    if exact < 0:
        raise BadCell("money_negative")
    if exact > MONEY_MOST:
        raise BadCell("money_range", most=str(MONEY_MOST))
    # a spreadsheet's binary fraction may trail at the tenth place; a real third decimal is somebody's mistake
    if abs(amount - exact) > Decimal("0.000001"):
        raise BadCell("money_decimals")
    return exact


def count(text: str, zone: tzinfo) -> int:
    """A number of goods, 1 to a million. "2.0" is 2."""
    if text.isdigit() and len(text) < 7 and text.isascii() and text[0] != "0":
        return int(text)
    whole = text.removesuffix("件").strip()
    if "." in whole:
        whole = whole.rstrip("0").removesuffix(".")
    if not (whole.isascii() and whole.lstrip("-").isdigit() and len(whole) <= 12):
        raise BadCell("not_a_count")
    number = int(whole) if whole.count("-") <= 1 else 0
    if not 1 <= number <= COUNT_MOST:
        raise BadCell("count_range", most=COUNT_MOST)
    return number


def hours(text: str, zone: tzinfo) -> int:
    """A promise in hours, "48", "48小时" or "3天"; 1 to 24 * 90."""
    days = text.endswith(("天", "日"))
    whole = text.removesuffix("小时").removesuffix("h").removesuffix("天").removesuffix("日").removesuffix("内").strip()
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 5):
        raise BadCell("not_a_count")
    number = int(whole) * (24 if days else 1)
    if not 1 <= number <= 2160:
        raise BadCell("hours_range", most=2160)
    return number


def instant(text: str, zone: tzinfo) -> datetime:
    """An instant in UTC. Text without an offset is on the wall clock of the shop's zone; a bare day is its midnight."""
    if len(text) == 19 and text[4] == "-" and text[10] in " T" and text[13] == ":":
        try:
            return _utc(datetime.fromisoformat(text), zone)
        except ValueError:
            raise BadCell("not_a_time") from None
    text = normalize("NFKC", text)
    match = _TIME.fullmatch(text) or _PACKED.fullmatch(text)
    if match is None:
        if _SERIAL.fullmatch(text):
            return _utc(_SERIAL_ZERO + timedelta(seconds=round(float(text) * 86400)), zone)
        raise BadCell("not_a_time")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    try:
        wall = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 (_utc adds the zone)
    except ValueError:
        raise BadCell("not_a_time") from None
    offset = match.group(7) if match.re is _TIME else None
    return _utc(wall, _offset(offset) if offset else zone)


def _offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    if minutes >= 24 * 60:
        raise BadCell("not_a_time")
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _utc(wall: datetime, zone: tzinfo) -> datetime:
    """The zone's rules, save the look-up for the one zone nearly every shop has: no summer time there since 1991."""
    if not 2000 <= wall.year <= 2100:
        raise BadCell("time_range")
    if wall.tzinfo is not None:
        return wall.astimezone(UTC)
    if getattr(zone, "key", "") == "Asia/Shanghai":
        zone = _SHANGHAI
    return wall.replace(tzinfo=zone).astimezone(UTC)


def number(text: str, zone: tzinfo) -> str:
    """An order's (or line's) number as the marketplace gave it: 6 to 40 digits and letters, kept as text."""
    if text.isdigit() and 6 <= len(text) <= 40 and text.isascii():
        return text
    if _NUMBER.fullmatch(text) and "E+" not in text:
        return text
    if "E+" in text or "e+" in text:
        raise BadCell("digits_lost")
    raise BadCell("number_shape")


def status(text: str, zone: tzinfo) -> str:
    found = STATUS_TEXTS.get(text) or STATUS_TEXTS.get(key(text))
    if found is None:
        raise BadCell("status_unknown")
    return found


def refund_status(text: str, zone: tzinfo) -> RefundStatus:
    found = REFUND_TEXTS.get(text) or REFUND_TEXTS.get(key(text))
    if found is None:
        raise BadCell("refund_unknown")
    return found  # type: ignore[return-value]  # the table holds only RefundStatus words


def flag(text: str, zone: tzinfo) -> int:
    """A flag by its number 0 to 10 or by its colour."""
    found = FLAG_TEXTS.get(text.upper().removesuffix("旗").removesuffix("色"))
    if found is None and text.isascii() and text.isdigit() and len(text) <= 2 and int(text) <= 10:
        found = int(text)
    if found is None:
        raise BadCell("flag_unknown")
    return found


def kind(text: str, zone: tzinfo) -> str:
    found = KIND_TEXTS.get(key(text)) or KIND_TEXTS.get(key(text).removesuffix("订单").removesuffix("商品"))
    if found is None:
        raise BadCell("kind_unknown")
    return found


def yes(text: str, zone: tzinfo) -> bool:
    found = key(text)
    if found in YES:
        return True
    if found in NO:
        return False
    raise BadCell("not_yes_or_no")


def by_virtual_way(text: str, zone: tzinfo) -> bool:
    """Whether 运送方式 says that nothing travels."""
    return key(text) in VIRTUAL_WAYS


def stages(text: str, zone: tzinfo) -> str:
    """分阶段订单信息 as it stands; "" when it says there are no stages."""
    return "" if key(text) in NO else free(text, 2000)


def close_reason(text: str, zone: tzinfo) -> str:
    """Why an order was closed; the exports write 订单未关闭 beside every other one."""
    return "" if text == "订单未关闭" else free(text, 500)


def phone(text: str, zone: tzinfo) -> dict[str, str]:
    """{"phone", "phone_extension"}: mobile, landline or 400 number; masked digits pass; "-1234" is the extension of a
    virtual number."""
    if len(text) == 11 and text[0] == "1" and text.isdigit() and text.isascii():
        return {"phone": text, "phone_extension": ""}
    plain = normalize("NFKC", text).replace(" ", "").replace("—", "-").upper().strip(";,.")
    for prefix in ("+86-", "+86", "0086", "86-"):
        plain = plain.removeprefix(prefix)
    if len(plain) == 13 and plain.startswith("861") and plain.isdigit():
        plain = plain[2:]
    match = _MOBILE.fullmatch(plain)
    if match:
        return {"phone": match[1], "phone_extension": match[2] or ""}
    match = _LANDLINE.fullmatch(plain)
    if match:
        line = f"{match[1]}-{match[2]}" if match[1] else match[2]
        return {"phone": line, "phone_extension": match[3] or ""}
    if _SERVICE.fullmatch(plain):
        return {"phone": plain, "phone_extension": ""}
    if "E+" in plain:
        raise BadCell("digits_lost")
    raise BadCell("not_a_phone")


def postcode(text: str, zone: tzinfo) -> str:
    if not (text.isascii() and text.isdigit() and 5 <= len(text) <= 6):
        raise BadCell("not_a_postcode")
    return text.zfill(6)


def waybill(text: str, zone: tzinfo) -> str:
    """A waybill number without spaces, and without the "No:" that old exports put before it."""
    plain = "".join(normalize("NFKC", text).split()).upper().removeprefix("NO:")
    if not plain or len(plain) > 40 or not plain.isascii() or not plain.replace("-", "").isalnum():
        raise BadCell("digits_lost" if "E+" in plain else "waybill_text")
    return plain


def free(text: str, limit: int) -> str:
    if len(text) > limit:
        raise BadCell("text_too_long", limit=limit)
    return text


def words(limit: int, *, plain: bool = False) -> Parser:
    """A parser of text up to `limit` characters; `plain` refuses what a spreadsheet would run as a formula."""

    def parse(text: str, zone: tzinfo) -> str:
        if len(text) > limit:
            raise BadCell("text_too_long", limit=limit)
        if plain and text[0] == "=":
            raise BadCell("formula")
        return text

    return parse


def without_postcode(address: str) -> tuple[str, str]:
    """(address, postcode) of an address that ends in "(310012)"."""
    match = _POSTCODE_TAIL.search(address, max(0, len(address) - 24))
    return (address[: match.start()], match[1]) if match else (address, "")
