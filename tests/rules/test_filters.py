"""The order list's filter: what it reads back from its own query string, and what it makes of anything else."""

from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules.filters import TABS, OrderFilter, parse, parse_query

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30).map(str.strip)


@given(
    wish=st.builds(
        OrderFilter, tab=st.sampled_from(TABS), urged=st.booleans(), overdue=st.booleans(), due=st.none() | st.integers(1, 99),
        region=st.sampled_from(["", "33", "3301", "330106"]), goods=texts, flag=st.none() | st.integers(-1, 10), memo=texts,
        has_memo=st.none() | st.booleans(), buyer=texts, unscanned=st.booleans(), printed=st.none() | st.booleans(),
        phone=st.sampled_from(["", "1234", "17012345678"]), beside=st.none() | st.integers(1, 2**63 - 1),
    )
)  # fmt: skip
def test_a_filter_reads_back_from_its_query(wish: OrderFilter) -> None:
    settled = parse_query(wish.query()).filter
    again = parse_query(settled.query())
    assert again.filter == settled
    assert again.ignored == ()
    assert settled.asked == wish.asked


@given(
    st.lists(
        st.tuples(st.sampled_from(["tab", "due", "flag", "region", "phone", "beside", "x"]), st.text(max_size=200))
    )
)
def test_nothing_breaks_the_reading(pairs: list[tuple[str, str]]) -> None:
    parsed = parse(pairs)
    assert parsed.filter.tab in TABS
    assert parse_query(parsed.filter.query()).filter == parsed.filter


@given(st.text(max_size=200))
def test_no_query_string_breaks_the_reading(text: str) -> None:
    assert parse_query(text).filter.tab in TABS


def test_what_makes_no_sense_is_named() -> None:
    parsed = parse_query("tab=nowhere&due=soon&flag=99&region=3&phone=abc&urged=maybe&goods=%20&cursor=x&due_today=1")
    assert set(parsed.ignored) == {"tab", "due", "flag", "region", "phone", "urged"}
    assert parsed.filter == OrderFilter(due_today=True)


def test_a_question_brings_the_tab_that_can_answer_it() -> None:
    assert parse_query("tab=all&overdue=1").filter.tab == "awaiting"
    assert parse_query("unscanned=1").filter.tab == "shipped"
    assert parse_query("tab=all&conflict=1").filter.tab == "all"


def test_the_default_asks_nothing() -> None:
    assert OrderFilter().query() == ""
    assert OrderFilter().asked == ()
    assert OrderFilter(tab="all", goods="杯").query() == "tab=all&goods=%E6%9D%AF"
