"""What stands before every method: parameters, signatures, times, sessions, limits; and how errors travel."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.api.top import view  # noqa: F401  # declares the methods
from fahuo.rules.people import Actor
from fahuo.rules.top import clock, signing
from fahuo.rules.top.envelope import Listed, as_json, as_xml
from fahuo.services import gateway, people
from tests.conftest import Account, make_account
from tests.top.calling import Desk

VECTORS = [
    ("test", "72CB4D809B375A54502C09360D879C64",
     {"app_key": "test", "fields": "nick", "format": "xml", "method": "taobao.user.seller.get", "session": "test",
      "sign_method": "md5", "timestamp": "2013-05-06 13:52:03", "v": "2.0"}),
    ("helloworld", "66987CB115214E59E6EC978214934FB8",
     {"method": "taobao.item.seller.get", "app_key": "12345678", "session": "test", "timestamp": "2016-01-01 12:00:00",
      "format": "json", "v": "2.0", "sign_method": "md5", "fields": "num_iid,title,nick,price,num",
      "num_iid": "11223344"}),
]  # fmt: skip
"""Published examples of the md5 signature."""

LIST = {"fields": "tid,status"}


@pytest.mark.parametrize(("secret", "sign", "params"), VECTORS)
def test_published_signatures(secret: str, sign: str, params: dict[str, str]) -> None:
    assert signing.sign(params, secret, "md5") == sign
    assert signing.genuine({**params, "sign": "x"}, secret, "md5", sign.lower())


@given(
    st.dictionaries(st.sampled_from(["a", "aB", "b", "tid", "memo", "z_"]), st.text("天1a=& ", max_size=4), max_size=6),
    st.text("s秘", min_size=1, max_size=3), st.sampled_from(signing.WAYS),
)  # fmt: skip
def test_a_signature_is_genuine_with_empty_values_or_without(
    params: dict[str, str], secret: str, way: signing.Way
) -> None:
    without = {name: value for name, value in params.items() if value}
    assert signing.genuine(params, secret, way, signing.sign(params, secret, way))
    assert signing.genuine(params, secret, way, signing.sign(without, secret, way))
    assert not signing.genuine({**params, "more": "x"}, secret, way, signing.sign(params, secret, way))


@pytest.fixture
def desk(owner: Actor) -> Desk:
    return Desk(owner)


@pytest.mark.parametrize("way", signing.WAYS)
def test_every_way_of_signing_opens(desk: Desk, way: str) -> None:
    assert desk.call("taobao.trades.sold.get", way=way, **LIST)["total_results"] == 0


@pytest.mark.parametrize(
    ("missing", "code"),
    [("method", 21), ("sign", 24), ("app_key", 28), ("timestamp", 30), ("v", 32), ("session", 26)],
)
def test_a_public_parameter_that_is_missing(desk: Desk, missing: str, code: int) -> None:
    params = desk.params("taobao.trades.sold.get", **LIST)
    del params[missing]
    if missing not in ("sign", "method"):
        params["sign"] = signing.sign(params, desk.secret, "md5")
    answer = json.loads(desk.client.post("/router/rest", params).content)
    assert answer["error_response"]["code"] == code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"method": "taobao.no.such.method"}, 22), ({"app_key": "1"}, 29), ({"v": "3.0"}, 34), ({"v": "x"}, 33),
        ({"timestamp": "2026-13-01 00:00:00"}, 31), ({"timestamp": "yesterday"}, 31), ({"session": "nobody's"}, 27),
        ({"sign_method": "sha1"}, 25), ({"fields": ""}, 40), ({"page_no": "-1"}, 41), ({"page_size": "101"}, 41),
        ({"status": "NO_SUCH"}, 41), ({"start_created": "2026-03-02"}, 41), ({"rate_status": "RATE_UNBUYER"}, 41),
        ({"page_no": "9999", "page_size": "100"}, 15), ({"page_no": "9" * 30}, 41),
    ],
)  # fmt: skip
def test_a_parameter_that_is_wrong(desk: Desk, changed: dict[str, str], code: int) -> None:
    params = {**desk.params("taobao.trades.sold.get", **LIST), **changed}
    params["sign"] = signing.sign(params, desk.secret, "md5")
    answer = json.loads(desk.client.post("/router/rest", params).content)["error_response"]
    assert answer["code"] == code
    assert answer["request_id"]
    assert answer["msg"]


def test_a_missing_argument_is_named(desk: Desk) -> None:
    assert desk.error("taobao.logistics.offline.send", tid=1, company_code="ZTO")["msg"] == "Missing required arguments:out_sid"  # fmt: skip


@pytest.mark.parametrize(
    "value", ["7", "true", '{"tid": 1}', '[{"tid": "\\ud800", "oaid": "x", "scene": "1002"}]', "[" * 9000, "9" * 5000]
)
def test_json_that_is_not_what_is_meant_is_a_wrong_argument(desk: Desk, value: str) -> None:
    assert desk.error("taobao.top.oaid.decrypt", query_list=value)["code"] == 41


def test_json_leaves_out_what_no_text_can_hold(desk: Desk) -> None:
    asked = '[{"tid": "3\\u0000", "oaid": "x", "scene": "1002"}]'
    found = desk.call("taobao.top.oaid.decrypt", query_list=asked)["receiver_list"]["receiver"]
    assert found == [{"tid": "3", "oaid": "x", "matched": False}]


@pytest.mark.parametrize("tid", ["9" * 5000, "9" * 20, "²", "1" * 19 + "٣"])
def test_a_number_beyond_all_numbers_is_a_wrong_argument(desk: Desk, tid: str) -> None:
    assert desk.error("taobao.trade.fullinfo.get", fields="tid", tid=tid)["code"] == 41


def test_no_token_for_a_client_whose_name_holds_nul(desk: Desk) -> None:
    form = {"grant_type": "refresh_token", "client_id": f"{desk.key}\0", "client_secret": desk.secret}
    answer = desk.client.post("/oauth/token", form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_wrong_signature_opens_nothing(desk: Desk) -> None:
    params = {**desk.params("taobao.trades.sold.get", **LIST), "fields": "tid"}
    answer = json.loads(desk.client.post("/router/rest", params).content)
    assert answer["error_response"]["code"] == 25


@pytest.mark.parametrize(("minutes", "good"), [(-9, True), (9, True), (-11, False), (11, False)])
@pytest.mark.parametrize("milliseconds", [False, True])
def test_timestamps_are_good_for_ten_minutes(desk: Desk, minutes: int, good: bool, milliseconds: bool) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    text = str(int(at.timestamp() * 1000)) if milliseconds else clock.written(at)
    found = desk.post("taobao.time.get", timestamp=text)
    assert ("time_get_response" in found) is good


def test_parameters_may_stand_in_query_and_body(desk: Desk) -> None:
    params = desk.params("taobao.trades.sold.get", **LIST)
    system = {name: params.pop(name) for name in ("method", "app_key", "session", "v", "timestamp", "sign")}
    halves = desk.client.post("/router/rest", params, query_params=system)
    by_query = desk.client.post("/router/rest", query_params={**params, **system})
    by_get = desk.client.get("/router/rest", {**params, **system})
    get_with_body = desk.client.generic(
        "GET", "/router/rest", "&".join(f"{k}={v}".replace(" ", "+") for k, v in {**params, **system}.items()),
        "application/x-www-form-urlencoded",
    )  # fmt: skip
    for answer in (halves, by_query, by_get, get_with_body):
        assert json.loads(answer.content)["trades_sold_get_response"]["total_results"] == 0


def test_the_gateway_answers_a_probe_and_refuses_other_ways(desk: Desk) -> None:
    assert desk.client.head("/router/rest").status_code == 200
    answer = desk.client.put("/router/rest?format=json")
    assert answer.status_code == 200
    assert json.loads(answer.content)["error_response"]["code"] == 9


def test_xml_is_the_default(desk: Desk) -> None:
    params = desk.params("taobao.time.get", format="-")
    answer = desk.client.post("/router/rest", params)
    assert answer.content.startswith(b'<?xml version="1.0" encoding="utf-8" ?><time_get_response><time>')
    wrong = desk.client.post("/router/rest", {**params, "sign": "0"})
    assert b"<error_response><code>25</code><msg>Invalid Signature</msg>" in wrong.content
    assert desk.client.post("/router/rest", {**params, "format": "yaml"}).content.count(b"<code>23</code>") == 1


def test_simplify_drops_the_root_and_the_inner_lists() -> None:
    body = {"trades": Listed("trade", [{"tid": 1, "orders": Listed("order", [{"oid": 2, "none": None}])}]), "ok": True}
    assert as_json("r", body, simplify=True) == '{"trades":[{"tid":1,"orders":[{"oid":2}]}],"ok":true}'
    assert as_json("r", body) == '{"r":{"trades":{"trade":[{"tid":1,"orders":{"order":[{"oid":2}]}}]},"ok":true}}'
    assert as_xml("r", body) == (
        '<?xml version="1.0" encoding="utf-8" ?><r><trades list="true"><trade><tid>1</tid><orders list="true"><order>'
        "<oid>2</oid></order></orders></trade></trades><ok>true</ok></r>"
    )
    assert as_json("error_response", {"code": 1}, simplify=True) == '{"error_response":{"code":1}}'


@given(st.text())
def test_any_text_makes_an_xml_document(text: str) -> None:
    ElementTree.fromstring(as_xml("r", {"memo": text}).encode())


def test_a_call_too_many_is_told_when_to_come_again(owner: Actor) -> None:
    desk = Desk(owner, per_second=2)
    answers = [desk.post("taobao.time.get") for _ in range(12)]
    refused = [answer["error_response"] for answer in answers if "error_response" in answer]
    assert refused
    assert {(each["code"], each["sub_code"], each["sub_msg"]) for each in refused} == {
        (7, "accesscontrol.limited-by-api-access-count", "This ban will last for 1 more seconds")
    }


def test_a_day_has_its_limit(owner: Actor) -> None:
    desk = Desk(owner, per_day=3)
    for method in ("taobao.time.get", "taobao.time.get"):
        desk.call(method)
    desk.call("taobao.trades.sold.get", **LIST)
    refused = desk.error("taobao.time.get")
    assert refused["sub_code"] == "accesscontrol.limited-by-app-access-count"
    seconds = int(refused["sub_msg"].split("last for ")[1].split()[0])
    assert 0 < seconds <= 86_400


def test_who_left_the_shop_is_locked_out_at_once(owner: Actor, shop: Any) -> None:
    desk = Desk(owner)
    helper = make_account(shop, "helper", permissions=("people", "ship"))
    desk.session = gateway.issue(
        helper.actor, gateway.register(helper.actor, name="x", now=desk.now)[1], now=desk.now
    ).token
    other = Desk(owner)
    other.key, other.secret = desk.key, desk.secret
    # a token is good for its own app only
    assert desk.error("taobao.trades.sold.get", **LIST)["sub_code"] == "sessionkey-not-generated-by-server"
    desk.session = _let_in(desk, helper)
    assert desk.call("taobao.trades.sold.get", **LIST)["total_results"] == 0
    people.deactivate(owner, helper.member.id, now=desk.now)
    assert desk.error("taobao.trades.sold.get", **LIST)["sub_code"] == "session-expired"


def _let_in(desk: Desk, account: Account) -> str:
    app = gateway.known_app(desk.key)
    assert app is not None
    gateway.change(
        Actor(account.actor.shop_id, account.member.id, "x", is_owner=True), desk.key, name="x",
        redirect_uris=["https://erp.example/cb"], per_second=40, per_day=1000, active=True, now=desk.now,
    )  # fmt: skip
    code = gateway.let_in(account.actor, desk.key, "https://erp.example/cb", now=desk.now)
    made = gateway.exchange(app, code=code, redirect_uri="https://erp.example/cb", now=desk.now)
    assert made is not None
    assert gateway.exchange(app, code=code, redirect_uri="https://erp.example/cb", now=desk.now) is None
    return made.token


def test_an_account_does_what_it_may_and_no_more(owner: Actor, teammate_account: Account) -> None:
    desk = Desk(owner)
    desk.session = _let_in(desk, teammate_account)
    assert desk.call("taobao.trades.sold.get", **LIST)["total_results"] == 0
    refused = desk.error("taobao.logistics.offline.send", tid=1, out_sid="75330000000501", company_code="ZTO")
    assert (refused["code"], refused["sub_code"]) == (12, "isv.permission-user")


def test_an_app_that_is_switched_off_and_one_with_a_new_secret(owner: Actor) -> None:
    desk = Desk(owner)
    old = desk.secret
    desk.secret = gateway.renew_secret(owner, desk.key, now=desk.now)
    desk.call("taobao.time.get")
    desk.secret = old
    assert desk.error("taobao.time.get")["code"] == 25
    gateway.change(owner, desk.key, name="x", redirect_uris=[], per_second=1, per_day=1, active=False, now=desk.now)
    assert desk.error("taobao.time.get")["code"] == 29


def test_secrets_stand_sealed_in_the_database(owner: Actor) -> None:
    from fahuo.store.models import GatewayApp, GatewaySession

    desk = Desk(owner)
    row, session = GatewayApp.objects.get(key=desk.key), GatewaySession.objects.get()
    assert desk.secret not in row.secret
    assert desk.session not in (session.token, session.refresh_token)


def test_our_own_failure_is_told_as_one_to_repeat(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    from fahuo.api.top.methods import trades

    monkeypatch.setattr(trades.board, "created", lambda *_, **__: 1 / 0)
    failed = Desk(owner).error("taobao.trades.sold.get", **LIST)
    assert (failed["code"], failed["sub_code"]) == (15, "isp.service-error")
