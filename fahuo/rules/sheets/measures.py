"""What a cell says of a weight or of a region. As in `cells`: the value, or BadCell with one problem code."""

import re
from datetime import tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from unicodedata import normalize

from fahuo.rules.regions import digits_of, is_known, split_address
from fahuo.rules.sheets.cells import BadCell

_GRAMS = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(g|克|kg|千克|公斤)?", re.ASCII)
GRAMS_MOST: Final = 1_000_000


def grams(text: str, zone: tzinfo) -> int:
    """A weight in whole grams; a unit may stand behind it."""
    return _weight(text, 1)


def kilograms(text: str, zone: tzinfo) -> int:
    """A weight in kilograms, unless a unit behind it says grams; in whole grams."""
    return _weight(text, 1000)


def _weight(text: str, unit: int) -> int:
    found = _GRAMS.fullmatch("".join(normalize("NFKC", text).split()).lower())
    if found is None:
        raise BadCell("not_grams")
    named = {"g": 1, "克": 1, "kg": 1000, "千克": 1000, "公斤": 1000}.get(found[2] or "", unit)
    weight = int((Decimal(found[1]) * named).to_integral_value(ROUND_HALF_UP))
    if not 0 < weight <= GRAMS_MOST:
        raise BadCell("grams_range", most=GRAMS_MOST)
    return weight


REST: Final = frozenset(
    {"其他地区", "其他", "其余", "其余地区", "其它", "全国", "全国其他", "默认", "others", "other", "rest", "*"}
)
"""How a sheet of prices names everywhere that no other row names."""
THERE: Final = frozenset({"能到", "到", "可到", "可达", "是", "y", "yes", "true", "1", "√"})
NOT_THERE: Final = frozenset({"不到", "不能到", "不可达", "不派送", "停发", "否", "n", "no", "false", "0", "×"})


def region_or_rest(text: str, zone: tzinfo) -> str:
    """As `region`, or "" for everywhere else."""
    return "" if text.strip().lower() in REST else region(text, zone)


def served(text: str, zone: tzinfo) -> bool:
    """Whether a carrier goes there."""
    said = normalize("NFKC", text).strip().lower()
    if said not in THERE | NOT_THERE:
        raise BadCell("not_yes_or_no")
    return said in THERE


def region(text: str, zone: tzinfo) -> str:
    """A region by its code (2, 4 or 6 digits) or its name, as the digits that say something: 浙江省 is 33."""
    text = text.strip()
    code = text if text.isascii() and text.isdigit() else split_address(text).region
    if not code or not is_known(code):
        raise BadCell("region_unknown", region=text[:60])
    return digits_of(code)
