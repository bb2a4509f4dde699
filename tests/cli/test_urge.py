"""fahuo urge: one urge, a sheet, and what they answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fahuo.cli import desk
from fahuo.cli import main as cli
from fahuo.connectors.sheet.reader import open_sheet
from fahuo.rules.people import Actor
from fahuo.store.models import Shop
from tests.services.aftersales import at, paid, task
from tests.services.shipping import order_number


@pytest.fixture
def urge(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> Any:
    monkeypatch.setattr(desk, "now", lambda: at("11 11:00"))

    def called(*words: str, language: str = "en") -> Result:
        return CliRunner(env={"FAHUO_LANG": language}).invoke(cli.main, ["urge", shop.code, *words])

    return called


def test_one_urge_with_the_marketplaces_deadline(shop: Shop, urge: Any) -> None:
    order, number = paid(shop.id, 1), order_number(1)
    done = urge(number, "--at", "2022-08-11 09:00", "--due", "2022-08-11 21:00")
    assert (done.exit_code, done.stdout) == (0, "a task was made\n")
    assert task(shop.id, order).due_at == at("11 21:00")
    again = json.loads(urge(number, "--at", "2022-08-11T09:00+08:00", "--json").stdout)
    assert (again["verdict"], again["effect"]) == ("same", "")
    assert "早已登记过" in urge(number, "--at", "2022-08-11 09:00", language="zh").stdout
    wrong = urge(number, "--at", "yesterday")
    assert (wrong.exit_code, "yesterday" in wrong.stderr) == (2, True)
    assert urge().exit_code == 2
    assert urge(number, "--sheet", __file__).exit_code == 2


def test_a_sheet_of_urges(shop: Shop, owner: Actor, urge: Any, tmp_path: Path) -> None:
    paid(shop.id, 1)
    sheet, bad = tmp_path / "urges.csv", tmp_path / "bad.xlsx"
    sheet.write_text(f"订单编号,催促时间\n{order_number(1)},2022-08-11 09:00\n{order_number(2)},2022-08-11 09:00\n")
    tried = json.loads(urge("--sheet", str(sheet), "--dry-run", "--json").stdout)
    assert (tried["status"], tried["good"], tried["bad"]) == ("checked", 1, 1)
    done = urge("--sheet", str(sheet), "--problems", str(bad))
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0] == "urges.csv: done 1, bad 1"
    assert [row.cells[1] for row in open_sheet("bad.xlsx", bad.read_bytes()).rows()] == ["订单编号"]
