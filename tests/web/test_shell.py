"""The frame and the components: what every page shows, and how small things read."""

from datetime import timedelta
from decimal import Decimal

import lucide
import pytest
from django.template import Context, Template
from django.test import RequestFactory, override_settings
from django.utils import translation

from fahuo.rules.batches import BATCH_STATUSES, VERDICTS
from fahuo.rules.orders import CONFLICTS, FLAGS, ORDER_STATUSES, REFUND_STATUSES
from fahuo.store import boards
from fahuo.store.boards import Count
from fahuo.web import ui
from fahuo.web.templatetags import ui as tags
from tests.conftest import NOW, Account
from tests.web.pages import sign_in, text_of


@pytest.mark.parametrize(
    ("minutes", "chinese", "english", "tone"),
    [
        (-1, "已超时 1 分", "1 min overdue", "over"),
        (-125, "已超时 2 小时 5 分", "2 h 5 min overdue", "over"),
        (0, "已超时 0 分", "0 min overdue", "over"),
        (119, "还剩 1 小时 59 分", "1 h 59 min left", "soon"),
        (120, "还剩 2 小时", "2 h left", "calm"),
        (192, "还剩 3 小时 12 分", "3 h 12 min left", "calm"),
        (1440 * 3 + 61, "还剩 3 天 1 小时", "3 d 1 h left", "calm"),
    ],
)
def test_time_left_reads_in_its_two_largest_units(minutes: int, chinese: str, english: str, tone: str) -> None:
    deadline = NOW + timedelta(minutes=minutes)
    for language, words in (("zh-hans", chinese), ("en", english)):
        with translation.override(language):
            drawn = tags.time_left({"now": NOW}, deadline)
        assert f">{words}</time>" in drawn
        assert f"left-{tone}" in drawn
        assert f'data-left="{int(deadline.timestamp() * 1000)}"' in drawn


def test_money_and_figures_are_separated() -> None:
    assert "1,234,567.80" in tags.money(Decimal("1234567.8"))
    assert "—" in tags.money(None)
    assert "—" in tags.money(Decimal("0.00"), zero=False)
    assert [tags.figure(count) for count in (None, 0, 12345, Count(1000, more=True))] == ["—", "0", "12,345", "1,000+"]


def test_what_is_shown_cannot_break_out_of_its_place() -> None:
    hostile = '"><script>alert(1)</script>'
    page = Template("{% load ui %}{% copy text %}{% badge text %}").render(Context({"text": hostile}))
    assert "<script>" not in page
    assert page.count("&lt;script&gt;") >= 3


def test_every_word_of_the_rules_has_a_badge() -> None:
    for word in {*ORDER_STATUSES, *REFUND_STATUSES, *CONFLICTS, *VERDICTS} - {""}:
        assert "badge-" in tags.status(word)
    for word in BATCH_STATUSES:
        assert "badge-" in tags.status(word, of="batch")
    assert len(tags.FLAG_NAMES) == len(FLAGS)
    for number in range(len(FLAGS)):
        assert str(tags.FLAG_NAMES[number]) in tags.flag(number)


def test_a_badge_never_speaks_by_colour_alone() -> None:
    assert all(str(text) and drawing for text, _, drawing in tags.STATUSES.values())


@pytest.mark.parametrize(
    ("sent", "ids", "everything"),
    [
        ({"ids": "3,1,2"}, (3, 1, 2), False),
        ({"id": ["5", "5", "6"]}, (5, 6), False),
        ({"ids": "1,x,-2,9999999999999999999,²", "id": "7"}, (1, 7), False),
        ({"all": "1", "query": "overdue=1"}, (), True),
        ({}, (), False),
    ],
)
def test_a_selection_is_read_as_it_was_made(sent: dict[str, object], ids: tuple[int, ...], everything: bool) -> None:
    found = ui.chosen(RequestFactory().post("/", sent))
    assert (found.ids, found.everything) == (ids, everything)
    assert found.query.urlencode() == sent.get("query", "")


def test_the_rail_holds_what_the_account_may_open(owner_account: Account, teammate_account: Account) -> None:
    whole = text_of(sign_in(owner_account).get("/s/lan/").content)
    less = text_of(sign_in(teammate_account).get("/s/lan/").content)
    for noun in ("首页", "订单", "发货", "导入", "账号", "设置"):
        assert noun in whole
    assert "设置 " not in less.partition("今天要做的事")[0].replace("切换", "")


def test_the_page_tells_when_the_clock_last_ticked(owner_account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(owner_account)
    assert "时钟还没有走" in text_of(client.get("/s/lan/").content)
    monkeypatch.setattr(boards, "last_tick", lambda: NOW)
    assert "时钟停了" in text_of(client.get("/s/lan/").content)


def test_the_theme_is_drawn_by_the_server_and_kept(owner_account: Account) -> None:
    client = sign_in(owner_account)
    assert 'data-theme="auto"' in client.get("/s/lan/").content.decode()
    client.post("/theme/", {"theme": "dark", "next": "/s/lan/"})
    assert 'data-theme="dark"' in client.get("/s/lan/").content.decode()


def test_columns_are_remembered(owner_account: Account) -> None:
    sent = {"table": "orders", "column": ["number", "left", "<x>"], "next": "/s/lan/orders/"}
    assert sign_in(owner_account).post("/s/lan/preferences/", sent).headers["Location"] == "/s/lan/orders/"
    owner_account.member.refresh_from_db()
    assert owner_account.member.preferences == {"columns.orders": ["number", "left"]}


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_gallery_shows_every_component(client: object, language: str, theme: str) -> None:
    with override_settings(DEMO=True):
        page = client.get(f"/ui/?lang={language}&theme={theme}")  # type: ignore[attr-defined]
    assert page.status_code == 200
    assert f'data-theme="{theme}"' in page.content.decode()
    for part in (
        "table-wrap",
        "batch-bar",
        "filters",
        "tabs",
        "pager",
        "problems",
        "progress",
        "dialog",
        "drop",
        "empty",
    ):
        assert f'class="{part}' in page.content.decode()


def test_an_address_that_leads_nowhere_says_so(owner_account: Account) -> None:
    page = sign_in(owner_account).get("/s/lan/nowhere/")
    assert page.status_code == 404
    assert "没有这个页面" in text_of(page.content)


@pytest.mark.parametrize("name", ["truck", "circle-check", "chevron-left"])
def test_icons_are_the_packages_own_drawings(name: str) -> None:
    mark = {"class": "icon", "aria-hidden": "true", "focusable": "false"}
    assert tags.icon(name, 20) == lucide._render_icon(name, 20, **mark)
