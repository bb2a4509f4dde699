"""fahuo stock: what is left, and buying more by run and by sheet."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fahuo.cli import desk
from fahuo.cli import main as cli
from fahuo.connectors.sheet.reader import open_sheet
from fahuo.rules.people import Actor
from fahuo.store import stock as store
from fahuo.store.models import Contract, Shop, WaybillLot
from tests.conftest import NOW
from tests.services.stocks import adds_up, make_contract


@pytest.fixture
def contract(shop: Shop) -> Contract:
    make_contract(shop.id, "圆通", carrier="YTO", numbers="entered")
    return make_contract(shop.id, "中通西湖")


@pytest.fixture
def stock(monkeypatch: pytest.MonkeyPatch, shop: Shop, contract: Contract) -> Any:
    monkeypatch.setattr(desk, "now", lambda: NOW)

    def called(*words: str, language: str = "en") -> Result:
        return CliRunner(env={"FAHUO_LANG": language}).invoke(cli.main, ["stock", *words, "--shop", shop.code])

    return called


def test_a_run_is_bought_and_told(shop: Shop, owner: Actor, contract: Contract, stock: Any) -> None:
    done = stock(
        "buy", "--contract", "中通西湖", "--first", "75330000000501", "--last", "75330000000700", "--price", "1.1"
    )
    assert (done.exit_code, done.stdout) == (0, "200 numbers are in stock of 中通西湖\n")
    store.take(owner, contract.id, 150, now=NOW - timedelta(days=2))
    told = json.loads(stock("--json").stdout)["contracts"]
    assert [(row["contract"], row["left"], row["per_day"], row["short"]) for row in told] == [
        ("中通西湖", 50, 75.0, True)
    ]
    assert (told[0]["lasts_hours"], told[0]["states"]["taken"], told[0]["bought"]) == (16.0, 150, "220.00")
    assert stock(language="zh").stdout == "中通西湖: 剩 50 个, 还够 0.7 天，快用完了 (free 50 taken 150)\n"
    again = stock("buy", "--contract", "中通西湖", "--first", "75330000000501", "--count", "10")
    assert (again.exit_code, "10 numbers cannot come in" in again.stderr) == (2, True)
    adds_up(shop.id)


def test_a_sheet_is_bought_and_its_bad_rows_come_back(
    shop: Shop, contract: Contract, stock: Any, tmp_path: Path
) -> None:
    sheet, bad = tmp_path / "numbers.csv", tmp_path / "bad.xlsx"
    sheet.write_text("运单号\n75330000000501\n75330000000502\nYT1000000000017\n")
    done = stock("buy", "--contract", str(contract.id), "--on", "2026-03-01", "--problems", str(bad), str(sheet))
    assert (done.exit_code, done.stdout.splitlines()[0]) == (1, "2 numbers are in stock of 中通西湖")
    assert [row.cells[2] for row in open_sheet("bad.xlsx", bad.read_bytes()).rows()] == ["YT1000000000017"]
    assert str(WaybillLot.objects.get(shop_id=shop.id).bought_on) == "2026-03-01"


def test_what_makes_no_sense(stock: Any, tmp_path: Path) -> None:
    run = ("--first", "75330000000501", "--count", "1")
    for words, said in (
        (("--contract", "别家", *run), "no such contract"), (("--contract", "圆通", *run), "keeps no stock"),
        (("--contract", "中通西湖", *run, "--price", "x"), "is no price"), (("--contract", "中通西湖", *run, "--on", "x"), "no date"),
        (("--contract", "中通西湖"), "Give --first"),
    ):  # fmt: skip
        wrong = stock("buy", *words)
        assert (wrong.exit_code, said in wrong.stderr) == (2, True), (words, wrong.stderr)
    assert "nobody knows" in stock().stdout or stock().stdout.startswith("中通西湖: 0 left")
