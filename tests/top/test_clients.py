"""Clients that others wrote, each in a process of its own, against the gateway in another: one story for all of them.

They page through many orders, read one, ship it, ship it again, ship it wrongly, correct it, and read what is refused.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from fahuo.rules.people import Actor
from fahuo.rules.top import clock
from fahuo.services import refunds
from fahuo.store.models import Order, Shop
from scripts.setup import CLIENTS_HOME, find_node
from tests.conftest import Account
from tests.services.shipping import waybill
from tests.top.calling import Desk, draft, oid, take_in, tid
from tests.top.served import served

HERE: Final = Path(__file__).parent / "clients"
PYTHON: Final = CLIENTS_HOME / "taobao" / "bin" / "python"
MCP: Final = CLIENTS_HOME / "mcp" / "bin" / "python"
CLIENTS: Final[dict[str, list[str]]] = {
    "py-taobao-open": [str(PYTHON), str(HERE / "official.py"), "taobao_open"],
    "taobao-openapi": [str(PYTHON), str(HERE / "official.py"), "top"],
    "taobaopy": [str(PYTHON), str(HERE / "taobaopy_client.py")],
    "taobaopyx": [str(PYTHON), str(HERE / "taobaopyx_client.py")],
    "node-taobao-topclient": [str(find_node()), str(HERE / "topclient.js"), "node-taobao-topclient"],
    "topsdk": [str(find_node()), str(HERE / "topclient.js"), "topsdk"],
    "mcp-cn-commerce": [str(MCP), str(HERE / "mcp_client.py")],
}  # fmt: skip
WRITERS: Final = [name for name in CLIENTS if name != "mcp-cn-commerce"]
ORDERS: Final = 57


class Market:
    """A shop with many orders behind a real server, and an app that may call."""

    def __init__(self, owner: Actor, address: str, port: int, now: datetime) -> None:
        self.owner, self.address, self.port, self.now = owner, address, port, now
        self.desk = Desk(owner, per_second=1000)

    def run(
        self, client: str, calls: Sequence[tuple[str, dict[str, Any]]], *changes: dict[str, str]
    ) -> list[list[dict[str, Any]]]:
        """Let a client make these calls, once for each change of who calls; what it read, or the error that it raised."""
        job = {
            "url": self.address, "host": "127.0.0.1", "port": self.port, "key": self.desk.key,
            "secret": self.desk.secret, "session": self.desk.session, "calls": calls,
        }  # fmt: skip
        jobs = [{**job, **changed} for changed in changes or ({},)]
        done = subprocess.run(
            CLIENTS[client], input=json.dumps(jobs), capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, "TZ": "Asia/Shanghai", "NODE_PATH": str(CLIENTS_HOME / "packages" / "node_modules")},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        found: list[list[dict[str, Any]]] = json.loads(done.stdout)
        assert [len(each) for each in found] == [len(calls)] * len(jobs)
        return found


@pytest.fixture
def market(transactional_db: None, shop: Shop, owner_account: Account) -> Iterator[Market]:
    now = datetime.now(UTC).replace(microsecond=0)
    owner = owner_account.actor
    drafts = [draft(n, now=now - timedelta(minutes=n), lines=2 if n % 3 == 0 else 1) for n in range(1, ORDERS + 1)]
    take_in(owner, *drafts, now=now)
    with served() as (address, port):
        yield Market(owner, address, port, now)


def answer(found: dict[str, Any], root: str) -> Any:
    assert "answer" in found, found
    return found["answer"][f"{root}_response"]


def reading(now: datetime) -> list[tuple[str, dict[str, Any]]]:
    """Every page of the orders, created and moved, and one in full."""
    window = {
        "start_modified": clock.written(now - timedelta(hours=1)), "end_modified": clock.written(now + timedelta(hours=1))
    }  # fmt: skip
    made = {
        "start_created": clock.written(now - timedelta(days=1)), "end_created": clock.written(now + timedelta(hours=1))
    }  # fmt: skip
    pages = range(1, 7)
    return [
        *(("taobao.trades.sold.get", {"fields": "tid,tid_str,status,orders", "page_no": str(p), "page_size": "10", **made}) for p in pages),
        *(("taobao.trades.sold.increment.get", {"fields": "tid,tid_str,modified", "page_no": str(p), "page_size": "10", **window}) for p in pages),
        ("taobao.trade.fullinfo.get", {"fields": "tid,buyer_nick,receiver_name,orders", "tid": str(tid(3))}),
    ]  # fmt: skip


# JavaScript reads integers beyond 2**53 as others: that is what `tid_str` is for
def check_reading(found: list[dict[str, Any]]) -> None:
    for root, answers in (("trades_sold_get", found[:6]), ("trades_sold_increment_get", found[6:12])):
        tids: list[int] = []
        for each in answers:
            page = answer(each, root)
            assert int(page["total_results"]) == ORDERS
            tids += [int(trade["tid_str"]) for trade in page["trades"]["trade"]]
        assert sorted(tids) == [tid(n) for n in range(1, ORDERS + 1)]
    trade = answer(found[12], "trade_fullinfo_get")["trade"]
    assert trade["buyer_nick"] == "买家3"
    assert trade["receiver_name"] == "张**"
    assert len(trade["orders"]["order"]) == 2


def sends(n: int, number: int) -> list[tuple[str, dict[str, Any]]]:
    """A client's way with two orders: ship one, twice; what is wrong; another number; parts of the other."""
    send = "taobao.logistics.offline.send"
    whole = {"tid": str(tid(n)), "out_sid": waybill(number), "company_code": "ZTO"}
    part = {"tid": str(tid(n + 2)), "sub_tid": str(oid(n + 2, 1)), "is_split": "1", "company_code": "ZTO"}
    return [
        (send, whole), (send, whole), (send, {**whole, "out_sid": waybill(number + 1)}),
        ("taobao.logistics.consign.resend", {**whole, "out_sid": waybill(number + 2)}),
        (send, {**part, "out_sid": waybill(number + 3)}),
        ("taobao.trade.fullinfo.get", {"fields": "tid,status", "tid": str(tid(n + 2))}),
        (send, {"tid": str(tid(n + 2)), "out_sid": waybill(number + 4), "company_code": "ZTO"}),
        (send, {**whole, "tid": "99"}),
        ("taobao.trade.memo.update", {"tid": str(tid(n)), "memo": "轻放，谢谢", "flag": "1"}),
        ("taobao.refunds.receive.get", {"fields": "refund_id,tid,status", "page_no": "1", "page_size": "10"}),
        ("taobao.logistics.companies.get", {"fields": "code,name"}),
    ]  # fmt: skip


def check_sends(found: list[dict[str, Any]], n: int, number: int) -> None:
    ok = {"is_success": True}
    assert [answer(each, "logistics_offline_send")["shipping"] for each in found[:2]] == [ok, ok]
    assert (found[2]["error"]["code"], found[2]["error"]["sub_code"]) == (15, "isv.logistics-offline-service-error:B04")
    assert "已经发货" in found[2]["error"]["sub_msg"]
    assert answer(found[3], "logistics_consign_resend")["shipping"] == ok
    assert answer(found[4], "logistics_offline_send")["shipping"] == ok
    assert answer(found[5], "trade_fullinfo_get")["trade"]["status"] == "SELLER_CONSIGNED_PART"
    assert answer(found[6], "logistics_offline_send")["shipping"] == ok
    assert found[7]["error"]["sub_code"].endswith(":B01")
    assert answer(found[8], "trade_memo_update")["trade"]["modified"]
    assert answer(found[9], "refunds_receive_get")["total_results"] == 2  # both of its lines
    assert len(answer(found[10], "logistics_companies_get")["logistics_companies"]["logistics_company"]) > 10
    shipped = Order.objects.get(number=str(tid(n)))
    assert (shipped.status, shipped.memo, shipped.flag) == ("shipped", "轻放，谢谢", 1)
    assert Order.objects.get(number=str(tid(n + 2))).status == "shipped"


def test_all_clients_read_ship_and_are_refused(market: Market) -> None:
    refunds.succeed(market.owner, Order.objects.get(number=str(tid(57))).id, now=market.now)
    calls = reading(market.now)
    with ThreadPoolExecutor(2) as pool:
        for each in pool.map(lambda client: market.run(client, calls), CLIENTS):
            check_reading(each[0])
        # each client has orders of its own: n, and n + 2, which has two lines
        jobs = [(client, 1 + 6 * place, 100 * (place + 1)) for place, client in enumerate(WRITERS)]
        for (_, n, number), each in zip(
            jobs, pool.map(lambda job: market.run(job[0], sends(job[1], job[2])), jobs), strict=True
        ):
            check_sends(each[0], n, number)


def test_all_clients_understand_what_the_gate_refuses(market: Market) -> None:
    read = [("taobao.trades.sold.get", {"fields": "tid"})]
    limited = Desk(market.owner, per_day=1)
    limited.call("taobao.time.get")
    theirs = {"key": limited.key, "secret": limited.secret, "session": limited.session}

    def refused(client: str) -> list[int]:
        runs = market.run(client, read, {"secret": "wrong"}, {"session": "wrong"}, theirs)
        return [int(run[0]["error"]["code"]) for run in runs]

    with ThreadPoolExecutor(2) as pool:
        for client, codes in zip(WRITERS, pool.map(refused, WRITERS), strict=True):
            assert codes == [25, 27, 7], client
    # the strict one asks again for what may pass by itself; a signature is not among that
    assert market.run("mcp-cn-commerce", read, {"secret": "wrong"})[0][0]["error"]["code"] == 25
