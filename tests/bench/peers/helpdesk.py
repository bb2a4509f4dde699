"""django-helpdesk: a buyer's complaint opened, answered, and escalated when nobody answers, beside urge, reply and complaint."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench import api, callers
from tests.bench.peers import meter, ours, timers
from tests.bench.peers.environments import python_of, versions
from tests.bench.peers.meter import Meter, Side, Turn, in_turn
from tests.bench.peers.table import Found, Row

PORT = 8942
CLIENTS = 4
SITE = "tests.bench.peers.inside.helpdesk_site"


class Desk:
    """A helpdesk with a database of its own."""

    def __init__(self) -> None:
        self.python = python_of("helpdesk")
        self.environ = {"PEER_URL": meter.new_database("peer_helpdesk"), "DJANGO_SETTINGS_MODULE": SITE}
        self.side = Side(self.python, "tests.bench.peers.inside.helpdesk", **self.environ)
        self.signed = self.side.ask("setup")

    def call(self, path: str, body: object) -> bytes:
        headers = {name: self.signed[name] for name in ("Cookie", "X-CSRFToken")}
        return callers.call("POST", path, {**headers, "Content-Type": "application/json"}, json.dumps(body).encode())


class Urged:
    """A shop of ours whose orders were due two days ago, so that each urge makes a task."""

    def __init__(self, count: int, rounds: int) -> None:
        self.id = ours.new_shop("beside-helpdesk")
        self.key = ours.new_key(self.id)
        self.count = count
        ours.waiting(self.id, 1, count * rounds, days_ago=4)

    def call(self, path: str, body: object) -> bytes:
        return callers.request("POST", path, self.key, json.dumps(body).encode())

    def urges(self, number: int) -> list[bytes]:
        first = 1 + number * self.count
        at = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
        return [
            self.call("/urges", {"rows": [{"order": ours.number(n), "at": at}]})
            for n in range(first, first + self.count)
        ]

    def tasks(self) -> list[int]:
        """The open tasks that nobody has answered."""
        from fahuo.store import sql

        query = "SELECT id FROM tasks WHERE shop_id = %(shop_id)s AND state = 'awaiting_seller_reply' ORDER BY id"
        return [row.id for row in sql.fetch(query, shop_id=self.id)]


def measure(runs: int, n: int | None) -> Found:
    count = n or 200
    desk, shop, peer = Desk(), Urged(count, runs + 1), versions("helpdesk", "django-helpdesk", "django")
    try:
        command = meter.gunicorn(desk.python, SITE, PORT)
        with meter.running(command, **desk.environ) as web, api.served() as own:
            meter.answers(PORT, "/helpdesk/login/")
            rows = _spoken(desk, shop, peer, runs, web=web.pid, own=own.pid)
        return Found([*rows, _escalated(desk, peer, runs, n or 400)])
    finally:
        desk.side.close()


def _spoken(desk: Desk, shop: Urged, peer: str, runs: int, *, web: int, own: int) -> list[Row]:
    """Opened and answered in turn, both over HTTP."""
    count = shop.count
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    opened, answered = ([], []), ([], [])  # type: ignore[var-annotated]
    for number in range(runs + 1):
        tickets = [
            desk.call("/helpdesk/api/tickets/", {
                "queue": desk.signed["queue"], "title": f"Order {n} was not shipped", "description": "Please ship.",
                "submitter_email": f"buyer{n}@example.com", "status": 1, "priority": 3,
            })
            for n in range(count)
        ]  # fmt: skip
        meter.settle()
        mine = [_made(api.PORT, own, shop.urges(number), 200)]
        meter.settle()
        other = [_made(PORT, web, tickets, 201)]
        replies = [shop.call(f"/tasks/{task}/reply", {"plan": "ship_later", "until": until, "text": "We ship tomorrow."})
                   for task in shop.tasks()]  # fmt: skip
        assert len(replies) == count, len(replies)
        follow_ups = [
            desk.call("/helpdesk/api/followups/", {
                "ticket": ticket, "user": desk.signed["user"], "title": "Reply", "comment": "We ship tomorrow.", "public": True,
            })
            for ticket in desk.side.ask("newest", count=count)
        ]  # fmt: skip
        meter.settle()
        mine.append(_made(api.PORT, own, replies, 200))
        meter.settle()
        other.append(_made(PORT, web, follow_ups, 201))
        assert desk.side.ask("replies") == count * (number + 1)
        assert not shop.tasks()
        if number:
            for place, kept in enumerate((opened, answered)):
                kept[0].append(mine[place])
                kept[1].append(other[place])
    served = "gunicorn with 2 processes of 4 threads; ours is one web process. It sends no mail here."
    return [
        Row(f"open, over HTTP, {CLIENTS} clients: a ticket, an urge's task", peer, count, *opened,
            f"POST /api/tickets/ beside POST /urges, one a call; {served} It knows no order, so no deadline is asked and no "
            "exception; the same ticket sent twice stands twice."),
        Row(f"answer, over HTTP, {CLIENTS} clients", peer, count, *answered,
            f"POST /api/followups/ beside POST /tasks/…/reply with a message to the buyer; {served} Any text is an answer: no "
            "plan, no state that moves, no clock that starts; a second one is not refused."),
    ]  # fmt: skip


def _made(port: int, pid: int, calls: list[bytes], status: int) -> Turn:
    spent = Meter([pid])
    told = callers.run(port, calls, CLIENTS)
    turn = spent.turn()
    assert told.statuses == {status: len(calls)}, told.statuses
    return turn


def _escalated(desk: Desk, peer: str, runs: int, count: int) -> Row:
    own, side = timers.Tasks("beside-escalation", count), Side(Path(sys.executable), "tests.bench.peers.ours")

    def theirs(_round: int) -> Turn:
        desk.side.ask("old_tickets", count=count)
        spent = Meter([desk.side.pid])
        escalated = desk.side.ask("escalate")
        turn = spent.turn()
        assert escalated == count, escalated
        return turn

    def mine(_round: int) -> Turn:
        own.fill(count, datetime.now(UTC) - timedelta(seconds=1))
        spent = Meter([side.pid])
        side.ask("escalate", count=count)
        turn = spent.turn()
        assert own.left() == 0
        return turn

    try:
        found = in_turn(runs, mine, theirs)
    finally:
        side.close()
    return Row("escalate what nobody answered in time", peer, count, *found,
               "Its command escalate_tickets beside what our clock does, both in a process that is loaded. Whole days, of a "
               "queue; a loop without locks or transaction, so that two runs at once escalate twice and one that is killed "
               "leaves a priority without its follow-up. Ours opens the complaint and knows the minute.")  # fmt: skip
