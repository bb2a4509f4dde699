"""No room on the disk, told clearly: the call is refused as `disk_full` and nothing of it is done; once there is room, the
same call under the same key goes through."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any, Final

from tests.faults.disk import Disk
from tests.faults.house import House
from tests.faults.work import Clerk, Desk, Told

ROWS: Final = 200
"""Orders of one call: more than the pages at hand have room for."""
CALLS: Final = 50


def tried(house: House, desk: Desk, disk: Disk, told: Told) -> Iterator[str]:
    """Fill the disk, call until it is said, make room, and call again; what is wrong with that. What was acknowledged comes
    to `told`."""
    clerk, now = Clerk(desk, 4, told, Event()), datetime.now(UTC) + timedelta(hours=8)
    for place in range(CALLS):
        numbers = [f"4{n:017d}" for n in range(place * ROWS, (place + 1) * ROWS)]
        body, name = {"rows": [clerk.order(number, now) for number in numbers]}, f"full-{place}"
        disk.fill()
        try:
            status, answer = next(clerk.answers("POST", "/orders", body, name))
        finally:
            disk.free()
        house.heal()
        if status == 507 and "disk_full" in str(answer):
            yield from _done_then(house, clerk, numbers, body, name)
            return
        if status == 200:
            told.orders |= set(numbers)
        elif status not in (0, 503):  # the server itself had no room for its log: it went down
            yield f"a full disk is told as {status} {answer}"
    yield f"{CALLS} calls with {ROWS} orders each found room on a full disk"


def _done_then(house: House, clerk: Clerk, numbers: list[str], body: dict[str, Any], name: str) -> Iterator[str]:
    with house.looked_at() as line:
        there = {number for (number,) in line.execute("SELECT number FROM orders")}
    yield from (f"order {number} was refused for a full disk and is there" for number in there.intersection(numbers))
    for status, _ in clerk.answers("POST", "/orders", body, name):
        if status == 200:
            clerk.told.orders |= set(numbers)
            return
        if status not in (0, 503):
            yield f"there is room again, and the same call is answered {status}"
            return
