"""The list of tasks: priced as the rules price, in the order of what silence costs, each row once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from fahuo.rules import complaints as complaint_rules
from fahuo.rules import penalties
from fahuo.rules.people import Actor
from fahuo.services import complaints, stakes, tasks
from fahuo.services.shopbook import ShopBook
from fahuo.store import boards
from fahuo.store.boards import TaskFilter
from fahuo.store.models import Complaint, Order, Shop, Task
from tests.services.aftersales import HOUR, LATE, PLATFORM, late

PRICES = ("10.00", "300.00", "99.99", "2000.00", "300.00", "55.55", "1.00")


@pytest.fixture
def ids(shop: Shop) -> list[int]:
    """Late orders of several prices, each with its task."""
    return [
        late(shop.id, n, price=price, name=f"b{n}", now=LATE + n * timedelta(minutes=7))
        for n, price in enumerate(PRICES)
    ]


def listed(shop: Shop, wish: TaskFilter | None = None, *, limit: int = 50, now: object = None) -> list[boards.TaskRow]:
    page = boards.tasks_page(shop.id, wish or TaskFilter(), stakes.rates(shop.id), now=now or LATE + HOUR, limit=limit)  # type: ignore[arg-type]
    return list(page.rows)


def test_every_row_is_priced_as_the_rules_price(shop: Shop, ids: list[int], owner: Actor) -> None:
    complaints.open_by_buyer(owner, ids[1], kind="false_shipping", now=LATE + HOUR)
    complaints.open_by_buyer(owner, ids[3], kind="delay", now=LATE + HOUR)
    complaints.adjudicate(PLATFORM, shop.id, ids[3], verdict="upheld", now=LATE + 2 * HOUR)
    book = ShopBook.of(shop.id)
    for now in (LATE + 3 * HOUR, LATE + 100 * HOUR):
        for row in listed(shop, now=now):
            order, task = (
                Order.objects.get(shop_id=shop.id, id=row.order_id),
                Task.objects.get(shop_id=shop.id, id=row.id),
            )
            version = book.versions[task.rulebook]
            due = max(task.due_at or now, now)
            kind = row.complaint or complaint_rules.kind_at(order.deadline, version, now=due)
            paid_for = Complaint.objects.filter(shop_id=shop.id, order_id=order.id, kind=kind, status="upheld").exists()
            expected = Decimal("0.00") if paid_for else penalties.compensation(kind, order.item_amount, version)  # type: ignore[arg-type]
            assert (row.cost, row.points) == (expected, 0 if paid_for else version.points.upheld), row


def test_what_costs_most_comes_first_and_each_row_once_forward_and_back(shop: Shop, ids: list[int]) -> None:
    whole = listed(shop)
    assert [row.cost for row in whole] == sorted((row.cost for row in whole), reverse=True)
    assert {row.order_id for row in whole} == set(ids)
    rates, seen, cursor, pages = stakes.rates(shop.id), [], "", []
    while cursor is not None:
        page = boards.tasks_page(shop.id, TaskFilter(), rates, now=LATE + HOUR, cursor=cursor, limit=2)
        pages.append(page)
        seen += [row.id for row in page.rows]
        cursor = page.next  # type: ignore[assignment]
    assert seen == [row.id for row in whole]
    back = boards.tasks_page(shop.id, TaskFilter(), rates, now=LATE + HOUR, cursor=pages[1].previous or "", limit=2)
    assert [row.id for row in back.rows] == [row.id for row in pages[0].rows]
    assert back.previous is None
    assert boards.tasks_page(shop.id, TaskFilter(), rates, now=LATE, cursor="n1.x").cursor_lost


def test_tabs_count_what_they_show(shop: Shop, ids: list[int], owner: Actor) -> None:
    tasks.reply(owner, ids[0], plan="exchange", now=LATE + HOUR)
    tasks.reply(owner, ids[1], plan="cannot_ship", now=LATE + HOUR)
    Task.objects.filter(shop_id=shop.id, order_id=ids[2]).update(set_aside_at=LATE, set_aside_why="x")
    Task.objects.filter(shop_id=shop.id, order_id__in=ids[3:5]).update(state="completed", due_at=None)
    counts = boards.task_counts(shop.id)
    for tab in boards.TASK_TABS:
        assert counts[tab].number == len(listed(shop, TaskFilter(tab=tab))), tab
    assert counts["aside"].number == len(listed(shop, TaskFilter(aside=True))) == 1
    assert [row.plan for row in listed(shop, TaskFilter(plan="exchange"))] == ["exchange"]
    done = listed(shop, TaskFilter(tab="completed"))
    page = boards.tasks_page(shop.id, TaskFilter(tab="completed"), stakes.rates(shop.id), now=LATE, limit=1)
    assert [row.id for row in page.rows] == [done[0].id]
    stake = boards.task_stakes(shop.id, stakes.rates(shop.id), until=LATE + 24 * HOUR, now=LATE + HOUR)
    assert stake.cost == sum(row.cost for row in listed(shop))
    assert (stake.tasks, stake.mine) == (5, 4)


def test_another_shops_tasks_are_not_listed(shop: Shop, other_shop: Shop, ids: list[int]) -> None:
    assert listed(other_shop) == []
    task = Task.objects.filter(shop_id=shop.id)[0]
    assert boards.task_row(other_shop.id, task.id, stakes.rates(other_shop.id), now=LATE) is None
