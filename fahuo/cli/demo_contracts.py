"""The demo's carriers: two contracts with prices and rules, a lot of waybill numbers, marks for labels, and what the goods
weigh. Numbers, codes and prices are made up."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final

from fahuo.rules.carrier_choice import Conditions
from fahuo.rules.contracts import ContractData, Tariff
from fahuo.rules.people import Actor
from fahuo.rules.skus import SkuData
from fahuo.samples.words import GOODS
from fahuo.services import contracts, route_marks, skus, stock
from fahuo.services.stock import Terms

FIRST: Final = "75330000000001"
"""The demo's orders go out under numbers of this run."""
COUNT: Final = 1500
GRAMS: Final = {"MB01": 420, "ZL02": 380, "CW03": 310, "ZB04": 560, "FB05": 210, "ZH06": 1650, "XZ07": 460}
"""By the item; the larger variant weighs half as much again."""
UNKNOWN: Final = "XZ07-2"
"""Nobody has weighed this one yet: pages say so."""
NEAR: Final = ("31", "32", "33", "34")
FAR: Final = ("15", "54", "65")


def set_up(actor: Actor, *, at: datetime) -> int:
    """What a shop knows of its carriers and goods before its orders come in, told three weeks before `at`; the contract
    whose numbers the shop bought."""
    then = at - timedelta(days=21)
    bought, brought = _contracts(actor, then)
    contracts.keep_rule(
        actor, name="西藏、新疆走圆通", contract_id=brought, conditions=Conditions(regions=("54", "65")), now=then
    )
    contracts.keep_rule(
        actor, name="备注点名圆通", contract_id=brought, conditions=Conditions(memo=("圆通",)), now=then
    )  # fmt: skip
    contracts.keep_rule(actor, name="其余比价", contract_id=None, conditions=Conditions(), now=then)
    terms = Terms(Decimal("1.10"), then.date(), "网点充值")
    stock.buy_run(actor, bought, terms, first=FIRST, count=COUNT, now=then)
    for region, mark, code, hub in (
        ("3301", "杭州", "571-01 00", "杭州集"), ("33", "浙江", "", "长三角集"), ("31", "上海", "021-03 00", "长三角集"),
        ("44", "广东", "020-09 00", "粤港澳集"), ("11", "北京", "010-02 00", "京津冀集"),
    ):  # fmt: skip
        said = {"carrier": "ZTO", "region": region, "mark": mark, "route_code": code, "hub_name": hub, "hub_code": ""}
        route_marks.keep(actor, said, now=then)
    for place, good in enumerate(GOODS, 1):
        skus.keep(actor, _sku(place, good.sku_code, f"{good.title} {good.sku}", good.item_code), now=then)
    return bought


def _contracts(actor: Actor, then: datetime) -> tuple[int, int]:
    """One whose numbers the shop buys, one whose courier brings them."""
    bought = contracts.keep(actor, ContractData(
        "ZTO", "中通 西湖三部", branch="杭州西湖三部", account="ZT33010688", contact_name="周师傅", contact_phone="17000000011",
        pickup_times=(time(11), time(16, 30)), return_voided_days=15, return_silent_days=30,
    ), now=then)  # fmt: skip
    brought = contracts.keep(actor, ContractData(
        "YTO", "圆通 文新分部", branch="杭州文新分部", contact_name="小吴", contact_phone="17000000012", numbers="entered",
        ships_at="pickup", pickup_times=(time(17),),
    ), now=then)  # fmt: skip
    contracts.set_tariffs(actor, bought, [
        _tariff("", "4.80", "2.50"), *(_tariff(region, "3.20", "1.00") for region in NEAR), _tariff("15", "8.00", "5.00"),
        *(Tariff(region, served=False) for region in ("54", "65")),
    ], now=then)  # fmt: skip
    contracts.set_tariffs(actor, brought, [
        _tariff("", "4.50", "3.00"), *(_tariff(region, "3.50", "1.20") for region in NEAR),
        *(_tariff(region, "12.00", "10.00") for region in FAR),
    ], now=then)  # fmt: skip
    return bought, brought


def _tariff(region: str, first: str, following: str) -> Tariff:
    return Tariff(region, True, 1000, Decimal(first), 1000, Decimal(following))


def _sku(place: int, code: str, title: str, item_code: str) -> SkuData:
    """Barcodes of the range that shops may use among themselves (20…), shelves by the item."""
    variant = int(code.rpartition("-")[2])
    grams = GRAMS[item_code] * (2 + variant) // 3
    barcode = f"20{place:010d}"
    shelf = f"{'ABCDEFG'[list(GRAMS).index(item_code)]}-{variant:02d}"
    return SkuData(code, title, barcode + _check(barcode), shelf, None if code == UNKNOWN else grams)


def _check(digits: str) -> str:
    """The check digit of an EAN-13."""
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return str(-weighed % 10)
