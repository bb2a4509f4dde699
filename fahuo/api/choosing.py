"""Carrier rules, route marks and goods; and why an order goes by its contract."""

from decimal import Decimal
from typing import Any

import msgspec

from fahuo.api.calls import Call
from fahuo.api.contract import Done, Listed, Nothing
from fahuo.api.server import serves
from fahuo.api.shapes import choosing as shapes
from fahuo.api.shapes.aftersales import MadeOut
from fahuo.api.shapes.common import Changed, IdsIn, PlacesIn
from fahuo.api.shapes.contracts import QuoteOut
from fahuo.api.told import order_id, shaped, walked
from fahuo.rules.carrier_choice import Conditions, read_conditions
from fahuo.rules.problems import Refusal
from fahuo.rules.skus import SkuData
from fahuo.services import assignments, contracts, route_marks, skus
from fahuo.store.boards import contracts as board


@serves(shapes.LIST_RULES)
def list_carrier_rules(call: Call[Nothing, Any]) -> shapes.RulesOut:
    return shapes.RulesOut([_rule(row) for row in board.rules(call.shop_id)])


def _rule(row: Any) -> shapes.RuleOut:
    asked = read_conditions(row.conditions)
    told = {name: getattr(asked, name) for name in Conditions.__slots__}
    told |= {name: list(value) for name, value in told.items() if isinstance(value, tuple)}
    return shapes.RuleOut(id=row.id, name=row.name, contract_id=row.contract_id, active=row.active, **told)


def _keep(call: Call[Nothing, shapes.RuleIn], rule_id: int | None) -> int:
    sent = call.body
    asked = Conditions(
        regions=tuple(sent.regions), goods=tuple(sent.goods), memo=tuple(sent.memo), flags=tuple(sent.flags),
        min_grams=sent.min_grams, max_grams=sent.max_grams,
        min_amount=None if sent.min_amount is None else Decimal(sent.min_amount),
        max_amount=None if sent.max_amount is None else Decimal(sent.max_amount),
    )  # fmt: skip
    return contracts.keep_rule(
        call.actor, name=sent.name, contract_id=sent.contract_id, conditions=asked, active=sent.active, rule_id=rule_id,
        now=call.now,
    )  # fmt: skip


@serves(shapes.ADD_RULE)
def add_carrier_rule(call: Call[Nothing, shapes.RuleIn]) -> MadeOut:
    return MadeOut(_keep(call, None))


@serves(shapes.CHANGE_RULE)
def change_carrier_rule(call: Call[Nothing, shapes.RuleIn]) -> Done:
    _keep(call, call.parts["rule_id"])
    return Done()


@serves(shapes.DROP_RULE)
def drop_carrier_rule(call: Call[Nothing, Any]) -> Done:
    if not contracts.drop_rule(call.actor, call.parts["rule_id"], now=call.now):
        raise Refusal.of("carrier_rule_unknown")
    return Done()


@serves(shapes.PLACE_RULES)
def place_carrier_rules(call: Call[Nothing, PlacesIn]) -> Done:
    return Done(contracts.place_rules(call.actor, call.body.ids, now=call.now))


@serves(shapes.EXPLAIN)
def explain_contract(call: Call[Nothing, Any]) -> shapes.ExplainedOut:
    found = assignments.explain(call.shop_id, order_id(call))
    if found is None:
        raise Refusal.of("order_unknown", order=call.parts["number"])
    offers = [shapes.Offer(contract.id, contract.name, shaped(asks, QuoteOut)) for contract, asks in found.quotes]
    return shapes.ExplainedOut(
        call.parts["number"], found.row.contract_id, found.row.chosen_by, found.choice.contract_id, found.choice.rule_id,
        found.weight.grams, found.weight.unknown, offers,
    )  # fmt: skip


@serves(shapes.LIST_MARKS)
def list_route_marks(call: Call[shapes.MarkQuery, Any]) -> shapes.MarksOut:
    return shapes.MarksOut([shaped(row, shapes.MarkOut) for row in board.route_marks(call.shop_id, call.query.carrier)])


@serves(shapes.KEEP_MARK)
def keep_route_mark(call: Call[Nothing, shapes.MarkIn]) -> Done:
    route_marks.keep(call.actor, msgspec.structs.asdict(call.body), now=call.now)
    return Done()


@serves(shapes.DROP_MARKS)
def drop_route_marks(call: Call[Nothing, IdsIn]) -> Changed:
    return Changed(route_marks.drop(call.actor, call.body.ids, now=call.now))


@serves(shapes.LIST_SKUS)
def list_skus(call: Call[shapes.SkuQuery, Any]) -> Listed[shapes.SkuOut]:
    asked = call.query
    rows = board.skus(call.shop_id, text=asked.text, lacking=asked.lacking, after=asked.cursor, limit=asked.limit)
    return walked(rows, asked.limit, shapes.SkuOut, by="code")


@serves(shapes.KEEP_SKU)
def keep_sku(call: Call[Nothing, shapes.SkuIn]) -> Done:
    skus.keep(call.actor, SkuData(**msgspec.structs.asdict(call.body)), now=call.now)
    return Done()


@serves(shapes.DROP_SKUS)
def drop_skus(call: Call[Nothing, IdsIn]) -> Changed:
    return Changed(skus.drop(call.actor, call.body.ids, now=call.now))


@serves(shapes.ADD_NAMED)
def add_named_skus(call: Call[Nothing, Any]) -> Changed:
    return Changed(skus.add_named(call.actor, now=call.now))
