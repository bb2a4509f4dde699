"""The whole way over real sockets: the merchant's clock, a proxy that behaves badly, and the gateway in a process of its own."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import pytest
from django.db import connection

from fahuo.connectors.web import transport
from fahuo.rules.people import Actor
from fahuo.services import marketplace_sync, marketplaces, parcels
from fahuo.store.models import Confirmation, JournalEntry, Order, Shop
from tests.conftest import Account
from tests.services.shipping import waybill
from tests.top.calling import draft, take_in, tid
from tests.top.mirror import Mirror
from tests.top.served import served

SECONDS: Final = 1.5
"""That the merchant waits for an answer."""


class Proxy:
    """Carries connections to the gateway; the next ones as `plan` says: through, twice, late, cut, silent, deaf."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self.target = (parts.hostname or "", parts.port or 0)
        self.plan: list[str] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                link, _ = self.listening.accept()
                way = self.plan.pop(0) if self.plan else "through"
                threading.Thread(target=self._carry, args=(link, way), daemon=True).start()

    def _carry(self, link: socket.socket, way: str) -> None:
        with link, suppress(OSError):
            asked = _whole_request(link)
            if way == "deaf":
                time.sleep(SECONDS * 2)
                return
            answer = self._ask(asked)
            if way == "twice":
                answer = self._ask(asked)
            if way == "silent":
                time.sleep(SECONDS * 2)
            elif way == "cut":
                link.sendall(answer[: len(answer) * 2 // 3])
            elif way == "garbage":
                link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<html>502")
            else:
                link.sendall(answer)

    def _ask(self, asked: bytes) -> bytes:
        with socket.create_connection(self.target) as up:
            up.sendall(asked)
            found = b""
            while piece := up.recv(65536):
                found += piece
        return found

    def close(self) -> None:
        self.listening.close()


def _whole_request(link: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found:
        found += link.recv(65536)
    head, _, body = found.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += link.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def proxied(target: str) -> Iterator[Proxy]:
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.close()


@pytest.fixture
def sides(transactional_db: None, owner_account: Account, stranger_account: Account) -> tuple[Actor, Actor]:
    return stranger_account.actor, owner_account.actor


def test_over_bad_lines_nothing_is_lost_and_nothing_leaves_twice(
    sides: tuple[Actor, Actor], shop: Shop, settings: object
) -> None:
    settings.CONNECT_PRIVATE = True  # type: ignore[attr-defined]
    market, merchant = sides
    real = lambda: datetime.now(UTC)  # noqa: E731
    with served() as (address, _), proxied(address) as proxy:
        mirror = Mirror(market, merchant, real())
        fields = {"app_key": mirror.key, "gateway": f"{proxy.address}/router/rest"}
        marketplaces.change(merchant, mirror.id, fields, active=True, open_receivers=True, now=real())
        send = transport(allow_private=True, seconds=SECONDS)

        def rounds(*plan: str) -> None:
            proxy.plan = list(plan)
            for _ in range(len(plan) + 4):
                marketplaces.hurry(merchant, mirror.id, now=real())
                Confirmation.objects.filter(status="waiting").update(due_at=real())
                marketplace_sync.run_due(merchant.shop_id, moment=real, send=send)
                if (
                    not proxy.plan
                    and not mirror.row().trouble
                    and not Confirmation.objects.filter(status="waiting").exists()
                ):
                    return
            raise AssertionError(mirror.row().problem)

        take_in(market, *(draft(n, now=real()) for n in range(1, 4)), now=real())
        rounds("deaf", "cut", "garbage", "silent")
        assert set(mirror.theirs(merchant)) == {str(tid(n)) for n in (1, 2, 3)}
        for n in (1, 2, 3):
            order = Order.objects.get(shop_id=merchant.shop_id, number=str(tid(n)))
            parcels.ship(merchant, order_ids=[order.id], carrier="ZTO", waybill=waybill(n), now=real())
        rounds("silent", "twice", "cut")
        mirror.agree()
        left = JournalEntry.objects.filter(shop_id=market.shop_id, act="parcel.shipped")
        assert left.count() == 3
        assert set(Confirmation.objects.values_list("status", flat=True)) == {"done"}
    connection.close()
