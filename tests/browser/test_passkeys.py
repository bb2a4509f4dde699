"""A passkey in a real browser, by the virtual authenticator of the developer tools: added, used as a second factor, used
to sign in alone, and refused once it is removed."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from fahuo.store.models import AccountEvent, Passkey, User
from tests.browser.conftest import Desk


def authenticator(page: Page) -> None:
    """A device with a fingerprint that is always right, behind this window."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def leave(page: Page, address: str) -> None:
    page.goto(f"{address}/s/lancao/")
    page.locator(".rail-foot summary").click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="登录")).to_be_attached()


def test_a_passkey_is_added_and_signs_in(desk: Desk, shop_of_the_demo: Path) -> None:
    user = User.objects.get(username="lancao")
    user.set_password("correct horse")  # the demo's own opens nothing where no demo is
    user.save()
    page = desk.open("lancao", viewport={"width": 360, "height": 780})
    authenticator(page)
    page.goto(f"{desk.address}/account/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="添加通行密钥").click()
    page.get_by_label("名字").fill("仓库的电脑")
    page.get_by_role("button", name="添加通行密钥").click()
    expect(page.locator(".codes li")).to_have_count(10)
    expect(page.locator("body")).to_contain_text("仓库的电脑")
    assert Passkey.objects.get(user_id=user.pk).host == "localhost"

    leave(page, desk.address)
    page.get_by_label("账号名").fill("lancao")
    page.get_by_label("密码").fill("correct horse")
    page.locator("form").get_by_role("button", name="登录", exact=True).first.click()
    expect(page.get_by_role("heading", name="第二重验证")).to_be_visible()
    page.get_by_role("button", name="使用通行密钥").click()
    expect(page).to_have_url(f"{desk.address}/")

    leave(page, desk.address)
    page.get_by_role("button", name="使用通行密钥").click()
    expect(page).to_have_url(f"{desk.address}/")
    assert list(
        AccountEvent.objects.filter(user_id=user.pk, act="signed_in").values_list("facts__how", flat=True)
    ) == ["passkey", "passkey"]  # fmt: skip
    key = Passkey.objects.get(user_id=user.pk)
    assert key.used_at is not None

    Passkey.objects.update(user_id=0)
    User.objects.filter(pk=user.pk).update(second_factor=False)
    leave(page, desk.address)
    Passkey.objects.all().delete()
    page.get_by_role("button", name="使用通行密钥").click()
    expect(page.get_by_role("alert")).to_contain_text("没有通过验证")
