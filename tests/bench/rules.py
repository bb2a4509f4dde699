"""The rules that are asked ten thousand times in a batch, each against the least that Python needs for such a row."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from fahuo.rules import masking, policy
from fahuo.rules.deadlines import Facts, deadline_of
from fahuo.rules.regions import split_address
from fahuo.rules.waybills import check, run_of
from tests.bench.measure import Pair, in_turn

ROWS = 10_000
PAID = datetime(2026, 3, 1, 4, tzinfo=UTC)


def asking(runs: int) -> Iterator[Pair]:
    """Numbers, addresses, deadlines and masks; the goals only tell when one slides into another order of magnitude."""
    shape = re.compile(r"(?:73|75|78)\d{12}")
    tail = re.compile(r"\d+号.*")
    numbers = [f"73{n:012}" for n in range(ROWS)]
    addresses = [f"浙江省 杭州市 西湖区 文三路{n}号 (310000)" for n in range(ROWS)]
    orders = [Facts(paid_at=PAID + timedelta(seconds=n), ship_to="330106") for n in range(ROWS)]
    book, two_days = policy.load("taobao"), timedelta(hours=48)

    def count() -> None:
        assert not any(check("ZTO", number) for number in run_of("ZTO", "73100000000001", ROWS))

    cases: tuple[tuple[str, Callable[[], object], Callable[[], object], float], ...] = (
        ("waybill runs and checks", count, lambda: all(map(shape.fullmatch, numbers)), 20),
        ("addresses", lambda: list(map(split_address, addresses)), lambda: [text.split() for text in addresses], 40),
        ("deadlines", lambda: [deadline_of(o, book) for o in orders], lambda: [o.paid_at + two_days for o in orders if o.paid_at], 40),
        ("masked addresses", lambda: list(map(masking.mask_address, addresses)), lambda: [tail.sub("***", text) for text in addresses], 50),
    )  # fmt: skip
    for name, ours, floor, goal in cases:
        yield in_turn(f"10,000 {name}", ours, floor, runs=runs, goal=goal)
