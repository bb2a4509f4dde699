"""Delay reports, exempt regions and agreements, and what they do to deadlines and urges."""

from datetime import datetime

import pytest

from fahuo.rules.people import Actor
from fahuo.services import regions, reports, tasks
from fahuo.store import exemptions
from fahuo.store.models import DelayReport, ExemptRegion, JournalEntry, Order, OrderLine, Shop
from tests.services.aftersales import HOUR, LATE, PAID, PLATFORM, at, buyer, paid
from tests.services.shipping import agree
from tests.services.test_tasks import refused

pytestmark = pytest.mark.django_db
UNTIL = at("14 20:00")


def deadline(shop_id: int, order: int) -> tuple[datetime | None, str]:
    found = Order.objects.get(shop_id=shop_id, id=order)
    return found.deadline, found.deadline_clause


def reason(shop_id: int, order: int, now: datetime) -> str:
    return tasks.press_urge(buyer(shop_id), order, now=now).reason


def test_an_approved_report_moves_the_deadline_and_exempts_until_then(owner: Actor) -> None:
    order, other = paid(owner.shop_id, 1), paid(owner.shop_id, 2)
    report = reports.file(owner, name="typhoon", order_ids=[order], until=UNTIL, now=PAID)
    assert deadline(owner.shop_id, order)[1] == "default"
    assert reports.approve(PLATFORM, owner.shop_id, report, now=PAID + HOUR) == 1
    assert deadline(owner.shop_id, order) == (UNTIL, "reported")
    assert deadline(owner.shop_id, other)[1] == "default"
    assert reason(owner.shop_id, order, LATE) == "reported"
    assert reason(owner.shop_id, order, UNTIL + HOUR) == "past_deadline"
    assert refused(reports.approve, PLATFORM, owner.shop_id, report, now=LATE) == ["report_answered"]
    agree(owner.shop_id)


def test_a_rejected_report_changes_nothing(owner: Actor) -> None:
    order = paid(owner.shop_id, 1)
    report = reports.file(owner, name="excuse", order_ids=[order], until=UNTIL, now=PAID)
    reports.reject(PLATFORM, owner.shop_id, report, now=PAID)
    assert reason(owner.shop_id, order, LATE) == "past_deadline"
    answered = DelayReport.objects.get(shop_id=owner.shop_id)
    assert (answered.status, answered.answered_at, answered.answered_by) == ("rejected", PAID, "platform")


@pytest.mark.parametrize(
    ("scope", "value", "covered"), [("shop", "", "123"), ("region", "33", "1"), ("goods", "A7", "2")]
)
def test_reports_for_more_than_listed_orders(owner: Actor, scope: str, value: str, covered: str) -> None:
    orders = [paid(owner.shop_id, n, region=region) for n, region in ((1, "330106"), (2, "310115"), (3, "310115"))]
    OrderLine.objects.create(shop_id=owner.shop_id, order_id=orders[1], number="x", item_code="A7")
    report = reports.file(owner, name="flood", scope=scope, scope_value=value, until=UNTIL, now=PAID)
    assert reports.approve(PLATFORM, owner.shop_id, report, now=PAID) == len(covered)
    found = [n for n, order in enumerate(orders, 1) if deadline(owner.shop_id, order)[1] == "reported"]
    assert "".join(map(str, found)) == covered


def test_reports_that_are_refused(owner: Actor, teammate: Actor, stranger: Actor) -> None:
    order = paid(owner.shop_id, 1)
    assert refused(reports.file, teammate, name="x", order_ids=[order], until=UNTIL, now=PAID) == ["not_permitted"]
    assert refused(reports.file, owner, name="x", order_ids=[order], until=PAID, now=PAID) == ["until_past"]
    assert refused(reports.file, owner, name="x", until=UNTIL, now=PAID) == ["report_scope"]
    assert refused(reports.file, owner, name="x", scope="moon", until=UNTIL, now=PAID) == ["report_scope"]
    assert refused(reports.file, stranger, name="x", order_ids=[order], until=UNTIL, now=PAID) == ["order_unknown"]
    assert refused(reports.approve, PLATFORM, owner.shop_id, 1, now=PAID) == ["report_unknown"]


@pytest.mark.parametrize(
    ("region", "moves"),
    [("31", True), ("3101", True), ("310115", True), ("310000", True), ("310101", False), ("33", True)],
)
def test_an_exempt_region_at_either_end(shop: Shop, owner: Actor, region: str, moves: bool) -> None:
    order = paid(shop.id, 1, region="310115")
    moved = regions.list_exempt(PLATFORM, region, at("12 00:00"), UNTIL, book="taobao", now=at("11 00:00"))
    assert moved == (1 if moves else 0)
    assert deadline(shop.id, order) == ((UNTIL, "exempt_region") if moves else (at("12 10:00"), "default"))
    assert reason(shop.id, order, LATE) == ("exempt_region" if moves else "past_deadline")
    agree(shop.id)


def test_only_inside_the_window_and_only_that_platform(owner: Actor, stranger: Actor) -> None:
    order, theirs = paid(owner.shop_id, 1, region="310115"), paid(stranger.shop_id, 1, region="310115")
    regions.list_exempt(PLATFORM, "31", at("12 11:00"), UNTIL, book="taobao", now=PAID)
    assert deadline(owner.shop_id, order) == (at("12 10:00"), "default"), "it begins after the deadline"
    assert reason(owner.shop_id, order, at("12 10:59")) == "past_deadline"
    other = paid(owner.shop_id, 2, region="310115")
    assert reason(owner.shop_id, other, at("12 11:00")) == "exempt_region"
    assert reason(owner.shop_id, other, UNTIL) == "past_deadline", "just before its end, no longer at it"
    assert reason(stranger.shop_id, theirs, LATE) == "past_deadline"


def test_an_order_that_comes_later_knows_the_region(owner: Actor) -> None:
    regions.list_exempt(PLATFORM, "31", at("12 00:00"), UNTIL, book="taobao", now=PAID)
    assert deadline(owner.shop_id, paid(owner.shop_id, 1, region="310115"))[1] == "exempt_region"


@pytest.mark.parametrize("region", ["", "3", "999999", "31011", "上海", "３１"])
def test_unknown_regions(owner: Actor, region: str) -> None:
    assert refused(
        regions.list_exempt, PLATFORM, region, PAID, UNTIL, book="taobao", now=PAID
    ) == ["region_unknown"]  # fmt: skip
    assert not ExemptRegion.objects.exists()


def test_a_county_that_was_merged_is_a_region_still(owner: Actor) -> None:
    """Sheets name 下城区 as 330103, which the divisions no longer know."""
    order = paid(owner.shop_id, 1, region="330103")
    assert regions.list_exempt(PLATFORM, "330103", at("12 00:00"), UNTIL, book="taobao", now=PAID) == 1
    assert deadline(owner.shop_id, order) == (UNTIL, "exempt_region")


def test_what_a_region_would_move_is_told_before(owner: Actor, stranger: Actor) -> None:
    for n, region in enumerate(("310115", "310101", "330106"), 1):
        paid(owner.shop_id, n, region=region)
    found = regions.preview("31", at("12 00:00"), UNTIL, book="taobao")
    assert [(row.code, row.orders) for row in found] == [("lan", 2)]
    assert [row.orders for row in regions.preview("330100", at("12 00:00"), UNTIL, book="taobao")] == [3], (
        "ships from it"
    )
    assert regions.list_exempt(PLATFORM, "31", at("12 00:00"), UNTIL, book="taobao", now=PAID, note="台风") == 2
    told = JournalEntry.objects.filter(shop_id=owner.shop_id, act="order.exempted")
    assert told.count() == 2
    assert refused(regions.preview, "99", PAID, UNTIL, book="taobao") == ["region_unknown"]


def test_a_region_ends_early_and_the_deadlines_come_back(shop: Shop, owner: Actor) -> None:
    inside, later = paid(shop.id, 1, region="310115"), paid(shop.id, 2, region="310115", paid_at=PAID + 50 * HOUR)
    regions.list_exempt(PLATFORM, "31", at("12 00:00"), UNTIL, book="taobao", now=PAID)
    assert deadline(shop.id, later) == (UNTIL, "exempt_region")
    (row,) = regions.listed("taobao")
    assert regions.end_early(PLATFORM, row.id, now=at("13 09:00")) == 2
    assert deadline(shop.id, inside) == (at("13 09:00"), "exempt_region"), "no earlier than the end"
    assert deadline(shop.id, later) == (at("14 12:00"), "default")
    assert reason(shop.id, inside, at("13 10:00")) == "past_deadline"
    assert refused(regions.end_early, PLATFORM, row.id, now=at("13 11:00")) == ["region_over"]
    assert refused(regions.end_early, PLATFORM, 1, now=at("13 11:00")) == ["region_listing_unknown"]
    agree(shop.id)


def test_one_that_never_began_exempts_nothing(owner: Actor) -> None:
    order = paid(owner.shop_id, 1, region="310115")
    regions.list_exempt(PLATFORM, "31", at("12 00:00"), UNTIL, book="taobao", now=PAID)
    regions.end_early(PLATFORM, regions.listed("taobao")[0].id, now=at("11 00:00"))
    assert deadline(owner.shop_id, order) == (at("12 10:00"), "default")


def test_what_was_left_half_applied_is_finished_by_the_clock(owner: Actor) -> None:
    order = paid(owner.shop_id, 1, region="310115")
    exemptions.add("taobao", "31", at("12 00:00"), UNTIL, by="p", now=PAID)
    assert regions.resume(PAID) == 1
    assert deadline(owner.shop_id, order) == (UNTIL, "exempt_region")
    assert regions.resume(PAID) == 0


def test_a_window_that_ends_before_it_begins(owner: Actor) -> None:
    assert refused(regions.list_exempt, PLATFORM, "31", UNTIL, UNTIL, book="taobao", now=PAID) == ["region_window"]
    assert refused(regions.list_exempt, PLATFORM, "31", PAID, UNTIL, book="moon", now=PAID) == ["policy_unknown"]
