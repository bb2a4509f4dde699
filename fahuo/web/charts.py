"""Charts as geometry: pure functions that turn figures into what components/chart.html draws as SVG.

Across, everything is a percentage of the width, so that words stay readable at any width; down, pixels of HEIGHT.
A value of None is a gap: nothing was there to measure, which is not nought.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import Final, Literal

from django.utils.translation import gettext

HEIGHT: Final = 184
"""Pixels of the plot, without the words under it."""
HEAD: Final = 10
"""Pixels kept free over the highest tick."""
MOST_TICKS: Final = 5
MOST_DOTS: Final = 62
"""A line over more points is drawn without dots."""
MOST_WORDS: Final = 8
"""So many words stand under a chart at most; on a narrow screen every second of them."""

Form = Literal["count", "percent", "seconds", "hours", "money"]
Draw = Literal["line", "bars"]

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_CLOCK: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400)
_FLOORS: Final = (0.9, 0.8, 0.5)
_LEAST: Final = 0.5
"""An axis without figures ends here at least, so that its marks differ."""


@dataclass(frozen=True, slots=True)
class Series:
    """One row of figures. `values` go with the chart's labels; `links`, where given, are the rows behind each."""

    name: str
    values: Sequence[float | None]
    draw: Draw = "line"
    links: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """A word of an axis: `at` in pixels from the top, or percent from the left. `spare`: left out where it is narrow."""

    at: float
    text: str
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A column: percent across, pixels down."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Shape:
    """What one series looks like. `number` (from 1) chooses its look; `paths` run in a box 1000 wide, HEIGHT high."""

    number: int
    name: str
    draw: Draw
    paths: Sequence[str]
    dots: Sequence[tuple[float, float]]
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Zone:
    """The strip of one label: what stands there on hover, and the rows it opens."""

    x: float
    width: float
    text: str
    link: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All that components/chart.html needs. `table` has one row a label: the label and (words, link) of each series."""

    id: str
    title: str
    summary: str
    height: int
    base: float
    full: float
    ticks: Sequence[Tick]
    words: Sequence[Tick]
    target: Tick | None
    shapes: Sequence[Shape]
    zones: Sequence[Zone]
    heads: Sequence[str]
    table: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    label: str
    empty: bool


def worded(value: float | None, form: Form) -> str:
    """A figure as people read it: 1,280; 96.4%; 1 分 32 秒; 4 小时 30 分; 3.5 小时; ¥12.50. A dash for None."""
    if value is None:
        return "—"
    if form == "percent":
        return f"{value * 100:.1f}".removesuffix(".0") + "%"
    if form == "seconds":
        return _seconds(value)
    if form == "hours":
        return gettext("{n} 小时").format(n=f"{value:.1f}".removesuffix(".0"))
    if form == "money":
        return f"¥{value:,.2f}"
    return f"{value:,.0f}"


def _seconds(value: float) -> str:
    whole = round(value)
    if whole >= 3600:
        hours, minutes = divmod(round(whole / 60), 60)
        text = gettext("{n} 小时").format(n=hours)
        return f"{text} {gettext('{n} 分').format(n=minutes)}" if minutes else text
    minutes, seconds = divmod(whole, 60)
    if not minutes:
        return gettext("{n} 秒").format(n=seconds)
    text = gettext("{n} 分").format(n=minutes)
    return f"{text} {gettext('{n} 秒').format(n=seconds)}" if seconds else text


def ticks(lowest: float, highest: float, form: Form) -> list[float]:
    """Where an axis is marked: evenly, at round figures, from at most `lowest` to at least `highest`; two to six."""
    if form == "percent":
        return _percents(lowest)
    step = _step(max(highest, _LEAST), form)
    return [step * number for number in range(max(ceil(highest / step - 1e-9), 1) + 1)]


def _percents(lowest: float) -> list[float]:
    start = next((each for each in _FLOORS if lowest >= each), 0.0)
    parts = 4 if start in (0.0, 0.8) else 5
    return [start + (1 - start) * number / parts for number in range(parts + 1)]


def _step(highest: float, form: Form) -> float:
    """The smallest round step of which at most MOST_TICKS reach `highest`."""
    least = highest / MOST_TICKS
    if form == "seconds" and least <= _CLOCK[-1]:
        return float(next(step for step in _CLOCK if step >= least))
    size = 1.0
    while size * 10 <= least:
        size *= 10
    while size > least and form != "count":
        size /= 10
    return next(
        step * size for step in _STEPS if step * size >= least - 1e-9 and (form != "count" or step * size % 1 == 0)
    )


def draw(
    id: str, title: str, labels: Sequence[str], series: Sequence[Series], *, form: Form = "count",
    target: float | None = None, label: str = "",
) -> Chart:  # fmt: skip
    """The chart of some series over the same labels.

    `id` names it on the page; `form` is how its figures are written; `target` is a line to compare with; `label` is the
    head of the labels in the table. Bars begin at nought; a chart of lines of shares may begin higher, and says so on
    its axis. Raises ValueError where a series does not go with the labels.
    """
    for each in series:
        if len(each.values) != len(labels) or (each.links and len(each.links) != len(labels)):
            raise ValueError(each.name)
    known = [value for each in series for value in each.values if value is not None]
    lines = all(each.draw == "line" for each in series)
    aims = [] if target is None else [target]
    marks = ticks(min([*known, *aims], default=0) if lines else 0.0, max([*known, *aims], default=0), form)
    down = _scale(marks[0], marks[-1])
    bars = sum(each.draw == "bars" for each in series)
    slots = iter(range(bars))
    shapes = [
        _shape(number, each, down, (next(slots), bars) if each.draw == "bars" else (0, 0))
        for number, each in enumerate(series, 1)
    ]
    return Chart(
        id=id, title=title, summary=summary(labels, series, form), height=HEIGHT, base=HEIGHT - 1, full=HEIGHT + 24,
        ticks=[Tick(down(mark), worded(mark, form)) for mark in marks], words=words(labels),
        target=None if target is None else Tick(down(target), worded(target, form)), shapes=shapes,
        zones=_zones(labels, series, form), heads=[each.name for each in series], table=_table(labels, series, form),
        label=label, empty=not known,
    )  # fmt: skip


def _scale(low: float, high: float) -> Callable[[float], float]:
    """Value -> pixels from the top."""
    room = HEIGHT - 1 - HEAD

    def down(value: float) -> float:
        return round(HEIGHT - 1 - (min(max(value, low), high) - low) / (high - low) * room, 1)

    return down


def _across(place: int, count: int) -> float:
    """The middle of a label's strip, in percent."""
    return round((place + 0.5) / count * 100, 3)


def _shape(number: int, series: Series, down: Callable[[float], float], slot: tuple[int, int]) -> Shape:
    count = len(series.values)
    points = [None if value is None else (_across(i, count), down(value)) for i, value in enumerate(series.values)]
    if series.draw == "bars":
        return Shape(number, series.name, "bars", (), (), _bars(points, count, slot))
    there = [point for point in points if point is not None]
    alone = [run[0] for run in _runs(points) if len(run) == 1]
    paths = ["M" + "L".join(f"{x * 10:g} {y:g}" for x, y in run) for run in _runs(points) if len(run) > 1]
    return Shape(number, series.name, "line", paths, there if count <= MOST_DOTS else alone, ())


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """The stretches without a gap."""
    parted = groupby(points, key=lambda point: point is not None)
    return [[point for point in run if point is not None] for there, run in parted if there]


def _bars(points: Sequence[tuple[float, float] | None], count: int, slot: tuple[int, int]) -> list[Bar]:
    """Columns of one series, beside those of the others in the strip of their label."""
    place, of = slot
    strip = 100 / max(count, 1)
    width = strip * (0.72 if count <= MOST_DOTS else 1.0) / of
    left = -width * of / 2 + width * place
    return [
        Bar(round(x + left, 3), y, round(width * (0.94 if of > 1 else 1), 3), round(HEIGHT - 1 - y, 1))
        for x, y in (point for point in points if point is not None)
        if y < HEIGHT - 1
    ]


def words(labels: Sequence[str]) -> list[Tick]:
    """The words under a chart: evenly chosen, no more than MOST_WORDS."""
    if not labels:
        return []
    step = ceil(len(labels) / MOST_WORDS)
    chosen = range(0, len(labels), step)
    return [Tick(_across(i, len(labels)), labels[i], n % 2 == 1 and len(chosen) > 4) for n, i in enumerate(chosen)]


def _zones(labels: Sequence[str], series: Sequence[Series], form: Form) -> list[Zone]:
    width = 100 / max(len(labels), 1)
    zones = []
    for i, label in enumerate(labels):
        told = "\n".join(f"{each.name} {worded(each.values[i], form)}" for each in series)
        link = next((each.links[i] for each in series if each.links and each.links[i]), "")
        zones.append(Zone(round(i * width, 3), round(width, 3), f"{label}\n{told}", link))
    return zones


def _table(
    labels: Sequence[str], series: Sequence[Series], form: Form
) -> list[tuple[str, Sequence[tuple[str, str]]]]:  # fmt: skip
    return [
        (label, [(worded(each.values[i], form), each.links[i] if each.links else "") for each in series])
        for i, label in enumerate(labels)
    ]


def summary(labels: Sequence[str], series: Sequence[Series], form: Form) -> str:
    """The chart in words, for who cannot see it: the lowest and the highest figure of each series, and where."""
    told = []
    for each in series:
        known = [(value, labels[i]) for i, value in enumerate(each.values) if value is not None]
        if not known:
            told.append(gettext("{name}：没有数据").format(name=each.name))
            continue
        low, high = min(known, key=lambda pair: pair[0]), max(known, key=lambda pair: pair[0])
        told.append(
            gettext("{name}：最低 {low}（{low_at}），最高 {high}（{high_at}）").format(
                name=each.name, low=worded(low[0], form), low_at=low[1], high=worded(high[0], form), high_at=high[1]
            )  # fmt: skip
        )
    return " ".join(told)
