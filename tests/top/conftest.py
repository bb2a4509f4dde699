"""A desk at the gateway, and five orders of its shop. Each file says what `now` is."""

from datetime import datetime, timedelta

import pytest

from fahuo.rules.people import Actor
from tests.top.calling import Desk, draft, take_in


@pytest.fixture
def desk(owner: Actor, now: datetime) -> Desk:
    return Desk(owner, per_second=1000)


@pytest.fixture
def ids(owner: Actor, now: datetime) -> dict[str, int]:
    """Five orders; the second has three lines."""
    return take_in(
        owner, *(draft(n, now=now - timedelta(minutes=n), lines=3 if n == 2 else 1) for n in range(1, 6)), now=now
    )
