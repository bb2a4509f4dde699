"""A short day with faults; `make faults` is the long one."""

import random
from pathlib import Path

import pytest

from tests.faults.run import KILLS, TROUBLES, day


@pytest.mark.postgres
def test_what_was_acknowledged_is_there_whatever_went_wrong(folder: Path) -> None:
    result = day(folder, kills=8, seed=random.randrange(10**6), pause=(0.1, 0.5), paper=False)
    assert result.wrong == [], "\n".join(result.lines())
    assert result.kills >= 8
    assert set(result.faults) | {each.split(" (")[0] for each in result.left_out} == set(KILLS | TROUBLES)
    assert len(result.told.shipped) > 3
    assert result.told.urged
    assert result.told.batched
