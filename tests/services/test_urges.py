"""Urges of outside marketplaces: entered by hand and by sheet, and the clock that runs by the marketplace's deadline."""

from datetime import datetime

import pytest

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.rules.people import Actor
from fahuo.services import batches, explain, tasks, urges
from fahuo.store.models import Batch, JournalEntry, Order, Shop, Task, Urge
from tests.services.aftersales import HOUR, PAID, at, clerk, complaint, late, paid, state, steps, task
from tests.services.shipping import order_number
from tests.services.test_tasks import refused

pytestmark = pytest.mark.django_db
URGED = at("11 09:00")
"""Within the time that the rule book gives: by itself the urge would only be noted."""
DUE = at("11 21:00")


@pytest.fixture
def elsewhere(shop: Shop) -> Shop:
    """The shop's tasks are kept by its marketplace."""
    Shop.objects.filter(id=shop.id).update(tasks_here=False)
    return shop


def test_the_marketplaces_deadline_makes_the_task_and_drives_the_clock(elsewhere: Shop, owner: Actor) -> None:
    order = paid(elsewhere.id, 1)
    found = urges.note(owner, order_number(1), at=URGED, due_at=DUE, now=URGED + HOUR)
    assert (found.verdict, found.effect) == ("ready", "task")
    made = task(elsewhere.id, order)
    assert (made.created_at, made.due_at, made.marketplace_due_at, made.urge_count) == (URGED, DUE, DUE, 1)
    tasks.run_due(elsewhere.id, now=DUE - HOUR)
    assert state(elsewhere.id, order) == "awaiting_seller_reply"
    told = explain.explain(owner, order_number(1), now=URGED + HOUR)
    assert next(step.at for step in told.next if step.what == "transition") == DUE
    tasks.run_due(elsewhere.id, now=DUE)
    assert (state(elsewhere.id, order), complaint(elsewhere.id, order)) == ("platform_intervention", "open")
    assert steps(elsewhere.id, order)[0] == ("", "urged", "awaiting_seller_reply")


def test_without_a_deadline_the_rules_decide_as_of_the_urge(elsewhere: Shop, owner: Actor) -> None:
    order = paid(elsewhere.id, 1)
    assert urges.note(owner, order_number(1), at=URGED, now=URGED).effect == "flagged"
    assert urges.note(owner, order_number(1), at=at("12 15:00"), now=at("12 16:00")).effect == "flagged"
    assert state(elsewhere.id, order) == "none"
    Shop.objects.filter(id=elsewhere.id).update(tasks_here=True)
    assert urges.note(owner, order_number(1), at=at("12 16:00"), now=at("12 18:00")).effect == "task"
    made = task(elsewhere.id, order)
    assert made.due_at is not None
    assert made.due_at - at("12 16:00") == 24 * HOUR
    assert made.marketplace_due_at is None
    assert Order.objects.get(shop_id=elsewhere.id, id=order).urge_count == 3


def test_again_changes_nothing_unless_the_deadline_moved(shop: Shop, owner: Actor) -> None:
    order = paid(shop.id, 1)
    first = urges.note(owner, order_number(1), at=URGED.replace(microsecond=7), due_at=DUE, now=URGED + HOUR)
    again = urges.note(owner, f" {order_number(1)} ", at=URGED, due_at=DUE, now=URGED + 2 * HOUR)
    silent = urges.note(owner, order_number(1), at=URGED, now=URGED + 2 * HOUR)
    assert (first.verdict, again.verdict, silent.verdict) == ("ready", "same", "same")
    assert JournalEntry.objects.filter(shop_id=shop.id, act="order.urged").count() == 1
    mended = urges.note(owner, order_number(1), at=URGED, due_at=DUE + HOUR, now=URGED + 2 * HOUR)
    assert mended.effect == "deadline"
    made = task(shop.id, order)
    assert (made.due_at, made.urge_count, made.next_reminder_at) == (DUE + HOUR, 1, URGED + 2 * HOUR)
    second = urges.note(owner, order_number(1), at=URGED + HOUR, due_at=DUE, now=URGED + 3 * HOUR)
    assert second.effect == "counted"
    made.refresh_from_db()
    assert (made.due_at, made.urge_count) == (DUE, 2)
    assert Order.objects.get(shop_id=shop.id, id=order).urge_count == 2
    assert Urge.objects.filter(shop_id=shop.id).count() == 2


def test_a_task_that_does_not_wait_for_the_seller_keeps_its_time(shop: Shop, owner: Actor) -> None:
    order = late(shop.id, 1)
    tasks.reply(owner, order, plan="exchange", now=at("12 16:00"))
    before = task(shop.id, order).due_at
    found = urges.note(owner, order_number(1), at=at("12 15:30"), due_at=at("12 20:00"), now=at("12 17:00"))
    assert [problem["code"] for problem in found.problems] == ["urge_due_unused"]
    assert (task(shop.id, order).due_at, task(shop.id, order).urge_count) == (before, 2)


def test_slips_are_named(shop: Shop, owner: Actor, stranger: Actor) -> None:
    paid(shop.id, 1)
    number, now = order_number(1), URGED + HOUR
    packer = clerk(shop, "packer", permissions=("ship",))
    assert refused(urges.note, packer, number, at=URGED, now=now) == ["not_permitted"]
    assert refused(urges.note, stranger, number, at=URGED, now=now) == ["order_unknown"]
    assert refused(urges.note, owner, number, at=now + HOUR, now=now) == ["urge_future"]
    assert refused(urges.note, owner, number, at=PAID - HOUR, now=now) == ["urge_before_paid"]
    assert refused(urges.note, owner, number, at=URGED, due_at=URGED, now=now) == ["urge_due_early"]
    Order.objects.filter(shop_id=shop.id).update(status="closed")
    assert refused(urges.note, owner, number, at=URGED, now=now) == ["urge_not_waiting"]
    assert not Urge.objects.filter(shop_id=shop.id).exists()


SHEET = """订单编号,催促时间,平台截止时间
{one},2022-08-11 09:00:00,2022-08-11 21:00
{one},2022-08-11 08:00:00,
{two},2022-08-11 09:30,2022/8/10 21:00
{two},明天,
9999999999,2022-08-11 09:00,
{one},2022-08-11 09:00:00,2022-08-12 21:00
{two},2022-08-11 10:00,
"""


def taken(actor: Actor, body: str, now: datetime) -> Batch:
    batch_id = batches.open_urges_sheet(actor, name="催促.csv", body=body.encode(), now=now)
    assert batches.work(actor.shop_id, batch_id, now=now)
    assert Batch.objects.get(shop_id=actor.shop_id, id=batch_id).status == "checked"
    batches.commit(actor, batch_id, now=now)
    assert batches.work(actor.shop_id, batch_id, now=now)
    return Batch.objects.get(shop_id=actor.shop_id, id=batch_id)


def test_a_sheet_does_its_good_rows_and_gives_back_the_others(elsewhere: Shop) -> None:
    actor = clerk(elsewhere, "kefu", permissions=("messages",))
    orders = [paid(elsewhere.id, n) for n in (1, 2)]
    body, now = SHEET.format(one=order_number(1), two=order_number(2)), at("11 11:00")
    batch = taken(actor, body, now)
    assert (batch.status, batch.row_count, batch.done_count, batch.bad_count) == ("committed", 7, 3, 4)
    assert [task(elsewhere.id, orders[0]).urge_count, state(elsewhere.id, orders[1])] == [1, "none"]
    assert task(elsewhere.id, orders[0]).due_at == DUE
    assert list(Order.objects.order_by("id").values_list("urge_count", flat=True)) == [2, 1]
    name, sheet = batches.problems_sheet(actor, batch.id)
    told = [row.cells[:4] for row in open_sheet(name, sheet).rows()]
    assert [(row[0], row[1], row[2]) for row in told] == [
        ("4", "平台截止时间", "2022/8/10 21:00"), ("5", "催促时间", "明天"), ("6", "订单编号", "9999999999"),
        ("7", "催促时间", "2022-08-11 09:00:00"),
    ]  # fmt: skip
    assert "第 2 行" in told[3][3]

    again = taken(actor, body, now + HOUR)
    assert (again.done_count, again.bad_count) == (4, 3), "the double of a row that is done is done"
    assert list(Order.objects.order_by("id").values_list("urge_count", flat=True)) == [2, 1]
    assert Task.objects.count() == 1
    assert Urge.objects.count() == 3


def test_a_sheet_whose_columns_nobody_knows_is_explained_once(shop: Shop, owner: Actor) -> None:
    paid(shop.id, 1)
    body = f"单子,啥时候催的\n{order_number(1)},2022-08-11 09:00\n"
    batch_id = batches.open_urges_sheet(owner, name="a.csv", body=body.encode(), now=URGED + HOUR)
    batches.work(shop.id, batch_id, now=URGED + HOUR)
    assert Batch.objects.get(shop_id=shop.id).problem["code"] == "sheet_without_urges"
    batches.map_columns(owner, batch_id, {"单子": "number", "啥时候催的": "at"}, now=URGED + HOUR)
    batches.work(shop.id, batch_id, now=URGED + HOUR)
    batch = Batch.objects.get(shop_id=shop.id)
    assert (batch.status, batch.good_count) == ("checked", 1)
