"""fahuo explain: the answer for people, in both languages, and for machines."""

import json
from datetime import datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fahuo.cli import desk
from fahuo.cli import main as cli
from fahuo.rules.people import Actor
from fahuo.services import complaints, tasks
from tests.services.aftersales import LATE, at, buyer, late, paid
from tests.services.shipping import order_number


@pytest.fixture
def explain(monkeypatch: pytest.MonkeyPatch) -> Any:
    def called(n: int, *words: str, now: datetime = LATE, language: str = "en") -> Result:
        monkeypatch.setattr(desk, "now", lambda: now)
        return CliRunner(env={"FAHUO_LANG": language}).invoke(cli.main, ["explain", order_number(n), *words])

    return called


def test_a_late_order_in_words(owner: Actor, explain: Any) -> None:
    late(owner.shop_id, 1)
    done = explain(1)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == (
        f"order {order_number(1)}: awaiting_shipment, paid 2022-08-10 10:00:00, rules taobao-2022-07-18"
    )
    assert "deadline 2022-08-12 10:00:00 (the platform's default)" in lines
    assert "  - No delay report was approved  [reported]" in lines
    assert "an urge now: a platform task stands (a task is open)" in lines
    assert "task: awaiting the seller's reply, due 2022-08-13 15:00:00, urged 1 times, rules taobao-2022-07-18" in lines
    after = lines[lines.index("if nobody acts:") + 1 :]
    assert after[:3] == [
        "  2022-08-12 15:00:00  those who subscribed are reminded  [todo_notice / taobao-2022-07-18]",
        "  2022-08-13 15:00:00  no reply in time: the platform complains for the buyer → with the platform"
        "  [no_reply / taobao-2022-07-18]",
        "  2022-08-13 15:00:00  the platform complains for the buyer (upheld: CNY 15.00, 3 points)"
        "  [delay / taobao-2022-07-18]",
    ]


def test_in_chinese(owner: Actor, explain: Any) -> None:
    order_id = late(owner.shop_id, 1)
    tasks.run_due(owner.shop_id, now=at("13 15:00"))
    complaints.settle(owner, order_id, now=at("13 16:00"))
    paid(owner.shop_id, 2, buyer="b2")
    told = explain(1, now=at("13 17:00"), language="zh").stdout
    assert "平台介入中" in told
    assert "没有平台任务" in explain(2, language="zh").stdout
    for n in (1, 2):
        assert explain(n, now=at("13 17:00"), language="zh").exit_code == 0


def test_as_one_document(owner: Actor, explain: Any) -> None:
    late(owner.shop_id, 1)
    told = json.loads(explain(1, "--json").stdout)
    assert told["order"] == order_number(1)
    assert told["rulebook"] == told["deadline"]["rulebook"] == "taobao-2022-07-18"
    assert told["deadline"]["at"] == "2022-08-12T10:00:00+08:00"
    assert [each["clause"] for each in told["deadline"]["asked"]] == [
        "agreed", "reported", "platform_override", "promise", "default", "exempt_region", "channel",
    ]  # fmt: skip
    assert (told["urge"]["outcome"], told["urge"]["reason"]) == ("task", "open_task")
    [task] = told["tasks"]
    assert (task["state"], task["due_at"], task["urges"]) == ("awaiting_seller_reply", "2022-08-13T15:00:00+08:00", 1)
    assert [(event["by"], event["event"], event["clause"]) for event in task["events"]] == [
        ("buyer", "urged", "late_urge")
    ]
    assert [(step["what"], step["clause"], step["to"]) for step in told["next"]] == [
        ("reminder", "todo_notice", None), ("transition", "no_reply", "platform_intervention"),
        ("complaint", "delay", None), ("out_of_stock", "out_of_stock", None),
    ]  # fmt: skip
    assert told["next"][2]["cost"] == {"compensation": "15.00", "points": 3}
    assert told["cost"] == {"compensation": "0.00", "points": 0}


def test_a_complaint_and_a_set_aside_clause_are_told(owner: Actor, explain: Any) -> None:
    order_id = paid(owner.shop_id, 1)
    complaints.open_by_buyer(buyer(owner.shop_id), order_id, kind="delay", now=at("12 11:00"))
    told = explain(1, now=at("20 11:00")).stdout
    assert "complaint: delay, open, opened 2022-08-12 11:00:00 by the buyer" in told
    assert (
        "  at some time  the platform decides the complaint; upheld it costs this (upheld: CNY 15.00, 3 points)" in told
    )
    [complaint] = json.loads(explain(1, "--json").stdout)["complaints"]
    assert (complaint["kind"], complaint["status"], complaint["closed_at"]) == ("delay", "open", None)


def test_an_unknown_order_is_refused(owner: Actor, explain: Any) -> None:
    done = explain(404)
    assert done.exit_code == 1
    assert done.stderr.strip() == f"There is no such order: {order_number(404)}"
