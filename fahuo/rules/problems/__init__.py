"""Everything that can be wrong, as a code, its data, and one sentence in Chinese and in English.

The sentences live in the TOML files beside this one, one file a noun::

    [waybill_shape]
    zh = "{carrier}没有这种单号:{value}"
    en = "{carrier} has no waybill number like {value}"

A code is written once and means one thing everywhere: pages, command line, sheets and log.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Language = Literal["zh", "en"]
Datum = str | int | bool | None


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """code -> {"zh": sentence, "en": sentence}; raises ValueError when two files claim one code."""
    found: dict[str, Mapping[str, str]] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        for code, texts in tomllib.loads(file.read_text("utf-8")).items():
            if code in found:
                raise ValueError(f"problem code {code} stands twice")
            found[code] = texts
    return found


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `data` fills the sentence's {names}; it never holds a buyer's personal data."""

    code: str
    data: Mapping[str, Datum] = field(default_factory=dict)

    def sentence(self, language: Language = "zh") -> str:
        return sentences()[self.code][language].format(**self.data)

    @classmethod
    def kept(cls, told: Mapping[str, Any]) -> "Problem":
        """A problem as it was kept (`as_dict`), maybe by an older version: a code, or its data, that no sentence here knows
        becomes `older_problem`, which names the code."""
        found = cls(str(told["code"]), told.get("data") or {})
        try:
            found.sentence("zh")
        except (KeyError, IndexError):
            return cls("older_problem", {"code": found.code})
        return found

    def as_dict(self) -> dict[str, object]:
        return {"code": self.code, "data": dict(self.data)}


class Refusal(Exception):
    """An act was refused and changed nothing; `problems` says why, the most telling first."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.code for problem in problems))
        self.problems = problems

    @classmethod
    def of(cls, code: str, **data: Datum) -> "Refusal":
        return cls(Problem(code, data))
