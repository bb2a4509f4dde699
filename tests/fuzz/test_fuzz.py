"""Bad inputs at every door, a thousand or so; `make fuzz` sends a hundred thousand. And the harness catches what is planted."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from django.db import connection, connections
from pytest_django.plugin import DjangoDbBlocker

from fahuo.store.models import Order, Shop
from tests.fuzz import doors, worlds
from tests.fuzz.house import House, World
from tests.fuzz.judging import Answer
from tests.fuzz.run import Door, Run, different, shares

INPUTS = {
    "api": 400, "gateway": 250, "pushes": 250, "templates": 60, "rulebooks": 60, "forms": 60, "wire": 120, "csv": 20, "workbooks": 6,
}  # fmt: skip
"""Door -> how many here: a quarter of a minute's work in all."""


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[House]:
    """Worlds on copies of the suite's own database, which stands empty between tests; where nothing else of this run needs
    that one, it was not made, and the house makes its own tables."""
    with django_db_blocker.unblock():
        stands = "orders" in connection.introspection.table_names()
        connections.close_all()
        made = House(worlds.BUILDERS, plain=connections["default"].settings_dict["NAME"] if stands else "")
        yield made
        made.close()


@pytest.mark.postgres
def test_no_bad_input_is_answered_5xx_or_leaves_a_partial_write(house: House) -> None:
    run = Run(house, seed=1)  # the same each time: new ones are what `make fuzz` draws
    for door in doors.ALL:
        tally = run.door(door, range(INPUTS[door.name]))
        assert tally.inputs == INPUTS[door.name]
        assert tally.refused
        assert [fault.lines(run.seed) for fault in different(tally.faults)] == []


def test_every_door_has_its_share() -> None:
    found = shares(doors.ALL, 100_000)
    assert sum(found.values()) == 100_000
    assert set(found) == set(INPUTS)
    assert min(found.values()) >= 500


@dataclass
class Planted:
    """A door with a fault at its third input, and none at the others."""

    send_wrong: Any
    name: str = "planted"
    world: str = "machines"
    share: int = 1

    @property
    def writes(self) -> dict[str, str]:
        return {"saved_texts": "what is planted here may write these"}

    def make(self, chance: Random, world: World) -> int:
        return chance.randrange(9)

    def send(self, given: int, world: World) -> Answer:
        self.calls = getattr(self, "calls", 0) + 1
        return self.send_wrong(world) if self.calls == 3 else Answer(422, refused=True)


def raises(world: World) -> Answer:
    raise RuntimeError("planted")


def answers_500(world: World) -> Answer:
    return Answer(500, refused=True, said="planted")


def writes_and_refuses(world: World) -> Answer:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders SET memo = 'half' WHERE shop_id = %s", [world["shop"].id])
    return Answer(422, refused=True)


def deletes_and_refuses(world: World) -> Answer:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sheet_templates WHERE shop_id = %s", [world["shop"].id])
    return Answer(404, refused=True)


def writes_elsewhere(world: World) -> Answer:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders SET memo = 'theirs' WHERE shop_id = %s", [world["other"].id])
    return Answer(200, refused=False, shops=frozenset({world["shop"].id}))


def leaves_half(world: World) -> Answer:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM backlog WHERE shop_id = %s", [world["shop"].id])
    return Answer(200, refused=False)


def logs_a_failure(world: World) -> Answer:
    import logging

    try:
        raise ZeroDivisionError("planted")
    except ZeroDivisionError:
        logging.getLogger("fahuo.services.batches").exception("its work failed")
    return Answer(200, refused=False)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (raises, "it raised"), (answers_500, "answered 500"), (writes_and_refuses, "refused (422), and rows moved in orders"),
        (deletes_and_refuses, "refused (404), and rows moved in sheet_templates"), (writes_elsewhere, "rows of another shop moved in orders"),
        (leaves_half, "the checker: the backlog and the orders differ"), (logs_a_failure, "ZeroDivisionError: planted"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_caught_and_named(house: House, wrong: Any, told: str) -> None:
    run = Run(house, 7)
    tally = run.door(Planted(wrong), range(6))
    assert any(told in fault.what for fault in tally.faults), tally.faults
    assert {fault.number for fault in tally.faults if told in fault.what} <= {2, 5}
    assert "--seed 7" in tally.faults[0].lines(7)
    world = house.fresh("machines")
    assert not Order.objects.filter(memo__in=["half", "theirs"]).exists()  # the world is as it was made
    assert Shop.objects.get(id=world["shop"].id).code == "lan"


@pytest.mark.postgres
def test_a_write_that_was_taken_back_is_none_and_one_that_may_be_is_allowed(house: House) -> None:
    from django.db import transaction

    def taken_back(world: World) -> Answer:
        with transaction.atomic():
            Order.objects.filter(shop_id=world["shop"].id).update(memo="half")
            transaction.set_rollback(True)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM saved_texts WHERE shop_id = %s", [world["shop"].id])
        return Answer(422, refused=True)

    door: Door = Planted(taken_back)
    assert Run(house, 7).door(door, range(4)).faults == []
