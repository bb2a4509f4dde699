"""The guard: keys, scopes, allowances, calls made again, and how everything that is wrong is told."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import override_settings

from fahuo.api import guard
from fahuo.rules.people import Actor
from fahuo.services import keys
from fahuo.store import answers
from fahuo.store.models import ApiKey, JournalEntry, KeptAnswer, Order, Shop
from tests.api.conftest import Caller
from tests.services.shipping import make_order, order_number, waybill


def test_a_key_opens_its_own_shop_and_says_what_it_lacks(
    api: Caller, owner: Actor, stranger: Actor, shop: Shop, now: datetime
) -> None:
    make_order(shop.id, 1, now=now)
    assert api.get("/orders").data["rows"][0]["number"] == order_number(1)
    other = Caller(keys.make(stranger, name="else", scopes=["ship"], now=now)[1])
    assert other.get("/orders").data["rows"] == []
    assert other.get(f"/orders/{order_number(1)}").status == 404
    weak = Caller(keys.make(owner, name="weak", scopes=["print"], now=now)[1])
    assert weak.get("/orders").status == 200
    refused = weak.post("/parcels", {"orders": [order_number(1)], "carrier": "ZTO", "waybill": waybill(1)})
    assert (refused.status, refused.code) == (403, "key_scope")
    assert refused.data["problems"][0]["data"]["scopes"] == "ship"


@pytest.mark.parametrize("path", ["/orders/{}", "/orders/{}/label", "/batches/{}/columns", "/orders/{number}", "/{}"])
def test_braces_in_an_address_are_a_text_like_any(api: Caller, path: str) -> None:
    assert {api(method, path).status for method in ("GET", "PUT")} <= {404, 405, 422}


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer x", f"Bearer fahuo_aaaaaa_{'A' * 43}"])
def test_without_a_good_key_nothing_opens(db: None, header: str) -> None:
    answer = Caller().get("/orders", Authorization=header)
    assert answer.status == 401
    assert answer.code == ("key_missing" if header in ("", "Basic abc", "Bearer") else "key_refused")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_is_kept_as_a_digest_shows_its_use_and_is_revoked_at_once(
    api: Caller, key: str, owner: Actor, shop: Shop, now: datetime
) -> None:
    row = ApiKey.objects.get(shop_id=shop.id)
    assert row.hint in key
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM api_key_map m WHERE encode(m.digest, 'escape') LIKE %s", [f"%{key[-20:]}%"]
        )
        assert cursor.fetchone() == (0,)
    assert row.last_used_at is None
    assert api.get("/orders").status == 200
    row.refresh_from_db()
    assert row.last_used_at is not None
    assert keys.revoke(owner, row.id, now=now)
    assert api.get("/orders").code == "key_refused"
    assert not keys.revoke(owner, row.id, now=now)
    acts = JournalEntry.objects.filter(shop_id=shop.id).values_list("act", flat=True)
    assert list(acts.order_by("id")) == ["keys.made", "keys.revoked"]


def test_nobody_gives_a_key_what_he_has_not(owner: Actor, teammate: Actor, shop: Shop, now: datetime) -> None:
    manager = Actor(shop.id, None, "manager", permissions=frozenset({"people", "tasks"}))
    assert keys.make(manager, name="k", scopes=["tasks"], now=now)
    for scopes in (["ship"], [], ["nonsense"]):
        with pytest.raises(Exception, match="key_scopes"):
            keys.make(manager, name="k", scopes=scopes, now=now)
    with pytest.raises(Exception, match="not_permitted"):
        keys.make(teammate, name="k", scopes=["messages"], now=now)


def test_everything_wrong_has_a_code_a_sentence_in_the_callers_language_and_a_status(api: Caller, key: str) -> None:
    chinese = Caller(key, language="zh-CN,zh;q=0.9,en;q=0.8")
    assert chinese.get("/nowhere").data["problems"][0]["sentence"].startswith("没有这个接口")
    assert api.get("/nowhere").data["problems"][0]["sentence"].startswith("There is no such operation")
    wrong = api("DELETE", "/orders")
    assert (wrong.status, wrong.code, wrong.headers["Allow"]) == (405, "method_unknown", "GET, POST")
    assert api.post("/parcels", b"{").code == "body_not_json"
    assert api.post("/parcels", b"\xff\xfe").status in (400, 422)
    assert api.post("/parcels", {"orders": []}).code == "body_shape"
    assert api.post("/parcels", {"orders": ["1"], "extra": 1}).code == "body_shape"
    assert api.post("/parcels", {"orders": ["1" * 200]}).status == 422
    assert api.get("/orders", Content_Type="text/plain").status == 200


@override_settings(API_PER_MINUTE=5)
def test_a_key_has_so_many_calls_and_is_told_when_it_may_call_again(api: Caller, now: datetime) -> None:
    seen = [api.get("/orders") for _ in range(7)]
    assert [answer.status for answer in seen] == [200] * 5 + [429] * 2
    assert [answer.headers["RateLimit-Remaining"] for answer in seen[:5]] == ["4", "3", "2", "1", "0"]
    assert seen[0].headers["RateLimit-Limit"] == "5"
    assert seen[0].headers["RateLimit-Policy"] == "5;w=60"
    assert 1 <= int(seen[5].headers["Retry-After"]) <= 12
    assert seen[5].code == "rate_limit"
    guard.leases.clear()
    allowance = guard.spend(guard.owner_of(f"Bearer {api.key}"), None, 1, now=now + timedelta(seconds=30))
    assert not allowance.wait


def test_rows_of_a_bulk_call_count(api: Caller, owner: Actor, now: datetime) -> None:
    few = Caller(keys.make(owner, name="few", scopes=["ship"], per_minute=3, now=now)[1])
    rows = [{"order": str(10**8 + n), "waybill": "1"} for n in range(250)]
    assert few.post("/parcels/bulk", {"rows": rows}).headers["RateLimit-Limit"] == "3"
    assert few.get("/orders").status == 429


def test_an_allowance_is_shared_by_processes(api: Caller, now: datetime) -> None:
    owner = guard.owner_of(f"Bearer {api.key}")
    given = 0
    for _ in range(300):
        guard.leases.clear()  # as another process would
        given += 1 if not guard.spend(owner, 1200, 5, now=now).wait else 0
    assert given == 240


def test_the_same_call_again_is_answered_the_same_and_done_once(api: Caller, shop: Shop, now: datetime) -> None:
    make_order(shop.id, 1, now=now)
    sent = {"orders": [order_number(1)], "carrier": "ZTO", "waybill": waybill(1)}
    first = api.post("/parcels", sent, Idempotency_Key="abc")
    assert first.status == 201
    again = api.post("/parcels", sent, Idempotency_Key="abc")
    assert (again.status, again.data) == (201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = api.post("/parcels", {**sent, "waybill": waybill(2)}, Idempotency_Key="abc")
    assert (other.status, other.code) == (409, "idempotency_other")
    refused = api.post("/parcels", {**sent, "waybill": waybill(2)}, Idempotency_Key="def")
    assert refused.status == 409
    Order.objects.filter(shop_id=shop.id).update(status="awaiting_shipment")
    assert api.post("/parcels", {**sent, "waybill": waybill(2)}, Idempotency_Key="def").data == refused.data
    assert api.post("/parcels", sent, Idempotency_Key="").code == "idempotency_key"
    assert api.post("/parcels", sent, Idempotency_Key="x" * 200).code == "idempotency_key"


def test_a_kept_answer_is_forgotten_after_a_day(api: Caller, shop: Shop, now: datetime) -> None:
    make_order(shop.id, 1, now=now)
    sent = {"memo": "a"}
    path = f"/orders/{order_number(1)}/memo"
    assert api("PUT", path, sent, Idempotency_Key="k").data == {"changed": True}
    assert api("PUT", path, sent, Idempotency_Key="k").data == {"changed": True}
    KeptAnswer.objects.filter(shop_id=shop.id).update(at=now - timedelta(days=1, seconds=1))
    assert api("PUT", path, sent, Idempotency_Key="k").data == {"changed": False}
    assert answers.forget(shop.id, now + timedelta(minutes=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_twins_at_once_are_done_once(owner: Actor, shop: Shop, now: datetime) -> None:
    for n in range(1, 13):
        make_order(shop.id, n, now=now, buyer=f"b{n}")
    key = keys.make(owner, name="ERP", scopes=["ship"], now=now)[1]
    told: list[tuple[int, str]] = []

    def twin(n: int) -> None:
        sent = {"rows": [{"order": order_number(m), "waybill": waybill(m)} for m in range(1, 13)], "carrier": "ZTO"}
        answer = Caller(key).post("/parcels/bulk", sent, Idempotency_Key="twin")
        told.append((answer.status, str(answer.data)))
        connection.close()

    threads = [threading.Thread(target=twin, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    good = {body for status, body in told if status == 200}
    assert len(good) == 1
    assert all("idempotency_busy" in body for status, body in told if status != 200)
    assert "'verdict': 'done'" in good.pop()
