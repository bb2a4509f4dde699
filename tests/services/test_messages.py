"""Messages and cards, and how long an account lets buyers wait."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from fahuo.rules.people import Actor
from fahuo.services import messages, metrics, parcels
from fahuo.store import messages as store
from fahuo.store.models import Message, Shop
from tests.services.aftersales import HOUR, PAID, at, buyer, clerk, paid
from tests.services.shipping import waybill
from tests.services.test_tasks import refused

pytestmark = pytest.mark.django_db
DAY = date(2022, 8, 12)


def average(shop: Shop, actor: Actor, day: date = DAY) -> Decimal | None:
    assert actor.member_id is not None
    return metrics.response(shop.id, actor.member_id, day=day).mean


@pytest.fixture
def cs1(shop: Shop) -> Actor:
    return clerk(shop, "cs1", permissions=("tasks", "messages"))


def test_a_card_starts_a_turn_that_a_person_ends(shop: Shop, cs1: Actor) -> None:
    order = paid(shop.id, 1)
    messages.contact_again(buyer(shop.id), order, now=at("11 12:00"))
    messages.send(cs1, order, body="稍等", automatic=True, now=at("11 12:00") + timedelta(seconds=1))
    messages.send(cs1, order, body="今天发出", now=at("11 12:00") + timedelta(seconds=90))
    assert average(shop, cs1) == Decimal("90.00")
    assert average(shop, cs1, date(2022, 8, 11)) is None, "today does not count yet"
    assert average(shop, cs1, date(2022, 9, 10)) == Decimal("90.00")
    assert average(shop, cs1, date(2022, 9, 11)) is None, "thirty days are over"
    assert store.cards(shop.id, order) == 1


def test_long_waits_count_ten_minutes_and_nights_do_not_count(shop: Shop, cs1: Actor) -> None:
    order = paid(shop.id, 1)
    for moment in ("11 07:59", "11 23:00"):
        messages.send(buyer(shop.id), order, body="在吗", now=at(moment))
    assert average(shop, cs1) is None
    messages.send(buyer(shop.id), order, body="在吗", now=at("11 08:00") + timedelta(days=-1))
    messages.send(cs1, order, body="在", now=at("10 09:00"))
    assert average(shop, cs1) == Decimal("600.00")


def test_a_chat_in_order(shop: Shop, cs1: Actor, owner: Actor) -> None:
    order = paid(shop.id, 1)
    messages.send(buyer(shop.id), order, body="  什么时候发货? \0", now=at("11 12:00"))
    messages.send(owner, order, body="明天", now=at("11 12:01"))
    rows = store.of_order(shop.id, order)
    assert [(row.sender, row.name, row.kind, row.body) for row in rows] == [
        ("buyer", "", "message", "什么时候发货?"), ("seller", "owner", "message", "明天"),
    ]  # fmt: skip


def test_messages_that_are_refused(shop: Shop, owner: Actor, cs1: Actor, stranger: Actor) -> None:
    order = paid(shop.id, 1)
    packer = clerk(shop, "packer", permissions=("ship",))
    assert refused(messages.send, packer, order, body="hi", now=PAID) == ["not_permitted"]
    assert refused(messages.send, stranger, order, body="hi", now=PAID) == ["order_unknown"]
    assert refused(messages.send, buyer(shop.id, "b2"), order, body="hi", now=PAID) == ["order_unknown"]
    assert refused(messages.send, cs1, order, body=" ", now=PAID) == ["message_empty"]
    assert refused(messages.send, cs1, order, body="长" * 2001, now=PAID) == ["message_too_long"]
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=PAID + HOUR)
    assert refused(messages.contact_again, buyer(shop.id), order, now=PAID + 2 * HOUR) == ["card_not_now"]
    assert not Message.objects.filter(shop_id=shop.id).exists()


def test_days_are_the_shops(shop: Shop, cs1: Actor) -> None:
    order = paid(shop.id, 1)
    asked = datetime.fromisoformat("2022-08-11T22:59:00+08:00")
    messages.send(buyer(shop.id), order, body="在吗", now=asked)
    messages.send(cs1, order, body="在", now=asked + timedelta(seconds=30))
    assert average(shop, cs1) == Decimal("30.00")
