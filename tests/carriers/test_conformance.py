"""Every connector to a carrier's service is held to the contract, and reads the shapes that are on record."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

import fahuo.connectors
from fahuo.connectors.cainiao.connector import route_of
from fahuo.connectors.carriers import services
from fahuo.connectors.carrying import Consignment, Number
from fahuo.connectors.carrying_check import NOW, Played, check, heard
from fahuo.connectors.kdniao.connector import data_sign
from fahuo.connectors.kuaidi100.connector import signed
from fahuo.connectors.sf.connector import digest, java_encoded
from fahuo.connectors.web import Answer, Request
from fahuo.rules.labels import Goods, Party
from tests.carriers.carrier import CARRIER, SETTINGS, FakeCarrier

HOME = Path(fahuo.connectors.__path__[0])
KINDS = sorted(SETTINGS)
SENDER = Party("兰草", "17000000009", "浙江省", "杭州市", "西湖区", "花园路1号")


def consignments(kind: str, count: int = 3) -> list[Consignment]:
    return [
        Consignment(
            f"FH1-{n}", CARRIER[kind], SENDER, Party(f"张三{n}", f"1700000000{n}", "北京", "北京市", "东城区", f"{n}号"),
            (Goods("杯", "白", 2),), (f"27{n}",), grams=500,
        )
        for n in range(1, count + 1)
    ]  # fmt: skip


def settings(kind: str) -> dict[str, str]:
    known = {each.name: each.default or (each.choices[0] if each.choices else "") for each in services()[kind].fields}
    return {**known, **SETTINGS[kind]}


def played(kind: str) -> Played:
    return Played(settings(kind), lambda: FakeCarrier(kind), consignments(kind), ("张三", "1700000000"))


def test_every_connector_is_tried() -> None:
    assert set(services()) >= set(KINDS)
    assert {each.name for each in HOME.iterdir() if (each / "payloads" / "order.json").exists()} >= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_connector_keeps_the_contract(kind: str) -> None:
    assert check(services()[kind], played(kind)) == []
    assert heard(services()[kind], played(kind), [b"param=%7B%7D&sign=", b"RequestData=%7B%7D&DataSign=x"]) == []


def test_the_suite_finds_who_does_not_keep_it() -> None:
    from dataclasses import replace

    from fahuo.connectors.sf.connector import SfConnector

    class Careless(SfConnector):
        def order(self, rows: object) -> list[object]:  # type: ignore[override]  # on purpose
            return super().order(rows)[:-1]  # type: ignore[arg-type,return-value]

        def track(self, rows: object) -> list[object]:  # type: ignore[override]  # on purpose
            raise ValueError

    found = check(replace(services()["sf"], make=Careless, can=frozenset({"order", "track"})), played("sf"))
    assert any("not one outcome a row" in each for each in found)
    assert any("raises ValueError" in each for each in found)


def answers(kind: str, name: str) -> "object":
    body = (HOME / kind / "payloads" / f"{name}.json").read_bytes()

    def send(request: Request) -> Answer:
        return Answer(200, {}, body)

    return services()[kind].make(settings(kind), send, NOW)


@pytest.mark.parametrize(
    ("kind", "waybill", "route"),
    [
        ("sf", "SF7444400043277", {"route_code": "755WF-571A3"}),
        ("kuaidi100", "75330000000501", {"route_code": "510-2", "mark": "杭州", "hub_name": "杭州集"}),
        ("kdniao", "YT1234567890123", {"route_code": "510 2", "mark": "杭州", "hub_name": "杭州集"}),
        ("cainiao", "9890000160004", {"route_code": "002 207", "mark": "杭州", "hub_name": "杭州", "hub_code": "B310"}),
    ],
)
def test_recorded_orders_are_read(kind: str, waybill: str, route: dict[str, str]) -> None:
    out = answers(kind, "order").order(consignments(kind, 1))[0]  # type: ignore[attr-defined]
    assert (out.verdict, out.waybill, out.route.kept()) == ("done", waybill, route)


@pytest.mark.parametrize(
    ("kind", "waybill"), [("sf", "SF7444400043277"), ("kuaidi100", "75330000000501"), ("kdniao", "YT1234567890123")]
)
def test_recorded_scans_are_read(kind: str, waybill: str) -> None:
    out = answers(kind, "track").track([Number(CARRIER[kind], waybill)])[0]  # type: ignore[attr-defined]
    assert [scan.kind for scan in out.scans] == ["picked_up", "in_transit", "delivered"]
    assert out.scans[0].at == datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
    assert out.over


def test_signatures_are_those_on_record() -> None:
    assert java_encoded("a *~中") == "a+*%7E%E4%B8%AD"
    assert digest('{"a":1}', "1", "w") == "goECvJTrBmdOHjnwCxKAcw=="
    assert signed("a", "b") == "187EF4436122D1CC2F40DC2B92F0EBA0"
    assert data_sign("a", "b") == "MTg3ZWY0NDM2MTIyZDFjYzJmNDBkYzJiOTJmMGViYTA="


def test_encrypted_print_data_gives_no_route_and_names_nobody() -> None:
    assert route_of(json.dumps({"encryptedData": "AES:x", "signature": "y"})).kept() == {}
    assert route_of("not json").kept() == {}
