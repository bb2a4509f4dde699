"""The stories once more as people live them: through the pages of buyer, seller and platform, with a clock on fast time.

Each act of a story is a request of whoever acts; the clock has its rounds in between. What `fahuo simulate` finds must
come out here too: the same states, deadlines, sums and refusals, at the same instants.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from fahuo import clock
from fahuo.rules.problems import Refusal
from fahuo.rules.scenarios import Event, parse
from fahuo.services import buyers, complaints, moment, staff, tasks
from fahuo.services.simulation import events, play
from fahuo.services.simulation.events import Outcome, happen
from fahuo.services.simulation.stage import MAIN, Stage
from fahuo.services.simulation.timeline import Timeline
from fahuo.store import people as accounts
from fahuo.store import timers
from fahuo.store.models import Member, Task
from fahuo.store.sandbox import discarded, sandbox

FILES = sorted((Path(__file__).parent.parent.parent / "scenarios").glob("*.toml"))
FEWEST = 30
"""So many of the project's stories can be told through pages alone."""


class Strict(clock.Clock):
    """A clock whose failures are the test's."""

    def attempt(self, name: str, act: Callable[[], object]) -> None:
        act()


class Street:
    """Whoever acts in a story, each signed in at a browser of their own."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.clients: dict[str, Client] = {}
        story, start = stage.scenario, min(order.paid_at for order in stage.scenario.orders)
        users = get_user_model()._default_manager
        for name in {event.by for event in story.events if event.by} - set(story.staff):
            # serves the shop, and may do nothing
            user = users.create(username=f"{MAIN}:{name}")
            accounts.add_member(stage.shop_id, user.pk, name, permissions=(), now=start)
        for name in {order.buyer for order in story.orders}:
            users.create(username=f"buyer:{name}")
            buyers.add("story", f"buyer:{name}", name=name, now=start)
        users.create(username="platform")
        staff.make_staff("platform", "小二", password=None, now=start)
        for user in users.all():
            # before the first act, for what is refused is rolled back, and a session with it
            self.clients[user.get_username()] = Client()
            self.clients[user.get_username()].force_login(user)

    def buyer(self, order: str) -> Client:
        return self.clients[f"buyer:{self.stage.told(order).buyer}"]

    @contextmanager
    def seller(self, event: Event) -> Iterator[Client]:
        """The account that acts; for an act without permission, the same account while it lacks it."""
        if event.by is None:
            yield self.clients[MAIN]
            return
        known = self.stage.scenario.staff
        username = f"{MAIN}:{known.index(event.by) + 1}" if event.by in known else f"{MAIN}:{event.by}"
        held = Member.objects.filter(shop_id=self.stage.shop_id, name=event.by)
        before = held.get().permissions
        if event.do.endswith(play.WITHOUT):
            lacking = "ship" if event.do.startswith("ship") else "tasks"
            held.update(permissions=[name for name in before if name != lacking])
        yield self.clients[username]
        held.update(permissions=before)


def sent(answer: Any) -> None:
    """A page that refuses is a refusal."""
    if answer.status_code == 403:
        raise Refusal.of("not_permitted", act="", actor="")
    if answer.status_code >= 400:
        assert answer.status_code in (404, 409, 422), answer.content.decode()[:2000]
        raise Refusal.of("order_unknown", order=0)
    assert "/login/" not in answer.headers.get("Location", "")


class Acts:
    """Event of a story -> the request that does it."""

    def __init__(self, street: Street) -> None:
        self.street, self.stage = street, street.stage

    def mine(self, event: Event, act: str, **data: str) -> None:
        order = self.stage.orders[event.order]
        sent(self.street.buyer(event.order).post(f"/my/story/{order}/{act}/", data))

    def urge(self, _stage: Stage, event: Event) -> Outcome:
        found = tasks.urge_of(self.stage.shop_id, self.stage.orders[event.order], now=event.at)
        self.stage.urges[event.order] = found
        self.mine(event, "urge")
        return Outcome(found.reason, found.outcome == "refused")

    def contact(self, _stage: Stage, event: Event) -> None:
        self.mine(event, "contact")

    def accept(self, _stage: Stage, event: Event) -> None:
        self.mine(event, "answer", answer="accept")

    def refuse(self, _stage: Stage, event: Event) -> None:
        self.mine(event, "answer", answer="refuse")

    def complain(self, _stage: Stage, event: Event) -> None:
        self.mine(event, "complain", kind=event.kind)

    def withdraw(self, _stage: Stage, event: Event) -> None:
        self.mine(event, "withdraw")

    def task(self, event: Event, act: str, **data: str) -> None:
        order = self.stage.orders[event.order]
        task = Task.objects.filter(shop_id=self.stage.shop_id, order_id=order).order_by("id").last()
        if task is None:
            raise Refusal.of("task_unknown", task=order)  # no page has a form for it
        with self.street.seller(event) as client:
            sent(client.post(f"/s/story/tasks/{task.id}/{act}/", data))

    def reply(self, _stage: Stage, event: Event) -> None:
        data = {"plan": event.plan or "exchange", "until": event.until.isoformat() if event.until else ""}
        self.task(event, "reply", **data, **({"reason": event.reason} if event.reason else {}))

    def settle(self, _stage: Stage, event: Event) -> None:
        order = self.stage.orders[event.order]
        sent(self.street.clients[MAIN].post(f"/s/story/orders/{order}/complaint/settle/"))

    def ship(self, _stage: Stage, event: Event) -> None:
        order = self.stage.orders[event.order]
        data = {
            "carrier": event.carrier or events.CARRIER, "waybill": event.waybill or events.WAYBILL, "insist": "1"
        }  # fmt: skip
        with self.street.seller(event) as client:
            sent(client.post(f"/s/story/orders/{order}/ship/", data))

    def refund(self, _stage: Stage, event: Event) -> None:
        order = self.stage.orders[event.order]
        sent(self.street.clients[MAIN].post(f"/s/story/orders/{order}/refund/succeed/"))

    def adjudicate(self, _stage: Stage, event: Event) -> None:
        order = self.stage.orders[event.order]
        found = complaints.picture_of(self.stage.shop_id, order)
        if found is None:
            raise Refusal.of("complaint_none_open")  # the desk shows no form for it
        shown = found[0]
        data = {
            "verdict": event.verdict, "statement": "看了凭证", "confirmed": "1", "complaint": str(shown.complaint_id),
            "amount": str(shown.cost.compensation), "points": str(shown.cost.points), "evidence": str(shown.evidence_id),
        }  # fmt: skip
        sent(self.street.clients["platform"].post(f"/platform/complaints/story/{order}/verdict/", data))

    def known(self) -> dict[str, Callable[[Stage, Event], Outcome | None]]:
        return {
            "urge": self.urge, "contact_again": self.contact, "buyer_accept": self.accept, "buyer_refuse": self.refuse,
            "complain": self.complain, "withdraw": self.withdraw, "reply": self.reply, "pay_voluntarily": self.settle,
            "ship": self.ship, "refund": self.refund, "adjudicate": self.adjudicate,
            "ship_without_permission": self.ship, "reply_without_permission": self.reply,
        }  # fmt: skip


class Time:
    """The one moment at which pages and clock live."""

    def __init__(self) -> None:
        self.now = datetime.max.replace(tzinfo=UTC)
        self.streets: dict[int, Acts] = {}

    def acts(self, stage: Stage) -> Acts:
        if stage.shop_id not in self.streets:
            self.streets[stage.shop_id] = Acts(Street(stage))
        return self.streets[stage.shop_id]

    def happen(self, stage: Stage, event: Event) -> Outcome:
        """An act by its page; what carriers tell comes as it always does."""
        self.now = event.at
        clause, by_service = events.ACTS[event.do]
        by_page = self.acts(stage).known().get(event.do, by_service)
        assert by_page is not by_service or event.do in BY_CARRIER
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(events, "ACTS", {event.do: (clause, by_page)})
            return happen(stage, event)

    def fire(self, stage: Stage, timeline: Timeline, at: datetime) -> None:
        """The clock's rounds of this instant, until nothing more is due."""
        self.now = at
        before: list[datetime] = []
        while (due := [each for each in timers.next_moments(stage.shop_id) if each <= at]) != before or not before:
            Strict().round(self.now)
            timeline.follow(at)
            before = due
            if not due:
                return


BY_CARRIER = frozenset({"scan"})
PAGES = frozenset(Acts.known.__get__(Acts.__new__(Acts))())
"""The acts that have a page."""


def test_the_stories_come_out_the_same_through_pages_and_clock(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    stories = {file.stem: parse(file.read_text("utf-8")) for file in FILES}
    told = {name: one for name, one in stories.items() if {event.do for event in one.events} <= PAGES | BY_CARRIER}
    assert len(told) >= FEWEST, sorted(stories.keys() - told.keys())
    monkeypatch.setattr(clock, "GRACE", timedelta())  # nothing is being written still: the story stands still
    wrong = {}
    with sandbox():
        for name, story in told.items():
            time = Time()
            monkeypatch.setattr(moment, "now", lambda time=time: time.now)
            monkeypatch.setattr(play, "_fire", time.fire)
            monkeypatch.setattr(events, "happen", time.happen)
            with discarded():
                found = play.play(story, story.rulebook).differences
            if found:
                wrong[name] = found
    assert wrong == {}
