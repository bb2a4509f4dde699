"""Chance: numbers are bought, taken, moved and given back at random; a plain model keeps its own books beside the ledger."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import returns, stock
from fahuo.services.stock import Terms
from fahuo.store import stock as store
from fahuo.store.models import Shop, StockMove, WaybillNumber
from tests.conftest import NOW
from tests.services.stocks import adds_up, make_contract

PRICES = (Decimal("0.00"), Decimal("1.20"), Decimal("0.85"))
GOES = {
    "take": {"free": "taken", "returned": "taken"},
    "release": {"taken": "free"},
    "print": {"taken": "printed", "printed": "printed", "shipped": "shipped"},
    "ship": {"free": "shipped", "returned": "shipped", "taken": "shipped", "printed": "shipped"},
    "unship": {"shipped": "printed"},
    "void": {"free": "voided", "returned": "voided", "taken": "voided", "printed": "voided", "shipped": "voided"},
    "return": {"voided": "returned", "taken": "returned", "printed": "returned"},
}
"""The moves as a person would write them down, beside the rules' own table."""


class Shelf(RuleBasedStateMachine):
    """Numbers by their id: state, price, when last touched, whether a carrier saw it."""

    @initialize()
    def open(self) -> None:
        self.clock = NOW
        self.shop = Shop.objects.create(code=f"s{Shop.objects.count()}", name="s", platform="taobao", created_at=NOW)
        self.actor = Actor(self.shop.id, None, "chance", is_owner=True)
        self.contract = make_contract(self.shop.id, return_voided_days=15, return_silent_days=30)
        self.state: dict[int, str] = {}
        self.number: dict[int, str] = {}
        self.price: dict[int, Decimal] = {}
        self.touched: dict[int, timedelta] = {}
        self.paid = Decimal(0)

    def at(self) -> timedelta:
        return self.clock - NOW

    @rule(first=st.integers(0, 40), count=st.integers(1, 12), price=st.sampled_from(PRICES), run=st.booleans())
    def buy(self, first: int, count: int, price: Decimal, run: bool) -> None:
        wanted = [f"75{n:012d}" for n in range(first, first + count)]
        new = [number for number in wanted if number not in self.number.values()]
        terms = Terms(price, date(2026, 3, 2))
        try:
            if run:
                bought = stock.buy_run(
                    self.actor, self.contract.id, terms, first=wanted[0], count=count, now=self.clock
                )
            else:
                bought = stock.buy_list(self.actor, self.contract.id, terms, wanted, now=self.clock)
        except Refusal:
            assert not new or (run and len(new) < count)
            return
        assert bought.count == len(new)
        for row in WaybillNumber.objects.filter(shop_id=self.shop.id, lot_id=bought.lot_id):
            self.state[row.id], self.number[row.id], self.price[row.id] = "free", row.number, price
            self.touched[row.id] = self.at()
        self.paid += price * len(new)

    @rule(count=st.integers(1, 9))
    def take(self, count: int) -> None:
        order = [
            key for state in ("free", "returned") for key in sorted(k for k, was in self.state.items() if was == state)
        ]
        taken = store.take(self.actor, self.contract.id, count, now=self.clock)
        assert [each.id for each in taken] == order[:count]
        for each in taken:
            assert each.number == self.number[each.id]
            self.state[each.id], self.touched[each.id] = "taken", self.at()

    @rule(act=st.sampled_from(sorted(set(GOES) - {"take"})), picks=st.lists(st.integers(0, 60), max_size=8))
    def move(self, act: str, picks: list[int]) -> None:
        ids = sorted(self.state)
        chosen = [ids[pick % len(ids)] for pick in picks] if ids else []
        fit = {key for key in chosen if self.state[key] in GOES[act]}
        assert store.move(self.actor, chosen, act, now=self.clock) == len(fit)  # type: ignore[arg-type]  # an act by name
        for key in fit:
            self.state[key], self.touched[key] = GOES[act][self.state[key]], self.at()

    @rule(days=st.integers(1, 20))
    def wait_and_give_back(self, days: int) -> None:
        self.clock += timedelta(days=days)
        due = {
            key for key, state in self.state.items()
            if (state == "voided" and self.at() - self.touched[key] >= timedelta(days=15))
            or (state in ("taken", "printed") and self.at() - self.touched[key] >= timedelta(days=30))
        }  # fmt: skip
        assert returns.run_due(self.shop.id, now=self.clock) == len(due)
        for key in due:
            self.state[key], self.touched[key] = "returned", self.at()

    @rule()
    def fold(self) -> None:
        store.fold_tally(self.shop.id, least=0)

    @invariant()
    def books_agree(self) -> None:
        if not hasattr(self, "state"):
            return
        self.clock += timedelta(minutes=1)
        rows = dict(WaybillNumber.objects.filter(shop_id=self.shop.id).values_list("id", "state"))
        assert rows == self.state
        adds_up(self.shop.id)
        ledger: Counter[str] = Counter()
        moved: Counter[int] = Counter()
        money = {"buy": Decimal(0), "void": Decimal(0)}
        for move in StockMove.objects.filter(shop_id=self.shop.id):
            ledger[move.to_state] += move.count
            ledger[move.from_state] -= move.count
            moved.update(move.number_ids)
            money["buy" if move.act == "buy" else "void"] += move.amount
        ledger.pop("", None)
        assert +ledger == Counter(self.state.values())
        assert money["buy"] == self.paid
        assert money["void"] == sum(self.price[key] for key, state in self.state.items() if state == "voided")
        assert set(moved) <= set(self.state)


class TestShelf(TestCase):
    """Each example in its own transaction."""

    def test_any_sequence_leaves_ledger_tally_and_rows_agreeing(self) -> None:
        run_state_machine_as_test(
            Shelf,
            settings=settings(
                max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
