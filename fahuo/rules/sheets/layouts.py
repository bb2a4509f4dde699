"""Which sheet lies before us: by the names in its header, never by their positions."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple

from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.sheets.cells import Parser
from fahuo.rules.sheets.columns import COLUMNS, Column, heading_key

SheetKind = Literal["orders", "lines", "shipments", "urges", "numbers", "skus", "route_marks", "tariffs"]

ADDED: Final = frozenset({"行号", "问题列", "问题值", "原因", "row", "column", "value", "reason"})
"""Headings of the problem sheet: a mended problem sheet comes back as the sheet it was made from."""

_MARKS: Final = frozenset(
    heading_key(text) for text in (
        "买家会员名", "买家应付货款", "买家实际支付金额", "收货人姓名", "收货地址", "联系手机", "订单创建时间", "订单付款时间",
        "宝贝标题", "宝贝总数量", "买家留言",
    )
)  # fmt: skip
_FOREIGN: Final = frozenset({"买家公司名", "货品标题", "卖家公司名"})


class Bound(NamedTuple):
    """A column bound to the places where a sheet has it."""

    field: str
    parse: Parser
    places: tuple[int, ...]
    required: bool
    empty: Any


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read every row of one sheet. `name` is the generation; `problems` refuse the whole sheet when not empty."""

    kind: SheetKind
    name: str
    header: tuple[str, ...]
    plan: tuple[Bound, ...]
    exact: frozenset[int]
    problems: tuple[Problem, ...] = ()

    @property
    def width(self) -> int:
        return len(self.header)

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(bound.field for bound in self.plan)

    def require(self) -> "Layout":
        """Itself; raises Refusal `columns_missing` or `column_twice` when rows cannot be read with it."""
        if self.problems:
            raise Refusal(*self.problems)
        return self


def fingerprint(header: Sequence[str]) -> str:
    """The same for the same set of headings, in any order; what a kept column map is found by."""
    names = sorted({heading_key(text) for text in header} - ADDED - {""})
    return hashlib.sha256("\x1f".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def recognise(header: Sequence[str]) -> Layout | None:
    """The layout of a sheet we know, or None. A known sheet that lacks a column, or has one twice, says so in
    `Layout.problems`.
    """
    names = {heading_key(text) for text in header}
    found = _kind(names)
    if found is None:
        return None
    kind, name = found
    return replace(expect(header, kind), name=name)


def expect(header: Sequence[str], kind: SheetKind) -> Layout:
    """The layout of a sheet whose kind is known from where it came in; what it lacks stands in `Layout.problems`."""
    places = _places(header)
    bound = {
        field: [heading_key(text) for text in column.headings if heading_key(text) in places]
        for field, column in COLUMNS[kind].items()
    }
    return _layout(kind, kind, header, bound, places)


def _kind(names: set[str]) -> tuple[SheetKind, str] | None:
    if names & _FOREIGN:
        return None
    if _has(names, COLUMNS["urges"]["at"]):
        return "urges", "urges"
    marks = len(names & _MARKS)
    if "标题" in names and names & {"购买数量", "商品属性", "套餐信息", "子订单编号"}:
        return "lines", "lines_2022" if "子订单编号" in names else "lines_2017"
    numbered = _has(names, COLUMNS["shipments"]["number"])
    if ("订单状态" in names and marks >= 2) or marks >= 5:
        newest = bool(names & {"商家备忘", "买家会员昵称", "虚拟号过期时间"})
        old = "买家支付宝账号" in names and "支付单号" not in names
        return "orders", "orders_2022" if newest else "orders_2017" if old else "orders_2019"
    shipped = _has(names, COLUMNS["shipments"]["waybill"])
    carried = _has(names, COLUMNS["shipments"]["carrier"])
    if numbered + shipped + carried >= 2 and (shipped or len(names) <= 4):
        return "shipments", "shipments"
    return None


def _has(names: set[str], column: Column) -> bool:
    return any(heading_key(text) in names for text in column.headings)


def map_header(header: Sequence[str], columns: Mapping[str, str], *, kind: SheetKind | None = None) -> Layout:
    """The layout of a sheet whose headings a person has mapped: heading -> field ("" or "ignore" leaves it out).

    Without `kind` the fields say it: a waybill and nothing of an order's own is `shipments`, an order_number `lines`. Sheets
    of urges are never guessed.
    Raises Refusal `unknown_field`, `unknown_heading`, `columns_missing` or `column_twice`. An order sheet without a
    status column is taken to hold orders that wait to be shipped.
    """
    wanted = {heading_key(text): field for text, field in columns.items() if field and field != "ignore"}
    kind = kind or _kind_of(set(wanted.values()))
    known = COLUMNS[kind]
    for field in wanted.values():
        if field not in known:
            raise Refusal.of("unknown_field", field=field[:60])
    places = _places(header)
    for name in wanted:
        if name not in places:
            raise Refusal.of("unknown_heading", heading=name[:60])
    bound: dict[str, list[str]] = {field: [] for field in known}
    for name, field in wanted.items():
        bound[field].append(name)
    return _layout(kind, "mapped", header, bound, places, lenient=True).require()


def _kind_of(fields: set[str]) -> SheetKind:
    if "order_number" in fields:
        return "lines"
    return "shipments" if "waybill" in fields and fields <= set(COLUMNS["shipments"]) else "orders"


def _places(header: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for index, text in enumerate(header):
        name = heading_key(text)
        if name and name not in ADDED:
            places.setdefault(name, []).append(index)
    return places


def _layout(
    kind: SheetKind, name: str, header: Sequence[str], bound: Mapping[str, list[str]], places: Mapping[str, list[int]],
    *, lenient: bool = False,
) -> Layout:  # fmt: skip
    plan: list[Bound] = []
    missing: list[str] = []
    doubled: Counter[str] = Counter()
    exact: set[int] = set()
    for field, column in COLUMNS[kind].items():
        indexes = [index for heading in bound[field] for index in places[heading]]
        doubled.update({header[places[heading][0]]: 1 for heading in bound[field] if len(places[heading]) > 1})
        if indexes:
            plan.append(Bound(field, column.parse, tuple(indexes), column.required, column.empty))
            exact.update(indexes if column.exact else ())
        elif _needed(column, lenient=lenient):
            missing.append(column.headings[0])
    problems = [Problem("column_twice", {"column": text.strip()}) for text in doubled]
    if missing:
        problems.insert(0, Problem("columns_missing", {"columns": ", ".join(missing)}))
    return Layout(kind, name, tuple(header), tuple(plan), frozenset(exact), tuple(problems))


def _needed(column: Column, *, lenient: bool) -> bool:
    return column.required and not (lenient and column.field in {"status", "title"})
