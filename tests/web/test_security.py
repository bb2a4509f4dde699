"""Every address passes a door; strangers learn nothing; answers carry the strict headers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver

from fahuo.rules.people import ACTS
from fahuo.store.models import Shop, Sku
from tests.conftest import Account
from tests.web.pages import sign_in, text_of

WEB = Path(__file__).resolve().parents[2] / "fahuo" / "web"
PUBLIC = {
    "login", "login-second", "passkey-ask", "passkey-answer", "invitation", "logout", "language", "theme", "ui", "healthz",
    "readyz", "metrics-text", "api", "api-docs", "component-template",
}  # fmt: skip
"""Every address that may be reached without signing in, and how one signs in. This list only shrinks. The API asks for a key by
itself (tests/api), its documents hold no data; nor does what the print component draws labels with."""

PERSONAL = {
    "home", "password", "my-shops", "demo-clock", "gateway-authorise", "marketplace-callback", "account", "account-sure",
    "account-app", "account-app-off", "account-codes", "account-passkey", "passkey-new", "passkey-add",
    "account-passkey-drop", "account-sessions-end",
}  # fmt: skip
"""Addresses of a person, not of a shop."""
DOORS = {"s/<slug:shop>/": "shop", "my/": "buyer", "platform/": "platform", "c/": "courier", "push/": "push"}
"""What an address begins with -> the door that stands before it."""
GATEWAY = {"router/rest": "top", "oauth/token": "top"}
"""The gateway's two addresses: programs sign each request there."""


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the server with its pattern."""
    for entry in resolver.url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, address)
        else:
            yield address, entry


ADDRESSES = list(patterns(get_resolver()))
SHOP_ADDRESSES = [(address, entry) for address, entry in ADDRESSES if address.startswith("s/")]


def filled(address: str, shop: str) -> str:
    """An address with a shop's code and numbers in its places."""
    parts = {"<slug:shop>": shop, "<slug:metric>": "pickup", "<str:name>": "x", "<slug:kind>": "taobao"}
    for part, value in parts.items():
        address = address.replace(part, value)
    return "/" + re.sub(r"<int:\w+>", "1", address)


@pytest.mark.parametrize(("address", "entry"), ADDRESSES, ids=[address for address, _ in ADDRESSES])
def test_every_address_passes_a_door(address: str, entry: URLPattern) -> None:
    access = getattr(entry.callback, "access", None)
    if entry.name in PUBLIC:
        assert access == "public"
    elif entry.name in PERSONAL:
        assert access == "signed_in"
    elif address in GATEWAY:
        assert access == GATEWAY[address]
    else:
        door, _, act = str(access).partition(":")
        assert [door] == [name for prefix, name in DOORS.items() if address.startswith(prefix)]
        assert door != "shop" or act == "any" or act in ACTS


def test_nobody_enters_a_shop_without_signing_in(shop: Shop) -> None:
    for address, _ in SHOP_ADDRESSES:
        response = Client().get(filled(address, "lan"))
        assert response.status_code == 302, address
        assert response.headers["Location"].startswith("/login/?next="), address


def test_a_stranger_meets_a_shop_that_does_not_exist(shop: Shop, stranger_account: Account) -> None:
    client = sign_in(stranger_account)
    for address, _ in SHOP_ADDRESSES:
        real, invented = client.get(filled(address, "lan")), client.get(filled(address, "no-such-shop"))
        posted = client.post(filled(address, "lan"))
        assert [real.status_code, invented.status_code, posted.status_code] == [404, 404, 404], address
        assert text_of(real.content) == text_of(invented.content), address


def test_an_id_beyond_all_ids_is_no_address(shop: Shop, owner_account: Account) -> None:
    client = sign_in(owner_account)
    assert client.get(f"/s/lan/orders/{'9' * 4000}/").status_code == 404
    for address, entry in SHOP_ADDRESSES:
        numbers = [name for name, each in entry.pattern.converters.items() if type(each).__name__ == "IntConverter"]
        for name in numbers:
            there = filled(address.replace(f"<int:{name}>", str(2**63)), "lan")
            assert client.post(there).status_code == 404, there


def test_nul_is_left_out_of_what_is_typed(shop: Shop, owner_account: Account) -> None:
    client = sign_in(owner_account)
    for code in ("a\0b", "c\0d"):
        assert client.post("/s/lan/skus/new/", {"code": code, "ti\0tle": "x"}).status_code == 302
    assert list(Sku.objects.order_by("code").values_list("code", "title")) == [("ab", "x"), ("cd", "x")]
    assert client.get("/s/lan/skus/", {"q": "a\0b"}).status_code == 200
    part = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\na\0b\r\n--b--\r\n'
    answer = client.generic("POST", "/s/lan/import/", part, "multipart/form-data; boundary=b")
    assert (answer.status_code, answer.wsgi_request.POST["text"]) == (422, "ab")


def test_a_part_of_an_address_with_nul_is_none(shop: Shop, owner_account: Account) -> None:
    assert sign_in(owner_account).get("/s/lan/import/samples/a%00b").status_code == 404
    assert Client().get("/invitation/a%00b/").status_code == 404


def test_a_teammate_without_the_permission_reads_why(shop: Shop, teammate_account: Account) -> None:
    response = sign_in(teammate_account).get("/s/lan/people/")
    assert response.status_code == 403
    assert "teammate" in text_of(response.content)
    assert "没有这项操作的权限" in text_of(response.content)


def test_a_part_that_is_refused_becomes_a_toast(shop: Shop, teammate_account: Account) -> None:
    response = sign_in(teammate_account, "en").get("/s/lan/people/", headers={"HX-Request": "true"})
    assert response.status_code == 403
    assert response.headers["HX-Reswap"] == "none"
    assert '"tone": "bad"' in response.headers["HX-Trigger"]


def test_an_account_that_was_switched_off_is_a_stranger(shop: Shop, teammate_account: Account) -> None:
    teammate_account.member.active = False
    teammate_account.member.save(update_fields=["active"])
    assert sign_in(teammate_account).get("/s/lan/").status_code == 404


def test_a_part_asked_for_after_the_session_ended_moves_the_page(shop: Shop) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/s/lan/orders/"}
    response = Client().get("/s/lan/orders/1/", headers=headers)
    assert response.headers["HX-Redirect"] == "/login/?next=/s/lan/orders/"


def test_pages_carry_the_strict_headers(shop: Shop, owner_account: Account) -> None:
    for response in (Client().get("/login/"), sign_in(owner_account).get("/s/lan/"), Client().get("/nowhere")):
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy
        assert response.headers["Cache-Control"] == "no-store, private"
        assert response.headers["X-Frame-Options"] == "DENY"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_no_template_breaks_the_content_policy_or_asks_another_host() -> None:
    for file in WEB.rglob("*.html"):
        text = file.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), file
        assert not re.search(r"""\s(style|on\w+)\s*=\s*["']""", text), file
        assert "<style" not in text, file
        assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", text), file
        assert "hx-on" not in text, file
        assert "javascript:" not in text, file


def asked_by(name: str) -> set[str]:
    """The static files that a template asks for, by itself, by what it extends and by what it includes."""
    text = (WEB / "templates" / name).read_text("utf-8")
    found = set(re.findall(r"{% static '([^']+)' %}", text))
    others = set(re.findall(r"{% (?:extends|include) \"([^\"]+)\"", text)) - {name}
    return found.union(*(asked_by(other) for other in others))


PAGES = [
    str(file.relative_to(WEB / "templates"))
    for file in sorted((WEB / "templates").rglob("*.html")) if '{% extends "' in file.read_text("utf-8")
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_for_less_than_150_kb_of_script_and_style(page: str) -> None:
    asked = asked_by(page)
    assert {"fahuo/app.css", "django_htmx/htmx-2.min.js"} <= asked
    assert sum(Path(finders.find(name) or name).stat().st_size for name in asked) < 150_000


def test_own_scripts_and_styles_are_local() -> None:
    for file in (WEB / "static").rglob("*.*"):
        if file.suffix in (".js", ".css"):
            text = file.read_text("utf-8")
            assert not re.search(r"https?://|\beval\(|new Function|document\.write|@import", text), file


def test_static_files_are_kept_for_ever_at_an_address_of_their_edition() -> None:
    page = Client().get("/login/").content.decode()
    addresses = re.findall(r"/static/[0-9a-f]{10}/fahuo/app\.css", page)
    assert addresses, page[:2000]
    answer = Client().get(addresses[0])
    assert (answer.status_code, "immutable" in answer.headers["Cache-Control"]) == (200, True)
    assert Client().get("/static/fahuo/app.css").status_code == 404


def test_a_form_without_its_token_is_refused_in_words(shop: Shop, owner_account: Account) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner_account.user)
    response = client.post("/s/lan/people/new/", {"name": "x"})
    assert response.status_code == 403
    assert "这个操作没有通过" in text_of(response.content)


@pytest.mark.django_db
@pytest.mark.parametrize("wish", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_no_form_sends_people_elsewhere(owner_account: Account, wish: str) -> None:
    response = Client().post("/language/", {"language": "en", "next": wish})
    assert response.headers["Location"] == "/"
    response = Client().post("/login/", {"username": "owner", "password": "correct horse", "next": wish})
    assert response.headers["Location"] == "/"


def test_a_wrong_name_and_a_wrong_password_read_alike(owner_account: Account) -> None:
    known = Client().post("/login/", {"username": "owner", "password": "wrong"})
    unknown = Client().post("/login/", {"username": "nobody", "password": "wrong"})
    assert known.status_code == unknown.status_code == 200
    assert text_of(known.content) == text_of(unknown.content)
    assert "账号或密码不对" in text_of(known.content)


@pytest.mark.parametrize("name", ["owner", "nobody"])
def test_guessing_passwords_is_paused_for_any_name(owner_account: Account, name: str) -> None:
    answers = [Client().post("/login/", {"username": name, "password": f"x{turn}"}).status_code for turn in range(8)]
    assert answers == [200] * 6 + [429] * 2
    right = Client().post("/login/", {"username": name, "password": "correct horse"})
    assert right.status_code == 429


@pytest.mark.django_db
def test_demo_accounts_show_only_in_the_demo() -> None:
    with override_settings(DEMO=False):
        page = Client().get("/login/").content.decode()
        assert "fahuo-demo" not in page
        assert Client().get("/ui/").status_code == 404
    with override_settings(DEMO=True):
        assert "fahuo-demo" in Client().get("/login/").content.decode()
