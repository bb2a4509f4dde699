"""How a receiver's name, phone and address are shown to someone who may not see them whole.

GB/T 41833-2022 asks for this much at least: one character of the name, six digits of the phone, and unit and room of
the address are hidden. Masking what is already masked changes nothing, so sheets that arrive masked pass through.
"""

import re
import unicodedata
from typing import Final

_LONGEST_TAIL: Final = 3
"""Stars after a name's first character, at most: the length of a long name tells who it is."""

_SLOT: Final = re.compile(r"[0-9*]")
_MOBILE: Final = re.compile(
    r"(?:\+?(?:00)?86[\s-]*)?((?:1|\*)(?:[\s-]*[0-9*]){10})(?:\s*(?:-|—|转|,|#|x|ext\.?)\s*([0-9*]{1,6}))?", re.I
)
_LANDLINE: Final = re.compile(
    r"\(?(0[0-9]{2,3})\)?[\s-]+([0-9*]{7,8})(?:\s*(?:-|—|转|,|#|x|ext\.?)\s*([0-9*]{1,6}))?", re.I
)

_COUNT: Final = "[0-9A-Za-z一二三四五六七八九十百零〇甲乙丙丁东西南北]"
_NUMBER: Final = rf"(?<!{_COUNT}){_COUNT}++"
"""Only from the start of a run and without giving back: any other way a long run of digits takes quadratic time."""
_BUILDING: Final = rf"{_NUMBER}\s*(?:号楼|号院|号栋|栋|幢|座|#楼|#)"
_DETAIL: Final = (
    rf"{_NUMBER}\s*(?:单元|室|层|楼)"
    r"|(?<![0-9A-Za-z])[0-9A-Za-z]++\s*(?:号房|号铺|号门|房|户|门|梯|铺|柜)"
    r"|(?<![0-9])[A-Za-z]?[0-9]++(?:\s*[-－—–]\s*[A-Za-z]?[0-9]++)+"
    r"|(?<=[号楼])\s*[A-Za-z]?[0-9]"
    r"|\b(?:room|rm|unit|apt|apartment|flat|floor|suite)\b"
)
_TOKEN: Final = re.compile(rf"(?P<building>{_BUILDING})|(?P<detail>{_DETAIL})", re.I)
_WORDS: Final = re.compile(r"[\u4e00-\u9fff·]{2,4}|[A-Za-z]+(?: [A-Za-z.]+)+")
_DIALLED: Final = re.compile(r"\+?[0-9][0-9 -]{5,16}[0-9](?:\s*(?:转|-|,|#)\s*[0-9]{1,6})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_SAMPLE: Final = 20
_PLACE: Final = re.compile(r".*(?:省|市|区|县|旗|镇|乡|村|街道|社区|小区|大道|路|街|巷|弄|胡同)", re.S)


def mask_name(name: str) -> str:
    """A name or nick with its first character only: 张三 becomes 张*, 欧阳修 becomes 欧**, Smith becomes S***.

    A name of one character is hidden whole; an empty name stays empty.
    """
    name = name.strip()
    if len(name) < 2:
        return "*" if name else ""
    return name[0] + "*" * min(len(name) - 1, _LONGEST_TAIL)


def mask_phone(phone: str) -> str:
    """A phone number with six digits or more hidden: 13812345678 becomes 138******78.

    A landline keeps its area code where that stands apart (0571-88990011 becomes 0571-******11); an extension, a
    virtual number's too, is hidden whole (13812345678-1234 becomes 138******78-****). What is no phone is hidden.
    """
    if len(phone) == 11 and phone.isascii() and phone.isdigit():
        return phone[:3] + "******" + phone[9:]
    phone = unicodedata.normalize("NFKC", phone).strip()
    if not phone:
        return ""
    if found := _MOBILE.fullmatch(phone):
        return _mask_digits(found[1]) + _mask_extension(found[2])
    if found := _LANDLINE.fullmatch(phone):
        return f"{found[1]}-{_mask_digits(found[2])}{_mask_extension(found[3])}"
    return _mask_digits(phone) or "*" * min(len(phone), 6)


def _mask_digits(text: str) -> str:
    """The digits (and stars) of `text`: of eleven and more the first three and last two, of fewer at most the last two."""
    slots = "".join(_SLOT.findall(text))
    if len(slots) >= 11:
        return slots[:3] + "*" * min(len(slots) - 5, 10) + slots[-2:]
    shown = min(max(len(slots) - 6, 0), 2)
    return "*" * (len(slots) - shown) + slots[len(slots) - shown :]


def _mask_extension(extension: str | None) -> str:
    return f"-{'*' * len(extension)}" if extension else ""


def mask_sample(text: str) -> str:
    """A cell of a column nobody has explained yet, so that its meaning can be seen and nobody's name, phone or address.

    Short words are taken for a name, seven to thirteen digits for a phone, words with a place for an address; longer
    texts are cut. Order and waybill numbers, amounts and times stay.
    """
    text = " ".join(text.split())
    if _WORDS.fullmatch(text):
        return mask_name(text)
    if _DIALLED.fullmatch(text) and 7 <= sum(map(str.isdigit, text.split("转")[0])) <= 13 and not _DATE.match(text):
        return mask_phone(text)
    if len(text) > 5 and _PLACE.match(text):
        text = mask_address(text)
    return text if len(text) <= _SAMPLE else text[:_SAMPLE] + "…"


def mask_address(address: str) -> str:
    """An address without unit and room: …3栋2单元501室 becomes …3栋***.

    It is cut after the first building number, or before the first unit, floor or room. Where none is recognised, all
    after the last road, village or district goes, and where there is no such word either, the second half.
    """
    address = address.strip()
    if not address:
        return ""
    shown = address.rstrip("*")
    if found := _TOKEN.search(shown):
        return shown[: found.end() if found["building"] else found.start()].rstrip() + "***"
    if address.endswith("***"):
        return address
    place = _PLACE.match(shown)
    kept = place.end() if place and place.end() < len(shown) else len(shown) // 2
    return shown[:kept].rstrip("*").rstrip() + "***"
