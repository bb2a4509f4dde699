"""Eight processes take from one stock while they are killed: no number twice, none lost, the ledger adds up.

FAHUO_TAKEN says how many numbers there are (100,000 unless it is set lower).
"""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from fahuo.rules.people import Actor
from fahuo.store import sql
from fahuo.store import stock as store
from fahuo.store.models import Contract, Shop, WaybillNumber
from tests.conftest import NOW, make_account
from tests.services.stocks import adds_up, buy, make_contract, states
from tests.services.test_batches import this_database

NUMBERS = int(os.environ.get("FAHUO_TAKEN", "100000"))
TAKERS = 8
KILLS_A_SECOND = 12.0
SCRIPT = Path(__file__).with_name("stock_process.py")


@pytest.fixture
def stocked(transactional_db: None) -> tuple[Actor, Contract]:
    shop = Shop.objects.create(code="many", name="many", platform="taobao", created_at=NOW)
    owner = make_account(shop, "many", is_owner=True).actor
    contract = make_contract(shop.id)
    assert buy(owner, contract, NUMBERS).count == NUMBERS
    return owner, contract


def run(actor: Actor, contract: Contract, folder: Path, *, kills: float) -> tuple[int, float]:
    """(how many takers were killed, seconds)."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(SCRIPT), str(actor.shop_id), str(contract.id), str(folder), "7", str(TAKERS),
         str(kills)],
        text=True, capture_output=True, timeout=300, env={**os.environ, "DATABASE_URL": this_database()},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    killed, spent, failed = done.stdout.split()
    assert int(failed) == 0, done.stderr
    return int(killed), float(spent)


def acknowledged(folder: Path) -> list[tuple[int, str]]:
    """What the takers said they have: whole lines only, the last may have been cut by a kill."""
    found = []
    for file in folder.glob("*.txt"):
        lines = file.read_text("ascii").split("\n")[:-1]
        found += [(int(part.split(":")[0]), part.split(":")[1]) for line in lines for part in line.split()]
    return found


def settled(shop_id: int) -> None:
    """Wait until the server has noticed that the killed are gone: their transactions are over."""
    for _ in range(200):
        if not sql.fetch(
            "SELECT 1 AS busy FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        ):
            return
        time.sleep(0.05)
    raise AssertionError("a taker's connection stays")


def test_eight_takers_killed_at_random_instants(stocked: tuple[Actor, Contract], tmp_path: Path) -> None:
    owner, contract = stocked
    kills, _ = run(owner, contract, tmp_path, kills=KILLS_A_SECOND)
    settled(owner.shop_id)
    print(f"{kills} takers were killed")
    assert kills >= min(TAKERS, NUMBERS // 5000), "too few takers were caught at work"

    said = acknowledged(tmp_path)
    assert len({number for _, number in said}) == len(said), "a number was given twice"
    assert len({key for key, _ in said}) == len(said)
    rows = {
        row.id: (row.number, row.state)
        for row in sql.fetch("SELECT id, number, state FROM waybill_numbers WHERE shop_id = %(s)s", s=owner.shop_id)
    }
    assert len(rows) == len({number for number, _ in rows.values()}) == NUMBERS, "a number is lost"
    assert all(rows[key] == (number, "taken") for key, number in said), "an acknowledged number is not taken"
    adds_up(owner.shop_id)

    # What is taken and not acknowledged was committed by a taker that was killed before it could say so: the ledger knows.
    taken = Counter(key for key, (_, state) in rows.items() if state == "taken")
    told = Counter(
        key for row in sql.fetch("SELECT number_ids FROM stock_moves WHERE shop_id = %(s)s AND act = 'take'", s=owner.shop_id)
        for key in row.number_ids
    )  # fmt: skip
    assert told == taken, "the ledger tells of other numbers than were taken"
    assert NUMBERS - len(said) < 60 * (kills + TAKERS)

    rest: list[store.Taken] = []
    while fresh := store.take(owner, contract.id, 1000, now=NOW):
        rest += fresh
    assert not {each.id for each in rest} & set(taken)
    assert states(owner.shop_id) == {"taken": NUMBERS}
    assert WaybillNumber.objects.filter(shop_id=owner.shop_id).count() == NUMBERS
    adds_up(owner.shop_id)
