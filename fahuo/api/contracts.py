"""Contracts: their terms, prices, and stock of numbers."""

from datetime import time
from decimal import Decimal
from typing import Any

import msgspec

from fahuo.api.calls import Call
from fahuo.api.contract import Done, Listed, Nothing, Paged
from fahuo.api.server import serves
from fahuo.api.shapes import contracts as shapes
from fahuo.api.shapes.aftersales import MadeOut
from fahuo.api.shapes.common import Changed, PlacesIn
from fahuo.api.shapes.labels import BoughtOut
from fahuo.api.told import bought, cursor_of, shaped
from fahuo.rules import waybills
from fahuo.rules.contracts import ContractData, Tariff, Weight, quote
from fahuo.rules.problems import Refusal
from fahuo.services import contracts as service
from fahuo.services import metrics, stock
from fahuo.store.boards import stock as board


def _id(call: Call[Any, Any]) -> int:
    """The contract of the path. Refusal `contract_unknown`."""
    return int(service.find(call.shop_id, call.parts["contract_id"]).id)


@serves(shapes.GET_CONTRACT)
def get_contract(call: Call[Nothing, Any]) -> shapes.TermsOut:
    contract = service.find(call.shop_id, call.parts["contract_id"])
    told = {name: getattr(contract, name) for name in shapes.TermsOut.__struct_fields__}
    return shapes.TermsOut(**{**told, "pickup_times": [f"{at:%H:%M}" for at in contract.pickup_times]})


def _terms(sent: shapes.TermsIn) -> ContractData:
    times = tuple(time.fromisoformat(text) for text in sent.pickup_times)
    return ContractData(**{**msgspec.structs.asdict(sent), "pickup_times": times})


@serves(shapes.MAKE_CONTRACT)
def make_contract(call: Call[Nothing, shapes.TermsIn]) -> MadeOut:
    return MadeOut(service.keep(call.actor, _terms(call.body), now=call.now))


@serves(shapes.CHANGE_CONTRACT)
def change_contract(call: Call[Nothing, shapes.TermsIn]) -> shapes.TermsOut:
    service.keep(call.actor, _terms(call.body), contract_id=call.parts["contract_id"], now=call.now)
    return get_contract(call)


@serves(shapes.PLACE_CONTRACTS)
def place_contracts(call: Call[Nothing, PlacesIn]) -> Changed:
    return Changed(service.place(call.actor, call.body.ids, now=call.now))


@serves(shapes.GET_TARIFFS)
def get_tariffs(call: Call[Nothing, Any]) -> shapes.TariffsOut:
    return shapes.TariffsOut([
        shapes.TariffRow(each.region, each.served, each.first_grams, str(each.first_price), each.next_grams, str(each.next_price))
        for each in service.tariffs_of(call.shop_id, _id(call))
    ])  # fmt: skip


@serves(shapes.SET_TARIFFS)
def set_tariffs(call: Call[Nothing, shapes.TariffsIn]) -> Done:
    rows = [
        Tariff(row.region, row.served, row.first_grams, Decimal(row.first_price), row.next_grams, Decimal(row.next_price))
        for row in call.body.rows
    ]  # fmt: skip
    return Done(service.set_tariffs(call.actor, call.parts["contract_id"], rows, now=call.now))


@serves(shapes.QUOTE)
def quote_contract(call: Call[shapes.QuoteQuery, Any]) -> shapes.QuoteOut:
    heavy = Weight(0, 1) if call.query.grams is None else Weight(call.query.grams)
    found = quote(service.tariffs_of(call.shop_id, _id(call)), call.query.region, heavy)
    return shaped(found, shapes.QuoteOut)


@serves(shapes.GET_STOCK)
def get_stock(call: Call[Nothing, Any]) -> shapes.StockOut:
    contract_id = _id(call)
    totals = board.totals(call.shop_id, contract_id)
    start = metrics.day_start(call.shop_id, now=call.now)
    found = board.outlooks(call.shop_id, today=start, now=call.now, active=False)
    mine = next((each for each in found if each.contract_id == contract_id), None)
    lasts = mine.outlook.lasts if mine is not None and totals.left else None
    return shapes.StockOut(
        dict(totals.states), totals.left, totals.bought, totals.lost, mine.today if mine else 0,
        None if lasts is None else call.now + lasts,
    )  # fmt: skip


@serves(shapes.LIST_LOTS)
def list_lots(call: Call[Paged, Any]) -> Listed[shapes.LotOut]:
    page = board.lots(call.shop_id, _id(call), cursor=cursor_of(call), limit=call.query.limit)
    rows = [shaped({**each.lot._asdict(), "states": dict(each.states)}, shapes.LotOut) for each in page.rows]
    return Listed(rows, page.next)


@serves(shapes.LIST_MOVES)
def list_number_moves(call: Call[shapes.MoveQuery, Any]) -> Listed[shapes.MoveOut]:
    asked = call.query
    page = board.ledger(
        call.shop_id, _id(call), act=asked.act or "", lot_id=asked.lot_id, cursor=cursor_of(call), limit=asked.limit
    )  # fmt: skip
    return Listed([shaped(row, shapes.MoveOut) for row in page.rows], page.next)


@serves(shapes.LIST_NUMBERS)
def list_numbers(call: Call[shapes.NumberQuery, Any]) -> Listed[shapes.NumberOut]:
    asked = call.query
    page = board.numbers(
        call.shop_id, _id(call), state=asked.state or "", lot_id=asked.lot_id, move_id=asked.move_id,
        cursor=cursor_of(call, dots=1), limit=asked.limit,
    )  # fmt: skip
    return Listed([shaped(row, shapes.NumberOut) for row in page.rows], page.next)


@serves(shapes.GET_NUMBER)
def get_number(call: Call[Nothing, Any]) -> shapes.NumberDetail:
    contract = service.find(call.shop_id, call.parts["contract_id"])
    found = board.find(call.shop_id, contract.carrier, waybills.normalise(call.parts["waybill"]))
    if found is None or found.contract_id != contract.id:
        raise Refusal.of("number_unknown", waybill=call.parts["waybill"])
    moves = [shaped(row, shapes.StepOut) for row in board.past(call.shop_id, found)]
    return shapes.NumberDetail(shaped(found, shapes.NumberOut), moves)


@serves(shapes.BUY_RUN)
def buy_number_run(call: Call[Nothing, shapes.RunIn]) -> BoughtOut:
    sent = call.body
    terms = stock.Terms(Decimal(sent.price), sent.bought_on, sent.note)
    found = stock.buy_run(
        call.actor, call.parts["contract_id"], terms, first=sent.first, count=sent.count, last=sent.last, now=call.now
    )
    return bought(found, call.language)


@serves(shapes.VOID_NUMBERS)
def void_numbers(call: Call[Nothing, shapes.VoidNumbersIn]) -> Changed:
    return Changed(stock.void(call.actor, call.body.ids, note=call.body.note, now=call.now))
