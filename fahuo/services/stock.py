"""Waybill numbers bought ahead: lots come in, spoilt numbers are given up. Labels take the numbers (store/stock.py)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, cast

from django.db import transaction

from fahuo.rules import stock as rules
from fahuo.rules import waybills
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.rules.stock import Judged, Known
from fahuo.store import contracts, statistics, stock
from fahuo.store.models import Contract
from fahuo.store.stock import Lot

BY_HAND: Final = "手工填写的单号"
"""What the ledger says of numbers that were typed, not taken for a label."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed for a lot. `price`: CNY a number."""

    price: Decimal
    bought_on: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bought:
    """A lot that came in: how many numbers, and what was said of those that did not."""

    lot_id: int
    count: int
    refused: list[Judged]


def with_stock(shop_id: int, contract_id: int) -> Contract:
    """A contract whose numbers are bought ahead. Raises Refusal `contract_unknown`, `contract_enters_numbers`."""
    contract = contracts.find(shop_id, contract_id)
    if contract is None:
        raise Refusal.of("contract_unknown")
    if contract.numbers != "stock":
        raise Refusal.of("contract_enters_numbers", name=contract.name)
    return contract


def judge(shop_id: int, contract: Contract, numbers: Sequence[str]) -> list[Judged]:
    """What would come of each of these numbers; nothing is written. Raises Refusal `lot_empty`, `lot_too_big`."""
    if not numbers:
        raise Refusal.of("lot_empty")
    if len(numbers) > rules.MOST:
        raise Refusal.of("lot_too_big", count=len(numbers), most=rules.MOST)
    known = stock.known(shop_id, contract.carrier, list({waybills.normalise(number) for number in numbers}))
    return rules.judge(contract.carrier, numbers, cast("dict[str, Known]", known))


def buy_run(
    actor: Actor, contract_id: int, terms: Terms, *, first: str, count: int | None = None, last: str = "", now: datetime
) -> Bought:  # fmt: skip
    """Put a run of consecutive numbers into stock, by its first number and its count or its last.

    All of them or none: Refusal as `rules.stock.run` raises it, `lot_has_bad_numbers` with the first of them, and what
    `buy_list` refuses.
    """
    actor.require("buy_waybills")
    contract = with_stock(actor.shop_id, contract_id)
    numbers = rules.run(contract.carrier, first, count=count, last=last)
    return _buy(actor, contract, "run", numbers, terms, all_or_none=True, now=now)


def buy_list(
    actor: Actor, contract_id: int, terms: Terms, numbers: Sequence[str], *, all_or_none: bool = False, now: datetime
) -> Bought:  # fmt: skip
    """Put numbers into stock as the carrier wrote them down; those that cannot come in are told.

    Refusals: `not_permitted`, `contract_unknown`, `contract_enters_numbers`, `number_price`, `lot_too_big`, `lot_empty`
    (with what stands against the first of them); `lot_has_bad_numbers` where it must be all or none.
    """
    actor.require("buy_waybills")
    contract = with_stock(actor.shop_id, contract_id)
    return _buy(actor, contract, "list", numbers, terms, all_or_none=all_or_none, now=now)


def _buy(
    actor: Actor, contract: Contract, kind: Literal["run", "list"], numbers: Sequence[str], terms: Terms, *,
    all_or_none: bool, now: datetime,
) -> Bought:  # fmt: skip
    wrong = rules.price_problem(terms.price)
    if wrong is not None:
        raise Refusal(wrong)
    with transaction.atomic():
        judged = judge(actor.shop_id, contract, numbers)
        refused = [each for each in judged if each.problem is not None]
        good = [each.number for each in judged if each.problem is None]
        because = [each.problem for each in refused if each.problem is not None][:1]
        if refused and all_or_none:
            raise Refusal(*Refusal.of("lot_has_bad_numbers", bad=len(refused)).problems, *because)
        ends = (good[0], good[-1]) if good and kind == "run" else ("", "")
        lot = Lot(contract.id, contract.carrier, kind, terms.price, terms.bought_on, *ends, note=terms.note.strip())
        came = stock.buy(actor, lot, good, now=now) if good else None
        if came is None or (all_or_none and came[1] < len(good)):
            # Somebody else brought them in at this moment, or there were none.
            raise Refusal(*Refusal.of("lot_empty").problems, *because)
        if came[1] >= statistics.MANY:
            transaction.on_commit(lambda: statistics.gather(actor.shop_id, ["waybill_numbers"]))
    return Bought(*came, refused)


def void(actor: Actor, number_ids: Sequence[int], *, note: str, now: datetime) -> int:
    """Give up numbers that no label holds: the slips are lost or spoilt; how many. Refusal `numbers_do_not_move`."""
    actor.require("buy_waybills")
    with transaction.atomic():
        count = stock.move(actor, stock.unheld(actor.shop_id, number_ids), "void", now=now, note=note.strip())
        if not count:
            raise Refusal.of("numbers_do_not_move")
    return count


def follow(actor: Actor, carriers: Sequence[str], waybills: Sequence[str], *, now: datetime) -> int:
    """Parcels with these numbers came, changed or went: bought numbers that somebody typed follow them; how many moved.

    Numbers that a label holds are the label's affair. In the transaction of the parcels.
    """
    if not stock.has_lots(actor.shop_id):
        return 0
    found = stock.unlabelled(actor.shop_id, carriers, waybills)
    gone = [row.id for row in found if row.used and row.state != "shipped"]
    back = [row.id for row in found if not row.used and row.state == "shipped"]
    moved = stock.move(actor, gone, "ship", now=now, note=BY_HAND)
    return moved + stock.move(actor, back, "unship", now=now, note=BY_HAND)


def fold_tally(shop_id: int) -> int:
    """Add up the tally of the shop's stock; how many rows that made."""
    return stock.fold_tally(shop_id)


def in_stock(shop_id: int) -> dict[int, int]:
    """Contract -> how many of its bought numbers may be taken."""
    found: dict[int, int] = {}
    for row in stock.balances(shop_id):
        if row.state in rules.IN_STOCK:
            found[row.contract_id] = found.get(row.contract_id, 0) + int(row.count)
    return found
