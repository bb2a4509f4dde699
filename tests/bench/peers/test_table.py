"""The table's arithmetic, on figures made up for it; what it measures is run by `make bench-peers` alone."""

import pytest

from tests.bench.peers.meter import Turn
from tests.bench.peers.table import Found, Row, lines

MIB = 2**20


def row() -> Row:
    ours = [Turn(1.0, 0.2, 0.3, 50 * MIB), Turn(2.0, 0.4, 0.1, 60 * MIB), Turn(4.0, 0.3, 0.2, 70 * MIB)]
    theirs = [Turn(3.0, 4.0, 1.0, 100 * MIB), Turn(1.0, 5.0, 1.0, 110 * MIB), Turn(100.0, 3.0, 4.0, 90 * MIB)]
    return Row("work", "peer 1.0", 100, ours, theirs, "It keeps no journal.")


def test_ratios_are_taken_pair_by_pair() -> None:
    assert row().ratios == [3.0, 0.5, 25.0]


def test_cpu_is_for_one_piece_with_postgresql_in_both() -> None:
    found = row()
    assert found.cpu(found.ours) == pytest.approx((3.0, 2.0))
    assert found.cpu(found.theirs) == pytest.approx((40.0, 10.0))
    assert found.cpu_ratio == pytest.approx(10.0)


def test_the_table_says_where_the_peer_was_quicker_and_what_it_lacks() -> None:
    text = lines(Found([row()], ["One was fired twice."], ["celery: there is no Redis"]))
    [told] = [line for line in text if line.startswith("work ") and "0.50" in line]
    assert told.split() == ["work", "100", "0.50", "3.0", "50.00", "(10.00)", "5.00", "(2.00)", "10.0", "100", "60"]
    assert "    It keeps no journal." in text
    assert "* One was fired twice." in text
    assert text[-1] == "left out: celery: there is no Redis"
