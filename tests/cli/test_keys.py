"""fahuo keys: made, listed, revoked."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fahuo.cli import main as cli
from fahuo.services import keys
from fahuo.store.models import Shop


@pytest.fixture
def command(shop: Shop) -> Any:
    def called(*words: str) -> Result:
        return CliRunner(env={"FAHUO_LANG": "en", "FAHUO_SHOP": shop.code}).invoke(cli.main, ["keys", *words])

    return called


def test_a_key_from_the_command_line(shop: Shop, command: Any) -> None:
    made = json.loads(command("make", "ERP", "--scope", "ship", "--scope", "print", "--json").stdout)
    assert keys.whose(made["key"]) == (shop.id, made["id"])
    (row,) = json.loads(command("list", "--json").stdout)["keys"]
    assert (row["name"], row["scopes"], row["revoked"]) == ("ERP", ["ship", "print"], False)
    assert row["hint"][:-1] in made["key"]
    assert command("revoke", str(made["id"])).exit_code == 0
    assert keys.identify(shop.id, made["id"]) is None
    assert "-" in command("list").stdout
    wrong = command("make", "ERP", "--scope", "everything")
    assert (wrong.exit_code, "permission" in wrong.stderr) == (1, True)
