"""设置 → 快递接口 in a real Chromium: what waits and why can be seen, in both languages, wide and narrow, and asked again."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from fahuo.rules.carrying import reference_of
from fahuo.rules.people import Actor
from fahuo.services import labels
from fahuo.store.models import Shop
from tests.browser.conftest import Desk as Window
from tests.browser.test_pages import PHONE, violations
from tests.carriers.desk import Desk
from tests.conftest import Account
from tests.services.shipping import make_order

pytestmark = pytest.mark.django_db(transaction=True)
BEYOND = """innerWidth >= document.documentElement.scrollWidth ? [] : [...document.querySelectorAll("main *")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1).map((each) => each.outerHTML.slice(0, 120))"""
"""What stands beyond the window's edge."""
LOOK = os.environ.get("FAHUO_LOOK", "")


def test_what_waits_and_why_can_be_seen_and_asked_again(desk: Window, owner_account: Account, shop: Shop) -> None:
    owner: Actor = owner_account.actor
    mine, other = Desk(owner, "kdniao"), Desk(owner, "sf")
    orders = [make_order(owner.shop_id, n, now=mine.at, quantities=(1,)) for n in range(1, 5)]
    labels.make(owner, orders, contract_id=mine.contract.id, now=mine.at)
    mine.fake.refuses = {reference_of(owner.shop_id, row.id) for row in mine.rows()[:2]}
    mine.fake.schedule(["", "", "lost"])
    other.fake = mine.fake
    mine.round()
    wrong: list[str] = []
    for name, options in (
        ("wide", {}),
        ("narrow", {"viewport": PHONE}),
        ("dark", {"theme": "dark"}),
        ("en", {"language": "en"}),
    ):
        page = desk.open("owner", **options)  # type: ignore[arg-type]  # the viewport is a dictionary
        for step in ("", f"{mine.account}/", f"{mine.account}/edit/"):
            page.goto(f"{desk.address}/s/lan/settings/carriers/{step}")
            wrong += violations(page, "dark" if name == "dark" else "light")
            assert page.evaluate(BEYOND) == [], (name, step)
            if LOOK:
                page.screenshot(
                    path=Path(LOOK) / f"{name}-{step.strip('/').replace('/', '-') or 'list'}.png", full_page=True
                )
    assert wrong == []
    page = desk.open("owner")
    page.goto(f"{desk.address}/s/lan/settings/carriers/{mine.account}/")
    expect(page.get_by_text("被拒绝").first).to_be_visible()
    expect(page.get_by_text("结果未知，会再问").first).to_be_visible()
    page.get_by_role("button", name="再问", exact=True).first.click()
    expect(page.locator(".toast")).to_contain_text("1")
    assert mine.rows()[0].state == "waiting"
