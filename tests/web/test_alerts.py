"""物流预警 on its pages: what the watchdogs found, by kind, with what to do; and putting one away."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from fahuo.rules.parcels import CarrierScan
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import parcels, watchdogs
from fahuo.store.boards.alerts import alert_counts, alerts_page
from fahuo.store.models import Alert, JournalEntry, Shop
from tests.conftest import Account
from tests.services.shipping import make_order, order_number, waybill
from tests.web.pages import sign_in, text_of

HOUR = timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def found(shop: Shop, owner: Actor, now: datetime) -> list[int]:
    """Five orders: one was never scanned, one is silent since, two share a number, one is long overdue."""
    orders = [make_order(shop.id, n, now=now - 200 * HOUR) for n in range(1, 6)]
    then = now - 30 * HOUR
    for n, order in enumerate(orders[:2], 1):
        parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(n), now=then)
    parcels.record_scans(owner, [CarrierScan("ZTO", waybill(2), "picked_up", then + HOUR)], now=then + HOUR)
    for order in orders[2:4]:
        parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(3), now=now, insist=True)
    watchdogs.run_due(shop.id, now=now)
    return orders


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"/s/lan/alerts/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_each_kind_stands_with_its_order_and_what_to_do(
    owner_account: Account, shop: Shop, found: list[int]
) -> None:  # fmt: skip
    client = sign_in(owner_account)
    shown = page(client)
    for number in (1, 2, 4, 5):
        assert order_number(number) in shown
    assert order_number(3) not in shown  # its number was new then
    counts = alert_counts(shop.id)
    assert {kind: count.number for kind, count in counts.items()} == {
        "": 4, "not_picked_up": 1, "silent": 1, "number_used_before": 1, "out_of_stock": 1,
    }  # fmt: skip
    silent = page(client, "?kind=silent")
    assert order_number(2) in silent
    assert order_number(1) not in silent
    assert "向快递查件" in silent
    assert "物流预警" in text_of(client.get("/s/lan/").content)
    assert "单号以前用过" in text_of(client.get(f"/s/lan/orders/{found[3]}/").content)


def test_one_is_put_away_by_hand_and_not_raised_again(
    owner_account: Account, teammate: Actor, shop: Shop, found: list[int], now: datetime
) -> None:
    client = sign_in(owner_account)
    alert = Alert.objects.get(shop_id=shop.id, kind="number_used_before")
    with pytest.raises(Refusal, match="not_permitted"):
        watchdogs.put_away(teammate, [alert.id], now=now)
    for count in (1, 0):
        done = client.post("/s/lan/alerts/put-away/", {"id": alert.id}, follow=True)
        assert f"{count} 条预警不再显示" in done.content.decode()
    assert order_number(4) not in page(client)
    watchdogs.run_due(shop.id, now=now + HOUR)
    assert Alert.objects.filter(shop_id=shop.id, kind="number_used_before", resolved_at=None).count() == 0
    entry = JournalEntry.objects.get(shop_id=shop.id, act="alert.put_away")
    assert (entry.order_id, entry.before) == (found[3], {"alert": "number_used_before"})


def test_the_list_goes_on_page_after_page(shop: Shop, now: datetime) -> None:
    orders = [make_order(shop.id, n, now=now) for n in range(1, 8)]
    for n, order in enumerate(orders):
        Alert.objects.create(
            shop_id=shop.id, kind="silent", subject_id=order, order_id=order, at=now - n // 2 * HOUR, raised_at=now
        )
    seen: list[Any] = []
    found = alerts_page(shop.id, limit=3)
    while True:
        seen += [row.order_id for row in found.rows]
        if found.next is None:
            break
        found = alerts_page(shop.id, cursor=found.next, limit=3)
    assert sorted(seen) == orders
    assert len(seen) == len(set(seen))
    assert found.previous is not None
    back = alerts_page(shop.id, cursor=found.previous, limit=3)
    assert [row.order_id for row in back.rows] == seen[3:6]


def test_a_quiet_shop_is_told_what_would_be_here(owner_account: Account) -> None:
    assert "没有预警" in page(sign_in(owner_account))
