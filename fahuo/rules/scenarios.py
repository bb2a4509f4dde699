"""A scenario file: one story in TOML, told in time order, with what it expects. The page: docs/scenarios.md.

`parse` is strict: a key it does not know, a time without its offset or an order that was never told is a
`ScenarioError` that names the table, the key and what was wrong. What the rules make of an event is not its matter.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

from fahuo.rules.orders import OrderKind
from fahuo.rules.scenario_keys import (
    AT,
    EVENTS,
    EXPECT_ORDER,
    EXPECT_STAFF,
    FILE,
    ORDER,
    SHOP,
    TOP,
    Keys,
    ScenarioError,
    a_text,
    one_of,
)  # fmt: skip

__all__ = ["Event", "Expect", "Order", "Scenario", "ScenarioError", "parse"]


@dataclass(frozen=True, slots=True)
class Order:
    """One order of the story. Instants in UTC, `price` in CNY; a promise is hours or an instant, or neither."""

    id: str
    paid_at: datetime
    price: Decimal
    buyer: str = "buyer"
    kind: OrderKind = "normal"
    promise_hours: int | None = None
    promised_until: datetime | None = None
    ship_to: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `no` counts from 1; what `do` does not know is None, "" or (). `by` None is the main account."""

    no: int
    at: datetime
    do: str
    order: str = ""
    by: str | None = None
    orders: tuple[str, ...] = ()
    carrier: str = ""
    waybill: str = ""
    kind: str = ""
    plan: str = ""
    until: datetime | None = None
    reason: str = ""
    region: str = ""
    start: datetime | None = None
    """`from` in the file."""
    end: datetime | None = None
    """`to` in the file."""
    report: str = ""
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Expect:
    """What holds right after everything at or before `at`: of an order, or of a sub-account (`staff`).

    `values` are in the file's order: text, int, bool, Decimal (money, seconds), datetime in UTC, or, for `reminders`, a
    mapping from sub-account to count.
    """

    no: int
    at: datetime
    order: str = ""
    staff: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole story; events in time order, equal times in the file's order."""

    title: str
    rulebook: str
    ship_from: str
    staff: tuple[str, ...]
    orders: tuple[Order, ...]
    events: tuple[Event, ...]
    expects: tuple[Expect, ...]


def parse(text: str) -> Scenario:
    """The scenario that a TOML text tells; ScenarioError when it tells none."""
    try:
        file = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise ScenarioError("scenario_toml", "", "", detail=" ".join(str(error).split())) from error
    shop = _read("[shop]", _table("", "shop", file.pop("shop", {})), SHOP)
    told = {name: _tables(name, file.pop(name, [])) for name in ("order", "event", "expect")}
    head = _read(TOP, file, FILE)
    if not told["order"]:
        raise ScenarioError("scenario_key_missing", TOP, "order")
    found = tuple(_order(f"[[order]] {no}", table) for no, table in enumerate(told["order"], 1))
    _once(found)
    staff = shop.get("staff", ())
    known = _Known(frozenset(order.id for order in found), frozenset(staff))
    return Scenario(
        title=head["title"],
        rulebook=head["rulebook"],
        ship_from=shop.get("ship_from", ""),
        staff=staff,
        orders=found,
        events=_events(told["event"], known),
        expects=tuple(_expect(no, table, known) for no, table in enumerate(told["expect"], 1)),
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """The orders and the sub-accounts that a story has."""

    orders: frozenset[str]
    staff: frozenset[str]

    def order(self, table: str, key: str, name: str) -> None:
        if name not in self.orders:
            raise ScenarioError("scenario_order_unknown", table, key, value=name)

    def member(self, table: str, key: str, name: str) -> None:
        if name not in self.staff:
            raise ScenarioError("scenario_staff_unknown", table, key, value=name)


def _read(table: str, told: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
    """The checked values of one table: every key known, none missing."""
    for key in told:
        if key not in keys:
            raise ScenarioError("scenario_key_unknown", table, key)
    for key, (_, needed) in keys.items():
        if needed and key not in told:
            raise ScenarioError("scenario_key_missing", table, key)
    return {key: keys[key][0](table, key, value) for key, value in told.items()}


def _table(table: str, key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ScenarioError("scenario_not_table", table or TOP, key)
    return value


def _tables(key: str, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise ScenarioError("scenario_not_table", TOP, f"[[{key}]]")
    return [_table(f"[[{key}]] {no}", key, each) for no, each in enumerate(value, 1)]


def _order(table: str, told: dict[str, Any]) -> Order:
    values = _read(table, told, ORDER)
    promise = values.pop("promise", None)
    hours, until = (promise, None) if isinstance(promise, int) else (None, promise)
    return Order(**values, promise_hours=hours, promised_until=until)


def _once(found: tuple[Order, ...]) -> None:
    seen: set[str] = set()
    for no, order in enumerate(found, 1):
        if order.id in seen:
            raise ScenarioError("scenario_twice", f"[[order]] {no}", "id", value=order.id)
        seen.add(order.id)


def _events(told: list[dict[str, Any]], known: _Known) -> tuple[Event, ...]:
    found: list[Event] = []
    reports: set[str] = set()
    for no, table in enumerate(told, 1):
        event = _event(no, table, known)
        name = f"[[event]] {no}"
        if found and event.at < found[-1].at:
            raise ScenarioError("scenario_time_order", name, "at")
        if event.report and event.do == "report_delay":
            if event.report in reports:
                raise ScenarioError("scenario_twice", name, "report", value=event.report)
            reports.add(event.report)
        elif event.report and event.report not in reports:
            raise ScenarioError("scenario_report_unknown", name, "report", value=event.report)
        found.append(event)
    return tuple(found)


def _event(no: int, told: dict[str, Any], known: _Known) -> Event:
    table = f"[[event]] {no}"
    do = one_of(*EVENTS)(table, "do", told["do"]) if "do" in told else _missing(table, "do")
    values = _read(table, told, {**AT, "do": (a_text, True), **EVENTS[do]})
    for key, name in [("order", values.get("order")), *(("orders", name) for name in values.get("orders", ()))]:
        if name is not None:
            known.order(table, key, name)
    # Who lacks a permission need not be among those who hold one.
    if "by" in values and not do.endswith("_without_permission"):
        known.member(table, "by", values["by"])
    if "plan" in values:
        _check_plan(table, values, needed=do == "reply")
    if do == "exempt_region" and values["from"] >= values["to"]:
        raise ScenarioError("scenario_from_to", table, "to")
    start, end = values.pop("from", None), values.pop("to", None)
    return Event(no=no, **values, start=start, end=end)


def _check_plan(table: str, values: Mapping[str, Any], *, needed: bool) -> None:
    plan = values["plan"]
    if plan == "ship_later" and needed and "until" not in values:
        _missing(table, "until")
    for key, other in (("until", "ship_later"), ("reason", "cannot_ship")):
        if key in values and plan != other:
            raise ScenarioError("scenario_key_unwanted", table, key, other="plan", value=other)


def _expect(no: int, told: dict[str, Any], known: _Known) -> Expect:
    table = f"[[expect]] {no}"
    of = "staff" if "staff" in told and "order" not in told else "order"
    keys = EXPECT_STAFF if of == "staff" else EXPECT_ORDER
    values = _read(table, told, {**AT, of: (a_text, True), **keys})
    at, name = values.pop("at"), values.pop(of)
    if not values:
        raise ScenarioError("scenario_expects_nothing", table, of)
    for member in values.get("reminders", ()):
        known.member(table, "reminders", member)
    if of == "staff":
        known.member(table, of, name)
        return Expect(no, at, staff=name, values=values)
    known.order(table, of, name)
    return Expect(no, at, order=name, values=values)


def _missing(table: str, key: str) -> NoReturn:
    raise ScenarioError("scenario_key_missing", table, key)
