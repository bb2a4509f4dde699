"""What a story expects, held against what stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from fahuo.rules import tasks as task_rules
from fahuo.rules.reminders import day_of
from fahuo.rules.scenarios import Expect
from fahuo.services import complaints, metrics, reminders
from fahuo.services.simulation.stage import Stage
from fahuo.store import complaints as complaint_rows
from fahuo.store import messages, tasks

HUNDREDTH: Final = Decimal("0.01")
MICROSECOND: Final = timedelta(microseconds=1)
ZONE: Final = "Asia/Shanghai"
"""The zone of every shop on stage."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An expectation that does not hold. `order` is a sub-account's name where the expectation is of one; UTC."""

    at: datetime
    order: str
    key: str
    expected: Any
    got: Any
    of_staff: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at one moment of a story. Nothing happens meanwhile, so that everything is looked at once, whatever number
    of expectations name it."""

    stage: Stage
    seen: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def once(self, look: Callable[..., Any], *about: Any) -> Any:
        """What `look(shop, *about)` finds."""
        if (look, *about) not in self.seen:
            self.seen[look, *about] = look(self.stage.shop_id, *about)
        return self.seen[look, *about]

    def order(self, expect: Expect) -> int:
        return self.stage.orders[expect.order]


def differences(standing: Standing, expect: Expect) -> list[Difference]:
    """Whatever of an expectation does not hold now, in the file's order."""
    found = []
    for key, expected in expect.values.items():
        name = expect.order or expect.staff
        got = GOT[key](standing, expect)
        if key == "reminders":
            for account, count in expected.items():
                if got.get(account, 0) != count:
                    found.append(Difference(expect.at, name, f"reminders.{account}", count, got.get(account, 0)))
        elif not _same(key, expected, got):
            shown = got.quantize(HUNDREDTH, ROUND_HALF_UP) if expect.staff and got is not None else got
            found.append(Difference(expect.at, name, key, expected, shown, of_staff=bool(expect.staff)))
    return found


def _same(key: str, expected: Any, got: Any) -> bool:
    """Whether they are equal; an average, to as many decimals as were expected."""
    if key == "avg_response_seconds" and got is not None:
        places = Decimal(1).scaleb(min(0, expected.as_tuple().exponent))
        return bool(expected == Decimal(got).quantize(places, ROUND_HALF_UP))
    return bool(expected == got)


def _order(standing: Standing, expect: Expect) -> Any:
    return standing.once(_one_order, standing.order(expect))


def _one_order(shop_id: int, order_id: int) -> Any:
    return tasks.orders(shop_id, [order_id])[0]


def _task(standing: Standing, expect: Expect) -> Any | None:
    """The order's newest task about shipping, or None."""
    rows = standing.once(tasks.of_order, standing.order(expect))
    return next((row for row in reversed(rows) if row.kind == task_rules.URGE_SHIPMENT), None)


def _state(standing: Standing, expect: Expect) -> str:
    task = _task(standing, expect)
    return "none" if task is None else str(task.state)


def _due(standing: Standing, expect: Expect) -> datetime | None:
    task = _task(standing, expect)
    return None if task is None else task.due_at


def _complaint(standing: Standing, expect: Expect) -> str:
    rows = standing.once(complaint_rows.of_order, standing.order(expect))
    return str(rows[-1].status) if rows else "none"


def _owed(standing: Standing, expect: Expect) -> Any:
    return standing.once(complaints.owed, standing.order(expect))


def _urge(standing: Standing, expect: Expect) -> str | None:
    urges = standing.stage.urges
    return urges[expect.order].outcome if expect.order in urges else None


def _reason(standing: Standing, expect: Expect) -> str | None:
    urges = standing.stage.urges
    return urges[expect.order].reason if expect.order in urges else None


def _reminders(standing: Standing, expect: Expect) -> dict[str, int]:
    """Account -> reminders delivered on the calendar day of the expectation, over all orders."""
    found = standing.once(reminders.of_day, day_of(expect.at, ZONE))
    return {account: counts.get("delivered", 0) for account, counts in found.items()}


def _response(standing: Standing, expect: Expect) -> Decimal | None:
    """The average in seconds, unrounded."""
    member_id = standing.stage.staff[expect.staff].member_id
    assert member_id is not None  # every sub-account on stage is a member
    found = metrics.response(standing.stage.shop_id, member_id, day=day_of(expect.at, ZONE))
    return Decimal(found.took // MICROSECOND) / found.turns / 1_000_000 if found.turns else None


GOT: Final[Mapping[str, Callable[[Standing, Expect], Any]]] = {
    "order_status": lambda standing, expect: _order(standing, expect).status,
    "deadline": lambda standing, expect: _order(standing, expect).deadline,
    "urge": _urge,
    "reason": _reason,
    "task": _state,
    "task_due": _due,
    "complaint": _complaint,
    "compensation": lambda standing, expect: _owed(standing, expect).compensation,
    "points": lambda standing, expect: _owed(standing, expect).points,
    "reminders": _reminders,
    "cards": lambda standing, expect: standing.once(messages.cards, standing.order(expect)),
    "refused": lambda standing, expect: standing.stage.refused.get(expect.order, False),
    "avg_response_seconds": _response,
}
"""Key -> what stands."""
