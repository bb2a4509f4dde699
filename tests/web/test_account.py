"""账号安全 and the ways in: second step, first password, invitation, sessions, the question to show once more who one is."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.conf import settings
from django.test import Client, RequestFactory, override_settings
from django.urls import get_resolver, reverse
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules.people import Actor
from fahuo.rules.signin import FRESH
from fahuo.samples.accounts import PASSWORD as DEMO_PASSWORD
from fahuo.services import factors, invitations, moment, people, sessions
from fahuo.services.signin import Visitor
from fahuo.store.models import AccountEvent, Member, PlatformStaff, Session, Shop, User
from fahuo.web.session import back
from fahuo.web.visitor import address_of, agent_of, site
from tests.conftest import NOW, Account
from tests.web.pages import link_on, sign_in, text_of

WORD, NEW = "correct horse", "battery staple 9"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # pragma: allowlist secret
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"


def come_in(name: str = "owner", password: str = WORD, client: Client | None = None, **more: Any) -> tuple[Client, Any]:
    client = client or Client()
    return client, client.post("/login/", {"username": name, "password": password}, **more)


def at(client: Client, later: timedelta, **changes: float) -> None:
    """Move what a client's session remembers into the past."""
    session = client.session
    for name in (sessions.SINCE, sessions.SEEN, sessions.PROVED):
        if name in session:
            session[name] -= later.total_seconds()
    session.update(changes)
    session.save()


@pytest.fixture
def protected(owner_account: Account) -> Account:
    code = pyotp.TOTP(SECRET).at(NOW)
    factors.add_app(owner_account.user.pk, SECRET, code, visitor=Visitor(), now=NOW)
    return owner_account


def code_now() -> str:
    return str(pyotp.TOTP(SECRET).at(moment.real()))


def test_signing_in_takes_a_new_session_and_keeps_no_key(owner_account: Account) -> None:
    client = Client()
    client.get("/login/second/")
    session = client.session
    session["kept"] = 1
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    before = session.session_key
    _, answer = come_in(client=client, headers={"User-Agent": CHROME})
    assert answer.status_code == 302
    cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie.value != before
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    row = Session.objects.get(user_id=owner_account.user.pk)
    assert cookie.value not in str(Session.objects.values())
    assert (row.address, row.agent) == ("127.0.0.1", "Chrome · Windows")
    old = Client()
    old.cookies[settings.SESSION_COOKIE_NAME] = str(before)
    assert old.get("/s/lan/").status_code == 302


def test_a_second_factor_stands_between_the_password_and_the_shop(protected: Account) -> None:
    client, answer = come_in()
    assert answer.headers["Location"] == "/login/second/"
    assert client.get("/s/lan/").status_code == 302
    wrong = client.post("/login/second/", {"code": "000000"})
    assert (wrong.status_code, "验证码不对" in text_of(wrong.content)) == (422, True)
    code = code_now()
    assert client.post("/login/second/", {"code": code}).status_code == 302
    assert client.get("/s/lan/").status_code == 200
    again, _ = come_in()
    assert again.post("/login/second/", {"code": code}).status_code == 422
    assert AccountEvent.objects.filter(act="signed_in", facts__how="code").count() == 1


def test_the_second_step_is_over_after_five_minutes_and_is_nobodys_without_a_password(protected: Account) -> None:
    client, _ = come_in()
    session = client.session
    session["second"]["at"] -= 301
    session.save()
    assert client.post("/login/second/", {"code": code_now()}).headers["Location"] == "/login/"
    assert Client().post("/login/second/", {"code": code_now()}).headers["Location"] == "/login/"


def test_an_app_is_added_by_its_code_and_ends_the_other_sessions(owner_account: Account) -> None:
    client, other = sign_in(owner_account), sign_in(owner_account)
    page = client.get("/account/app/").content.decode()
    found = re.search(r'class="mono secret">([A-Z2-7 ]+)<', page)
    assert found
    assert "data:image/svg+xml" in page
    secret = found[1].replace(" ", "")
    assert client.post("/account/app/", {"code": "000000"}).status_code == 422
    code = pyotp.TOTP(secret).at(moment.real())
    done = client.post("/account/app/", {"code": code}, follow=True)
    codes = re.findall(r'<li class="mono">((?:\w{4}-){3}\w{4})</li>', done.content.decode())
    assert len(codes) == 10
    assert codes[0] not in client.get("/account/").content.decode()
    assert other.get("/s/lan/").status_code == 302
    lost, _ = come_in()
    assert lost.post("/login/second/", {"code": codes[0]}).status_code == 302
    assert lost.post("/account/app/off/").status_code == 302
    assert not User.objects.get(pk=owner_account.user.pk).second_factor


def test_a_first_password_opens_nothing_but_the_page_that_replaces_it(shop: Shop, owner: Actor) -> None:
    _, word = people.invite(owner, username="lan:new", name="新", permissions=["ship"], now=NOW)
    client, answer = come_in("lan:new", word)
    assert answer.headers["Location"] == "/password/"
    for address in ("/s/lan/", "/account/", "/", "/oauth/authorize"):
        assert client.get(address).headers["Location"] == "/password/", address
    part = client.get("/s/lan/orders/", headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == "/password/"
    same = {"old_password": word, "new_password1": word, "new_password2": word}
    assert client.post("/password/", same).status_code == 422
    changed = {"old_password": word, "new_password1": NEW, "new_password2": NEW}
    assert client.post("/password/", changed).headers["Location"] == "/"
    assert client.get("/s/lan/").status_code == 200


def test_a_new_password_ends_every_other_session(owner_account: Account) -> None:
    here, there = sign_in(owner_account), sign_in(owner_account)
    assert there.get("/s/lan/").status_code == 200
    here.post("/password/", {"old_password": WORD, "new_password1": NEW, "new_password2": NEW})
    assert here.get("/s/lan/").status_code == 200
    assert there.get("/s/lan/").status_code == 302
    assert Session.objects.filter(user_id=owner_account.user.pk).count() == 1


def test_sessions_are_listed_and_ended(owner_account: Account, teammate_account: Account) -> None:
    here, there, third = (sign_in(owner_account) for _ in range(3))
    mate = sign_in(teammate_account)
    for client in (here, there, third, mate):
        client.get("/account/")
    refs = re.findall(r'name="session" value="(\w+)"', here.get("/account/").content.decode())
    assert len(refs) == 2
    assert mate.post("/account/sessions/end/", {"session": refs[0]}).status_code == 302
    assert [client.get("/s/lan/").status_code for client in (there, third)] == [200, 200]
    here.post("/account/sessions/end/", {"session": refs[0]})
    assert sorted(client.get("/s/lan/").status_code for client in (there, third)) == [200, 302]
    here.post("/account/sessions/end/")
    assert [client.get("/s/lan/").status_code for client in (here, there, third)] == [200, 302, 302]
    assert mate.get("/s/lan/").status_code == 200


@pytest.mark.parametrize(
    ("age", "seen", "stays"),
    [
        (timedelta(seconds=settings.SESSION_IDLE + 60), 0, False), (timedelta(seconds=settings.SESSION_IDLE - 60), 0, True),
        (timedelta(seconds=settings.SESSION_COOKIE_AGE + 60), 1, False),
    ],
)  # fmt: skip
def test_a_session_ends_by_age_and_when_it_was_left_alone(
    owner_account: Account, age: timedelta, seen: int, stays: bool
) -> None:
    client = sign_in(owner_account)
    client.get("/account/")
    at(client, age, **({sessions.SEEN: moment.real().timestamp()} if seen else {}))
    assert (client.get("/s/lan/").status_code == 200) is stays


def test_what_a_page_asks_by_itself_keeps_no_session_alive(owner_account: Account) -> None:
    client = sign_in(owner_account)
    client.get("/account/")
    at(client, timedelta(hours=1))
    seen = client.session[sessions.SEEN]
    client.get("/s/lan/messages/count/")
    assert client.session[sessions.SEEN] == seen
    client.get("/s/lan/")
    assert client.session[sessions.SEEN] > seen


def test_a_session_of_the_demo_ends_where_the_demo_does(owner_account: Account) -> None:
    with override_settings(DEMO=True):
        client = sign_in(owner_account)
        assert client.get("/s/lan/").status_code == 200
    with override_settings(DEMO=False):
        assert client.get("/s/lan/").status_code == 302


def test_the_demos_password_is_refused_at_the_door(shop: Shop) -> None:
    User.objects.create_user(username="lancao", password=DEMO_PASSWORD)
    with override_settings(DEMO=False):
        assert come_in("lancao", DEMO_PASSWORD)[1].status_code == 200
    with override_settings(DEMO=True):
        assert come_in("lancao", DEMO_PASSWORD)[1].status_code == 302


def test_who_signed_in_a_while_ago_shows_once_more_who_is_there(
    owner_account: Account, teammate_account: Account
) -> None:
    client = sign_in(owner_account)
    client.get("/s/lan/people/")
    at(client, FRESH + timedelta(minutes=1))
    page = "http://testserver/s/lan/people/?x=1"
    for address in (
        f"/s/lan/people/{teammate_account.member.id}/password/",
        "/account/app/off/",
        "/account/passkeys/new/",
    ):
        answer = client.post(address, headers={"Referer": page})
        assert answer.headers["Location"] == "/account/sure/?next=%2Fs%2Flan%2Fpeople%2F", address
    assert client.get("/s/lan/people/new/").headers["Location"] == "/account/sure/?next=%2Fs%2Flan%2Fpeople%2Fnew%2F"
    part = client.get("/s/lan/people/new/", headers={"HX-Request": "true", "HX-Current-URL": page})
    assert part.headers["HX-Redirect"] == "/account/sure/?next=%2Fs%2Flan%2Fpeople%2F"
    foreign = client.post("/account/app/off/", headers={"Referer": "https://elsewhere.example/x"})
    assert foreign.headers["Location"] == "/account/sure/?next=%2F"
    assert client.post("/account/sure/", {"password": "x", "next": "/s/lan/"}).status_code == 422
    assert client.post("/account/sure/", {"password": WORD, "next": "/s/lan/"}).headers["Location"] == "/s/lan/"
    assert client.get("/s/lan/people/new/").status_code == 200


FRESHLY = {
    "person_new", "person_off", "person_link", "person_password", "person_factors", "people_factor", "couriers-new",
    "couriers-close", "couriers-link", "couriers-password", "machines", "gateway-apps", "gateway-issue", "gateway-renew",
    "hook-secret", "orders-export", "batch_addresses", "courier-addresses", "account-app", "account-app-off",
    "account-codes", "account-passkey", "passkey-new", "passkey-add", "account-passkey-drop",
}  # fmt: skip
"""Every address that asks once more, when the last time was long ago. This list only grows."""


def _named(patterns: list[Any]) -> Iterator[tuple[str, Any]]:
    for entry in patterns:
        if hasattr(entry, "url_patterns"):
            yield from _named(entry.url_patterns)
        else:
            yield entry.name, entry.callback


def _asks(view: Any) -> bool:
    while view is not None:
        if hasattr(view, "fresh"):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def test_what_gives_power_away_asks_once_more() -> None:
    assert {name for name, view in _named(get_resolver().url_patterns) if _asks(view)} == FRESHLY


def test_a_shop_that_asks_for_a_second_factor_lets_nobody_in_without(
    shop: Shop, owner_account: Account, teammate_account: Account
) -> None:
    Shop.objects.filter(id=shop.id).update(second_factor=True)
    client = sign_in(teammate_account)
    page = client.get("/s/lan/", follow=True)
    assert page.redirect_chain == [("/account/", 302)]
    assert "要求第二重验证" in text_of(page.content)
    part = client.get("/s/lan/orders/", headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == "/account/"
    User.objects.filter(pk=teammate_account.user.pk).update(second_factor=True)
    assert client.get("/s/lan/").status_code == 200


def test_the_platforms_staff_need_a_second_factor_where_it_is_set(shop: Shop, owner_account: Account) -> None:
    PlatformStaff.objects.create(user_id=owner_account.user.pk, name="x", created_at=NOW)
    Member.objects.filter(shop_id=shop.id, user_id=owner_account.user.pk).update(active=False)
    client = sign_in(owner_account)
    with override_settings(STAFF_SECOND_FACTOR=False):
        assert client.get("/platform/").status_code == 200
    with override_settings(STAFF_SECOND_FACTOR=True):
        assert client.get("/platform/").headers["Location"] == "/account/"


def test_an_invitation_lets_in_once_and_says_so_when_it_is_over(owner: Actor, teammate_account: Account) -> None:
    link = reverse("invitation", args=[invitations.for_member(owner, teammate_account.member.id, now=moment.now())])
    client = Client()
    assert "teammate" in text_of(client.get(link).content)
    assert client.post(link, {"password": NEW, "again": "other"}).status_code == 422
    assert client.post(link, {"password": "12345678", "again": "12345678"}).status_code == 422
    assert client.post(link, {"password": NEW, "again": NEW}).status_code == 302
    assert client.get("/s/lan/").status_code == 200
    over = client.get(link)
    assert (over.status_code, "已经用过" in text_of(over.content)) == (410, True)


def test_a_link_for_a_forgotten_password_is_no_way_around_the_second_factor(owner: Actor, protected: Account) -> None:
    token = invitations.open_for("owner", now=moment.now())
    client = Client()
    answer = client.post(reverse("invitation", args=[token]), {"password": NEW, "again": NEW})
    assert answer.headers["Location"] == "/login/second/"
    assert client.get("/s/lan/").status_code == 302


def test_the_list_of_people_shows_who_waits_and_who_has_a_factor(
    owner_account: Account, teammate_account: Account
) -> None:
    client = sign_in(owner_account)
    address = f"/s/lan/people/{teammate_account.member.id}/"
    first, second = (link_on(client.post(f"{address}link/").content) for _ in range(2))
    assert "等本人设置密码" in text_of(client.get("/s/lan/people/").content)
    assert [Client().get(link).status_code for link in (first, second)] == [410, 200]
    assert client.post(f"{address}unlink/").status_code == 302
    assert Client().get(second).status_code == 410
    AccountEvent.objects.create(user_id=teammate_account.user.pk, at=moment.now(), act="paused")
    assert "有人在猜密码" in text_of(client.get("/s/lan/people/").content)


@pytest.mark.parametrize(
    ("peer", "said", "believed"),
    [
        ("203.0.113.5", "", "203.0.113.5"), ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"), ("127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1, 127.0.0.1", "198.51.100.1"), ("127.0.0.1", "<script>", ""), ("", "", ""),
        ("::1", "2001:db8::1", "2001:db8::1"),
    ],
)  # fmt: skip
def test_only_our_own_proxy_says_where_a_visitor_comes_from(peer: str, said: str, believed: str) -> None:
    headers = {"X-Forwarded-For": said} if said else {}
    assert address_of(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)) == believed


@given(st.text(max_size=60))
def test_a_browser_is_told_in_two_words_whatever_it_says(text: str) -> None:
    assert re.fullmatch(
        r"[A-Za-z]*(?: · [A-Za-z]+)?", agent_of(RequestFactory().get("/", headers={"User-Agent": text}))
    )


@pytest.mark.parametrize(
    "body",
    ['{"id": "a\\u0000"', '{"id": "a\\u0000", "response": {}}', '{"id": "\\ud800", "response": {}}', '{"id": "AAAA", "response": [1]}', "[" * 9000,
     '{"id": 7, "response": {"userHandle": 1}}', '{"id": "AAAA", "response": {"userHandle": {}}}'],
)  # fmt: skip
def test_what_no_browser_says_of_a_passkey_is_wrong(db: None, body: str) -> None:
    client = Client()
    assert client.post("/login/passkey/ask/").status_code == 200
    assert client.post("/login/passkey/answer/", body, content_type="application/json").status_code == 422


def test_an_answer_of_a_passkey_in_parts_is_none(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    token = client.get("/login/").cookies["csrftoken"].value
    answer = client.post("/login/passkey/answer/", {"csrfmiddlewaretoken": token, "id": "AAAA"})
    assert answer.status_code == 422


def test_the_host_of_a_passkey_is_the_one_in_the_address() -> None:
    for host, name in (("localhost:8000", "localhost"), ("localhost", "localhost"), ("127.0.0.1:8161", "127.0.0.1")):
        found = site(RequestFactory().get("/", headers={"Host": host}))
        assert (found.host, found.origin) == (name, f"http://{host}")


ODD = st.one_of(
    st.text(max_size=30),
    st.builds(
        "".join,
        st.lists(
            st.sampled_from([
                "/", "\\", "//", "http:", "https://", "javascript:", "elsewhere.example", "@", "\t", "\n", "%2f", "%5c", ".",
                "testserver", ":", "?", "#", "\x00", "；", "／", "。", " ",
            ]),
            max_size=8,
        ),
    ),
)  # fmt: skip


@given(ODD)
def test_no_next_leads_to_another_host(wish: str) -> None:
    """Whatever is asked for, a browser that reads the answer stays here."""
    where = back(RequestFactory().post("/language/", {"next": wish}))
    path = re.sub(r"[\t\r\n]", "", where).replace("\\", "/").lstrip()
    assert re.match(r"/(?!/)", path), where
