"""Delay reports: a preview says what happens, later orders fall under what was approved ahead of time, withdrawing."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fahuo.rules.people import Actor
from fahuo.rules.reports import MOST_ORDERS, Wish
from fahuo.services import orders, reports, tasks
from fahuo.store.models import DelayReport, JournalEntry, Order
from tests.conftest import NOW
from tests.services.aftersales import HOUR, PAID, PLATFORM, at, buyer, paid
from tests.services.importing import get, holds_together, take_in
from tests.services.lists import LINES, UNPAID, as_csv, line, order
from tests.services.shipping import agree
from tests.services.test_tasks import refused

pytestmark = pytest.mark.django_db
UNTIL = at("20 20:00")
PAYS = datetime.fromisoformat("2026-03-01T10:01:00+08:00")
"""When the orders of tests/services/lists.py are paid; the lists come in at NOW, the next day."""
LATER = PAYS + timedelta(days=8)


def ahead(owner: Actor, scope: str = "shop", value: str = "", *, hours: int = 24, until: datetime = LATER) -> int:
    """A report on what is paid from an hour before PAYS on, approved before any of it came in."""
    report = reports.file(
        owner, name="年货节爆仓", scope=scope, scope_value=value, until=until, paid_from=PAYS - HOUR,
        paid_until=PAYS + hours * HOUR, now=PAYS - 24 * HOUR,
    )  # fmt: skip
    assert reports.approve(PLATFORM, owner.shop_id, report, now=PAYS - 23 * HOUR) == 0
    return report


def stands(owner: Actor, n: int) -> tuple[datetime | None, str]:
    found = get(owner, n)
    return found.deadline, found.deadline_clause


@pytest.mark.parametrize(("scope", "value", "covered"), [("shop", "", "123"), ("region", "330000", "12"), ("region", "310115", "3")])  # fmt: skip
def test_orders_that_come_later_fall_under_it(owner: Actor, scope: str, value: str, covered: str) -> None:
    report = ahead(owner, scope, value)
    far = {"收货地址": "上海 上海市 浦东新区 世纪大道1号 "}
    take_in(owner, as_csv([order(1), order(2), order(3, **far)]))
    reported = [n for n in (1, 2, 3) if stands(owner, n) == (LATER, "reported")]
    assert "".join(map(str, reported)) == covered
    told = JournalEntry.objects.filter(shop_id=owner.shop_id, act="order.reported")
    assert {entry.after["report"] for entry in told} == {report}
    assert told.count() == len(covered)
    holds_together(owner.shop_id)
    late = get(owner, reported[0])
    assert tasks.press_urge(buyer(owner.shop_id, late.buyer), late.id, now=LATER - HOUR).reason == "reported"
    assert tasks.press_urge(buyer(owner.shop_id, late.buyer), late.id, now=LATER + HOUR).reason == "past_deadline"


def test_only_what_is_paid_inside_the_window(owner: Actor) -> None:
    ahead(owner, hours=2)
    last, over = "2026-03-01 12:00:59", "2026-03-01 12:01:00"
    unpaid = {"订单状态": UNPAID, "订单付款时间": ""}
    take_in(owner, as_csv([order(1, 订单付款时间=last), order(2, 订单付款时间=over), order(3, **unpaid)]))
    assert [stands(owner, n)[1] for n in (1, 2, 3)] == ["reported", "default", ""]
    take_in(owner, as_csv([order(3)]), now=NOW + HOUR)
    assert stands(owner, 3) == (LATER, "reported"), "paid later, but inside the window"
    agree(owner.shop_id)


def test_goods_are_known_once_their_lines_come(owner: Actor) -> None:
    ahead(owner, "goods", "CUP-1")
    take_in(owner, as_csv([order(1), order(2)]))
    assert stands(owner, 1)[1] == "default"
    take_in(owner, as_csv([line(1, 1), line(1, 2), line(2, 2)], LINES), name="ExportOrderDetailList.csv")
    assert [stands(owner, n)[1] for n in (1, 2)] == ["reported", "default"]


def test_of_two_the_one_approved_last_counts_and_a_person_may_still_change_it(owner: Actor) -> None:
    ahead(owner, until=LATER + HOUR)
    last = ahead(owner)
    take_in(owner, as_csv([order(1)]))
    assert stands(owner, 1) == (LATER, "reported")
    assert last == JournalEntry.objects.get(shop_id=owner.shop_id, act="order.reported").after["report"]
    orders.let_wait(owner, [get(owner, 1).id], LATER + 2 * HOUR, ground="reported", now=NOW)
    take_in(owner, as_csv([order(1, 订单备注="x")]), now=NOW + HOUR)
    assert stands(owner, 1) == (LATER + 2 * HOUR, "reported")


@pytest.mark.parametrize("answer", ["rejected", "withdrawn", "filed"])
def test_what_was_not_approved_covers_nothing(owner: Actor, answer: str) -> None:
    report = reports.file(
        owner, name="x", scope="shop", until=LATER, paid_from=PAYS - HOUR, paid_until=PAYS + HOUR, now=PAYS - 2 * HOUR
    )
    if answer == "rejected":
        reports.reject(PLATFORM, owner.shop_id, report, now=PAYS - HOUR)
    if answer == "withdrawn":
        reports.withdraw(owner, report, now=PAYS - HOUR)
        assert refused(reports.approve, PLATFORM, owner.shop_id, report, now=PAYS) == ["report_answered"]
    take_in(owner, as_csv([order(1)]))
    assert stands(owner, 1)[1] == "default"


def test_waiting_orders_inside_the_window_are_covered_at_once(owner: Actor, stranger: Actor) -> None:
    take_in(owner, as_csv([order(1), order(2, 订单付款时间="2026-03-01 11:01:00")]))
    take_in(stranger, as_csv([order(1)]))
    report = reports.file(owner, name="x", scope="shop", until=LATER, paid_from=PAYS, paid_until=PAYS + HOUR, now=NOW)
    assert reports.approve(PLATFORM, owner.shop_id, report, now=NOW) == 1
    assert [stands(owner, n)[1] for n in (1, 2)] == ["reported", "default"]
    assert stands(stranger, 1)[1] == "default"


def test_a_preview_says_what_the_approval_does(owner: Actor, teammate: Actor) -> None:
    ids = [paid(owner.shop_id, n, price="200.00") for n in (1, 2, 3)]
    orders.let_wait(owner, ids[2:], at("21 10:00"), ground="agreed", now=PAID)
    wish = Wish(UNTIL, order_ids=ids)
    before = reports.preview(owner, wish, now=at("12 11:00"))
    assert (before.covered, before.later, before.stays, before.earlier, before.overdue) == (3, 2, 1, 0, 2)
    # five percent each for the delay, and thirty more from 72 hours after the deadline on
    assert before.saved == Decimal("140.00") == sum((each.saved for each in before.shown), Decimal())
    report = reports.file(owner, name="x", order_ids=ids, until=UNTIL, now=at("12 11:00"))
    assert reports.preview_of(owner.shop_id, DelayReport.objects.get(id=report), now=at("12 11:00")) == before
    reports.approve(PLATFORM, owner.shop_id, report, now=at("12 12:00"))
    after = {order.id: order.deadline for order in Order.objects.filter(shop_id=owner.shop_id)}
    assert {each.order_id: each.after for each in before.shown} == after
    sooner = reports.preview(owner, Wish(at("13 10:00"), "shop"), now=at("12 13:00"))
    assert (sooner.later, sooner.earlier, sooner.stays) == (0, 2, 1)
    assert refused(reports.preview, teammate, wish, now=PAID) == ["not_permitted"]


def test_withdrawing(owner: Actor, teammate: Actor, stranger: Actor) -> None:
    report = reports.file(owner, name="x", order_ids=[paid(owner.shop_id, 1)], until=UNTIL, now=PAID)
    assert refused(reports.withdraw, teammate, report, now=PAID) == ["not_permitted"]
    assert refused(reports.withdraw, stranger, report, now=PAID) == ["report_unknown"]
    reports.withdraw(owner, report, now=PAID + HOUR)
    found = DelayReport.objects.get(shop_id=owner.shop_id)
    assert (found.status, found.answered_by, found.answered_at) == ("withdrawn", owner.name, PAID + HOUR)
    assert refused(reports.withdraw, owner, report, now=PAID) == ["report_answered"]


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"paid_from": PAID}, ["report_window"]),
        ({"paid_until": PAID}, ["report_window"]),
        ({"paid_from": PAID, "paid_until": PAID}, ["report_window"]),
        ({"paid_from": PAID, "paid_until": UNTIL + HOUR}, ["report_until_early"]),
        ({"paid_from": PAID, "paid_until": UNTIL, "scope": "orders", "order_ids": [1]}, ["report_window_listed"]),
        ({"scope": "region", "scope_value": "上海"}, ["region_unknown"]),
        ({"scope": "region", "scope_value": "999999"}, ["region_unknown"]),
        ({"scope": "orders", "order_ids": range(1, MOST_ORDERS + 2)}, ["report_too_many"]),
        ({"scope": "goods", "until": PAID}, ["until_past", "report_scope"]),
    ],
)
def test_reports_that_make_no_sense(owner: Actor, changes: dict[str, Any], codes: list[str]) -> None:
    wish = {"name": "x", "scope": "shop", "until": UNTIL, "now": PAID, **changes}
    assert refused(reports.file, owner, **wish) == codes
    assert not DelayReport.objects.exists()
