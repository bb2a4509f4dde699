"""What a sheet changes in an order that stands: forward only, once, and without telling anybody's data."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules.imports import PERSONAL, RANK, Standing, line_refunds, merge, receiver_key
from fahuo.rules.orders import ORDER_STATUSES, REFUND_STATUSES, OrderDraft

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
CENTS = st.sampled_from([Decimal("0.00"), Decimal("5.00"), Decimal("59.90")])
MOMENTS = st.one_of(st.none(), st.sampled_from([NOW - timedelta(days=1), NOW - timedelta(hours=1)]))
WORDS = st.sampled_from(["", "甲一", "甲*", "乙二"])


def standing(**changes: Any) -> Standing:
    plain = {
        "id": 1, "number": "271900000000000001", "status": "awaiting_shipment", "kind": "normal", "buyer": "甲",
        "title": "杯子", "quantity": 1, "item_amount": Decimal("59.90"), "postage": Decimal("0.00"),
        "paid_amount": Decimal("59.90"), "refund_status": "none", "refund_amount": Decimal("0.00"), "region": "",
        "receiver_key": "", "buyer_message": "", "memo": "", "channel_memo": "", "flag": None, "ordered_at": NOW,
        "paid_at": NOW, "shipped_at": None, "completed_at": None, "closed_at": None, "close_reason": "",
        "promise_hours": None, "promised_until": None, "channel_deadline": None, "reported_until": None,
        "agreed_until": None, "deadline": NOW, "deadline_clause": "default", "rulebook": "r", "printed_at": None,
        "conflict": "", "conflict_at": None, "draft_hash": "", "updated_at": NOW, "name": "甲一", "phone": "13900000000",
        "phone_extension": "", "phone_expires_at": None, "province": "浙江省", "city": "杭州市", "district": "西湖区",
        "address": "文三路1号", "postcode": "",
    }  # fmt: skip
    return Standing(**{**plain, **changes})


orders = st.builds(
    standing, status=st.sampled_from(ORDER_STATUSES), refund_status=st.sampled_from(REFUND_STATUSES), refund_amount=CENTS,
    memo=WORDS, channel_memo=WORDS, name=WORDS, printed_at=MOMENTS, shipped_at=MOMENTS, completed_at=MOMENTS,
    flag=st.sampled_from([None, 0, 3]),
)  # fmt: skip
drafts = st.builds(
    OrderDraft, number=st.just("271900000000000001"), status=st.sampled_from(ORDER_STATUSES), receiver=WORDS,
    phone=st.sampled_from(["", "13900000000", "139****0000", "17000000000"]), phone_extension=st.sampled_from(["", "1234"]),
    address=st.sampled_from(["", "文三路1号", "文三路*号", "世纪大道1号"]), province=st.sampled_from(["", "浙江省"]),
    refund_status=st.sampled_from(REFUND_STATUSES), refund_amount=CENTS, title=st.sampled_from(["", "杯子", "碗"]),
    quantity=st.integers(1, 3), memo=st.one_of(st.none(), WORDS), flag=st.sampled_from([None, 1]), shipped_at=MOMENTS,
    completed_at=MOMENTS, paid_at=MOMENTS, ordered_at=MOMENTS,
)  # fmt: skip


@given(orders, drafts, st.booleans())
def test_a_draft_changes_an_order_once_and_never_back(order: Standing, draft: OrderDraft, tells: bool) -> None:
    change = merge(order, draft, now=NOW, tells_refund=tells)
    after = order._replace(**change.order, **change.receiver)
    assert not merge(after, draft, now=NOW, tells_refund=tells)
    assert RANK[after.status] == max(RANK[order.status], RANK[draft.status])
    if order.refund_status == "succeeded":
        assert after.refund_status == "succeeded"
    if draft.memo in (None, order.channel_memo):
        assert after.memo == order.memo
    if order.name and "*" not in order.name:
        assert "*" not in after.name
    assert after.flag == (order.flag if order.flag is not None else draft.flag)


@given(orders, drafts)
def test_what_is_told_names_no_person(order: Standing, draft: OrderDraft) -> None:
    for item in merge(order, draft, now=NOW).told(order):
        if item["field"] in PERSONAL:
            assert item["before"] is item["after"] is None
        else:
            assert item["before"] != item["after"]


def test_a_virtual_number_does_not_part_orders_of_one_receiver() -> None:
    place = ("浙江省", "杭州市", "西湖区", "文三路1号")
    one = receiver_key("甲", "甲一", "17000000001", "1111", *place)
    assert one == receiver_key("甲", "甲一", "17000000002", "2222", *place)
    assert one != receiver_key("乙", "甲一", "17000000001", "1111", *place)
    assert one == receiver_key("甲", "甲一", "17000000001", "1111", "", "", "", " ".join(place))
    assert receiver_key("甲", "", "17000000001", "", *place) == ""


def test_lines_tell_their_order_of_a_refund() -> None:
    assert line_refunds(standing(), {"none", "requested"}, now=NOW).order == {"refund_status": "requested"}
    assert line_refunds(standing(refund_status="requested"), {"none"}, now=NOW).order == {"refund_status": "none"}
    assert not line_refunds(standing(), {"none", "succeeded"}, now=NOW)
    assert line_refunds(standing(), {"succeeded"}, now=NOW).order == {"refund_status": "succeeded"}
    assert not line_refunds(standing(refund_status="succeeded"), {"requested"}, now=NOW)
    assert line_refunds(standing(status="shipped"), {"agreed"}, now=NOW).conflict == "refund_requested"
