"""A contract's prices by sheet: out as they stand, mended, and in again row by row. See services/own_sheets.py.

A row is one region's. A region that the sheet does not name keeps its price; a column that is not there changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules.contracts import Tariff, tariff_problems
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem
from fahuo.rules.regions import words_of
from fahuo.rules.sheets import COLUMNS
from fahuo.services import contracts
from fahuo.services.own_rows import Row, judge_entries
from fahuo.store.models import Batch

FIELDS: Final = ("region", "served", "first_grams", "first_price", "next_grams", "next_price")
PRICES: Final = ("first_price", "next_price")
REST: Final = "其他地区"


def sheet(tariffs: Sequence[Tariff]) -> bytes:
    """These prices as a sheet (xlsx) that can be mended and comes back as it is; without rows only the headings."""
    headings = [COLUMNS["tariffs"][name].headings[0] for name in FIELDS]
    return write_xlsx(headings, (_cells(tariff) for tariff in tariffs))


def _cells(tariff: Tariff) -> list[str]:
    where = words_of(tariff.region) if tariff.region else REST
    return [where, "能到" if tariff.served else "不到", *(str(getattr(tariff, name)) for name in FIELDS[2:])]


def judge(batch: Batch, rows: Sequence[Row]) -> None:
    """new, update or same, by what the contract asks now; bad where a new region has no price, or a price is none."""
    known = {tariff.region: tariff for tariff in contracts.tariffs_of(batch.shop_id, batch.options["contract"])}
    judge_entries(rows, lambda row: row.values["region"], known, FIELDS[1:], "region")
    left = contracts.MOST_TARIFFS - len(known)
    for row in rows:
        if row.verdict == "bad":
            continue
        wrong = _wrong(row, known.get(row.values["region"]))
        left -= row.verdict == "new" and not wrong
        if not wrong and row.verdict == "new" and left < 0:
            wrong = ("region", Problem("tariffs_many", {"most": contracts.MOST_TARIFFS}))
        if wrong:
            row.verdict, row.problems = "bad", (wrong,)


def _wrong(row: Row, stands: Tariff | None) -> tuple[str, Problem] | None:
    """(field, what is wrong) with a row's prices as they would stand."""
    tariff = _meant(row.values, stands)
    if stands is None and tariff.served and "first_price" not in row.values:
        return "first_price", Problem("cell_empty")
    problems = tariff_problems(tariff)
    return ("first_price", problems[0]) if problems else None


def _meant(values: Mapping[str, Any], stands: Tariff | None) -> Tariff:
    given = {name: values[name] for name in FIELDS if name in values}
    given |= {name: Decimal(str(given[name])) for name in PRICES if name in given}
    return replace(stands or Tariff(), **given)


def write(actor: Actor, contract_id: int, rows: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """Put these rows among the contract's prices; the others stay. Refusals as services.contracts.set_tariffs."""
    kept = {tariff.region: tariff for tariff in contracts.tariffs_of(actor.shop_id, contract_id)}
    for values in rows:
        kept[values["region"]] = _meant(values, kept.get(values["region"]))
    contracts.set_tariffs(actor, contract_id, list(kept.values()), now=now)
