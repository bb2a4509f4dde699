"""What a scan means at the bench; counting goods; the weight."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fahuo.rules import carriers, station, waybills
from fahuo.rules.station import Check, Goods


@dataclass(frozen=True)
class Line:
    key: str
    title: str = "杯"
    sku: str = ""
    code: str = ""
    quantity: int = 1
    barcode: str = ""
    shelf: str = ""
    grams: int | None = None


def goods(key: str = "1", **parts: object) -> Goods:
    return station.goods_of([Line(key, **parts)])[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("9900001", "done"),
        (" 9900004\n", "undo"),
        ("９９００００３", "skip"),
        ("都对", "rest"),
        ("done", "done"),
        ("99000010", None),
        ("", None),
    ],
)
def test_a_command_is_scanned_or_typed(text: str, command: str | None) -> None:
    assert station.command_of(text) == command


def test_no_carriers_number_is_a_command() -> None:
    for code in station.COMMANDS:
        assert waybills.candidates(code) == []
    assert set(station.WORDS.values()) == set(station.COMMANDS.values())
    assert carriers.CARRIERS


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("350", 350), ("00350", 350), ("350g", 350), ("0.35kg", 350), ("0.35 KG", 350), ("1.2斤", 600), ("2公斤", 2000),
        ("０.５千克", 500), ("12克", 12), ("123456", None), ("0.5", None), ("kg", None), ("-5g", None), ("75330000000001", None),
        ("", None), ("1.23456kg", None),
    ],
)  # fmt: skip
def test_a_weight_is_typed_in_grams_or_with_its_unit(text: str, grams: int | None) -> None:
    assert station.grams_of(text) == grams


@given(st.text())
def test_whatever_is_scanned_is_understood_or_not(text: str) -> None:
    assert station.command_of(text) in (None, "done", "rest", "skip", "undo")
    grams = station.grams_of(text)
    assert grams is None or grams >= 0


def test_one_sku_of_two_orders_is_counted_together() -> None:
    found = station.goods_of([
        Line("1", code="A", quantity=2), Line("2", code="B"), Line("3", code="A"), Line("4", title="壶"),
        Line("5", title="壶", sku="蓝"), Line("6", title="壶", quantity=4), Line("7", code="C", quantity=0),
    ])  # fmt: skip
    assert [(each.key, each.quantity) for each in found] == [("1", 3), ("2", 1), ("4", 5), ("5", 1)]


def test_wrong_goods_are_told_from_too_many() -> None:
    cup = goods(code="CUP-W", barcode="6901234567892", quantity=2)
    one = station.count([cup], Check(), "6901234567892")
    assert one is not None
    assert one.problem is None
    two = station.count([cup], one.check, "cup-w")
    assert two is not None
    assert station.unfinished([cup], two.check) is None
    three = station.count([cup], two.check, "6901234567892")
    assert three is not None
    assert three.check == two.check
    assert three.problem
    assert three.problem.code == "goods_too_many"
    assert station.count([cup], Check(), "6900000000000") is None


def test_what_has_a_barcode_is_not_counted_by_one_key() -> None:
    pair = [goods("1", code="A", quantity=1), goods("2", code="B", barcode="69")]
    first = station.look(pair, Check())
    assert first.goods is pair[0]
    second = station.look(pair, first.check)
    assert second.problem
    assert second.problem.code == "goods_have_barcode"
    rest = station.look_at_rest(pair, second.check)
    assert station.left(pair, rest) == 0
    assert rest.by_eye == 2


class Counting(RuleBasedStateMachine):
    """Any scans, keys and undos, against a plain dictionary."""

    @initialize(
        quantities=st.lists(st.integers(1, 4), min_size=1, max_size=4),
        coded=st.lists(st.booleans(), min_size=4, max_size=4),
    )
    def begin(self, quantities: list[int], coded: list[bool]) -> None:
        self.goods = [
            goods(str(n), title=f"货{n}", code=f"C{n}", barcode=f"690{n}" if coded[n] else "", quantity=quantity)
            for n, quantity in enumerate(quantities)
        ]
        self.check = Check()
        self.model: list[dict[str, int]] = [{}]

    def lacking(self, each: Goods) -> int:
        return each.quantity - self.model[-1].get(each.key, 0)

    def step(self, counts: dict[str, int]) -> None:
        now = dict(self.model[-1])
        for key, more in counts.items():
            now[key] = now.get(key, 0) + more
        self.model.append(now)

    @rule(n=st.integers(0, 5), by_code=st.booleans())
    def scan(self, n: int, by_code: bool) -> None:
        found = station.count(self.goods, self.check, f"C{n}" if by_code else f"690{n}")
        each = self.goods[n] if n < len(self.goods) else None
        if each is None or not (by_code or each.barcode):
            assert found is None
            return
        assert found is not None
        if self.lacking(each):
            assert found.problem is None
            self.step({each.key: 1})
        else:
            assert found.problem
            assert found.check == self.check
        self.check = found.check

    @rule()
    def key(self) -> None:
        first = next((each for each in self.goods if self.lacking(each)), None)
        found = station.look(self.goods, self.check)
        if first is not None and not first.barcode:
            self.step({first.key: 1})
        else:
            assert found.check == self.check
        self.check = found.check

    @rule()
    def rest(self) -> None:
        for each in self.goods:
            if self.lacking(each):
                self.step({each.key: self.lacking(each)})
        self.check = station.look_at_rest(self.goods, self.check)

    @rule()
    def undo(self) -> None:
        self.check = self.check.back()
        if len(self.model) > 1:
            self.model.pop()

    @invariant()
    def as_the_model_says(self) -> None:
        if not hasattr(self, "goods"):
            return
        assert dict(self.check.counts) == self.model[-1]
        assert station.left(self.goods, self.check) == sum(map(self.lacking, self.goods))
        assert (station.unfinished(self.goods, self.check) is None) == (not any(map(self.lacking, self.goods)))
        assert station.read_check(str(self.check), self.goods) == self.check


TestCounting = Counting.TestCase


@given(st.text(alphabet="0123456789*~ aoxyz"), st.lists(st.integers(1, 5), max_size=3))
def test_a_check_from_a_page_never_counts_more_than_there_is(text: str, quantities: list[int]) -> None:
    pile = [goods(str(n), title=f"货{n}", quantity=quantity) for n, quantity in enumerate(quantities)]
    check = station.read_check(text, pile)
    assert all(station.lacking(each, check) >= 0 for each in pile)
    assert set(check.counts) <= {each.key for each in pile}


def test_what_the_goods_weigh_is_known_when_each_is() -> None:
    cup, pot = goods("1", code="A", grams=200, quantity=3), goods("2", code="B", grams=500)
    assert station.expected_grams([cup, pot]) == 1100
    assert station.expected_grams([cup, goods("3", code="C")]) is None
    assert station.expected_grams([]) is None


@pytest.mark.parametrize(
    ("grams", "expected", "code"),
    [
        (1100, 1100, ""), (1035, 1100, ""), (1034, 1100, "weight_light"), (1510, 1100, ""), (1511, 1100, "weight_heavy"),
        (5, None, ""), (0, None, "weight_impossible"), (50_001, 1100, "weight_impossible"), (50_000, None, ""),
    ],
)  # fmt: skip
def test_a_weight_that_is_off_is_odd(grams: int, expected: int | None, code: str) -> None:
    found = station.weight_problem(grams, expected)
    assert (found.code if found else "") == code
