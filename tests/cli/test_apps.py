"""fahuo app: an app, and a session for an account, with which the gateway can be called."""

import json

import pytest
from click.testing import CliRunner

from fahuo.cli.main import main
from fahuo.rules.top import signing
from fahuo.services import gateway
from fahuo.store.models import Shop
from tests.conftest import Account


def run(*words: str) -> dict[str, object]:
    done = CliRunner().invoke(main, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found: dict[str, object] = json.loads(done.output)
    return found


def test_an_app_and_a_session_from_the_command_line(
    shop: Shop, owner_account: Account, teammate_account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fahuo.cli.apps.ready", lambda: None)  # the test's database is ready
    made = run("app", "create", "ERP", "--shop", shop.code)
    assert run("app", "list", "--shop", shop.code)["apps"] == [
        {"app_key": made["app_key"], "name": "ERP", "active": True, "today": 0}
    ]
    session = run("app", "session", str(made["app_key"]), "teammate", "--shop", shop.code)
    app = gateway.known_app(str(made["app_key"]))
    assert app is not None
    assert signing.genuine({"a": "b"}, app.secret, "md5", signing.sign({"a": "b"}, str(made["app_secret"]), "md5"))
    caller = gateway.caller_of(app, str(session["session"]), now=teammate_account.member.created_at)
    assert not isinstance(caller, str)
    assert caller.actor.name == "teammate"
