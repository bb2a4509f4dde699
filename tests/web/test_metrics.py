"""数据 in the browser's language: figures that open their rows, days that cannot be shown, sheets."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from fahuo.store.models import Message, Order, Shop
from tests.conftest import Account
from tests.services.shipping import make_order, order_number
from tests.web.pages import sign_in, text_of

HERE = "/s/lan/metrics/"


@pytest.fixture
def now() -> datetime:
    """The pages live now."""
    return datetime.now(UTC)


@pytest.fixture
def client(owner_account: Account) -> Client:
    return sign_in(owner_account)


@pytest.fixture
def busy(shop: Shop, owner_account: Account, now: datetime) -> int:
    """An order that was due three days ago and waits; a buyer who was answered after two minutes, four days ago."""
    order_id = make_order(shop.id, 1, now=now)
    Order.objects.filter(shop_id=shop.id, id=order_id).update(deadline=now - timedelta(days=3))
    noon = (now - timedelta(days=4)).replace(hour=4, minute=0)
    Message.objects.create(shop_id=shop.id, order_id=order_id, at=noon, sender="buyer", body="在吗")
    Message.objects.create(
        shop_id=shop.id, order_id=order_id, at=noon + timedelta(minutes=2), sender="seller", body="在",
        member_id=owner_account.member.id,
    )  # fmt: skip
    return order_id


def test_each_figure_opens_its_rows(client: Client, busy: int) -> None:
    page = client.get(HERE).content
    text = text_of(page)
    assert "2 分" in text
    assert "1 单到期，1 单没按时" in text
    links = {unescape(link) for link in re.findall(rf'href="({HERE}[^"]+\?[^"]+)"', page.decode())}
    metrics = {link.removeprefix(HERE).split("/")[0] for link in links}
    assert {"response", "pickup", "tasks", "sheet"} <= metrics
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200, link
        if link.startswith((f"{HERE}response/?from", f"{HERE}pickup/?from")) and "day=" not in link:
            assert order_number(1) in answer.content.decode(), link


def test_days_that_cannot_be_shown_are_answered_in_words(client: Client, busy: int) -> None:
    for query in ("from=2026-02-30&to=2026-03-01", "from=2026-03-02&to=2026-03-01", "from=9999-01-01&to=9999-01-01"):
        for place in ("", "pickup/"):
            answer = client.get(f"{HERE}{place}?{query}")
            assert answer.status_code == 422
            assert 'role="alert"' in answer.content.decode()
        assert client.get(f"{HERE}sheet/?{query}").status_code == 422
    assert client.get(f"{HERE}nonsense/").status_code == 404


def test_nonsense_in_the_address_of_rows_is_left_out(client: Client, busy: int) -> None:
    for query in ("member=abc", "hour=99", "only=nothing", "cursor=x", f"member={10**30}", "day=x", "member=none"):
        assert client.get(f"{HERE}pickup/?{query}").status_code in (200, 422), query


def test_the_sheet_is_a_workbook(client: Client, busy: int) -> None:
    for what in ("days", "members"):
        answer = client.get(f"{HERE}sheet/?what={what}")
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer.getvalue()[:2] == b"PK"


def test_a_new_shop_is_told_what_will_stand_here(client: Client) -> None:
    assert "这段时间还没有数据" in text_of(client.get(HERE).content)
