"""Charts: where things stand, what they say, and that a figure which is missing is not drawn as nought."""

from html.parser import HTMLParser

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from fahuo.web.charts import HEAD, HEIGHT, MOST_TICKS, MOST_WORDS, Form, Series, draw, ticks, worded, words

DAYS = ["3-1", "3-2", "3-3", "3-4"]


@pytest.mark.parametrize(
    ("highest", "form", "expected"),
    [
        (0, "count", [0, 1]),
        (3, "count", [0, 1, 2, 3]),
        (420, "count", [0, 100, 200, 300, 400, 500]),
        (95, "seconds", [0, 30, 60, 90, 120]),
        (600, "seconds", [0, 120, 240, 360, 480, 600]),
        (0.4, "hours", [0, 0.1, 0.2, 0.3, 0.4]),
        (7300, "money", [0, 2000, 4000, 6000, 8000]),
    ],
)
def test_axes_are_marked_at_round_figures(highest: float, form: Form, expected: list[float]) -> None:
    assert ticks(0, highest, form) == pytest.approx(expected)


@pytest.mark.parametrize(("lowest", "start"), [(0.2, 0), (0.5, 0.5), (0.83, 0.8), (0.97, 0.9), (1, 0.9)])
def test_an_axis_of_shares_begins_where_the_figures_are(lowest: float, start: float) -> None:
    marks = ticks(lowest, 1, "percent")
    assert (marks[0], marks[-1]) == (start, 1)


@given(st.floats(0, 1e9), st.sampled_from(["count", "seconds", "hours", "money", "percent"]))
def test_any_figure_fits_its_axis(highest: float, form: Form) -> None:
    share = highest / 1e9 if form == "percent" else highest
    marks = ticks(share, share, form)
    assert marks[0] <= share + 1e-9
    assert marks[-1] >= share * (1 - 1e-9)
    assert 2 <= len(marks) <= MOST_TICKS + 1
    gaps = [after - before for before, after in zip(marks, marks[1:], strict=False)]
    assert gaps == pytest.approx([marks[1] - marks[0]] * len(gaps))
    assert marks[1] > marks[0]


def test_figures_in_words() -> None:
    told = [worded(1280, "count"), worded(0.964, "percent"), worded(0.95, "percent"), worded(3.5, "hours"),
            worded(12.5, "money"), worded(None, "count")]  # fmt: skip
    assert told == ["1,280", "96.4%", "95%", "3.5 小时", "¥12.50", "—"]
    waits = [worded(seconds, "seconds") for seconds in (8, 60, 92.4, 3599, 3600, 16_200)]
    assert waits == ["8 秒", "1 分", "1 分 32 秒", "59 分 59 秒", "1 小时", "4 小时 30 分"]


def test_a_gap_parts_the_line_and_a_lone_point_is_a_dot() -> None:
    chart = draw("a", "率", DAYS, [Series("本期", [0.2, 0.4, None, 1.0])], form="percent")
    shape = chart.shapes[0]
    bottom, top = HEIGHT - 1, HEAD
    assert shape.paths == [f"M125 {bottom - 0.2 * (bottom - top):g}L375 {bottom - 0.4 * (bottom - top):g}"]
    assert shape.dots[-1] == (87.5, top)
    assert len(shape.dots) == 3
    assert chart.summary == "本期：最低 20%（3-1），最高 100%（3-4）"
    assert [row[1][0][0] for row in chart.table] == ["20%", "40%", "—", "100%"]


def test_columns_stand_beside_each_other_on_nought() -> None:
    chart = draw("b", "量", DAYS, [Series("付款", [4, 0, 2, 1], "bars"), Series("发出", [1, 2, None, 4], "bars")])
    first, second = chart.shapes
    assert len(first.bars) == 3, "nought is no column"
    assert first.bars[0].y == HEAD
    assert first.bars[0].height == HEIGHT - 1 - HEAD
    assert first.bars[0].x + first.bars[0].width <= second.bars[0].x < 25
    assert all(bar.x >= 0 and bar.x + bar.width <= 100 for shape in chart.shapes for bar in shape.bars)


def test_a_year_has_few_words_and_no_dots() -> None:
    labels = [str(day) for day in range(366)]
    chart = draw("c", "年", labels, [Series("量", [float(day % 7) for day in range(366)])])
    assert len(chart.words) <= MOST_WORDS
    assert not chart.shapes[0].dots
    assert words([]) == []
    assert len(words(["1"])) == 1


def test_series_go_with_the_labels() -> None:
    with pytest.raises(ValueError, match="短"):
        draw("d", "x", DAYS, [Series("短", [1.0])])


class Shape(HTMLParser):
    """Collects the tags, and every attribute by its name."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")


def drawn(*series: Series, **options: float) -> Shape:
    chart = draw("e", "<率>", DAYS, series, label="日期", **options)  # type: ignore[arg-type]  # only a target comes so
    shape = Shape()
    shape.feed(Template("{% load charts %}{% chart drawn %}").render(Context({"drawn": chart})))
    return shape


def test_it_is_drawn_without_styles_and_can_be_read_and_opened() -> None:
    shape = drawn(Series("本期", [1, 2, None, 4], links=[f"/{day}/" for day in DAYS]), target=3)
    assert "style" not in shape.attributes
    assert "style" not in shape.tags
    assert "script" not in shape.tags
    assert {"title", "desc", "path", "circle", "table"} <= set(shape.tags)
    assert shape.attributes["href"] == ["/3-1/", "/3-2/", "/3-3/", "/3-4/"] * 2, "by pointer, and by keys in the table"
    assert set(shape.attributes["aria-labelledby"][1].split()) <= set(shape.attributes["id"])


def test_nothing_to_draw_says_so() -> None:
    assert "svg" not in drawn(Series("本期", [None] * 4)).tags
