"""What the server says of itself: alive, ready, how far behind; and that the ready-made dashboard asks for nothing else."""

import json
import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client, override_settings

from fahuo import figures, logs
from fahuo.rules.people import Actor
from fahuo.services import moment
from fahuo.store import clock
from fahuo.store.boards import health
from fahuo.store.models import Batch, Task
from tests.conftest import NOW
from tests.services.aftersales import late

DEPLOY = Path(__file__).resolve().parent.parent.parent / "deploy" / "monitoring"
FIGURE = re.compile(r"\bfahuo_\w+")
pytestmark = pytest.mark.django_db


def looked(**headers: str) -> str:
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def value(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, f"{name} is not told"
    return float(found[1])


def test_the_server_says_that_it_lives() -> None:
    response = Client().get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_it_is_ready_while_a_clock_goes() -> None:
    assert Client().get("/readyz").json() == {"database": True, "tables": True, "clock": False, "room": True}
    clock.tick("here", now=moment.now() - timedelta(hours=1))
    assert Client().get("/readyz").status_code == 503
    clock.tick("here", now=moment.now())
    ready = Client().get("/readyz")
    assert (ready.status_code, ready.json()["clock"]) == (200, True)


def test_what_is_due_and_not_done_is_told_with_its_lateness(owner: Actor) -> None:
    late(owner.shop_id, 1)
    due = Task.objects.get().due_at
    assert due is not None
    lanes = {lane.name: lane for lane in health.behind(due + timedelta(seconds=90))}
    assert (lanes["tasks"].rows, lanes["tasks"].late(due + timedelta(seconds=90))) == (1, 90.0)
    assert {lane.rows for name, lane in lanes.items() if name not in ("tasks", "reminders")} == {0}
    Batch.objects.create(shop_id=owner.shop_id, kind="shipments", status="committing", created_at=NOW)
    state = health.state(due + timedelta(seconds=90))
    assert {lane.name: lane.rows for lane in state.lanes}["batches"] == 1
    assert (state.waiting, state.overdue, state.ticked) == (1, 1, None)


def test_prometheus_reads_them_and_no_stranger_does() -> None:
    clock.tick("here", now=moment.now())
    text = looked()
    assert value(text, "fahuo_clocks") == 1
    assert value(text, 'fahuo_due_late_seconds{lane="webhooks"}') == 0
    assert value(text, "fahuo_clock_age_seconds") < 60
    assert Client().get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 404
    assert Client(REMOTE_ADDR="203.0.113.7").get("/metrics").status_code == 404
    with override_settings(METRICS_TOKEN="only for this test"):
        assert Client().get("/metrics").status_code == 404
        assert looked(Authorization="Bearer only for this test")


def test_pages_are_timed_by_their_names() -> None:
    name = 'fahuo_request_seconds_count{face="pages",route="login",status="2xx"}'
    Client().get("/login/?next=/s/lan/")
    before = value(looked(), name)
    Client().get("/login/")
    text = looked()
    assert value(text, name) == before + 1
    assert "/s/lan/" not in text


def test_the_dashboard_and_the_alerts_ask_for_figures_that_are_told() -> None:
    clock.tick("here", now=moment.now())
    figures.REFUSED.labels("pages")
    figures.FAILED.labels("pages")
    figures.WAITED.labels("pages")
    told = set(FIGURE.findall(looked())) | {"fahuo_channel_age_seconds"}  # told once a marketplace is connected
    for file in ("alerts.yaml", "dashboard.json"):
        asked = set(FIGURE.findall((DEPLOY / file).read_text("utf-8")))
        assert asked
        assert asked <= told, f"{file}: {asked - told}"
    assert json.loads((DEPLOY / "dashboard.json").read_text("utf-8"))["panels"]


def test_a_line_of_the_log_names_its_request() -> None:
    record = logging.LogRecord("fahuo", logging.INFO, "", 0, "page", None, None)
    known = logs.request.set("a1b2c3d4")
    try:
        assert json.loads(logs.Lines().format(record))["request"] == "a1b2c3d4"
    finally:
        logs.request.reset(known)
    assert "request" not in json.loads(logs.Lines().format(record))
