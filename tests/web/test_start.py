"""The start page: the most pressing thing first, every figure opens its rows."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import resolve

from fahuo.rules.filters import parse_query
from fahuo.store.boards import Count, StartBoard, TaskStakes
from fahuo.store.models import Member, Shop
from fahuo.web import context, start
from tests.conftest import NOW, Account
from tests.web.pages import sign_in, text_of

CALM = StartBoard(
    waiting=5, overdue=0, due_2h=0, due_6h=1, due_24h=2, urged=0, conflicts=Count(0), unscanned=Count(0),
    refunding=Count(0), stake_now=Decimal("0.00"), stake_more=False, open_batches=0, part_shipped=0,
)  # fmt: skip
RISK = TaskStakes(
    tasks=2, mine=1, due=1, next_due=NOW, cost=Decimal("30.00"), points=6, due_cost=Decimal("15.00"), due_points=3
)


def board(**changes: object) -> StartBoard:
    values = {name: getattr(CALM, name) for name in StartBoard.__slots__}
    return StartBoard(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "tone", "count"),
    [({"overdue": 3, "due_2h": 9}, "bad", 3), ({"due_2h": 9}, "warn", 9), ({}, "calm", 5), ({"waiting": 0}, "calm", 0)],
)
def test_the_headline_is_the_most_pressing_thing(changes: dict[str, object], tone: str, count: int) -> None:
    found = start.headline(board(**changes), "lan")
    assert (found.tone, found.count) == (tone, count)


def test_every_figure_opens_a_list_that_exists_and_a_filter_that_is_understood() -> None:
    to_do = start.to_do(CALM, "lan", RISK)
    assert resolve(to_do[0].url).url_name == "tasks"
    assert [item.name for item in start.to_do(CALM, "lan", None)] == [item.name for item in to_do[1:]]
    figures = [*start.strip(CALM, "lan"), *to_do[1:], start.headline(CALM, "lan")]
    for figure in figures:
        path, _, query = figure.url.partition("?")
        assert resolve(path).url_name in ("orders", "batches", "alerts")
        assert parse_query(query).ignored == ()
    asked = [parse_query(due.url.partition("?")[2]).filter for due in start.strip(CALM, "lan")]
    assert [(wish.overdue, wish.due) for wish in asked] == [
        (True, None),
        (False, 2),
        (False, 6),
        (False, 24),
        (False, None),
    ]


def test_an_empty_shop_is_shown_how_to_begin(owner_account: Account) -> None:
    page = sign_in(owner_account).get("/s/lan/")
    assert "没有要做的事" in text_of(page.content)
    assert 'href="/s/lan/import/"' in page.content.decode()


def test_figures_are_drawn_with_words_not_colour_alone(owner_account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = board(overdue=1234, stake_now=Decimal("571.72"), stake_more=True, unscanned=Count(1000, more=True))
    monkeypatch.setattr(start.boards, "start_board", lambda shop_id, *, now: shown)
    said = text_of(sign_in(owner_account).get("/s/lan/").content)
    assert "1,234 单 已经超时，今天都不发至少要赔 ¥ 571.72" in said
    assert "1,000+" in said


def test_home_opens_the_only_shop_and_lets_choose_among_several(
    owner_account: Account, shop: Shop, other_shop: Shop
) -> None:
    client = sign_in(owner_account)
    assert client.get("/").headers["Location"] == "/s/lan/"
    Member.objects.create(shop_id=other_shop.id, user_id=owner_account.user.id, name="二", created_at=NOW)
    page = client.get("/").content.decode()
    assert re.findall(r'href="(/s/[^"]+)"', page) == ["/s/lan/", "/s/zhu/"]


def test_a_person_without_a_shop_is_told_what_to_do(stranger_account: Account) -> None:
    stranger_account.member.active = False
    stranger_account.member.save(update_fields=["active"])
    assert "还没有店铺" in text_of(sign_in(stranger_account).get("/").content)


def test_the_clock_is_late_after_two_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    for age, late in ((0, False), (119, False), (121, True)):
        monkeypatch.setattr(context.boards, "last_tick", lambda age=age: NOW - timedelta(seconds=age))
        assert context.last_tick(NOW).late is late
    monkeypatch.setattr(context.boards, "last_tick", lambda: None)
    assert context.last_tick(NOW) == context.Tick(None, True)
