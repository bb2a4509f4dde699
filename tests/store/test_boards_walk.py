"""Walking the order list page by page visits each matching row exactly once, forward and back, whatever the data."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fahuo.rules.filters import TABS, OrderFilter, parse_query
from fahuo.store import boards
from fahuo.store.boards.pages import Cursor, Key, read_cursor
from fahuo.store.models import Order, Shop
from tests.conftest import NOW
from tests.store.boards_data import add_order, add_parcel

STATUSES = [
    "awaiting_payment",
    "awaiting_shipment",
    "awaiting_shipment",
    "part_shipped",
    "shipped",
    "completed",
    "closed",
]

orders = st.lists(
    st.fixed_dictionaries({
        "status": st.sampled_from(STATUSES),
        "due": st.sampled_from([-30, -1, 0, 1, 1, 2, 30]),
        "flag": st.sampled_from([None, 1]),
        "urge_count": st.sampled_from([0, 1]),
        "refund_status": st.sampled_from(["none", "requested"]),
        "receiver_key": st.sampled_from(["", "a", "b"]),
        "parcels": st.lists(st.sampled_from([-30, -30, -1, 0]), max_size=3),
    }),
    max_size=14,
)  # fmt: skip
filters = st.builds(
    OrderFilter, tab=st.sampled_from(TABS), urged=st.booleans(), flag=st.sampled_from([None, None, 1, -1]),
    same_receiver=st.sampled_from([False, False, True]), buyer=st.sampled_from(["", "", "买家甲乙"]),
).map(lambda wish: parse_query(wish.query()).filter)  # fmt: skip


def fill(shop_id: int, made: list[dict[str, Any]]) -> list[Order]:
    found = []
    for values in made:
        parcels = values["parcels"]
        rest = {name: value for name, value in values.items() if name != "parcels"}
        order = add_order(shop_id, now=NOW, urged_at=NOW if rest["urge_count"] else None, **rest)
        if order.status in ("shipped", "completed", "part_shipped"):
            for hours in [*parcels, -30] if order.status == "shipped" else parcels:
                add_parcel(shop_id, order, at=NOW + timedelta(hours=hours))
        found.append(order)
    return found


def matches(order: Order, wish: OrderFilter, others: list[Order]) -> bool:
    """The filter, told once more in plain Python."""
    waiting = ("awaiting_shipment", "part_shipped")
    on_tab = {
        "awaiting": order.status in waiting, "unpaid": order.status == "awaiting_payment", "all": True,
        "shipped": order.status == "shipped", "completed": order.status == "completed", "closed": order.status == "closed",
        "refunding": order.refund_status == "requested",
    }[wish.tab]  # fmt: skip
    same = any(
        other.id != order.id and other.status in waiting and other.receiver_key == order.receiver_key != ""
        for other in others
    )
    return (
        on_tab
        and (not wish.urged or order.urge_count > 0)
        and (wish.flag is None or order.flag == (None if wish.flag == -1 else wish.flag))
        and (not wish.same_receiver or same)
    )


@pytest.mark.django_db
@given(made=orders, wish=filters, limit=st.integers(1, 5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_row_once_forward_and_back(shop: Shop, made: list[dict[str, Any]], wish: OrderFilter, limit: int) -> None:
    place = Shop.objects.create(code=f"s{Shop.objects.count()}", name="x", created_at=NOW)
    everything = fill(place.id, made)
    expected = {order.id for order in everything if matches(order, wish, everything)}
    forward: list[list[int]] = []
    page = boards.orders_page(place.id, wish, limit=limit, now=NOW)
    while True:
        forward.append([row.id for row in page.rows])
        assert page.first == 1 + sum(len(rows) for rows in forward[:-1])
        if page.next is None:
            break
        page = boards.orders_page(place.id, wish, cursor=page.next, limit=limit, now=NOW)
    seen = [number for rows in forward for number in rows]
    assert len(seen) == len(set(seen))
    assert set(seen) == expected
    assert boards.count_matching(place.id, wish, now=NOW).number == len(expected)
    backward = [forward[-1]]
    while page.previous is not None:
        page = boards.orders_page(place.id, wish, cursor=page.previous, limit=limit, now=NOW)
        backward.append([row.id for row in page.rows])
    assert [rows for rows in reversed(backward) if rows] == [rows for rows in forward if rows]


@given(
    letter=st.sampled_from("wosv"), forward=st.booleans(), at=st.datetimes(timezones=st.just(NOW.tzinfo)),
    tie=st.integers(0, 2**63 - 1), number=st.integers(0, 2**63 - 1), seen=st.integers(0, 10**8),
)  # fmt: skip
def test_a_cursor_reads_back(letter: str, forward: bool, at: Any, tie: int, number: int, seen: int) -> None:
    cursor = Cursor(letter, forward, Key(at, tie, number), seen)
    assert read_cursor(str(cursor), letter) == cursor
    assert read_cursor(str(cursor), "z") is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_cursor(text: str) -> None:
    assert read_cursor(text, "w") is None or text.startswith("w")
