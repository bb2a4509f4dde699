"""平台接入 and 淘宝兼容接口 as pages: what is shown, what never is, and the way by which an app is let in."""

import json
import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from fahuo.connectors.web import Answer, Request
from fahuo.services import connections, gateway, marketplaces
from fahuo.store.models import Confirmation, GatewaySession, Marketplace, MarketplaceOrder, Shop
from tests.conftest import Account
from tests.services.shipping import make_order
from tests.web.pages import sign_in, text_of

NOW = datetime.now(UTC).replace(microsecond=0)
FIELDS = {"app_key": "12345678", "app_secret": "not-to-be-seen", "session": "neither-this"}


@pytest.fixture
def made(owner_account: Account) -> Marketplace:
    number = marketplaces.connect(owner_account.actor, "taobao", FIELDS, now=NOW)
    return Marketplace.objects.get(id=number)


def test_secrets_go_in_and_never_come_out(owner_account: Account, made: Marketplace) -> None:
    client = sign_in(owner_account)
    page = client.get(f"/s/lan/settings/marketplaces/{made.id}/").content.decode()
    assert "12345678" in page
    assert made.push_key in page
    for secret in ("not-to-be-seen", "neither-this"):
        assert secret not in page
        assert secret not in made.settings
    client.post(f"/s/lan/settings/marketplaces/{made.id}/change/", {"app_key": "9", "app_secret": "", "active": "on"})
    kept = marketplaces.opened_fields(Marketplace.objects.get(id=made.id).settings)
    assert (kept["app_key"], kept["app_secret"]) == ("9", "not-to-be-seen")


def test_every_row_that_waits_says_why_and_can_be_tried_again(
    owner_account: Account, teammate_account: Account, made: Marketplace, shop: Shop
) -> None:
    order = make_order(shop.id, 1, now=NOW)
    refused = Confirmation.objects.create(
        shop_id=shop.id, marketplace_id=made.id, order_id=order, parcel_id=1, ref="31", carrier="ZTO",
        waybill="75330000000501", status="refused", made_at=NOW, attempts=1,
        problem={"code": "marketplace_other_number", "data": {"order": "31", "value": "75330000000777"}},
    )  # fmt: skip
    MarketplaceOrder.objects.create(
        shop_id=shop.id, marketplace_id=made.id, ref="3199", seen_at=NOW, due_at=NOW, attempts=2,
        problem={"code": "marketplace_field", "data": {"order": "3199", "field": "payment"}},
    )  # fmt: skip
    client = sign_in(owner_account)
    said = text_of(client.get(f"/s/lan/settings/marketplaces/{made.id}/").content)
    assert "订单 31 在平台上已用单号 75330000000777 发货，请核对" in said
    assert "订单 3199 的字段 payment 读不懂" in said
    assert "2 行要处理" in text_of(client.get("/s/lan/settings/marketplaces/").content)
    client.post(f"/s/lan/settings/marketplaces/{made.id}/again/", {"confirmation": refused.id})
    assert Confirmation.objects.get(id=refused.id).status == "waiting"
    client.post(f"/s/lan/settings/marketplaces/{made.id}/settled/", {"confirmation": refused.id})
    assert Confirmation.objects.get(id=refused.id).status == "dropped"
    # who ships for nobody sees the rows and has no buttons
    page = sign_in(teammate_account).get(f"/s/lan/settings/marketplaces/{made.id}/").content.decode()
    assert "3199" in page
    assert "/again/" not in page
    assert made.push_key not in page


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"app_key": "", "app_secret": "x"}, "App Key"), ({"app_key": "1", "app_secret": ""}, "App Secret"),
        ({"app_key": "1", "app_secret": "2", "gateway": "http://127.0.0.1/"}, "网关地址"),
        ({"app_key": "1", "app_secret": "2", "gateway": "ftp://x.example/"}, "网关地址"),
    ],
)  # fmt: skip
def test_what_is_filled_in_wrongly_is_named(owner_account: Account, given: dict[str, str], code: str) -> None:
    answer = sign_in(owner_account).post("/s/lan/settings/marketplaces/connect/taobao/", given)
    assert answer.status_code == 422
    assert code in text_of(answer.content)


def test_the_way_to_the_marketplace_and_back(
    owner_account: Account, made: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Request] = []

    def send(request: Request) -> Answer:
        asked.append(request)
        return Answer(
            200, {}, json.dumps({"access_token": "fresh", "refresh_token": "again", "expires_in": 3600}).encode()
        )

    monkeypatch.setattr(connections, "usual_transport", lambda: send)
    client = sign_in(owner_account)
    page = client.post(f"/s/lan/settings/marketplaces/{made.id}/authorise/").content.decode()
    found = re.search(r'href="(https://oauth\.taobao\.com/authorize[^"]+)"', page)
    assert found
    query = parse_qs(urlsplit(found[1].replace("&amp;", "&")).query)
    assert query["client_id"] == ["12345678"]
    back = client.get("/marketplaces/callback", {"code": "c0de", "state": query["state"][0]})
    assert back.status_code == 302
    assert b"code=c0de" in asked[0].body
    assert marketplaces.opened_fields(Marketplace.objects.get(id=made.id).settings)["session"] == "fresh"
    assert client.get("/marketplaces/callback", {"code": "c", "state": "forged"}).status_code == 404


def test_an_app_is_made_and_let_in_by_oauth(owner_account: Account, teammate_account: Account) -> None:
    client = sign_in(owner_account)
    page = text_of(client.post("/s/lan/settings/apps/", {"name": "ERP", "redirects": "https://erp.example/cb"}).content)
    key, secret = re.search(r"App Key (\d{8})", page), re.search(r"App Secret ([0-9a-f]{32})", page)
    assert key
    assert secret
    assert secret[1] not in text_of(client.get("/s/lan/settings/apps/").content)
    # a teammate agrees
    asked = {"response_type": "code", "client_id": key[1], "redirect_uri": "https://erp.example/cb", "state": "s1"}
    theirs = sign_in(teammate_account)
    assert "让“ERP”以你的账号做事吗？" in text_of(theirs.get("/oauth/authorize", asked).content)
    assert theirs.get("/oauth/authorize", {**asked, "redirect_uri": "https://evil.example/"}).status_code == 422
    no = theirs.post("/oauth/authorize", {**asked, "shop": "lan", "answer": "no"}).content.decode()
    assert "error=access_denied&amp;state=s1" in no
    yes = theirs.post("/oauth/authorize", {**asked, "shop": "lan", "answer": "yes"}).content.decode()
    code = re.search(r"https://erp\.example/cb\?code=([\w-]+)&amp;state=s1", yes)
    assert code
    given = {"grant_type": "authorization_code", "code": code[1], "client_id": key[1], "client_secret": secret[1], "redirect_uri": "https://erp.example/cb"}  # fmt: skip
    wrong = Client().post("/oauth/token", {**given, "client_secret": "x"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    token = Client().post("/oauth/token", given).json()
    assert token["taobao_user_nick"] == "%E5%85%B0%E8%8D%89%E5%B0%8F%E9%93%BA"
    assert Client().post("/oauth/token", given).json()["error"] == "invalid_grant"
    fresh = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"], "client_id": key[1], "client_secret": secret[1]}  # fmt: skip
    again = Client().post("/oauth/token", fresh).json()
    app = gateway.known_app(key[1])
    assert app is not None
    assert gateway.caller_of(app, token["access_token"], now=NOW) == "unknown"
    caller = gateway.caller_of(app, again["access_token"], now=datetime.now(UTC))
    assert not isinstance(caller, str)
    assert caller.actor.name == "teammate"
    client.post(f"/s/lan/settings/apps/sessions/{GatewaySession.objects.get().id}/end/")
    assert gateway.caller_of(app, again["access_token"], now=datetime.now(UTC)) == "expired"


def test_both_pages_speak_english(owner_account: Account, made: Marketplace) -> None:
    client = sign_in(owner_account, "en")
    for path in (
        "settings/apps/",
        "settings/marketplaces/",
        f"settings/marketplaces/{made.id}/",
        "settings/marketplaces/connect/woocommerce/",
    ):
        said = text_of(client.get(f"/s/lan/{path}").content)
        assert set(re.findall(r"[\u4e00-\u9fff]+", said)) <= {"兰草小铺", "中文", "兰"}, said
