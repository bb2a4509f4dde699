"""Importing: what a file becomes, and what importing again changes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fahuo.rules.people import Actor
from fahuo.services import batches, orders
from fahuo.store import boards
from fahuo.store.models import BatchRow, JournalEntry, Order, OrderLine, Parcel, ParcelOrder, Shop
from tests.conftest import NOW
from tests.receivers import receiver_of
from tests.services import lists
from tests.services.importing import acts, get, holds_together, take_in, verdicts
from tests.services.lists import DONE, PAID, SENT, SHUT, UNPAID, as_csv, as_xlsx, line, order


def test_a_list_becomes_orders(owner: Actor) -> None:
    batch = take_in(owner, as_xlsx([
        order(1), order(2, 订单状态=UNPAID, 订单付款时间=""), order(3, 订单状态=SHUT, 订单关闭原因="买家不想要了"),
        order(4, 订单状态=SENT, 物流单号="75123456789012", 物流公司="中通快递"),
        order(5, 订单状态=DONE, 物流单号="75123456789013", 物流公司="中通快递", 确认收货时间="2026-03-02 09:00:00"),
    ]))  # fmt: skip
    assert (batch.status, batch.row_count, batch.good_count, batch.bad_count, batch.done_count) == (
        "committed",
        5,
        5,
        0,
        5,
    )
    assert verdicts(batch) == {"done": 5}
    one = get(owner, 1)
    assert (one.status, one.paid_amount, one.region) == ("awaiting_shipment", Decimal("59.90"), "330106")
    assert one.paid_at == datetime(2026, 3, 1, 2, 1, tzinfo=UTC)
    assert one.deadline == one.paid_at + timedelta(hours=48)
    assert (one.deadline_clause, one.rulebook != "") == ("default", True)
    receiver = receiver_of(owner.shop_id, one.id)
    assert (receiver.phone, receiver.district, receiver.address) == ("17000000001", "西湖区", "文三路1号 1幢")
    assert OrderLine.objects.get(shop_id=owner.shop_id, order_id=one.id).title == "手工陶瓷杯 大号"
    assert get(owner, 2).paid_at is None
    assert get(owner, 3).closed_at is not None
    for n, retired in ((4, False), (5, True)):
        link = ParcelOrder.objects.get(shop_id=owner.shop_id, order_id=get(owner, n).id)
        parcel = Parcel.objects.get(shop_id=owner.shop_id, id=link.parcel_id)
        assert (parcel.carrier, parcel.retired_at is not None) == ("ZTO", retired)
    row = BatchRow.objects.get(shop_id=owner.shop_id, batch_id=batch.id, number=lists.number(1))
    assert row.order_id == one.id
    assert acts(owner, 1) == ["order.imported"]
    holds_together(owner.shop_id)


def test_importing_again_creates_nothing_and_says_same(owner: Actor) -> None:
    body = as_csv([order(n) for n in range(20)])
    take_in(owner, body)
    again = take_in(owner, body, now=NOW + timedelta(hours=1))
    assert verdicts(again) == {"same": 20}
    assert Order.objects.filter(shop_id=owner.shop_id).count() == 20
    assert acts(owner, 3) == ["order.imported"]
    holds_together(owner.shop_id)


def test_importing_again_updates_what_changed(owner: Actor) -> None:
    take_in(owner, as_csv([order(1, 订单备注="旧"), order(2)]))
    orders.set_memo(owner, get(owner, 2).id, "我们自己的", now=NOW)
    batch_id = batches.open_import(owner, name="new.csv", now=NOW, body=as_csv([
        order(1, 订单备注="新", 退款金额="10.00"), order(2, 收货地址="上海市 上海市 浦东新区 世纪大道1号"),
    ]))  # fmt: skip
    batches.work(owner.shop_id, batch_id, now=NOW)
    rows = boards.batch_rows(owner.shop_id, batch_id).rows
    assert [row.verdict for row in rows] == ["update", "update"]
    assert {"field": "refund_status", "before": "none", "after": "succeeded"} in rows[0].data["changes"]
    assert {"field": "address", "before": None, "after": None} in rows[1].data["changes"]
    assert get(owner, 1).memo == "旧", "a preview writes nothing"
    batches.commit(owner, batch_id, now=NOW)
    batches.work(owner.shop_id, batch_id, now=NOW)
    assert (get(owner, 1).memo, get(owner, 1).refund_amount) == ("新", Decimal("10.00"))
    two = get(owner, 2)
    assert (two.memo, two.region, two.conflict) == ("我们自己的", "310115", "")
    entry = JournalEntry.objects.get(shop_id=owner.shop_id, order_id=two.id, act="order.updated")
    assert set(entry.after["changed"]) >= {"address", "province"}
    assert "世纪大道" not in str(entry.after)
    assert entry.batch_id == batch_id
    holds_together(owner.shop_id)


def test_a_marketplace_shipment_leaves_the_backlog_with_its_parcel(owner: Actor) -> None:
    take_in(owner, as_csv([order(1), order(2)]))
    take_in(owner, as_csv([order(n, 订单状态=SENT, 物流单号="75123456789012", 物流公司="中通快递") for n in (1, 2)]))
    links = ParcelOrder.objects.filter(shop_id=owner.shop_id)
    assert len(links) == 2
    assert len({link.parcel_id for link in links}) == 1, "one number is one parcel"
    kept = OrderLine.objects.get(shop_id=owner.shop_id, order_id=get(owner, 1).id)
    assert kept.shipped_quantity == kept.quantity
    holds_together(owner.shop_id)
    again = take_in(
        owner, as_csv([order(n, 订单状态=SENT, 物流单号="75123456789012", 物流公司="中通快递") for n in (1, 2)])
    )
    assert verdicts(again) == {"same": 2}
    assert Parcel.objects.filter(shop_id=owner.shop_id).count() == 1


def test_an_older_sheet_moves_nothing_back(owner: Actor) -> None:
    take_in(owner, as_csv([order(1, 订单状态=SENT)]))
    batch = take_in(owner, as_csv([order(1)]))
    assert get(owner, 1).status == "shipped"
    assert verdicts(batch) == {"same": 1}
    holds_together(owner.shop_id)


CONFLICTS = [
    ({"收货地址": "上海市 上海市 浦东新区 世纪大道1号"}, "address_changed"),
    ({"收货人姓名": "别人"}, "address_changed"),
    ({"联系手机": "13900000000"}, "address_changed"),
    ({"联系手机": "13900000000-1234"}, ""),
    ({"收货人姓名": "收**"}, ""),
    ({"退款金额": "59.90"}, "refunded"),
    ({"订单状态": SHUT}, "closed"),
    ({"订单备注": "送赠品"}, ""),
]


@pytest.mark.parametrize("how", ["printed", "shipped"])
@pytest.mark.parametrize(("changes", "conflict"), CONFLICTS)
def test_what_changes_after_paper_or_parcel_is_a_conflict(
    owner: Actor, how: str, changes: dict[str, str], conflict: str
) -> None:
    first = {} if how == "printed" else {"订单状态": SENT}
    take_in(owner, as_csv([order(1, **first)]))
    if how == "printed":
        orders.mark_printed(owner, [get(owner, 1).id], now=NOW)
    take_in(owner, as_csv([order(1, **{**first, **changes})]), now=NOW + timedelta(hours=1))
    found = get(owner, 1)
    assert (found.conflict, found.conflict_at is not None) == (conflict, conflict != "")
    holds_together(owner.shop_id)
    if conflict:
        assert orders.settle_conflict(owner, found.id, now=NOW)
        assert not orders.settle_conflict(owner, found.id, now=NOW)
        assert get(owner, 1).conflict == ""
        assert "order.conflict_settled" in acts(owner, 1)


def test_without_paper_a_change_is_no_conflict(owner: Actor) -> None:
    take_in(owner, as_csv([order(1)]))
    take_in(owner, as_csv([order(1, 收货人姓名="别人", 退款金额="59.90")]))
    assert get(owner, 1).conflict == ""


def test_bad_rows_come_back_and_good_rows_go_in(owner: Actor) -> None:
    batch = take_in(owner, as_csv([
        order(1), order(1), order(2, 订单状态="不知道"), order(3, 买家应付货款="十块"), order(4),
    ]))  # fmt: skip
    assert (batch.good_count, batch.bad_count, batch.done_count) == (2, 3, 2)
    rows = BatchRow.objects.filter(shop_id=owner.shop_id, batch_id=batch.id, verdict="bad").order_by("row_no")
    assert [(row.row_no, row.problems[0]["code"]) for row in rows] == [
        (3, "number_twice"), (4, "status_unknown"), (5, "not_money"),
    ]  # fmt: skip
    assert rows[0].problems[0]["data"] == {"row": 2}
    name, body = batches.problems_sheet(owner, batch.id)
    assert name.endswith("-问题行.xlsx")
    mended = take_in(owner, body, name=name)
    assert (mended.row_count, mended.bad_count) == (3, 2), "the sheet of problems is a sheet that can be imported"


def test_an_unknown_sheet_is_refused_until_its_columns_are_mapped(owner: Actor, now: datetime) -> None:
    header = ["单据号", "状况", "谁", "哪里", "付款", "东西"]
    rows = [{"单据号": lists.number(7), "状况": PAID, "谁": "甲一", "哪里": "浙江省 杭州市 西湖区 文三路1号",
             "付款": "2026-03-01 10:00:00", "东西": "杯子"}]  # fmt: skip
    body = as_csv(rows, header)
    batch = take_in(owner, body)
    assert (batch.status, batch.problem["code"], batch.options["header"]) == ("refused", "unknown_sheet", header)
    columns = {
        "单据号": "number",
        "状况": "status",
        "谁": "receiver",
        "哪里": "address",
        "付款": "paid_at",
        "东西": "title",
    }
    batches.map_columns(owner, batch.id, columns, now=now)
    assert batches.work(owner.shop_id, batch.id, now=now)
    assert verdicts(batch) == {"new": 1}
    assert take_in(owner, body).status == "committed", "the next sheet with this header needs no mapping"


def test_a_file_that_cannot_be_read_is_refused_by_its_code(owner: Actor) -> None:
    whole = as_xlsx([order(1)])
    for body, code in (
        (b"", "file_empty"), (b"MZ\x90\0" + b"\0" * 200, "file_not_a_sheet"), (whole[:-400], "file_damaged"),
        (as_csv([]), "sheet_no_rows"), ("订单编号,物流公司,运单号\n123456,中通快递,75123456789012\n".encode(), "sheet_of_shipments"),
        (as_csv([order(1)], [h for h in lists.OLD if h != "订单编号" and h != "主订单编号"]), "columns_missing"),
    ):  # fmt: skip
        batch = take_in(owner, body)
        assert (batch.status, (batch.problem or {})["code"]) == ("refused", code)
        assert batch.row_count == 0
    assert not Order.objects.filter(shop_id=owner.shop_id).exists()


def test_line_lists_take_the_place_of_the_summary_line(owner: Actor) -> None:
    take_in(owner, as_csv([order(1, 宝贝总数量="2"), order(2)]))
    body = as_csv([line(1, 1), line(1, 2), line(9, 1)], lists.LINES)
    batch = take_in(owner, body, name="ExportOrderDetailList.csv")
    assert verdicts(batch) == {"done": 2, "bad": 1}
    stood = OrderLine.objects.filter(shop_id=owner.shop_id, order_id=get(owner, 1).id).order_by("number")
    assert [(row.title, row.item_code, row.price) for row in stood] == [
        ("手工陶瓷杯 1号", "CUP-1", Decimal("29.95")), ("手工陶瓷杯 2号", "CUP-2", Decimal("29.95")),
    ]  # fmt: skip
    bad = BatchRow.objects.get(shop_id=owner.shop_id, batch_id=batch.id, verdict="bad")
    assert bad.problems[0]["code"] == "line_without_order"
    OrderLine.objects.filter(shop_id=owner.shop_id, id=stood[0].id).update(shipped_quantity=1)
    assert verdicts(take_in(owner, body)) == {"same": 2, "bad": 1}
    take_in(owner, as_csv([line(1, 1, 购买数量="2")], lists.LINES))
    assert [(row.quantity, row.shipped_quantity) for row in stood.all()] == [(2, 1), (1, 0)]
    refund = take_in(owner, as_csv([line(1, 2, 退款状态="买家已经申请退款，等待卖家同意")], lists.LINES))
    assert refund.done_count == 1
    assert get(owner, 1).refund_status == "requested"
    take_in(owner, as_csv([line(1, 2)], lists.LINES))
    assert get(owner, 1).refund_status == "none"
    take_in(owner, as_csv([order(1, 宝贝总数量="2", 订单备注="再来")]))
    assert len(stood.all()) == 2, "an order list brings no summary line back"
    holds_together(owner.shop_id)


def test_old_line_lists_have_no_line_numbers_and_still_import_once(owner: Actor) -> None:
    take_in(owner, as_csv([order(1)]))
    rows = [{**line(1, part), "订单编号": lists.number(1)} for part in (1, 1, 2)]
    body = as_csv(rows, lists.LINES_2017)
    assert verdicts(take_in(owner, body)) == {"done": 3}
    assert verdicts(take_in(owner, body)) == {"same": 3}
    assert OrderLine.objects.filter(shop_id=owner.shop_id).count() == 3


def test_the_shops_promise_of_the_day_of_import_is_kept(owner: Actor, shop: Shop) -> None:
    Shop.objects.filter(id=shop.id).update(promise_hours=24)
    take_in(owner, as_csv([order(1)]))
    Shop.objects.filter(id=shop.id).update(promise_hours=72)
    orders.recompute_deadlines(shop.id, [get(owner, 1).id], now=NOW)
    found = get(owner, 1)
    assert (found.deadline, found.deadline_clause) == (found.paid_at + timedelta(hours=24), "promise")


# --- any sequence of imports agrees with a model ---

RANK = {UNPAID: 0, PAID: 1, SENT: 2, DONE: 3, SHUT: 4}
NAMES = {UNPAID: "awaiting_payment", PAID: "awaiting_shipment", SENT: "shipped", DONE: "completed", SHUT: "closed"}

rows = st.dictionaries(
    st.integers(0, 7),
    st.tuples(
        st.sampled_from(list(RANK)), st.sampled_from(["", "甲", "乙"]), st.sampled_from(["0.00", "5.00", "59.90"])
    ),
    min_size=1,
)


@given(sheets=st.lists(rows, min_size=1, max_size=5))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_imports_agree_with_the_model(owner: Actor, sheets: list[dict[int, tuple[str, str, str]]]) -> None:
    shop_id = Shop.objects.create(code=f"h{Shop.objects.count()}", name="h", platform="tmall", created_at=NOW).id
    actor = Actor(shop_id, None, "h", is_owner=True)
    model: dict[int, list[str]] = {}
    for sheet in sheets:
        for n, (status, memo, refund) in sheet.items():
            old = model.get(n, [UNPAID, "", "0.00"])
            model[n] = [
                max(status, old[0], key=RANK.__getitem__), memo, old[2] if refund == "0.00" else refund,
            ]  # fmt: skip
        take_in(actor, as_csv([
            order(n, 订单状态=status, 订单备注=memo, 退款金额=refund,
                  订单付款时间="" if status == UNPAID else "2026-03-01 10:01:00")
            for n, (status, memo, refund) in sheet.items()
        ]))  # fmt: skip
    stood = {found.number: found for found in Order.objects.filter(shop_id=shop_id)}
    assert stood.keys() == {lists.number(n) for n in model}
    for n, (status, memo, refund) in model.items():
        found = stood[lists.number(n)]
        assert (found.status, found.memo, found.refund_amount) == (NAMES[status], memo, Decimal(refund))
    assert not Order.objects.filter(shop_id=shop_id, status__in=["shipped"], shipped_at=None, paid_at=None).exists()
    holds_together(shop_id)
    orders.fold_tally(shop_id)
    holds_together(shop_id)
