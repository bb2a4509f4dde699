"""A row of a sheet that fills a table of the shop's own, and the verdict on it by what the table holds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fahuo.rules.problems import Problem


@dataclass(slots=True)
class Row:
    """A row that could be read, and what is to become of it. A problem of a row that is not bad is a warning."""

    no: int
    values: dict[str, Any]
    cells: list[str]
    verdict: str = "new"
    problems: tuple[tuple[str, Problem], ...] = ()
    """(field, what is wrong)."""


def judge_entries(
    rows: Sequence[Row], key: Callable[[Row], Any], known: Mapping[Any, Any], fields: Sequence[str], named: str
) -> None:
    """new, update or same, by what the shop knows; bad where an earlier row of the sheet says the same thing's name."""
    seen: dict[Any, int] = {}
    for row in rows:
        here = key(row)
        if here in seen:
            twice = Problem("row_again", {"value": str(row.values[named])[:60], "row": seen[here]})
            row.verdict, row.problems = "bad", ((named, twice),)
            continue
        seen[here] = row.no
        stands = known.get(here)
        same = stands is not None and all(
            row.values.get(name) in (None, getattr(stands, name)) for name in fields if name in row.values
        )
        row.verdict = "new" if stands is None else "same" if same else "update"
