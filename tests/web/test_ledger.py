"""The ledger: each sum comes about as it says, whatever the buyers of a day bought and in whatever order it was judged."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.rules.people import Actor, BuyerActor, PlatformActor
from fahuo.services import complaints
from fahuo.services.ledger import reckon
from fahuo.store.boards import ledger as board
from fahuo.store.models import Order, Shop
from tests.services.shipping import make_order, order_number

PLATFORM = PlatformActor("小二")
CASES = st.lists(
    st.tuples(
        st.integers(1, 4), st.sampled_from(["delay", "out_of_stock", "false_shipping"]),
        st.sampled_from(["upheld", "settled", "dismissed", "withdrawn", "open"]),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@pytest.fixture
def client(owner_account: Any) -> Client:
    client = Client()
    client.force_login(owner_account.user)
    return client


@pytest.fixture
def now() -> datetime:
    """The pages live now."""
    return datetime.now(UTC)


def close(shop: Shop, owner: Actor, order: int, kind: str, outcome: str, now: datetime) -> None:
    buyer = BuyerActor(shop.id, "甲")
    complaints.open_by_buyer(buyer, order, kind=kind, now=now)
    if outcome == "settled":
        complaints.settle(owner, order, now=now)
    elif outcome == "withdrawn":
        complaints.withdraw(buyer, order, now=now)
    elif outcome != "open":
        complaints.adjudicate(PLATFORM, shop.id, order, verdict=outcome, statement="看了证据", now=now)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CASES, st.lists(st.integers(1, 90_000), min_size=4, max_size=4))
def test_every_entry_comes_about_as_it_says(
    shop: Shop, owner: Actor, now: datetime, cases: list[tuple[int, str, str]], cents: list[int]
) -> None:
    base = Order.objects.filter(shop_id=shop.id).count()
    orders = [make_order(shop.id, base + n, now=now, buyer=f"甲{base}") for n in range(4)]
    for order, amount in zip(orders, cents, strict=True):
        Order.objects.filter(shop_id=shop.id, id=order).update(item_amount=Decimal(amount) / 100, buyer="甲")
    mine: set[int] = set()
    for n, kind, outcome in cases:
        order = orders[n - 1]
        if order in mine:
            continue
        close(shop, owner, order, kind, outcome, now)
        if outcome == "open":
            mine.add(order)
    for order in orders:
        rows = board.ledger_of(shop.id, order)
        found = reckon(shop.id, rows)
        for row in rows:
            assert (row.id in found) == (row.status in ("upheld", "settled"))
            if row.id in found:
                assert found[row.id].working.owed == row.compensation
                assert not found[row.id].changed


def test_the_page_adds_up_and_says_how(client: Client, shop: Shop, owner: Actor, now: datetime) -> None:
    first, second, third = (make_order(shop.id, n, now=now, buyer="甲") for n in (1, 2, 3))
    for order, price in ((first, "100.00"), (second, "200.00"), (third, "50.00")):
        Order.objects.filter(shop_id=shop.id, id=order).update(item_amount=Decimal(price))
    close(shop, owner, first, "delay", "upheld", now)
    close(shop, owner, second, "delay", "settled", now)
    close(shop, owner, third, "delay", "dismissed", now)
    page = client.get("/s/lan/ledger/").content.decode()
    for number in (1, 2, 3):
        assert order_number(number) in page
    assert "300.00" in page  # the two orders of that day are added up
    sums = board.ledger_sums(shop.id, board.LedgerFilter(now - timedelta(days=1), now + timedelta(days=1)))
    paid = sums["upheld"].amount + sums["settled"].amount
    assert f"{paid:.2f}" in page
    paid_only = client.get("/s/lan/ledger/?tab=paid").content.decode()
    assert order_number(3) not in paid_only
    sheet = open_sheet("complaints.xlsx", client.get("/s/lan/ledger/sheet/").content)
    rows = [row.cells for row in sheet.rows()]
    assert {row[1] for row in rows} >= {order_number(n) for n in (1, 2, 3)}
    assert sum(Decimal(row[8]) for row in rows if row[8][:1].isdigit()) == paid


def test_an_amount_that_changed_later_is_owned_up_to(
    client: Client, shop: Shop, owner: Actor, now: datetime
) -> None:  # fmt: skip
    order = make_order(shop.id, 1, now=now, buyer="甲")
    Order.objects.filter(shop_id=shop.id, id=order).update(item_amount=Decimal("400.00"))
    close(shop, owner, order, "delay", "upheld", now)
    Order.objects.filter(shop_id=shop.id, id=order).update(item_amount=Decimal("500.00"))
    assert "记账的是当时的" in client.get("/s/lan/ledger/").content.decode()


def test_days_that_cannot_be_read_say_so(client: Client) -> None:
    answer = client.get("/s/lan/ledger/?from=gestern")
    assert answer.status_code == 422
    assert "日期看不懂" in answer.content.decode()
    assert client.get("/s/lan/ledger/sheet/?from=2026-02-02&to=2026-02-01").status_code == 422
