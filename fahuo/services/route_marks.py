"""大头笔和三段码: the shop's own table of what carriers want printed for a region."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules.carriers import CARRIERS
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.regions import digits_of, is_known, words_of
from fahuo.rules.sheets import COLUMNS
from fahuo.store import journal
from fahuo.store import route_marks as store

FIELDS: Final = ("carrier", "region", "mark", "route_code", "hub_name", "hub_code")
SAID: Final = FIELDS[2:]
LONGEST: Final = 60


def problems_of(values: dict[str, str]) -> list[Problem]:
    """Everything that is wrong with one row of marks."""
    found = []
    if values["carrier"] not in CARRIERS:
        found.append(Problem("carrier_unknown", {"carrier": values["carrier"][:40]}))
    if not is_known(values["region"]):
        found.append(Problem("region_unknown", {"region": values["region"][:60]}))
    if not any(values.get(name) for name in SAID):
        found.append(Problem("route_mark_empty"))
    if any(len(values.get(name, "")) > LONGEST for name in SAID):
        found.append(Problem("text_too_long", {"limit": LONGEST}))
    return found


def keep(actor: Actor, values: dict[str, str], *, now: datetime) -> None:
    """Add or change what a carrier wants for a region (`values` by FIELDS; the region a code). Safe to repeat.

    Refusals: `not_permitted`, and what `problems_of` says.
    """
    actor.require("manage_contracts")
    values = {name: values.get(name, "").strip() for name in FIELDS}
    problems = problems_of(values)
    if problems:
        raise Refusal(*problems)
    values["region"] = digits_of(values["region"])
    with transaction.atomic():
        store.keep(actor.shop_id, [values])
        journal.append(actor, "route_mark.kept", [journal.Moved(after=values)], now=now)


def drop(actor: Actor, mark_ids: Sequence[int], *, now: datetime) -> int:
    """Forget marks; how many. Refusal `not_permitted`."""
    actor.require("manage_contracts")
    with transaction.atomic():
        count = store.drop(actor.shop_id, mark_ids)
        if count:
            journal.append(actor, "route_marks.dropped", [journal.Moved(before={"count": count})], now=now)
    return count


def sheet(rows: Sequence[Any]) -> bytes:
    """These marks as a sheet (xlsx) that can be mended and comes back as it is; without rows only the headings."""
    headings = [COLUMNS["route_marks"][name].headings[0] for name in FIELDS]
    return write_xlsx(headings, (_cells(row) for row in rows))


def _cells(row: Any) -> list[str]:
    carrier = CARRIERS.get(row.carrier)
    return [carrier.zh if carrier else row.carrier, words_of(row.region), *(getattr(row, name) for name in SAID)]
