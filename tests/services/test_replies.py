"""One answer for many tasks: those that can be answered are, the others say why."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import messages, saved_texts, tasks
from fahuo.store import sealed
from fahuo.store.models import Message, Shop, Task, TaskEvent
from tests.services.aftersales import HOUR, LATE, late, paid, state

DAY = timedelta(days=1)


def codes(outcomes: list[Problem | None]) -> list[str]:
    return ["" if outcome is None else outcome.code for outcome in outcomes]


def test_each_order_has_its_outcome_in_the_order_asked(shop: Shop, owner: Actor, stranger: Actor) -> None:
    good, answered, other = late(shop.id, 1), late(shop.id, 2), late(shop.id, 3)
    tasks.reply(owner, answered, plan="exchange", now=LATE + HOUR)
    no_task = paid(shop.id, 4)
    theirs = late(stranger.shop_id, 5)
    asked = [good, answered, no_task, theirs, other, good]
    outcomes = tasks.reply_many(owner, asked, plan="cannot_ship", now=LATE + HOUR, text=" 抱歉，马上退款 ")
    assert codes(outcomes) == ["", "task_answered", "task_unknown", "order_unknown", "", ""]
    assert [state(shop.id, order) for order in (good, other)] == ["awaiting_seller_action"] * 2
    assert state(stranger.shop_id, theirs) == "awaiting_seller_reply"
    sent = Message.objects.filter(shop_id=shop.id)
    words = [(one.order_id, sealed.open_text(shop.id, sealed.TALK, one.body)) for one in sent]
    assert sorted(words) == sorted([(good, "抱歉，马上退款"), (other, "抱歉，马上退款")])
    again = tasks.reply_many(owner, [good, other], plan="cannot_ship", now=LATE + HOUR)
    assert codes(again) == ["task_answered", "task_answered"]
    assert TaskEvent.objects.filter(shop_id=shop.id, event="reply_cannot_ship").count() == 2


@pytest.mark.parametrize(
    ("until", "code"), [(-HOUR, "plan_until_past"), (timedelta(0), "plan_until_past"), (16 * DAY, "plan_until_far")]
)
def test_a_plan_that_makes_no_sense_answers_none(shop: Shop, owner: Actor, until: timedelta, code: str) -> None:
    orders = [late(shop.id, 1), late(shop.id, 2)]
    outcomes = tasks.reply_many(owner, orders, plan="ship_later", until=LATE + HOUR + until, now=LATE + HOUR)
    assert codes(outcomes) == [code, code]
    assert {state(shop.id, order) for order in orders} == {"awaiting_seller_reply"}
    with pytest.raises(Refusal, match=code):
        tasks.reply(owner, orders[0], plan="ship_later", until=LATE + HOUR + until, now=LATE + HOUR)


def test_a_task_whose_time_ran_out_is_with_the_platform_first(shop: Shop, owner: Actor) -> None:
    order = late(shop.id, 1)
    assert codes(tasks.reply_many(owner, [order], plan="exchange", now=LATE + 24 * HOUR)) == [""]  # the instant itself
    other = late(shop.id, 2)
    assert codes(tasks.reply_many(owner, [other], plan="exchange", now=LATE + 25 * HOUR)) == ["task_with_platform"]


def test_many_take_as_few_statements_as_one(shop: Shop, owner: Actor) -> None:
    spent = []
    for first, count in ((0, 1), (10, 40)):
        orders = [late(shop.id, first + n, name=f"b{n}") for n in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as asked:
            outcomes = tasks.reply_many(owner, orders, plan="exchange", now=LATE + HOUR, text="好")
        assert codes(outcomes) == [""] * count
        spent.append(len(asked))
    assert spent[0] == spent[1]


def test_a_text_that_is_too_long_answers_nobody(shop: Shop, owner: Actor) -> None:
    order = late(shop.id, 1)
    with pytest.raises(Refusal, match="message_too_long"):
        tasks.reply_many(owner, [order], plan="exchange", now=LATE + HOUR, text="长" * (messages.MOST + 1))
    assert Task.objects.get(shop_id=shop.id, order_id=order).state == "awaiting_seller_reply"


def test_nobody_answers_without_the_permission(shop: Shop, teammate: Actor) -> None:
    order = late(shop.id, 1)
    with pytest.raises(Refusal, match="not_permitted"):
        tasks.reply_many(teammate, [order], plan="exchange", now=LATE + HOUR)


def test_saved_texts_are_kept_under_their_title(shop: Shop, owner: Actor, stranger: Actor) -> None:
    first = saved_texts.keep(owner, title=" 抱歉  稍等 ", body="明天发", now=LATE)
    assert saved_texts.keep(owner, title="抱歉 稍等", body="后天发", now=LATE) == first
    assert [(text.title, text.body) for text in saved_texts.of_shop(shop.id)] == [("抱歉 稍等", "后天发")]
    for title, body, code in (("", "x", "text_title"), ("长" * 41, "x", "text_title"), ("a", " ", "message_empty")):
        with pytest.raises(Refusal, match=code):
            saved_texts.keep(owner, title=title, body=body, now=LATE)
    assert not saved_texts.drop(stranger, first, now=LATE)
    assert saved_texts.drop(owner, first, now=LATE)
    assert saved_texts.of_shop(shop.id) == []


def test_a_shop_keeps_so_many_texts_at_most(shop: Shop, owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_texts, "MOST", 1)
    saved_texts.keep(owner, title="a", body="b", now=LATE)
    with pytest.raises(Refusal, match="texts_full"):
        saved_texts.keep(owner, title="c", body="d", now=LATE)
