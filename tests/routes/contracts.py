"""Contracts with carriers, their stock of numbers, carrier rules, route marks and SKUs; and orders given to contracts."""

from datetime import datetime
from typing import Any, Final

from fahuo.rules.people import Actor
from fahuo.store.models import CarrierRule, RouteMark, Shop, Sku, WaybillNumber
from tests.routes.kinds import NONE, Route
from tests.routes.kinds import route as _r
from tests.services.stocks import buy, make_contract

SEES: Final = "shop:view_contracts"
MANAGES: Final = "shop:manage_contracts"
BUYS: Final = "shop:buy_waybills"
TABLE: Final[dict[str, Route]] = {
    "contracts": _r(SEES, 200, 200),
    "contract-new": _r(MANAGES, 200, 302, carrier="ZTO", name="新合同", numbers="stock", ships_at="packed"),
    "contract": _r(SEES, 200, 302, "stocked", also="manage_contracts", carrier="ZTO", name="改名", numbers="stock", ships_at="packed"),
    "contract-up": _r(MANAGES, NONE, 302, "stocked"),
    "contract-tariffs": _r(SEES, 200, 302, "stocked", also="manage_contracts", region="", served="1", first_grams="1000", first_price="4", next_grams="1000", next_price="1"),
    "contract-tariffs-sheet": _r(SEES, 200, 302, "stocked", also="manage_contracts", file="{numbers}"),
    "contract-stock": _r(SEES, 200, NONE, "stocked"),
    "contract-buy": _r(BUYS, NONE, 302, "stocked", step="buy", kind="list", numbers="75330000009901", price="1"),
    "contract-ledger": _r(SEES, 200, NONE, "stocked"),
    "contract-numbers": _r(SEES, 200, NONE, "stocked"),
    "contract-number": _r(SEES, 200, NONE, "stocked", "number_id"),
    "contract-void": _r(BUYS, NONE, 302, "stocked", ids="{number_id}", note="受潮"),
    "carrier-rules": _r(SEES),
    "carrier-rule-new": _r(MANAGES, 200, 302, name="规则", memo="顺丰"),
    "carrier-rule": _r(MANAGES, 200, 302, "rule_id", name="规则"),
    "carrier-rule-drop": _r(MANAGES, NONE, 302, "rule_id"),
    "carrier-rule-up": _r(MANAGES, NONE, 302, "rule_id"),
    "route-marks": _r(SEES, 200, 200),
    "route-mark-keep": _r(MANAGES, NONE, 302, carrier="ZTO", region="33", mark="浙"),
    "route-mark-drop": _r(MANAGES, NONE, 302, "mark_id"),
    "route-marks-sheet": _r(SEES, 200, 302, also="manage_contracts", file="{numbers}", carrier="ZTO"),
    "skus": _r(SEES),
    "sku-new": _r(MANAGES, 200, 302, code="C9"),
    "sku": _r(MANAGES, 200, 302, "sku_id", code="C8"),
    "sku-drop": _r(MANAGES, NONE, 302, "sku_id"),
    "skus-named": _r(MANAGES, NONE, 302),
    "skus-sheet": _r(SEES, 200, 302, also="manage_contracts", file="{numbers}"),
    "orders-assign": _r("shop:assign_carriers", NONE, 302, ids="{order_id}", contract="{stocked}"),
    "order-assign": _r("shop:assign_carriers", NONE, 302, "order_id", contract="rules"),
    "order-carrier": _r("shop:view_orders", 200, NONE, "order_id"),
}  # fmt: skip


def example(world: dict[str, Any], shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    """A contract with ten numbers, a rule, a mark, a SKU."""
    contract = make_contract(shop.id, "路上的合同", now=now)
    buy(owner, contract, 10, first="75330000000901", now=now)
    return {
        "stocked": contract.id, "rule_id": CarrierRule.objects.create(shop_id=shop.id).id,
        "number_id": WaybillNumber.objects.filter(shop_id=shop.id, contract_id=contract.id).order_by("id")[0].id,
        "mark_id": RouteMark.objects.create(shop_id=shop.id, carrier="ZTO", region="44", mark="粤").id,
        "sku_id": Sku.objects.create(shop_id=shop.id, code="C1").id,
    }  # fmt: skip
