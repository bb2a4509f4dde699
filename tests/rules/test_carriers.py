"""The catalogue holds what it says, and every way to write a carrier finds it."""

import pytest

from fahuo.rules import carriers
from fahuo.rules.carriers import CARRIERS, Carrier, Shape, find

SHAPES = [(carrier, shape) for carrier in CARRIERS.values() for shape in carrier.shapes]
IDS = [f"{carrier.code} {shape.sample}" for carrier, shape in SHAPES]


def test_the_codes_and_ids_of_the_marketplace() -> None:
    assert {carrier.code: carrier.taobao_id for carrier in CARRIERS.values()} == {
        "SF": 505, "ZTO": 500, "YTO": 101, "STO": 100, "YUNDA": 102, "HTKY": 502, "EMS": 2, "EYB": 3, "POSTB": 200734,
        "POST": 1, "JD": None, "DBKD": 5000000110730, "DBL": 107, "ZJS": 103, "OTHER": -1,
    }  # fmt: skip


@pytest.mark.parametrize(("carrier", "shape"), SHAPES, ids=IDS)
def test_a_sample_is_of_its_own_shape_first(carrier: Carrier, shape: Shape) -> None:
    assert next(other for other in carrier.shapes if other.regex.fullmatch(shape.sample)) == shape


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("顺丰速运", "SF"), ("顺丰", "SF"), ("sf", "SF"), ("shunfeng", "SF"), ("中通快递", "ZTO"), ("中通", "ZTO"),
        ("圆通速递", "YTO"), ("圆通", "YTO"), (" 圆 通 ", "YTO"), ("YTO", "YTO"), ("申通", "STO"), ("韵达", "YUNDA"),
        ("极兔速递", "HTKY"), ("百世快递", "HTKY"), ("J&T Express", "HTKY"), ("EMS", "EMS"), ("ems", "EMS"),
        ("EMS经济快递", "EYB"), ("邮政快递包裹", "POSTB"), ("平邮", "POST"), ("京东物流", "JD"), ("德邦", "DBKD"),
        ("德邦物流", "DBL"), ("debangwuliu", "DBL"), ("宅急送", "ZJS"), ("其他", "OTHER"), ("youzhengguonei", "POSTB"),
    ],
)  # fmt: skip
def test_find(text: str, code: str) -> None:
    found = find(text)
    assert found is not None
    assert found.code == code


def test_every_name_of_every_carrier_finds_it() -> None:
    for carrier in CARRIERS.values():
        for name in (carrier.code, carrier.code.lower(), carrier.zh, carrier.en, *carrier.aliases):
            assert find(name) is carrier


@pytest.mark.parametrize("text", ["", " ", "飞鸽", "圆", "SFX"])
def test_find_nobody(text: str) -> None:
    assert find(text) is None


def test_how_rolls_count_up() -> None:
    assert {code: carrier.step for code, carrier in CARRIERS.items() if carrier.step != "plus_one"} == {
        "SF": "sf12", "HTKY": "list", "EMS": "s10", "EYB": "s10", "POSTB": "s10", "POST": "s10", "JD": "list", "ZJS": "zjs",
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"step": "plus_two"},
        {"fit": "tight"},
        {"basis": "hearsay"},
        {"pattern": r"\d{9}"},
        {"pattern": r"(\d{4})(\d{5})"},
        {"step": "list"},
    ],
)
def test_a_faulty_shape_is_refused_on_reading(wrong: dict[str, str]) -> None:
    raw = {"pattern": r"(\d{9})", "step": "plus_one", "fit": "digits", "basis": "stated", "sample": "100000000"}
    assert carriers._shape("LAN", raw).pattern == r"(\d{9})"
    with pytest.raises(ValueError, match="LAN"):
        carriers._shape("LAN", raw | wrong)


def test_two_carriers_cannot_claim_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carriers, "CARRIERS", {"SF": CARRIERS["SF"], "顺丰": CARRIERS["SF"]})
    with pytest.raises(ValueError, match="SF"):
        carriers._names()
