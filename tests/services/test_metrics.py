"""Every figure equals what the rows behind it add up to, read page by page; and the rows are what the rules say."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.rules import metrics as rules
from fahuo.rules import response
from fahuo.rules.metrics import Span
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import metric_sheets, metrics, turns
from fahuo.services.shopbook import ShopBook
from fahuo.store.boards import metric_rows
from fahuo.store.models import Message, Order, Parcel, ParcelOrder, Shop, Task, TaskEvent
from tests.conftest import NOW

HOUR = timedelta(hours=1)
SPAN = Span((NOW - 2 * 24 * HOUR).date(), NOW.date())
ANY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

_hours = st.integers(-80, 6)
_after = st.none() | st.integers(-4, 4)
PARCEL = st.tuples(st.integers(-6, 3), _after, st.booleans(), st.booleans(), st.sampled_from([None, 1, 2]))
ORDER = st.tuples(_hours, _after, _after, st.lists(PARCEL, max_size=2))
"""Hours: when it is due, and from then on shipped, closed; parcels: shipped, scanned; voided, virtual; by whom."""
TASK = st.tuples(_hours, st.sampled_from(["", "due", "shipped", "reply_exchange"]), st.integers(0, 30), st.sampled_from([None, 1, 2]))  # fmt: skip
TALK = st.tuples(_hours, st.integers(0, 900), st.sampled_from([("buyer", "message", None), ("buyer", "message", 1), ("buyer", "card", None), ("seller", "message", 1), ("seller", "message", 2), ("seller", "auto", 1)]))  # fmt: skip


def hour(n: int) -> datetime:
    return NOW + n * HOUR


def put_orders(shop_id: int, drawn: list[Any]) -> dict[int, rules.Pickup | None]:
    """Orders with their parcels; order -> what the rules say became of it."""
    expected = {}
    for n, (due, shipped, closed, parcels) in enumerate(drawn):
        deadline = hour(due)

        def when(offset: int | None, since: datetime = deadline) -> datetime | None:
            return None if offset is None else since + offset * HOUR

        order = Order.objects.create(
            shop_id=shop_id, number=f"n{n}", status="shipped", ordered_at=deadline, created_at=deadline,
            updated_at=deadline, paid_at=deadline - 48 * HOUR, deadline=deadline, shipped_at=when(shipped),
            closed_at=when(closed),
        )  # fmt: skip
        left: list[datetime | None] = []
        for m, (sent, scanned, voided, virtual, member) in enumerate(parcels):
            at = deadline + sent * HOUR
            parcel = Parcel.objects.create(
                shop_id=shop_id, kind="virtual" if virtual else "offline", carrier="ZTO", waybill=f"75{n:08d}{m:04d}",
                shipped_at=at, shipped_by=member, picked_up_at=when(scanned), voided_at=at if voided else None,
            )  # fmt: skip
            ParcelOrder.objects.create(shop_id=shop_id, order_id=order.id, parcel_id=parcel.id)
            if not voided:
                left.append(when(scanned) or (at if virtual else None))
        gone = None if None in left or not left else max(at for at in left if at is not None)
        expected[order.id] = rules.pickup(
            deadline, shipped_at=when(shipped), picked_up_at=gone, closed_at=when(closed)
        )  # fmt: skip
    return expected


def put_tasks(shop_id: int, drawn: list[Any]) -> None:
    for n, (raised, event, after, member) in enumerate(drawn):
        task = Task.objects.create(
            shop_id=shop_id, order_id=order_of(shop_id, n), kind="urge_shipment", state="completed",
            created_at=hour(raised), state_since=hour(raised), rulebook="x",
        )  # fmt: skip
        if event and hour(raised) + after * HOUR <= NOW:
            TaskEvent.objects.create(
                shop_id=shop_id, order_id=task.order_id, task_id=task.id, at=hour(raised) + after * HOUR,
                member_id=None if event == "due" else member, actor="", from_state="awaiting_seller_reply", event=event,
                to_state="completed",
            )  # fmt: skip


def order_of(shop_id: int, n: int) -> int:
    return int(Order.objects.create(
        shop_id=shop_id, number=f"t{n}", status="awaiting_shipment", ordered_at=NOW, created_at=NOW, updated_at=NOW
    ).id)  # fmt: skip


def put_talk(shop_id: int, drawn: list[Any]) -> None:
    orders = [order_of(shop_id, 1000), order_of(shop_id, 1001)]
    for at, seconds, (sender, kind, member) in drawn:
        Message.objects.create(
            shop_id=shop_id, order_id=orders[at % 2], at=hour(at) + timedelta(seconds=seconds), sender=sender, kind=kind,
            member_id=member,
        )  # fmt: skip


def walked(page_at: Callable[[str], Any]) -> list[Any]:
    """All rows, page by page forward; and the same backward."""
    page = page_at("")
    rows, pages = list(page.rows), [page.rows]
    while page.next:
        page = page_at(page.next)
        rows += page.rows
        pages.append(page.rows)
    for expected in reversed(pages[:-1]):
        page = page_at(page.previous)
        assert page.rows == expected
    return rows


def due_rows(shop_id: int, span: Span, outcomes: Any = rules.PICKUPS, **member: Any) -> list[Any]:
    asked = turns.range_of(ShopBook.of(shop_id), span, now=NOW)
    who = {"by_member": bool(member), "member": member.get("member")}
    return walked(lambda cursor: metric_rows.due(asked, outcomes, **who, cursor=cursor, limit=3))


def task_rows(shop_id: int, span: Span, *, missed: bool = False, **member: Any) -> list[Any]:
    asked = turns.range_of(ShopBook.of(shop_id), span, now=NOW)
    who = {"by_member": bool(member), "member": member.get("member")}
    return walked(
        lambda cursor: metric_rows.raised(
            asked, missed=missed, **who, within=rules.ANSWER_WITHIN, cursor=cursor, limit=3
        )
    )  # fmt: skip


def turn_rows(shop_id: int, span: Span, only: str = "", **member: Any) -> list[response.Turn]:
    who = {"by_member": bool(member), "member": member.get("member")}
    rows = walked(
        lambda cursor: metrics.turns_page(shop_id, span, only=only, **who, cursor=cursor, limit=3, now=NOW)
    )  # fmt: skip
    return [row.turn for row in rows]


def holds(shop_id: int, span: Span, figures: metrics.Figures, **member: Any) -> None:
    """The figures are what their rows add up to."""
    due, tasks, turns = (rows(shop_id, span, **member) for rows in (due_rows, task_rows, turn_rows))
    kinds = Counter(row.pickup for row in due)
    assert figures.due == len(due)
    assert {name: getattr(figures, name) for name in rules.PICKUPS} == {name: kinds[name] for name in rules.PICKUPS}
    late = due_rows(shop_id, span, [name for name in rules.PICKUPS if name != "on_time"], **member)
    assert figures.due - figures.on_time == len(late)
    assert figures.pickup == rules.share(kinds["on_time"], len(due))

    assert figures.raised == len(tasks)
    assert figures.in_time == sum(row.in_time for row in tasks)
    assert figures.waiting == sum(row.waits for row in tasks)
    took = [(row.answered_at - row.created_at).total_seconds() for row in tasks if row.answered_at]
    assert figures.answered == len(took)
    assert figures.answer_average == (pytest.approx(sum(took) / len(took)) if took else None)
    assert figures.decided - figures.in_time == len(task_rows(shop_id, span, missed=True, **member))

    assert (figures.turns, figures.response, figures.quick) == (
        len(turns), response.mean(turns), response.quick_part(turns)
    )  # fmt: skip
    slow = [turn for turn in turns if not response.is_quick(turn)]
    assert turn_rows(shop_id, span, "slow", **member) == slow
    assert turn_rows(shop_id, span, "unanswered", **member) == [turn for turn in turns if not turn.answered]


@ANY
@given(st.lists(ORDER, max_size=8), st.lists(TASK, max_size=6), st.lists(TALK, max_size=14))
def test_every_figure_equals_its_rows(shop: Shop, orders: list[Any], tasks: list[Any], talk: list[Any]) -> None:
    with transaction.atomic():
        expected = put_orders(shop.id, orders)
        put_tasks(shop.id, tasks)
        put_talk(shop.id, talk)
        found = metrics.report(shop.id, SPAN, now=NOW)
        holds(shop.id, SPAN, found.total)
        for day, figures in found.days.items():
            holds(shop.id, Span(day, day), figures)
        for member, figures in found.members.items():
            holds(shop.id, SPAN, figures, member=member)
        start, _ = SPAN.bounds(ShopBook.of(shop.id).zone)
        for row in due_rows(shop.id, Span(SPAN.first - timedelta(days=9), SPAN.last)):
            assert row.pickup == expected.pop(row.id)
        left = Order.objects.filter(shop_id=shop.id, id__in=[id for id, became in expected.items() if became])
        assert all(order.deadline > NOW for order in left if order.deadline)
        hours_hold(shop.id)
        assert turns.add_up(shop.id, now=NOW) == (len(days_with_talk(shop.id)) if talk else 0)
        assert metrics.report(shop.id, SPAN, now=NOW) == found, "sums that are kept change no figure"
        transaction.set_rollback(True)


def days_with_talk(shop_id: int) -> list[date]:
    """The days from the first message to yesterday; the day in Shanghai began at 16:00 UTC."""
    zone = ShopBook.of(shop_id).zone
    first = min(
        at.astimezone(zone).date() for at in Message.objects.filter(shop_id=shop_id).values_list("at", flat=True)
    )
    today = NOW.astimezone(zone).date()
    return [first + timedelta(days=n) for n in range((today - first).days)]


def test_a_message_that_comes_late_counts(shop: Shop) -> None:
    put_talk(shop.id, [(-50, 0, ("buyer", "message", None)), (-26, 0, ("buyer", "message", None))])
    assert metrics.report(shop.id, SPAN, now=NOW).total.response == 600
    assert turns.add_up(shop.id, now=NOW) == 2
    assert turns.add_up(shop.id, now=NOW) == 0, "said again it changes nothing"
    order_id = Message.objects.filter(shop_id=shop.id).order_by("-at")[0].order_id
    Message.objects.create(shop_id=shop.id, order_id=order_id, at=hour(-26) + HOUR / 60, sender="seller", member_id=1)
    late = metrics.report(shop.id, SPAN, now=NOW)
    assert (late.total.turns, late.total.response) == (2, 330)
    assert turns.add_up(shop.id, now=NOW) == 1, "from its day on"
    assert metrics.report(shop.id, SPAN, now=NOW) == late


def test_a_day_is_added_up_once_it_is_over(shop: Shop) -> None:
    put_talk(shop.id, [(-26, 0, ("buyer", "message", None))])
    midnight = ShopBook.of(shop.id).zone
    over = datetime.combine(SPAN.last, datetime.min.time(), midnight)
    assert turns.add_up(shop.id, now=over - HOUR) == 0
    assert turns.add_up(shop.id, now=over + HOUR / 2) == 0, "what is being written may still come"
    assert turns.add_up(shop.id, now=over + HOUR) == 1


def hours_hold(shop_id: int) -> None:
    """What was paid and shipped in each hour."""
    asked = turns.range_of(ShopBook.of(shop_id), SPAN, now=NOW)

    def rows(list_of: Any, hour: int | None) -> Iterator[Any]:
        return iter(walked(lambda cursor: list_of(asked, hour=hour, cursor=cursor, limit=3)))

    for list_of, counts in zip(
        (metric_rows.paid, metric_rows.shipped), metrics.hours(shop_id, SPAN, now=NOW), strict=True
    ):
        assert len(list(rows(list_of, None))) == sum(counts)
        busiest = counts.index(max(counts))
        assert len(list(rows(list_of, busiest))) == counts[busiest]


def table(body: bytes, name: str) -> list[list[str]]:
    sheet = open_sheet(name, body)
    return [list(sheet.header), *(list(row.cells) for row in sheet.rows())]


def test_a_cursor_of_another_list_begins_at_the_top(shop: Shop) -> None:
    asked = turns.range_of(ShopBook.of(shop.id), SPAN, now=NOW)
    put_orders(shop.id, [(-3, None, None, [])])
    page = metric_rows.due(asked, rules.PICKUPS, by_member=False, member=None, cursor="nonsense", limit=3)
    assert (len(page.rows), page.cursor_lost) == (1, True)


def test_the_sheet_says_what_the_page_says(shop: Shop, owner: Actor, stranger: Actor) -> None:
    put_orders(shop.id, [(-3, -1, None, [(-2, -1, False, False, owner.member_id)]), (-3, None, None, [])])
    name, body = metric_sheets.workbook(owner, SPAN, "days", now=NOW)
    assert name == "metrics-days-20260228-20260302.xlsx"
    rows = table(body, name)
    head, last = rows[0], rows[-1]
    assert (len(rows), last[0]) == (1 + SPAN.length + 1, "合计")
    said = dict(zip(head, last, strict=True))
    assert (said["到期订单"], said["按时揽收"], said["没有发货"], said["按时揽收率"]) == ("2", "1", "1", "50.00%")
    people = table(metric_sheets.workbook(owner, SPAN, "members", now=NOW)[1], name)
    assert [row[0] for row in people] == ["账号", "owner", "没有账号经手", "合计"]
    nobody = Actor(shop.id, stranger.member_id, "s", False, frozenset())
    with pytest.raises(Refusal, match="not_permitted"):
        metric_sheets.workbook(nobody, SPAN, "days", now=NOW)


def test_another_shops_rows_are_not_counted(shop: Shop, other_shop: Shop) -> None:
    put_orders(other_shop.id, [(-3, None, None, [])])
    put_talk(other_shop.id, [(-20, 0, ("buyer", "message", None))])
    assert metrics.report(shop.id, SPAN, now=NOW).total == metrics.Figures()
