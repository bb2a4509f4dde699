"""The order list: every filter, the counts, masking, and that a shop sees its own orders only."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fahuo.rules.filters import OrderFilter
from fahuo.store import boards
from fahuo.store.models import Batch, BatchRow, ClockTick, JournalEntry, Shop
from tests.store.boards_data import add_order, add_parcel

pytestmark = pytest.mark.django_db
EARLIER = datetime(2026, 3, 1, tzinfo=UTC)


def numbers(shop: Shop, now: datetime, **asked: Any) -> list[int]:
    page = boards.orders_page(shop.id, OrderFilter(**asked), now=now)
    assert [row.id for row in page.rows] == boards.matching_ids(shop.id, OrderFilter(**asked), now=now)
    count = boards.count_matching(shop.id, OrderFilter(**asked), now=now)
    assert (count.number, count.more) == (len(page.rows), False)
    return [row.id for row in page.rows]


def test_waiting_orders_stand_by_deadline(shop: Shop, now: datetime) -> None:
    later, sooner, over = (add_order(shop.id, now=now, due=due).id for due in (30, 3, -5))
    assert numbers(shop, now) == [over, sooner, later]


def test_each_tab_holds_its_orders(shop: Shop, other_shop: Shop, now: datetime) -> None:
    statuses = {"unpaid": "awaiting_payment", "shipped": "shipped", "completed": "completed", "closed": "closed"}
    ids = {tab: add_order(shop.id, now=now, status=status) for tab, status in statuses.items()}
    add_parcel(shop.id, ids["shipped"], at=now)
    add_parcel(shop.id, ids["completed"], at=now)
    part = add_order(shop.id, now=now, status="part_shipped")
    refunding = add_order(shop.id, now=now, refund_status="requested")
    strange = add_order(other_shop.id, now=now, status="shipped")
    add_parcel(other_shop.id, strange, at=now)
    for tab, order in ids.items():
        assert numbers(shop, now, tab=tab) == [order.id]
    assert set(numbers(shop, now)) == {part.id, refunding.id}
    assert numbers(shop, now, tab="refunding") == [refunding.id]
    assert len(numbers(shop, now, tab="all")) == 6
    counts = {tab: count.number for tab, count in boards.tab_counts(shop.id).items()}
    assert counts == {"awaiting": 2, "unpaid": 1, "shipped": 1, "refunding": 1, "completed": 1, "closed": 1, "all": 6}


FILTERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"urged": True}, {"urge_count": 2, "urged_at": EARLIER}),
    ({"overdue": True}, {"due": -1}),
    ({"due": 6}, {"due": 5}),
    ({"due_today": True}, {"due": 11}),
    ({"region": "44"}, {"region": "440305"}),
    ({"region": "4403"}, {"region": "440305"}),
    ({"goods": "乌龙"}, {"title": "桂花乌龙茶"}),
    ({"goods": "墨绿"}, {"lines": [{"sku": "颜色:墨绿"}]}),
    ({"goods": "b-201"}, {"lines": [{}, {"sku_code": "B-201"}]}),
    ({"goods": "Z9"}, {"lines": [{"item_code": "Z9"}]}),
    ({"goods": "100%"}, {"title": "100%纯棉"}),
    ({"flag": 3}, {"flag": 3}),
    ({"memo": "赠品"}, {"memo": "送赠品一份"}),
    ({"has_memo": True}, {"memo": "急"}),
    ({"message": True}, {"buyer_message": "请快一点"}),
    ({"buyer": "买家丙"}, {"buyer": "买家丙"}),
    ({"receiver": "李四"}, {"receiver": {"name": "李四"}}),
    ({"phone": "17099990000"}, {"receiver": {"phone": "17099990000"}}),
    ({"phone": "0000"}, {"receiver": {"phone": "17099990000"}}),
    ({"number": "2799"}, {"number": "2799"}),
    ({"conflict": True}, {"conflict": "address_changed", "conflict_at": EARLIER}),
    ({"printed": True}, {"printed_at": EARLIER}),
    ({"buyer": "买家丙", "region": "44", "flag": 3}, {"buyer": "买家丙", "region": "440305", "flag": 3}),
]


@pytest.mark.parametrize(("asked", "given"), FILTERS, ids=[str(list(asked)) for asked, _ in FILTERS])
def test_each_filter_finds_its_order(shop: Shop, other_shop: Shop, now: datetime, asked: Any, given: Any) -> None:
    add_order(shop.id, now=now, due=30)
    add_order(other_shop.id, now=now, **dict(given))
    wanted = add_order(shop.id, now=now, **dict(given))
    assert numbers(shop, now, **asked) == [wanted.id]
    if not set(asked) & {"overdue", "due", "due_today"}:
        assert numbers(shop, now, tab="all", **asked) == [wanted.id]


def test_the_opposite_filters(shop: Shop, now: datetime) -> None:
    marked = add_order(shop.id, now=now, flag=0, memo="急", printed_at=now)
    plain = add_order(shop.id, now=now, due=20)
    assert (
        numbers(shop, now, flag=-1)
        == numbers(shop, now, has_memo=False)
        == numbers(shop, now, printed=False)
        == [plain.id]
    )
    assert numbers(shop, now, flag=0) == [marked.id]


def test_orders_of_one_receiver(shop: Shop, now: datetime) -> None:
    first, second, shipped = (
        add_order(shop.id, now=now, due=due, receiver_key="same", status=status)
        for due, status in ((1, "awaiting_shipment"), (2, "awaiting_shipment"), (3, "shipped"))
    )
    add_order(shop.id, now=now, receiver_key="other")
    add_order(shop.id, now=now, receiver_key="")
    add_order(shop.id, now=now, receiver_key="")
    assert numbers(shop, now, same_receiver=True) == [first.id, second.id]
    assert numbers(shop, now, beside=shipped.id) == [first.id, second.id]
    assert boards.neighbours(shop.id, first.id) == [second.id]
    assert [row.beside for row in boards.orders_page(shop.id, OrderFilter(same_receiver=True), now=now).rows] == [1, 1]


def test_carrier_waybill_and_unscanned(shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now, status="shipped")
    scanned = add_order(shop.id, now=now, status="shipped")
    fresh = add_order(shop.id, now=now, status="shipped")
    add_parcel(shop.id, order, at=now - timedelta(hours=30), carrier="YTO", waybill="YT2233445566771")
    add_parcel(shop.id, order, at=now - timedelta(hours=28))
    add_parcel(shop.id, order, at=now - timedelta(hours=27), waybill="GONE", voided_at=now)
    add_parcel(shop.id, scanned, at=now - timedelta(hours=30), picked_up_at=now)
    add_parcel(shop.id, scanned, at=now - timedelta(hours=31), retired_at=now)
    add_parcel(shop.id, scanned, at=now - timedelta(hours=32), delivered_at=now)
    add_parcel(shop.id, fresh, at=now - timedelta(hours=2))
    assert numbers(shop, now, tab="shipped") == [fresh.id, order.id, scanned.id]
    assert numbers(shop, now, tab="shipped", unscanned=True) == [order.id]
    assert numbers(shop, now, tab="shipped", unscanned=True, number=order.number) == [order.id]
    assert numbers(shop, now, tab="shipped", unscanned=True, number=scanned.number) == []
    assert boards.start_board(shop.id, now=now).unscanned.number == 1
    assert numbers(shop, now, tab="shipped", carrier="YTO") == [order.id]
    assert numbers(shop, now, tab="all", waybill="YT2233445566771") == [order.id]
    assert numbers(shop, now, tab="all", waybill="GONE") == []
    assert boards.find_orders(shop.id, " yt2233 445566771 ") == [order.id]


def test_rows_are_masked_and_carry_what_waiting_costs(shop: Shop, now: datetime) -> None:
    add_order(shop.id, now=now, due=-1, item_amount=Decimal("150.00"), buyer="兰花草")
    row = boards.orders_page(shop.id, OrderFilter(), now=now).rows[0]
    assert (row.receiver, row.phone, row.buyer) == ("王**", "170******78", "兰**")
    assert row.stake > 0
    shown = repr(row)
    assert "17012345678" not in shown
    assert "王小明" not in shown
    assert "文三路" not in shown


@pytest.mark.parametrize(
    "cursor", ["x", "wn1.1", "on1.0.1~0", "wn99999999999999999999.0.1~0", "wn1.0.99999999999999999999~0", "'; --"]
)
def test_a_cursor_of_nowhere_opens_the_first_page_and_says_so(shop: Shop, now: datetime, cursor: str) -> None:
    order = add_order(shop.id, now=now)
    page = boards.orders_page(shop.id, OrderFilter(), cursor=cursor, now=now)
    assert page.cursor_lost
    assert [row.id for row in page.rows] == [order.id]


def test_a_search_for_something_rare_stops_and_can_go_on(
    shop: Shop, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    rare = add_order(shop.id, now=now, due=90, title="稀罕物")
    for due in range(25):
        add_order(shop.id, now=now, due=due)
    monkeypatch.setattr("fahuo.store.boards.walks.BUDGET", 10)
    for function in ("keys", "last_looked_at"):
        monkeypatch.setitem(
            getattr(__import__("fahuo.store.boards.walks", fromlist=["x"]), function).__kwdefaults__, "budget", 10
        )
    cursor, steps, found = "", 0, []
    while True:
        page = boards.orders_page(shop.id, OrderFilter(goods="稀罕"), cursor=cursor, now=now)
        found += [row.id for row in page.rows]
        steps += 1
        if page.next is None:
            break
        assert page.cut
        cursor = page.next
    assert (found, steps) == ([rare.id], 3)


def test_a_count_says_where_it_stopped(shop: Shop, now: datetime) -> None:
    for due in range(5):
        add_order(shop.id, now=now, due=due, flag=1)
    assert boards.count_matching(shop.id, OrderFilter(flag=1), now=now, cap=3) == boards.Count(3, True)
    assert boards.count_matching(shop.id, OrderFilter(), now=now, cap=3) == boards.Count(5)
    assert len(boards.matching_ids(shop.id, OrderFilter(flag=1), limit=3, now=now)) == 3


def test_the_start_board_counts_what_must_be_done(shop: Shop, other_shop: Shop, now: datetime) -> None:
    for due in (-3, 1, 5, 20, 40):
        add_order(shop.id, now=now, due=due)
        add_order(other_shop.id, now=now, due=due)
    add_order(shop.id, now=now, due=50, urge_count=1, urged_at=now, conflict="refunded", conflict_at=now)
    add_order(shop.id, now=now, status="completed", urge_count=1, urged_at=now)
    add_order(shop.id, now=now, due=60, refund_status="agreed")
    late = add_order(shop.id, now=now, status="shipped")
    add_parcel(shop.id, late, at=now - timedelta(hours=25))
    Batch.objects.create(shop_id=shop.id, kind="orders", status="checked", created_at=now)
    Batch.objects.create(shop_id=shop.id, kind="orders", status="committed", created_at=now)
    board = boards.start_board(shop.id, now=now)
    assert (board.waiting, board.overdue, board.due_2h, board.due_6h, board.due_24h) == (7, 1, 1, 2, 3)
    assert (board.urged, board.conflicts.number, board.unscanned.number, board.refunding.number) == (1, 1, 1, 1)
    assert board.open_batches == 1
    assert board.stake_now > 0
    assert not board.stake_more


def test_an_empty_shop_has_an_empty_board(shop: Shop, now: datetime) -> None:
    board = boards.start_board(shop.id, now=now)
    assert (board.waiting, board.overdue, board.urged, board.stake_now) == (0, 0, 0, Decimal("0.00"))
    assert not board.conflicts
    assert boards.last_tick() is None
    ClockTick.objects.create(name="a", at=now)
    ClockTick.objects.create(name="b", at=now + timedelta(seconds=3))
    assert boards.last_tick() == now + timedelta(seconds=3)


def test_an_order_in_full(shop: Shop, other_shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now, receiver_key="k", lines=[{"quantity": 3, "shipped_quantity": 1}, {}])
    beside = add_order(shop.id, now=now, receiver_key="k")
    add_parcel(shop.id, order, beside, at=now)
    JournalEntry.objects.create(shop_id=shop.id, at=now, actor="lan", act="order.memo", order_id=order.id)
    detail = boards.order_detail(shop.id, order.id, now=now)
    assert detail is not None
    assert [line.waiting for line in detail.lines] == [2, 1]
    assert detail.parcels[0].others == [{"id": beside.id, "number": beside.number}]
    assert [row.id for row in detail.beside] == [beside.id]
    assert [entry.act for entry in detail.history] == ["order.memo"]
    assert detail.why.clause == "default"
    assert (detail.receiver.name, detail.receiver.phone) == ("王**", "170******78")
    assert "301" not in detail.receiver.address
    assert boards.order_detail(other_shop.id, order.id, now=now) is None
    assert boards.order_detail(shop.id, 1, now=now) is None


def test_papers_hold_what_is_still_to_go(shop: Shop, other_shop: Shop, now: datetime) -> None:
    order = add_order(
        shop.id, now=now, lines=[{"quantity": 3, "shipped_quantity": 1}, {"quantity": 1, "shipped_quantity": 1}]
    )
    plain = add_order(shop.id, now=now, lines=[])
    first, second = boards.papers(shop.id, [order.id, plain.id])
    assert [line["quantity"] for line in first.lines] == [2]
    assert (first.order.receiver, first.order.phone) == ("王小明", "17012345678")
    assert second.lines[0]["title"] == plain.title
    assert boards.papers(other_shop.id, [order.id]) == []


def test_a_batch_leads_to_its_orders(shop: Shop, other_shop: Shop, now: datetime) -> None:
    first, second, _ = (add_order(shop.id, now=now, due=due) for due in (3, 1, 2))
    sent = add_order(shop.id, now=now, status="shipped", due=9)
    batch = Batch.objects.create(shop_id=shop.id, kind="orders", status="committed", created_at=now).id
    for row_no, order_id in enumerate((first.id, second.id, first.id, sent.id, None)):
        BatchRow.objects.create(shop_id=shop.id, batch_id=batch, row_no=row_no, verdict="done", order_id=order_id)
    assert numbers(shop, now, batch=batch) == [second.id, first.id]
    assert set(numbers(shop, now, tab="all", batch=batch)) == {first.id, second.id, sent.id}
    assert numbers(shop, now, tab="shipped", batch=batch, number=sent.number) == [sent.id]
    assert numbers(other_shop, now, tab="all", batch=batch) == []


def test_find_means_exact_numbers_first(shop: Shop, other_shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now, number="2781234567890")
    other = add_order(shop.id, now=now, receiver={"name": "2781234567890"})
    add_order(other_shop.id, now=now, number="2781234567890")
    assert boards.find_orders(shop.id, "2781234567890 ") == [order.id]
    assert set(boards.find_orders(shop.id, "17012345678")) == {order.id, other.id}
    assert boards.find_orders(shop.id, "买家甲乙") == [other.id, order.id]
    assert boards.find_orders(shop.id, "\x00 ") == boards.find_orders(shop.id, "没有") == []


def test_batches_and_their_rows(shop: Shop, other_shop: Shop, now: datetime) -> None:
    ids = [Batch.objects.create(shop_id=shop.id, kind="orders", status="checked", created_at=now).id for _ in range(5)]
    for row_no in range(7):
        BatchRow.objects.create(
            shop_id=shop.id, batch_id=ids[0], row_no=row_no, verdict="bad" if row_no == 3 else "new",
            data={"number": "1"}, problems=[{"code": "x"}] if row_no == 3 else None,
        )  # fmt: skip
    newest = boards.batches_page(shop.id, limit=2)
    older = boards.batches_page(shop.id, limit=2, cursor=newest.next or "")
    assert [row.id for row in [*newest.rows, *older.rows]] == ids[:0:-1]
    back = boards.batches_page(shop.id, limit=2, cursor=older.previous or "")
    assert [row.id for row in back.rows] == [row.id for row in newest.rows]
    assert back.previous is None
    assert boards.batches_page(shop.id, kind="shipments").rows == []
    Batch.objects.filter(shop_id=shop.id, id__in=ids[2:]).update(status="committed")
    walked, cursor = [], ""
    while True:
        page = boards.batches_page(shop.id, limit=2, cursor=cursor, unfinished_first=True)
        walked.append([row.id for row in page.rows])
        if page.next is None:
            break
        cursor = page.next
    assert walked == [[ids[1], ids[0]], [ids[4], ids[3]], [ids[2]]]
    back = boards.batches_page(shop.id, limit=2, cursor=page.previous or "", unfinished_first=True)
    assert [row.id for row in back.rows] == walked[1]
    assert boards.batches_page(shop.id, cursor="n²").cursor_lost
    detail = boards.batch_detail(shop.id, ids[0])
    assert detail is not None
    assert (detail.verdicts["bad"], detail.verdicts["new"], detail.verdicts["done"], detail.rows) == (1, 6, 0, 7)
    assert boards.batch_detail(other_shop.id, ids[0]) is None
    bad = boards.batch_rows(shop.id, ids[0], "bad").rows
    assert [(row.row_no, row.data, row.problems) for row in bad] == [(3, {"number": "1"}, [{"code": "x"}])]
    seen, cursor = [], ""
    while True:
        page = boards.batch_rows(shop.id, ids[0], "", cursor, 3)
        seen += [row.row_no for row in page.rows]
        if page.next is None:
            break
        cursor = page.next
    assert seen == list(range(7))


def test_shipped_elsewhere_without_a_parcel(shop: Shop, now: datetime) -> None:
    elsewhere = add_order(shop.id, now=now, status="shipped")
    here = add_order(shop.id, now=now, status="shipped")
    add_parcel(shop.id, here, at=now)
    assert [row.id for row in boards.orders_page(shop.id, OrderFilter(tab="shipped"), now=now).rows] == [here.id]
    assert numbers(shop, now, tab="shipped", no_parcel=True) == [elsewhere.id]
