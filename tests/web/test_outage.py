"""A failure of the surroundings, raised by the real PostgreSQL, is told as what it is; one of ours stays a 500."""

import errno
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from fahuo.web import start
from tests.conftest import Account

RAISE = "DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{}'; END $$"


def failing(state: str) -> Any:
    """Stands for a statement of a page that the database refuses."""

    def fail(*_: object, **__: object) -> None:
        connection.cursor().execute(RAISE.format(state))

    return fail


@pytest.fixture
def client(owner_account: Account) -> Client:
    found = Client(raise_request_exception=False)
    found.force_login(owner_account.user)
    return found


@pytest.mark.parametrize(("state", "status", "words"), [("53100", 507, "磁盘满了"), ("57P03", 503, "暂时连不上")])
def test_the_page_says_what_is_missing(
    client: Client, monkeypatch: pytest.MonkeyPatch, state: str, status: int, words: str
) -> None:
    monkeypatch.setattr(start, "render", failing(state))
    answer = client.get("/s/lan/")
    assert (answer.status_code, words in answer.content.decode()) == (status, True)
    assert int(answer["Retry-After"]) > 0
    assert answer["X-Frame-Options"] == "DENY"


def test_a_part_of_a_page_is_told_by_a_toast(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "render", failing("53100"))
    answer = client.get("/s/lan/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content, answer["HX-Reswap"]) == (507, b"", "none")
    assert "磁盘满了" in json.loads(answer["HX-Trigger"])["toast"]["text"]


def test_our_own_disk_may_be_the_full_one(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "planted")

    monkeypatch.setattr(start, "render", fail)
    assert client.get("/s/lan/").status_code == 507


@pytest.mark.parametrize("state", ["22012", "XX000"])
def test_a_mistake_of_ours_is_no_outage(client: Client, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    monkeypatch.setattr(start, "render", failing(state))
    assert client.get("/s/lan/").status_code == 500
