"""The carriers: their names, their codes, and the shapes their waybill numbers take. The facts are in carriers.toml."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

Step = Literal["plus_one", "s10", "sf12", "zjs", "list"]
"""How the next number is made. `list`: the carrier hands numbers out one by one; there is no next one to make."""

Fit = Literal["prefix", "range", "digits", "wide", "any"]
"""How much a match says: letters that name the carrier, known first digits, only a length, on record but too wide,
or nothing at all (the seller says so)."""

Basis = Literal["stated", "norm", "assumption"]
"""Where a shape comes from: a public pattern or sample, a published standard, or ourselves."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One form of a carrier's number. `pattern` matches it whole; its one group, if any, is the part that counts up."""

    pattern: str
    step: Step
    fit: Fit
    basis: Basis
    sample: str
    regex: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier. `code` is the marketplace's, `zh` the full name its upload file wants; `taobao_id` may be missing."""

    code: str
    zh: str
    en: str
    aliases: tuple[str, ...]
    kuaidi100: str
    taobao_id: int | None
    shapes: tuple[Shape, ...]
    note: str = ""

    @property
    def patterns(self) -> tuple[str, ...]:
        """Regular expressions for the whole number (Python's and the browser's alike), most exact first."""
        return tuple(shape.pattern for shape in self.shapes)

    @property
    def step(self) -> Step:
        """How this carrier's rolls count up: the rule of its first shape that has one, else `list`."""
        return next((shape.step for shape in self.shapes if shape.step != "list"), "list")


def _shape(code: str, raw: Mapping[str, str]) -> Shape:
    """A shape from its table; raises ValueError for a word that means nothing or a group that is not one."""
    step, fit, basis = raw["step"], raw["fit"], raw["basis"]
    if step not in get_args(Step) or fit not in get_args(Fit) or basis not in get_args(Basis):
        raise ValueError(f"{code}: {raw['pattern']} has an unknown step, fit or basis")
    regex = re.compile(raw["pattern"], re.ASCII)
    if regex.groups != (0 if step == "list" else 1):
        raise ValueError(f"{code}: {raw['pattern']} must mark the part that counts up, and only that")
    return Shape(raw["pattern"], step, fit, basis, raw["sample"], regex)  # type: ignore[arg-type]  # checked above


def _read(text: str) -> dict[str, Carrier]:
    tables: dict[str, dict[str, Any]] = tomllib.loads(text)
    return {
        code: Carrier(
            code,
            table["zh"],
            table["en"],
            tuple(table["aliases"]),
            table["kuaidi100"],
            table.get("taobao_id"),
            tuple(_shape(code, raw) for raw in tables[table.get("shapes_of", code)]["shapes"]),
            table.get("note", ""),
        )
        for code, table in tables.items()
    }


CARRIERS: Final[Mapping[str, Carrier]] = MappingProxyType(
    _read(files("fahuo.rules").joinpath("carriers.toml").read_text("utf-8"))
)
"""Every carrier by its code, in the order a list shows them."""

_HALF_WIDTH: Final = {0xFF01 + offset: 0x21 + offset for offset in range(0x5E)} | {0x3000: 0x20}


def _key(name: str) -> str:
    return "".join(name.translate(_HALF_WIDTH).split()).upper()


def _names() -> dict[str, Carrier]:
    """Every way to write a carrier -> the carrier; raises ValueError when two claim one name."""
    found: dict[str, Carrier] = {}
    for carrier in CARRIERS.values():
        for name in {_key(name) for name in (carrier.code, carrier.zh, carrier.en, *carrier.aliases)}:
            if name in found:
                raise ValueError(f"{name} names both {found[name].code} and {carrier.code}")
            found[name] = carrier
    for carrier in CARRIERS.values():
        if carrier.kuaidi100:
            # Services of one company share a tracking code; the first of them in the catalogue answers to it.
            found.setdefault(_key(carrier.kuaidi100), carrier)
    return found


_BY_NAME: Final = _names()


@lru_cache(maxsize=1024)
def find(text: str) -> Carrier | None:
    """The carrier `text` names by code, full name, short name or tracking code, in any case and width; else None."""
    return _BY_NAME.get(_key(text))
