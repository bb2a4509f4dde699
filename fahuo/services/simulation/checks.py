"""What a story expects, held against what stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


def differences(stage: Stage, expect: Expect) -> list[Difference]:
    """Whatever of an expectation does not hold now, in the file's order."""
    found = []
    for key, expected in expect.values.items():
        name = expect.order or expect.staff
        got = GOT[key](stage, expect)
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


def _order(stage: Stage, expect: Expect) -> Any:
    return tasks.orders(stage.shop_id, [stage.orders[expect.order]])[0]


def _task(stage: Stage, expect: Expect) -> Any | None:
    """The order's newest task about shipping, or None."""
    rows = tasks.of_order(stage.shop_id, stage.orders[expect.order])
    return next((row for row in reversed(rows) if row.kind == task_rules.URGE_SHIPMENT), None)


def _state(stage: Stage, expect: Expect) -> str:
    task = _task(stage, expect)
    return "none" if task is None else str(task.state)


def _due(stage: Stage, expect: Expect) -> datetime | None:
    task = _task(stage, expect)
    return None if task is None else task.due_at


def _complaint(stage: Stage, expect: Expect) -> str:
    rows = complaint_rows.of_order(stage.shop_id, stage.orders[expect.order])
    return str(rows[-1].status) if rows else "none"


def _urge(stage: Stage, expect: Expect) -> str | None:
    return stage.urges[expect.order].outcome if expect.order in stage.urges else None


def _reason(stage: Stage, expect: Expect) -> str | None:
    return stage.urges[expect.order].reason if expect.order in stage.urges else None


def _reminders(stage: Stage, expect: Expect) -> dict[str, int]:
    """Account -> reminders delivered on the calendar day of the expectation, over all orders."""
    found = reminders.of_day(stage.shop_id, day_of(expect.at, ZONE))
    return {account: counts.get("delivered", 0) for account, counts in found.items()}


def _response(stage: Stage, expect: Expect) -> Decimal | None:
    """The average in seconds, unrounded."""
    member_id = stage.staff[expect.staff].member_id
    assert member_id is not None  # every sub-account on stage is a member
    found = metrics.response(stage.shop_id, member_id, day=day_of(expect.at, ZONE))
    return Decimal(found.took // MICROSECOND) / found.turns / 1_000_000 if found.turns else None


GOT: Final[Mapping[str, Callable[[Stage, Expect], Any]]] = {
    "order_status": lambda stage, expect: _order(stage, expect).status,
    "deadline": lambda stage, expect: _order(stage, expect).deadline,
    "urge": _urge,
    "reason": _reason,
    "task": _state,
    "task_due": _due,
    "complaint": _complaint,
    "compensation": lambda stage, expect: complaints.owed(stage.shop_id, stage.orders[expect.order]).compensation,
    "points": lambda stage, expect: complaints.owed(stage.shop_id, stage.orders[expect.order]).points,
    "reminders": _reminders,
    "cards": lambda stage, expect: messages.cards(stage.shop_id, stage.orders[expect.order]),
    "refused": lambda stage, expect: stage.refused.get(expect.order, False),
    "avg_response_seconds": _response,
}
"""Key -> what stands."""
