"""A short day with faults; `make faults` is the long one."""

import random
from pathlib import Path

import pytest

from tests.faults.run import day


@pytest.mark.postgres
def test_what_was_acknowledged_is_there_whatever_was_killed(tmp_path: Path) -> None:
    result = day(tmp_path / "house", kills=8, seed=random.randrange(10**6), pause=(0.2, 1.2), paper=False)
    assert result.wrong == [], "\n".join(result.lines())
    assert result.kills.total() == 8
    assert len(result.told.shipped) > 3
    assert result.told.urged
