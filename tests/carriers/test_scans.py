"""Scans from pushes and pulls: they feed the parcels, whatever comes; and nothing that is not signed moves anything."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fahuo.connectors.kdniao.connector import data_sign
from fahuo.connectors.kuaidi100.connector import signed
from fahuo.rules.people import Actor
from fahuo.services import moment, parcels
from fahuo.store.models import Alert, CarrierAccount, CarrierCall, Parcel, Scan, Tracking
from tests.carriers.carrier import CARRIER
from tests.carriers.desk import Desk
from tests.conftest import NOW
from tests.services.shipping import make_order

pytestmark = pytest.mark.django_db
WAYBILL = {"sf": "SF1234567890123", "kuaidi100": "75330000000501", "kdniao": "YT8888888888888"}


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(hours=8))


def shipped(desk: Desk, n: int = 1) -> Parcel:
    order = make_order(desk.actor.shop_id, n, now=NOW)
    parcel = parcels.ship(
        desk.actor, order_ids=[order], carrier=CARRIER[desk.kind], waybill=WAYBILL[desk.kind], now=desk.at
    )
    return Parcel.objects.get(shop_id=desk.actor.shop_id, id=parcel)


def path(desk: Desk) -> str:
    return f"/push/carriers/lan/{desk.row().push_key}/"


def told(kind: str, waybill: str, state: str, *times: str) -> dict[str, str]:
    """A push of this kind of service, signed."""
    if kind == "kuaidi100":
        data = [{"time": at, "ftime": at, "context": "x", "status": "在途"} for at in reversed(times)]
        last = {"state": state, "ischeck": "0", "com": "zhongtong", "nu": waybill, "data": data}
        param = json.dumps({"status": "polling", "message": "", "lastResult": last}, ensure_ascii=False)
        return {"param": param, "sign": signed(param, "salt")}
    traces = [{"AcceptTime": at, "AcceptStation": "x", "Remark": ""} for at in times]
    data = [{"ShipperCode": "YTO", "LogisticCode": waybill, "State": state, "Success": True, "Traces": traces}]
    words = json.dumps({"EBusinessID": "1", "PushTime": times[-1] if times else "", "Count": "1", "Data": data})
    return {"RequestData": words, "RequestType": "101", "DataSign": data_sign(words, "a")}


@pytest.mark.parametrize(
    ("kind", "codes"), [("sf", ("50", "31", "80")), ("kuaidi100", ("1", "0", "3")), ("kdniao", ("1", "2", "3"))]
)
def test_pulls_follow_a_parcel_until_it_is_delivered(owner: Actor, kind: str, codes: tuple[str, str, str]) -> None:
    desk = Desk(owner, kind)
    parcel = shipped(desk)
    desk.round(1)
    assert Tracking.objects.get(shop_id=owner.shop_id).parcel_id == parcel.id
    desk.round(31)
    assert not Scan.objects.exists()
    desk.fake.scans[parcel.waybill] = [("2026-03-02 13:00:00", codes[0])]
    for _ in range(30):
        desk.round(60)
    parcel.refresh_from_db()
    assert parcel.picked_up_at == datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
    desk.fake.scans[parcel.waybill] += [("2026-03-03 09:00:00", codes[1]), ("2026-03-03 11:00:00", codes[2])]
    for _ in range(30):
        desk.round(60)
    parcel.refresh_from_db()
    assert parcel.delivered_at == datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
    assert Tracking.objects.get(shop_id=owner.shop_id).due_at is None
    asked = len(desk.fake.asked)
    desk.round(600)
    assert len(desk.fake.asked) == asked


@pytest.mark.parametrize("kind", ["kuaidi100", "kdniao"])
def test_a_push_is_noted_once_and_answered_as_the_service_waits_for(owner: Actor, client: Client, kind: str) -> None:
    desk = Desk(owner, kind)
    parcel = shipped(desk)
    desk.round(1)
    assert desk.fake.followed == {parcel.waybill}
    form = told(kind, parcel.waybill, "1", "2026-03-02 13:00:00")
    for _ in range(2):
        answer = client.post(path(desk), urlencode(form), "application/x-www-form-urlencoded")
        assert answer.status_code == 200
        said = answer.json()
        assert said["result"] is True if kind == "kuaidi100" else said["Success"] is True
    parcel.refresh_from_db()
    assert parcel.picked_up_at == datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
    assert Scan.objects.count() == 1
    due = Tracking.objects.get(shop_id=owner.shop_id).due_at
    assert due is not None
    assert due > desk.at + timedelta(hours=20)
    over = told(kind, parcel.waybill, "3", "2026-03-02 13:00:00", "2026-03-02 19:00:00")
    client.post(path(desk), urlencode(over), "application/x-www-form-urlencoded")
    parcel.refresh_from_db()
    assert parcel.delivered_at == datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
    assert Tracking.objects.get(shop_id=owner.shop_id).due_at is None


def test_a_push_stills_the_watchdog_that_waits_for_a_scan(owner: Actor, client: Client) -> None:
    from fahuo.services import watchdogs

    desk = Desk(owner, "kdniao")
    parcel = shipped(desk)
    form = told("kdniao", parcel.waybill, "1", "2026-03-02 13:00:00")
    client.post(path(desk), urlencode(form), "application/x-www-form-urlencoded")
    watchdogs.run_due(owner.shop_id, now=NOW + timedelta(hours=30))
    assert not Alert.objects.filter(shop_id=owner.shop_id, kind__contains="pickup").exists()


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {getattr(record, 'facts', '')}")


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    logging.getLogger("fahuo").addHandler(handler)
    yield handler
    logging.getLogger("fahuo").removeHandler(handler)


bodies = st.one_of(
    st.binary(max_size=60),
    st.fixed_dictionaries({"param": st.text(max_size=40), "sign": st.text(max_size=32)}).map(lambda d: urlencode(d).encode("utf-8", "surrogatepass")),
    st.fixed_dictionaries({"RequestData": st.text(max_size=40), "DataSign": st.text(max_size=32)}).map(lambda d: urlencode(d).encode("utf-8", "surrogatepass")),
)  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("2026-03-02 13:00:00") | st.just(WAYBILL["kdniao"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["lastResult", "com", "nu", "state", "data", "ftime", "status", "Data", "ShipperCode", "LogisticCode", "Traces", "State", "AcceptTime"]),
        inner, max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize("kind", ["kuaidi100", "kdniao"])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies, words=json_values)
def test_no_push_breaks_anything_or_moves_a_part(
    owner: Actor, kind: str, lines: Lines, body: bytes, words: Any
) -> None:
    if not CarrierAccount.objects.filter(shop_id=owner.shop_id, kind=kind).exists():
        shipped(Desk(owner, kind), n=1)
    key = CarrierAccount.objects.get(shop_id=owner.shop_id, kind=kind).push_key
    client = Client()
    before = list(Scan.objects.values_list("id", flat=True))
    answer = client.generic("POST", f"/push/carriers/lan/{key}/", body, "application/x-www-form-urlencoded")
    assert answer.status_code in (400, 403)
    assert list(Scan.objects.values_list("id", flat=True)) == before
    # signed, but nonsense: it is read as far as it makes sense, and answered
    text = json.dumps(words)
    form = (
        {"param": text, "sign": signed(text, "salt")}
        if kind == "kuaidi100"
        else {"RequestData": text, "DataSign": data_sign(text, "a")}
    )
    answer = client.post(f"/push/carriers/lan/{key}/", urlencode(form), "application/x-www-form-urlencoded")
    assert answer.status_code in (200, 400)
    assert lines.lines == []


def test_only_who_has_the_address_and_the_signature_is_heard(owner: Actor, client: Client) -> None:
    desk = Desk(owner, "kuaidi100")
    form = told("kuaidi100", shipped(desk).waybill, "1", "2026-03-02 13:00:00")
    assert (
        client.post("/push/carriers/lan/nokey/", urlencode(form), "application/x-www-form-urlencoded").status_code
        == 404
    )
    assert (
        client.post(
            path(desk).replace("/lan/", "/zhu/"), urlencode(form), "application/x-www-form-urlencoded"
        ).status_code
        == 404
    )
    assert client.get(path(desk)).status_code == 405
    bad = {**form, "sign": "0" * 32}
    assert client.post(path(desk), urlencode(bad), "application/x-www-form-urlencoded").status_code == 403
    assert client.post(path(desk), b"x" * (2**20 + 1), "application/x-www-form-urlencoded").status_code == 413
    assert client.generic("POST", path(desk), b"x", CONTENT_LENGTH="²").status_code == 413
    assert not Scan.objects.exists()
    assert CarrierCall.objects.get(act="push").heard == "refused"
