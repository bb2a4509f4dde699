"""One scan after the other at the bench: what the scan means where the bench stands, and where the bench stands then.

The page keeps the state and sends it with each scan; so a scan costs no more than a look at the label, and a page that
is lost has lost no parcel.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

from fahuo.rules import station as rules
from fahuo.rules.freight import Freight, freight_problems
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.station import Check, Goods
from fahuo.services import station
from fahuo.services.station import Bench, Packed

Word = Literal["", "opened", "counted", "full", "weighed", "packed", "packed_again", "undone", "uncounted", "skipped"]
"""What happened; "" where a problem says it."""
Sound = Literal["", "good", "tick", "look", "bad", "done"]
"""good: a label without trouble. tick: one more. look: read what is written. bad: stop. done: it is packed."""

SCALE_ERROR: Final = 5
"""Grams by which a scale may differ between two looks at one parcel."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a bench stands. `label_id`: what lies on it; `check`: how far it is counted (see rules.station.Check);
    `sure`: the odd weight that was looked at (g); `scale`: what the scale shows (g). `contract_id`: the only one this bench packs
    for; `checks`: goods are checked here; `auto`: what is checked whole is packed without another word."""

    label_id: int | None = None
    check: str = ""
    grams: int | None = None
    sure: int | None = None
    scale: int | None = None
    contract_id: int | None = None
    checks: bool = True
    auto: bool = False

    def clear(self) -> "State":
        """With nothing on the bench."""
        return State(contract_id=self.contract_id, checks=self.checks, auto=self.auto)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a scan: the bench as it stands then, with what lies on it (`bench`) and how far it is counted, and what
    the parcel costs once it is weighed (`freight`)."""

    state: State
    word: Word = ""
    sound: Sound = ""
    problems: tuple[Problem, ...] = ()
    bench: Bench | None = None
    check: Check = field(default_factory=Check)
    goods: Goods | None = None
    packed: Packed | None = None
    freight: Freight | None = None
    order_id: int | None = None


def stand(actor: Actor, state: State) -> Outcome:
    """The bench as it stands, without a scan."""
    bench = _on_it(actor, state)
    return _priced(actor, _shown(state if bench else state.clear(), bench))


def take(actor: Actor, state: State, text: str, *, now: datetime) -> Outcome:
    """What a scan (or what was typed) comes to. An empty one is the key Enter: the next thing to do."""
    return _priced(actor, _taken(actor, state, text, now=now))


def _priced(actor: Actor, outcome: Outcome) -> Outcome:
    """With the freight of a parcel that lies weighed on the bench."""
    if outcome.bench is None or outcome.state.grams is None or outcome.freight is not None:
        return outcome
    return replace(outcome, freight=station.freight_of(actor.shop_id, outcome.bench, outcome.state.grams))


def _taken(actor: Actor, state: State, text: str, *, now: datetime) -> Outcome:
    bench = _on_it(actor, state)
    if bench is None:
        state = state.clear()
    command = rules.command_of(text)
    if not text.strip():
        return _next(actor, state, bench, now=now)
    if command == "undo":
        return _undo(actor, state, bench, now=now)
    if command == "skip":
        return Outcome(state.clear(), "skipped" if bench else "", "tick")
    if command is not None:
        return _rest(actor, state, bench, now=now) if command == "rest" else _done(actor, state, bench, now=now)
    if bench is not None:
        check = rules.read_check(state.check, bench.goods)
        counted = rules.count(bench.goods, check, text)
        if counted is not None:
            return _counted(actor, state, bench, counted, now=now)
        grams = rules.grams_of(text)
        if grams is not None:
            return _weighed(actor, state, bench, grams)
    return _found(actor, state, bench, text)


def _on_it(actor: Actor, state: State) -> Bench | None:
    if state.label_id is None:
        return None
    return station.open_label(actor, state.label_id, contract_id=state.contract_id)


def _shown(state: State, bench: Bench | None, word: Word = "", sound: Sound = "", *problems: Problem) -> Outcome:
    """The bench, with `problems` first and then with what blocks the label."""
    if bench is None:
        return Outcome(state, word, sound, problems)
    check = rules.read_check(state.check, bench.goods)
    known = [*problems, *(problem for problem in bench.blocks if problem not in problems)]
    return Outcome(state, word, sound, tuple(known), bench, check)


def _found(actor: Actor, state: State, bench: Bench | None, text: str) -> Outcome:
    """A number that is none of the goods on the bench: another label, or something that is loud."""
    found = station.find(actor, text, contract_id=state.contract_id)
    if found.bench is None:
        shown = _shown(state, bench, "", "bad", *([found.problem] if found.problem else []))
        return replace(shown, order_id=found.order_id)
    new = found.bench
    if bench is not None and bench.label_id == new.label_id:
        return _shown(state, new, "opened", _sound_of(new))
    left = []
    if bench is not None and bench.label.packed_at is None and not bench.blocks:
        left = [Problem("station_left", {"waybill": bench.label.waybill})]
    opened = replace(state.clear(), label_id=new.label_id, scale=state.scale)
    sound: Sound = "bad" if new.blocks else "look" if left else _sound_of(new)
    return replace(_shown(opened, new, "opened", sound), problems=(*new.blocks, *left))


def _sound_of(bench: Bench) -> Sound:
    if bench.blocks:
        return "bad"
    marked = any(order.buyer_message or order.memo or order.flag for order in bench.orders)
    return "look" if marked or bench.notes else "good"


def _counted(actor: Actor, state: State, bench: Bench, counted: rules.Counted, *, now: datetime) -> Outcome:
    state = replace(state, check=str(counted.check))
    if counted.problem is not None:
        return replace(_shown(state, bench, "", "bad", counted.problem), goods=counted.goods)
    full = rules.unfinished(bench.goods, counted.check) is None
    if full and state.auto and not bench.blocks:
        return _done(actor, state, bench, now=now)
    return replace(_shown(state, bench, "full" if full else "counted", "good" if full else "tick"), goods=counted.goods)


def _weighed(actor: Actor, state: State, bench: Bench, grams: int) -> Outcome:
    """The weight is kept, with what is odd about it and about what it costs."""
    odd = rules.weight_problem(grams, bench.expected)
    if odd is not None and odd.code == "weight_impossible":
        return _shown(state, bench, "", "bad", odd)
    state = replace(state, grams=grams, sure=None)
    costs = station.freight_of(actor.shop_id, bench, grams)
    dear = freight_problems(costs) if costs else []
    shown = _shown(
        state, bench, "" if odd else "weighed", "look" if odd or dear else "tick", *([odd] if odd else []), *dear
    )  # fmt: skip
    return replace(shown, freight=costs)


def _next(actor: Actor, state: State, bench: Bench | None, *, now: datetime) -> Outcome:
    """Enter alone: one more piece that has no barcode, or, with everything counted, the parcel is closed."""
    if bench is None:
        return Outcome(state)
    check = rules.read_check(state.check, bench.goods)
    if state.checks and rules.unfinished(bench.goods, check) is not None:
        return _counted(actor, state, bench, rules.look(bench.goods, check), now=now)
    return _done(actor, state, bench, now=now)


def _rest(actor: Actor, state: State, bench: Bench | None, *, now: datetime) -> Outcome:
    if bench is None:
        return _nothing(state)
    check = rules.look_at_rest(bench.goods, rules.read_check(state.check, bench.goods))
    return _counted(actor, state, bench, rules.Counted(check), now=now)


def _nothing(state: State) -> Outcome:
    return Outcome(state, "", "bad", (Problem("station_nothing_open"),))


def _done(actor: Actor, state: State, bench: Bench | None, *, now: datetime) -> Outcome:
    """Close the parcel, or say what forbids it."""
    if bench is None:
        return _nothing(state)
    grams = state.scale if state.grams is None else state.grams
    check = rules.read_check(state.check, bench.goods)
    try:
        packed = station.pack(
            actor, bench.label_id, now=now, grams=grams, checked=check if state.checks else None,
            sure=state.sure is not None and grams is not None and abs(grams - state.sure) <= SCALE_ERROR,
            contract_id=state.contract_id,
        )  # fmt: skip
    except Refusal as refusal:
        odd = refusal.problems[0].code in ("weight_light", "weight_heavy")
        return _shown(
            replace(state, sure=grams if odd else None), _on_it(actor, state), "", "bad", *refusal.problems
        )  # fmt: skip
    costs = None if grams is None or packed.again else station.freight_of(actor.shop_id, bench, grams)
    dear = tuple(freight_problems(costs)) if costs else ()
    word: Word = "packed_again" if packed.again else "packed"
    sound: Sound = "look" if dear and state.grams is None else "done"  # what was typed was told then
    return Outcome(state.clear(), word, sound, dear, packed=packed, freight=costs)


def _undo(actor: Actor, state: State, bench: Bench | None, *, now: datetime) -> Outcome:
    """The last count, else the weight; else one's own last packing, whose label lies on the bench again."""
    if bench is not None:
        check = rules.read_check(state.check, bench.goods)
        if check.steps:
            return _shown(replace(state, check=str(check.back())), bench, "uncounted", "tick")
        if state.grams is not None:
            return _shown(replace(state, grams=None, sure=None), bench, "uncounted", "tick")
    return undo(actor, state, now=now)


def undo(actor: Actor, state: State, *, now: datetime, label_id: int | None = None) -> Outcome:
    """Take a packing back, the label's or one's own last one; the label lies on the bench again."""
    try:
        back = station.undo(actor, now=now, label_id=label_id)
    except Refusal as refusal:
        return _shown(state, _on_it(actor, state), "", "bad", *refusal.problems)
    state = replace(state.clear(), label_id=back.label_id)
    return replace(_shown(state, _on_it(actor, state), "undone", "look"), packed=back)
