"""Urges that a shop enters for an outside marketplace: when the buyer urged, and the deadline that the marketplace shows.

A deadline says that the marketplace has made a task, so one is made here whatever the rule book says of the urge; without
one the rules decide (rules/urges.py), as of the moment of the urge. Entering an urge again changes nothing, unless the
marketplace shows another deadline by now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from fahuo.rules import urges
from fahuo.rules.batches import Verdict
from fahuo.rules.policy import RuleBook
from fahuo.rules.problems import Problem
from fahuo.rules.tasks import NEEDS_SELLER
from fahuo.rules.urges import UrgeFacts

Effect = Literal["task", "counted", "flagged", "deadline", ""]
"""task: one is made. counted: the open one counts one more. flagged: only the order is marked. deadline: an urge that was
entered before has another deadline now."""

HEADINGS: Final[Mapping[str, str]] = {"number": "订单编号", "at": "催促时间", "due_at": "平台截止时间"}
"""What a problem calls a field where the rows did not come from a sheet."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One urge as it was entered. `at` and `due_at` are aware; `due_at` None: the marketplace shows no deadline."""

    number: str
    at: datetime
    due_at: datetime | None = None
    row_no: int = 1


@dataclass(slots=True)
class Standing:
    """An order as the entries find it. `state` is of its open task ("" for none), `known` the urges entered before, with
    their deadlines."""

    order_id: int
    facts: UrgeFacts
    paid_at: datetime | None = None
    state: str = ""
    known: dict[datetime, datetime | None] = field(default_factory=dict)
    seen: dict[datetime, int] = field(default_factory=dict)


class Judged(NamedTuple):
    """What comes of an entry: ready, same (entered before) or bad; problems of an entry that is not bad are warnings."""

    entry: Entry
    verdict: Verdict
    effect: Effect
    order_id: int | None
    problems: list[dict[str, Any]]
    again: bool = False
    """The urge itself was entered before."""


def told(problem: Problem, name: str, value: str) -> dict[str, Any]:
    """A problem as a batch row keeps it."""
    return {"column": HEADINGS[name], "value": value, **problem.as_dict()}


def judge(
    entries: Sequence[Entry], orders: Mapping[str, Standing], book: RuleBook, *, tasks_here: bool, now: datetime
) -> list[Judged]:
    """What comes of each entry, in their order; those of one order follow each other in time, whatever their rows.

    `orders` by number; what comes of an entry is remembered there.
    """
    found: dict[int, Judged] = {}
    for place, entry in sorted(enumerate(entries), key=lambda each: (each[1].at, each[0])):
        found[place] = _one(entry, orders.get(entry.number), book, tasks_here=tasks_here, now=now)
    return [found[place] for place in range(len(entries))]


def _one(entry: Entry, stands: Standing | None, book: RuleBook, *, tasks_here: bool, now: datetime) -> Judged:
    if stands is None:
        wrong = told(Problem("order_unknown", {"order": entry.number}), "number", entry.number)
        return Judged(entry, "bad", "", None, [wrong])
    again = entry.at in stands.known
    if again and entry.due_at in (None, stands.known[entry.at]):
        return Judged(entry, "same", "", stands.order_id, [])
    problems = _wrong(entry, stands, now)
    if problems:
        return Judged(entry, "bad", "", stands.order_id, problems)
    stands.seen[entry.at] = entry.row_no
    effect = _effect(entry, stands, book, tasks_here=tasks_here, again=again)
    warnings = _warnings(entry, stands, effect, now)
    if effect == "task":
        stands.state = "awaiting_seller_reply"
        stands.facts = replace(stands.facts, open_task=True)
    return Judged(entry, "ready", effect, stands.order_id, warnings, again)


def _wrong(entry: Entry, stands: Standing, now: datetime) -> list[dict[str, Any]]:
    """Every slip of an entry."""
    at = entry.at.isoformat()
    found = []
    if entry.at in stands.seen:
        found.append(told(Problem("urge_twice", {"row": stands.seen[entry.at]}), "at", at))
    if entry.at > now:
        found.append(told(Problem("urge_future"), "at", at))
    elif stands.paid_at is not None and entry.at < stands.paid_at:
        found.append(told(Problem("urge_before_paid"), "at", at))
    if entry.due_at is not None and entry.due_at <= entry.at:
        found.append(told(Problem("urge_due_early"), "due_at", entry.due_at.isoformat()))
    if not urges.urgeable(stands.facts):
        found.append(told(Problem("urge_not_waiting"), "number", entry.number))
    return found


def _effect(entry: Entry, stands: Standing, book: RuleBook, *, tasks_here: bool, again: bool) -> Effect:
    if stands.state:
        return "deadline" if again else "counted"
    if entry.due_at is not None:
        return "task"
    found = urges.decide(stands.facts, book, now=entry.at)
    return "task" if found.makes_task and tasks_here else "flagged"


def _warnings(entry: Entry, stands: Standing, effect: Effect, now: datetime) -> list[dict[str, Any]]:
    if entry.due_at is None:
        return []
    due = entry.due_at.isoformat()
    if effect in ("counted", "deadline") and not moves_deadline(entry, stands.state):
        return [told(Problem("urge_due_unused"), "due_at", due)]
    return [told(Problem("urge_due_past"), "due_at", due)] if entry.due_at <= now else []


def moves_deadline(entry: Entry, state: str) -> bool:
    """Whether the marketplace's deadline becomes that of an open task: while it waits for the seller."""
    return entry.due_at is not None and state in NEEDS_SELLER
