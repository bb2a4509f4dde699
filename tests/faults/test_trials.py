"""A backup under load, in short; `make faults` has the long one, with paper, and the standby and the recovery besides.
And what was acknowledged is missed when it is not there."""

from pathlib import Path

import psycopg
import pytest
from django.db import connection

from fahuo.rules.people import Actor
from fahuo.services.parcels import ship
from tests import walls
from tests.conftest import NOW
from tests.faults.judge import acknowledged, delivered, printed
from tests.faults.trials import backup
from tests.faults.work import Told
from tests.services.shipping import make_order, order_number, waybill


@pytest.mark.postgres
def test_a_backup_under_load_holds_all_that_was_acknowledged_before(folder: Path) -> None:
    assert list(backup(folder, load=1.0, paper=False)) == []


@pytest.mark.django_db
def test_what_was_acknowledged_and_is_not_there_is_missed(owner: Actor) -> None:
    held = make_order(owner.shop_id, 1, now=NOW)
    ship(owner, order_ids=[held], carrier="ZTO", waybill=waybill(1), now=NOW)
    make_order(owner.shop_id, 2, now=NOW)
    connection.ensure_connection()
    line: psycopg.Connection[object] = walls.owners_line()
    one, two, three = (order_number(n) for n in (1, 2, 3))
    good = Told(orders={one, two}, shipped={one: waybill(1)})
    assert list(acknowledged(line, good)) == []
    bad = Told(
        orders={three},
        shipped={one: waybill(9), two: waybill(2)},
        labels={two: waybill(2)},
        urged={two},
        jobs={1},
        batched={two: frozenset({waybill(2)})},
    )
    assert len(list(acknowledged(line, bad))) == 7
    assert list(delivered(line, [])) == ["no event was delivered"]
    assert list(printed(line, b"")) == []
