"""django-oscar: paid orders marked as shipped with a tracking number, one by one and as many at once as it knows how."""

import json
import sys
from pathlib import Path
from urllib.parse import urlencode

from tests.bench import api, callers
from tests.bench.peers import meter, ours
from tests.bench.peers.environments import python_of, versions
from tests.bench.peers.meter import Meter, Side, Turn, in_turn
from tests.bench.peers.table import Found, Row

PORT = 8941
CLIENTS = 4
SITE = "tests.bench.peers.inside.oscar_site"


class Oscar:
    """A shop of Oscar's with a database of its own, and two processes in which its event handler ships."""

    def __init__(self) -> None:
        self.python = python_of("oscar")
        self.environ = {"PEER_URL": meter.new_database("peer_oscar"), "DJANGO_SETTINGS_MODULE": SITE}
        self.sides = [self._side(), self._side()]
        self.headers = self.sides[0].ask("setup")
        self.next = 1

    def _side(self) -> Side:
        return Side(self.python, "tests.bench.peers.inside.oscar", **self.environ)

    def orders(self, count: int) -> tuple[int, list[tuple[str, int]]]:
        """New paid orders: the first's number, and each one's number and line."""
        first, self.next = self.next, self.next + count
        return first, self.sides[0].ask("orders", first=first, count=count)

    def check(self, first: int, count: int, *, numbers: int) -> None:
        assert self.sides[0].ask("shipped", first=first, count=count) == [count, numbers]

    def close(self) -> None:
        for side in self.sides:
            side.close()


class Shop:
    """A shop of ours, with a process in which the services ship."""

    def __init__(self, code: str) -> None:
        self.id = ours.new_shop(code)
        self.key = ours.new_key(self.id)
        self.side = Side(Path(sys.executable), "tests.bench.peers.ours")
        self.next = 1

    def orders(self, count: int) -> int:
        first, self.next = self.next, self.next + count
        ours.waiting(self.id, first, count)
        return first

    def service(self, do: str, count: int) -> Turn:
        first = self.orders(count)
        spent = Meter([self.side.pid])
        self.side.ask(do, shop_id=self.id, first=first, count=count)
        return spent.turn()


def measure(runs: int, n: int | None) -> Found:
    oscar, shop = Oscar(), Shop("beside-oscar")
    peer = f"{versions('oscar', 'django-oscar', 'django')}"
    try:
        rows = [_by_service(oscar, shop, peer, runs, n or 200), _in_bulk(oscar, shop, peer, runs, n or 500)]
        command = meter.gunicorn(oscar.python, SITE, PORT)
        with meter.running(command, **oscar.environ) as web, api.served() as own:
            meter.answers(PORT, "/dashboard/login/")
            rows.append(_over_http(oscar, shop, peer, runs, n or 150, web=web.pid, own=own.pid))
            rows.append(_statuses(oscar, shop, peer, runs, n or 200, web=web.pid, own=own.pid))
        return Found(rows)
    finally:
        oscar.close()
        shop.side.close()


def _by_service(oscar: Oscar, shop: Shop, peer: str, runs: int, count: int) -> Row:
    def theirs(_round: int) -> Turn:
        first, _ = oscar.orders(count)
        spent = Meter([oscar.sides[0].pid])
        oscar.sides[0].ask("ship", first=first, count=count)
        turn = spent.turn()
        oscar.check(first, count, numbers=count)
        return turn

    mine, other = in_turn(runs, lambda _: shop.service("ship_each", count), theirs)
    return Row("ship one by one, in process, one process each", peer, count, mine, other,
               "EventHandler.handle_shipping_event and handle_order_status_change beside our service. Oscar checks the "
               "quantity and keeps the change of status, but locks no row (two at once both pass), writes event and status "
               "apart, and takes any text as the number; in process it asks no permission and does not note who did it. What "
               "holds here holds below.")  # fmt: skip


def _over_http(oscar: Oscar, shop: Shop, peer: str, runs: int, count: int, *, web: int, own: int) -> Row:
    def theirs(_round: int) -> Turn:
        first, made = oscar.orders(count)
        calls = [call for number, line in made for call in _forms(oscar.headers, number, line)]
        spent = Meter([web])
        told = callers.run(PORT, calls, CLIENTS)
        turn = spent.turn()
        assert told.statuses == {302: 2 * count}, told.statuses
        oscar.check(first, count, numbers=count)
        return turn

    def mine(_round: int) -> Turn:
        first = shop.orders(count)
        calls = [_call(shop.key, n) for n in range(first, first + count)]
        spent = Meter([own])
        told = callers.run(api.PORT, calls, CLIENTS)
        turn = spent.turn()
        assert told.statuses == {201: count}, told.statuses
        return turn

    found = in_turn(runs, mine, theirs)
    return Row(f"ship one by one, over HTTP, {CLIENTS} clients", peer, count, *found,
               "Oscar has no API for this: the two forms of its dashboard, two calls an order, gunicorn with 2 processes of 4 "
               "threads. Ours: POST /parcels with an Idempotency-Key, one web process.")  # fmt: skip


def _forms(signed: dict[str, str], number: str, line: int) -> list[bytes]:
    """The dashboard's two forms for one order."""
    event = {
        "line_action": "create_shipping_event", "shipping_event_type": "shipped", "reference": ours.waybill(int(number)),
        "selected_line": line, f"selected_line_qty_{line}": 1,
    }  # fmt: skip
    status = {"order_action": "change_order_status", "new_status": "Shipped"}
    return [_form(signed, f"/dashboard/orders/{number}/", fields) for fields in (event, status)]


def _form(signed: dict[str, str], path: str, fields: object) -> bytes:
    headers = {name: signed[name] for name in ("Cookie", "X-CSRFToken")}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    return callers.call("POST", path, headers, urlencode(fields, doseq=True).encode())  # type: ignore[arg-type]


def _call(key: str, n: int) -> bytes:
    body = {"orders": [ours.number(n)], "carrier": ours.CARRIER, "waybill": ours.waybill(n)}
    return callers.request("POST", "/parcels", key, json.dumps(body).encode(), idempotency=f"beside-{n}")


def _in_bulk(oscar: Oscar, shop: Shop, peer: str, runs: int, count: int) -> Row:
    half = count // 2

    def theirs(_round: int) -> Turn:
        first, _ = oscar.orders(count)
        spent = Meter([side.pid for side in oscar.sides])
        parts = [{"first": first, "count": half}, {"first": first + half, "count": count - half}]
        meter.together(oscar.sides, "ship", parts)
        turn = spent.turn()
        oscar.check(first, count, numbers=count)
        return turn

    mine, other = in_turn(runs, lambda _: shop.service("ship_rows", count), theirs)
    return Row("ship many at once", peer, count, mine, other,
               "Oscar has no bulk call that takes tracking numbers: its event handler in two processes at once. Ours: one call "
               "in one process, a verdict for each row.")  # fmt: skip


def _statuses(oscar: Oscar, shop: Shop, peer: str, runs: int, count: int, *, web: int, own: int) -> Row:
    def theirs(_round: int) -> Turn:
        first, _ = oscar.orders(count)
        ids = oscar.sides[0].ask("ids", first=first, count=count)
        fields = {"action": "change_order_statuses", "new_status": "Shipped", "selected_order": ids}
        call = _form(oscar.headers, "/dashboard/orders/", fields)
        spent = Meter([web])
        told = callers.run(PORT, [call], 1)
        turn = spent.turn()
        assert told.statuses == {302: 1}, told.statuses
        oscar.check(first, count, numbers=0)
        return turn

    def mine(_round: int) -> Turn:
        first = shop.orders(count)
        rows = [{"order": ours.number(n), "carrier": ours.CARRIER, "waybill": ours.waybill(n)}
                for n in range(first, first + count)]  # fmt: skip
        call = callers.request("POST", "/parcels/bulk", shop.key, json.dumps({"rows": rows}).encode())
        spent = Meter([own])
        told = callers.run(api.PORT, [call], 1)
        turn = spent.turn()
        assert told.statuses == {200: 1}, told.statuses
        return turn

    found = in_turn(runs, mine, theirs)
    return Row("mark many as shipped, over HTTP, one call", peer, count, *found,
               "The bulk action of Oscar's order list changes the status and writes a note: it takes no tracking numbers, so "
               "this is less work than ours (POST /parcels/bulk: carrier and number of each order).")  # fmt: skip
