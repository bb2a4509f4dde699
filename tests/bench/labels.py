"""Labels: a thousand as PDF beside the fastest page that reportlab can be asked for, thousands for printers beside Pillow
drawing the same texts, and how soon and in how much memory a long stream leaves.

python -m tests.bench.labels FORMAT COUNT writes a stream of made-up labels to standard output, its peak memory (MB) to
standard error.
"""

import io
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice
from pathlib import Path

from fahuo.printing import lay_out, write
from fahuo.printing.page import Bars, Frame, Ground, Matrix, Page, Rule, Run
from fahuo.rules.labels import LabelData, masked, standard
from fahuo.samples import words
from fahuo.samples.labels import sample_label
from tests.bench.measure import Pair, in_turn, seconds

POINTS = 72 / 25.4
SIZE = "76x130"


def labels(count: int) -> Iterator[LabelData]:
    """Masked labels of many receivers; no two have the same number, address, order or time."""
    for n in range(count):
        data = sample_label(("ZTO", "YTO", "STO")[n % 3], n)
        province, city, district, _ = words.PLACES[n * 7 % len(words.PLACES)]
        street, estate = words.STREETS[n % len(words.STREETS)], words.ESTATES[n * 3 % len(words.ESTATES)]
        receiver = replace(
            data.receiver, name=words.SURNAMES[n % 20] + words.GIVEN[n * 5 % 16], phone=f"138{n:08d}", province=province,
            city=city, district=district, address=f"{street}{n % 997}号{estate}{n % 31}栋{n % 5}单元{n % 2500}室",
        )  # fmt: skip
        yield masked(
            replace(
                data, receiver=receiver, waybill=f"7533{n:010d}", orders=(f"31000000003{n:08d}",),
                route_code=f"{n % 990 + 10}-{n * 13 % 900 + 100}-{n % 90 + 10} {n % 1000:03d}",
                printed_at=f"2026-11-26 {n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}",
            )
        )  # fmt: skip


class Nothing(io.RawIOBase):
    """Takes bytes and keeps none."""

    def write(self, data: object) -> int:
        return len(data)  # type: ignore[arg-type]


def pages(count: int) -> Iterator[Page]:
    template = standard(SIZE)
    return (lay_out(template, data) for data in labels(count))


def as_pdf(runs: int, count: int = 1000) -> Pair:
    """From data to file, beside reportlab that is told where everything goes and need not embed a font."""
    placed = list(pages(count))
    return in_turn(
        f"{count:,} PDF labels, layout included",
        lambda: write(pages(count), "pdf", 203, Nothing()),  # type: ignore[arg-type]
        lambda: _reportlab(placed),
        runs=runs, goal=1.3,
    )  # fmt: skip


def _reportlab(placed: list[Page]) -> None:
    """The same pages by hand: STSong-Light is built into readers, the quickest font that reportlab has for Chinese."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(io.BytesIO(), pagesize=(placed[0].width * POINTS, placed[0].height * POINTS), pageCompression=1)
    for page in placed:
        height = page.height * POINTS
        for op in page.ops:
            _by_hand(canvas, op, height)
        canvas.showPage()
    canvas.save()


def _by_hand(canvas: object, op: object, height: float) -> None:
    from fahuo.printing.dots import barcode, qrcode

    draw: Callable[..., None] = canvas.rect  # type: ignore[attr-defined]
    if isinstance(op, Run):
        canvas.setFont("STSong-Light", op.size * POINTS)  # type: ignore[attr-defined]
        canvas.drawString(op.x * POINTS, height - op.y * POINTS, op.text)  # type: ignore[attr-defined]
    elif isinstance(op, Ground):
        draw(op.x * POINTS, height - (op.y + op.h) * POINTS, op.w * POINTS, op.h * POINTS, stroke=0, fill=1)
        canvas.setFillGray(1)  # type: ignore[attr-defined]
        for run in op.runs:
            _by_hand(canvas, run, height)
        canvas.setFillGray(0)  # type: ignore[attr-defined]
    elif isinstance(op, Bars):
        mark, x, dot = barcode(op, 203), 0.0, 72 / 203
        path = canvas.beginPath()  # type: ignore[attr-defined]
        for place, wide in enumerate(mark.symbol.widths):
            if not place % 2:
                path.rect((mark.x + x) * dot, height - (op.y + op.h) * POINTS, wide * mark.module * dot, op.h * POINTS)
            x += wide * mark.module
        canvas.drawPath(path, stroke=0, fill=1)  # type: ignore[attr-defined]
    elif isinstance(op, Matrix):
        code, dot = qrcode(op, 203), 72 / 203
        path = canvas.beginPath()  # type: ignore[attr-defined]
        for y, row in enumerate(code.square.rows):
            for x in range(code.square.side):
                if row >> (code.square.side - 1 - x) & 1:
                    side = code.module * dot
                    path.rect(
                        (code.x + x * code.module) * dot, height - (code.y + y * code.module) * dot - side, side, side
                    )
        canvas.drawPath(path, stroke=0, fill=1)  # type: ignore[attr-defined]
    elif isinstance(op, Rule | Frame):
        draw(op.x * POINTS, height - (op.y + op.h) * POINTS, op.w * POINTS, op.h * POINTS, stroke=0, fill=1)


def for_printers(runs: int, count: int = 10_000, drawn: int = 500) -> Iterator[Pair]:
    """From data to the printer's bytes; the floor, Pillow drawing the texts alone, is measured over fewer and scaled."""
    placed = list(islice(pages(count), drawn))
    _pillow(placed[:20])
    for language in ("zpl", "tspl"):
        encode = partial(_written, language, count)
        ours, floor = [], []
        for _ in range(max(1, runs // 2)):
            ours.append(seconds(encode))
            floor.append(seconds(lambda: _pillow(placed)) * count / drawn)
        yield Pair(f"{count:,} {language.upper()} labels, layout included", ours, floor, 0.5)


def _written(language: str, count: int) -> None:
    write(pages(count), language, 203, Nothing())  # type: ignore[arg-type]


@cache
def _font(pixels: int, bold: bool) -> object:
    from PIL import ImageFont

    from fahuo.printing.fonts import BOLD, REGULAR, faces

    font = ImageFont.truetype(faces()[0].path, pixels, index=2, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([BOLD if bold else REGULAR])
    return font


def _pillow(placed: list[Page]) -> None:
    """The same texts as one-bit pictures, each drawn whole by Pillow: the way that Pillow's manual shows."""
    from PIL import Image, ImageDraw

    for page in placed:
        for op in page.ops:
            for run in op.runs if isinstance(op, Ground) else [op] if isinstance(op, Run) else []:
                pixels = round(run.size * 203 / 25.4)
                image = Image.new("1", (int(run.w * 203 / 25.4) + 4, pixels * 3 // 2))
                ImageDraw.Draw(image).text((0, pixels), run.text, fill=1, font=_font(pixels, run.bold), anchor="ls")  # type: ignore[arg-type]
                image.tobytes()


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of labels from a process of its own: seconds to its first label's bytes, to its end, and memory in MB."""

    form: str
    count: int
    first: float
    whole: float
    memory: int
    memory_of_few: int

    def line(self) -> str:
        met = self.first < 1 and self.memory < self.memory_of_few + 40
        return (
            f"{self.count:,} {self.form} labels as a stream{'':<13} first after {self.first:.2f} s (goal 1, process start "
            f"included), {self.count / self.whole:,.0f} labels/s, peak {self.memory} MB (500 labels: {self.memory_of_few})"
            f"  {'met' if met else 'NOT MET'}"
        )


def streams(count: int = 5000) -> Iterator[Stream]:
    for form in ("pdf", "zpl", "tspl", "cpcl"):
        few = [_stream(form, 500) for _ in range(3)]
        first, whole, memory = _stream(form, count)
        soonest = min(first, *(each[0] for each in few))
        yield Stream(form, count, soonest, whole, memory, max(each[2] for each in few))


def _stream(form: str, count: int) -> tuple[float, float, int]:
    command = [sys.executable, "-m", "tests.bench.labels", form, str(count)]
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        taken = 0
        while taken < 1000:
            taken += len(process.stdout.read(1000))
        first = time.perf_counter() - begun
        while process.stdout.read(1 << 20):
            pass
        memory = int(process.stderr.read())
    return first, time.perf_counter() - begun, memory


def main() -> None:
    form, count = sys.argv[1], int(sys.argv[2])
    with open(1, "wb", buffering=0, closefd=False) as out:
        write(pages(count), form, 203, out)
    sys.stderr.write(str(_peak()))


def _peak() -> int:
    """The most memory of this process in MB. ru_maxrss would count the parent's, from before the program was loaded."""
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20


if __name__ == "__main__":
    main()
