"""fahuo couriers: invited, listed, shut out and let in again."""

import json

from click.testing import CliRunner, Result

from fahuo.cli import main as cli
from fahuo.services import couriers
from fahuo.store.models import Shop, User
from tests.conftest import NOW
from tests.services.contracts import make_contract


def run(*words: str) -> Result:
    return CliRunner(env={"FAHUO_LANG": "en"}).invoke(cli.main, ["couriers", *words])


def test_a_courier_comes_and_goes(shop: Shop) -> None:
    make_contract(shop.id, now=NOW)
    done = run("invite", "xiaoli", "小李", "--contract", "中通西湖", "--json")
    assert done.exit_code == 0, done.output
    user = User.objects.get(username="xiaoli")
    assert user.check_password(json.loads(done.stdout)["password"])
    assert run("close", "xiaoli").exit_code == 0
    assert couriers.serves(user.pk) == []
    assert "closed" in run("list").stdout
    assert run("reopen", "xiaoli").exit_code == 0
    listed = json.loads(run("list", "--json").stdout)["couriers"]
    assert listed == [{"account": "xiaoli", "name": "小李", "contract": "中通西湖", "state": "active"}]
    assert run("invite", "other", "某", "--contract", "没有").exit_code == 1
    assert run("close", "nobody").exit_code == 1
