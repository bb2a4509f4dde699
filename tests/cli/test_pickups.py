"""fahuo pickups: the day, and a courier who signs."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fahuo.cli import desk
from fahuo.cli import main as cli
from fahuo.rules.people import Actor
from fahuo.services import pickups
from fahuo.store.models import Shop
from tests.services.parcelling import make_contract, make_labels
from tests.services.shipping import waybill


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, shop: Shop, now: datetime) -> Any:
    monkeypatch.setattr(desk, "now", lambda: now)

    def called(*words: str, language: str = "en") -> Result:
        return CliRunner(env={"FAHUO_LANG": language}).invoke(cli.main, ["pickups", "--shop", shop.code, *words])

    return called


def test_the_day_and_a_signature(shop: Shop, owner: Actor, now: datetime, asked: Any) -> None:
    contract = make_contract(shop.id, now=now)
    earlier = now - timedelta(minutes=5)
    make_labels(owner, contract, [1, 2, 3], now=earlier)
    make_labels(owner, contract, [4], now=earlier, state="printed")
    called = pickups.call(owner, contract.id, at=now + timedelta(hours=1), now=now)
    lines = asked().stdout.splitlines()
    assert lines[0] == "03-02 11:00  中通西湖  no manifest"
    assert lines[1] == f"03-02 13:00  中通西湖  called  #{called}  packed 3, printed only 1, listed 0"
    assert lines[2] == "03-02 17:30  中通西湖  to come  packed 3, printed only 1, listed 0"
    assert "已打包 3" in asked(language="zh").stdout
    pickups.add_packed(owner, called, now=now)
    sign = ("--sign", str(called), "--courier", "王师傅", "--count")
    short = asked(*sign, "2")
    assert (short.exit_code, "3 on the list, the courier counted 2" in short.stderr) == (2, True)
    assert asked(*sign, "2", "--missing", waybill(2)).stdout == "2 handed over, 2 of them shipped now\n"
    assert json.loads(asked(*sign, "2", "--json").stdout) == {"pickup": called, "count": 2, "shipped": 0, "again": True}
    told = json.loads(asked("--json").stdout)
    assert (told["packed"], told["printed"], told["missed"]) == (1, 1, 2)
    assert told["pickups"][1]["courier"] == "王师傅"


def test_what_makes_no_sense_is_refused(shop: Shop, asked: Any) -> None:
    assert asked("--sign", "1").exit_code == 2
    unknown = asked("--sign", "1", "--count", "1", "--courier", "x")
    assert (unknown.exit_code, "no such pickup" in unknown.stderr) == (2, True)
