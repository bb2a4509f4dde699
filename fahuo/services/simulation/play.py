"""Plays a story: payments, events, timers and expectations, each at its own moment of a virtual clock.

Of one moment the payments come first, then the events in the file's order, then what time does, then the expectations.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fahuo.rules.scenarios import Event, Expect, Order, Scenario
from fahuo.services import reminders, tasks, watchdogs
from fahuo.services.simulation import events
from fahuo.services.simulation.checks import Difference, Standing, differences
from fahuo.services.simulation.stage import Stage, pay, set_up
from fahuo.services.simulation.timeline import Entry, Timeline
from fahuo.store import timers
from fahuo.store.sandbox import discarded, sandbox

WITHOUT = "_without_permission"


@dataclass(frozen=True, slots=True)
class Played:
    """A story that was played: under which rule book, what differed from what it expects, and all that happened."""

    scenario: Scenario
    rulebook: str
    differences: tuple[Difference, ...]
    entries: tuple[Entry, ...]


@dataclass
class _Moment:
    """What a story has for one instant."""

    payments: list[Order] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    expects: list[Expect] = field(default_factory=list)


def play_all(stories: Iterable[tuple[Scenario, str]]) -> list[Played]:
    """Play each (story, rule book); nothing of any is left in the database, and none knows of another."""
    found = []
    with sandbox():
        for scenario, rulebook in stories:
            with discarded():
                found.append(play(scenario, rulebook))
    return found


def play(scenario: Scenario, rulebook: str) -> Played:
    """Play one story in the database as it stands. The caller sees to it that nothing is left behind."""
    moments = _moments(scenario)
    instants = sorted(moments)
    stage = set_up(scenario, rulebook, now=instants[0])
    timeline = Timeline(stage)
    found: list[Difference] = []
    last = instants[0]
    for at in instants:
        _pass(stage, timeline, last, at)
        last, moment = at, moments[at]
        if moment.payments:
            pay(stage, moment.payments, now=at)
            timeline.paid(moment.payments)
        for event in moment.events:
            found += _event(stage, timeline, event)
        _fire(stage, timeline, at)
        standing = Standing(stage)
        for expect in moment.expects:
            found += differences(standing, expect)
    return Played(scenario, rulebook, tuple(found), tuple(timeline.entries))


def _moments(scenario: Scenario) -> Mapping[datetime, _Moment]:
    found: defaultdict[datetime, _Moment] = defaultdict(_Moment)
    for order in scenario.orders:
        found[order.paid_at].payments.append(order)
    for event in scenario.events:
        found[event.at].events.append(event)
    for expect in scenario.expects:
        found[expect.at].expects.append(expect)
    return found


def _event(stage: Stage, timeline: Timeline, event: Event) -> list[Difference]:
    """Let an event happen; what is wrong where somebody without the permission got something done."""
    outcome = events.happen(stage, event)
    changed = timeline.event(event, outcome)
    if not event.do.endswith(WITHOUT) or (outcome.clause == "not_permitted" and not changed):
        return []
    got = "done" if not outcome.refused else "changed" if changed else outcome.clause
    return [Difference(event.at, event.order, event.do, "refused", got)]


def _pass(stage: Stage, timeline: Timeline, since: datetime, to: datetime) -> None:
    """Let time pass from `since` until just before `to`: whatever is due meanwhile fires at its own moment."""
    while True:
        found = [*timers.next_moments(stage.shop_id), *watchdogs.next_moments(stage.shop_id)]
        at = min((moment for moment in found if since < moment < to), default=None)
        if at is None:
            return
        _fire(stage, timeline, at)
        since = at


def _fire(stage: Stage, timeline: Timeline, at: datetime) -> None:
    """Everything that time does at an instant; what that makes due at the same instant too."""
    shop_id = stage.shop_id
    while sum(clock.run_due(shop_id, now=at) for clock in (tasks, reminders, watchdogs)):
        timeline.follow(at)
