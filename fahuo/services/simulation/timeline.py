"""What happened on stage, entry by entry, each with the clause and the rule-book version behind it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from fahuo.rules.scenarios import Event, Order
from fahuo.services.simulation.events import Outcome, orders_of
from fahuo.services.simulation.stage import Stage
from fahuo.store import rulebooks, tasks, timeline

TOLD = ("by", "kind", "plan", "until", "reason", "carrier", "waybill", "region", "start", "end", "report", "verdict")
"""What of an event is repeated in its entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `what`: paid, event, transition, order, deadline, complaint, penalty, reminder, alert. `at` in UTC.

    `orders` are names of the story; `problem` is the code of what refused an event.
    """

    at: datetime
    what: str
    orders: tuple[str, ...]
    clause: str
    rulebook: str
    data: dict[str, Any] = field(default_factory=dict)
    words: tuple[str, str] = ("", "")
    """Chinese and English, where the rules gave a reason in words."""


class Standing(NamedTuple):
    """How an order stands, as far as a timeline tells."""

    status: str
    deadline: datetime | None
    clause: str
    rulebook: str


class Timeline:
    """Notes what each step changed."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.entries: list[Entry] = []
        self._names = {order_id: name for name, order_id in stage.orders.items()}
        self._mark = timeline.mark()
        self._standing = self._look()

    def paid(self, orders: Sequence[Order]) -> None:
        """These orders were paid a moment ago, all at once."""
        for order in orders:
            version = self.version(order.id, order.paid_at)
            self.entries.append(Entry(order.paid_at, "paid", (order.id,), "paid", version, {"price": str(order.price)}))
        self.follow(orders[0].paid_at)

    def event(self, event: Event, outcome: Outcome) -> bool:
        """An event happened a moment ago; whether anything changed."""
        names = orders_of(self.stage, event)
        data: dict[str, Any] = {"do": event.do}
        data |= {name: value for name in TOLD if (value := getattr(event, name))}
        if event.do == "urge" and event.order in self.stage.urges:
            data["urge"] = self.stage.urges[event.order].outcome
        if outcome.refused:
            data["refused"] = True
        version = self.version(event.order or (names[0] if names else ""), event.at)
        self.entries.append(Entry(event.at, "event", names, outcome.clause, version, data, outcome.words))
        return self.follow(event.at)

    def follow(self, at: datetime) -> bool:
        """Note what was written and what stands otherwise since the last look; whether there was anything."""
        before, count = self._standing, len(self.entries)
        for row in timeline.since(self.stage.shop_id, self._mark):
            names = (self._names[row.order_id],) if row.order_id in self._names else ()
            data = row.data if isinstance(row.data, dict) else json.loads(row.data)
            version = row.rulebook or self.version("", at)
            self.entries.append(Entry(row.at, row.what, names, row.clause, version, data))
        self._mark, self._standing = timeline.mark(), self._look()
        for name, now in self._standing.items():
            self._changed(at, name, before[name], now)
        return len(self.entries) > count

    def version(self, order: str, at: datetime) -> str:
        """The version that counts: for an order the one in force when it was paid, else the one of the moment."""
        book = rulebooks.book(self.stage.rulebook, self.stage.shop_id)
        return book.at(self.stage.told(order).paid_at if order else at).id

    def _changed(self, at: datetime, name: str, before: Standing, now: Standing) -> None:
        version = now.rulebook or self.version(name, at)
        if now.status != before.status:
            data = {"was": before.status, "status": now.status}
            self.entries.append(Entry(at, "order", (name,), now.status, version, data))
        if (now.deadline, now.clause) != (before.deadline, before.clause):
            moved = {"was": before.deadline, "deadline": now.deadline}
            self.entries.append(Entry(at, "deadline", (name,), now.clause, version, moved))

    def _look(self) -> dict[str, Standing]:
        rows = tasks.orders(self.stage.shop_id, sorted(self._names))
        return {
            self._names[row.id]: Standing(row.status, row.deadline, row.deadline_clause, row.rulebook) for row in rows
        }
