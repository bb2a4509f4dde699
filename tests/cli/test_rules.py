"""fahuo rules: a file from its check to its force, for people and for machines."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fahuo.cli import desk
from fahuo.cli import main as cli
from fahuo.store.models import RuleAddition, Shop
from tests.services.aftersales import paid

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
TEXT = """
[[version]]
id = "taobao-2027"
from = 2027-01-01T00:00:00+08:00
basis = "stated"
source = "an announcement"
default_hours = { value = 24, basis = "stated", source = "an announcement" }
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(desk, "now", lambda: NOW)
    made = tmp_path / "next.toml"
    made.write_text(TEXT, "utf-8")
    return made


def rules(*words: str, language: str = "en") -> Result:
    return CliRunner(env={"FAHUO_LANG": language}).invoke(cli.main, ["rules", *words])


def test_from_the_check_to_its_force_and_back(shop: Shop, file: Path) -> None:
    paid(shop.id, 1, paid_at=datetime(2026, 11, 20, tzinfo=UTC))
    checked = rules("check", str(file))
    assert checked.exit_code == 0, checked.output
    assert "taobao-2027 may be scheduled, from 2027-01-01 00:00" in checked.stdout
    assert "default shipping time (h): 48 → 24" in checked.stdout
    asked = json.loads(rules("replay", str(file), "--json").stdout)
    assert (asked["orders"], asked["late"], asked["differ"]) == (1, [1, 1], 1)
    assert not RuleAddition.objects.exists()
    made = json.loads(rules("schedule", str(file), "--json").stdout)["addition"]
    listed = json.loads(rules("list", "--json").stdout)
    assert listed["versions"][-1]["addition"] == made
    assert "24" in rules("show", "taobao-2027").stdout
    assert rules("schedule", str(file)).exit_code == 1
    assert "已撤回" in rules("withdraw", str(made), language="zh").stdout
    assert rules("show", "taobao-2027").exit_code == 1


def test_one_shop_alone_and_slips(shop: Shop, other_shop: Shop, file: Path) -> None:
    assert rules("schedule", str(file), "--shop", shop.code).exit_code == 0
    assert "taobao-2027" in rules("list", "--shop", shop.code).stdout
    assert "taobao-2027" not in rules("list", "--shop", other_shop.code).stdout
    file.write_bytes(b"\xff\xfe")
    refused = rules("check", str(file))
    assert (refused.exit_code, "UTF-8" in refused.output) == (1, True)
    file.write_text(TEXT.replace("2027-01-01", "2026-01-01"), "utf-8")
    assert rules("replay", str(file)).exit_code == 1
