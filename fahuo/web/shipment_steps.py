"""What the screen of a shipping batch shows beside its rows: carriers, their shares, templates, and the run of numbers
that is being typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fahuo.rules import waybills
from fahuo.rules.carriers import CARRIERS, find
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import settings
from fahuo.store import boards
from fahuo.store.boards.shipments import Share, carrier_shares
from fahuo.web.batch_rows import carrier_name, carrier_word


@dataclass(frozen=True, slots=True)
class Choice:
    """A carrier to choose; `runs` where its numbers can be counted up."""

    code: str
    label: str
    runs: bool


def carriers() -> list[Choice]:
    """All carriers, as a list shows them."""
    return [Choice(found.code, carrier_word(found), found.step != "list") for found in CARRIERS.values()]


@dataclass(frozen=True, slots=True)
class Run:
    """The run of numbers that a form describes, or why there is none; `count` rows wait for it."""

    count: int
    first: str = ""
    last: str = ""
    sample: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    carrier: str = ""


def rows_for(shares: Sequence[Share], code: str, *, again: bool = False) -> int:
    """How many rows a run of this carrier fills: those assigned to it or, where none is, those assigned to nobody."""
    counts = {share.carrier: share.open if again else share.waiting for share in shares}
    return counts.get(code, 0) or counts.get("", 0)


def run_of(shares: Sequence[Share], typed: Mapping[str, str]) -> Run | None:
    """What the form (carrier, first, last, again) would fill in; None while there is nothing to say yet."""
    first, carrier = typed.get("first", "").strip(), find(typed.get("carrier", ""))
    if not first or carrier is None:
        return None
    count = rows_for(shares, carrier.code, again=bool(typed.get("again")))
    if not count:
        return Run(0, problems=(Problem("nothing_waiting"),))
    try:
        numbers = waybills.run_of(carrier.code, first, count, last=typed.get("last", "").strip() or None)
    except Refusal as refusal:
        return Run(count, problems=refusal.problems)
    return Run(count, numbers[0], numbers[-1], tuple(numbers[:4]), carrier=carrier_word(carrier))


@dataclass(frozen=True, slots=True)
class Part:
    """A carrier's part of the batch, named."""

    code: str
    name: str
    share: Share


def step_of(status: str, verdicts: Mapping[str, int]) -> int:
    """Where the batch stands: 1 addresses go out, 2 numbers come in, 3 rows may be shipped, 4 they were; 0 put away."""
    if status in {"closed", "received", "committing"}:
        return 0
    if verdicts["ready"] and status != "refused":
        return 3
    if verdicts["done"] and status == "committed":
        return 4
    return 1 if status == "open" else 2


def context(actor: Actor, detail: boards.BatchDetail, typed: Mapping[str, str]) -> dict[str, Any]:
    """What the templates of a shipping batch read besides the batch itself."""
    batch, verdicts = detail.batch, detail.verdicts
    shares = carrier_shares(actor.shop_id, batch.id)
    own = settings.sheet_templates(actor.shop_id)
    preset = str((batch.options or {}).get("carrier") or "") or next((s.carrier for s in shares if s.carrier), "")
    preset = preset or str(getattr(settings.shop_data(actor.shop_id), "default_carrier", "") or "")
    return {
        "step": step_of(batch.status, verdicts), "carriers": carriers(),
        "parts": [Part(s.carrier, carrier_name(s.carrier), s) for s in shares],
        "chosen_carrier": typed.get("carrier") or preset,
        "templates": [found for found in own if found.purpose == "address"],
        "upload_templates": [found for found in own if found.purpose == "upload"],
        "may_export": actor.may("export_orders"), "run": run_of(shares, typed),
        "fillable": batch.status in {"open", "checked", "committed", "refused"},
        "waiting": verdicts["waiting"] + verdicts["undone"], "ready": verdicts["ready"],
        "shipped": verdicts["done"], "bad": verdicts["bad"], "already": verdicts["same"],
        "undoable": batch.status == "committed" and batch.handed_over_at is None and verdicts["done"] > 0,
    }  # fmt: skip
