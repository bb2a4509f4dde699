"""A page in whole dots of a printer: what the picture and the printers' languages are made from, so that all agree.

Texts are small bitmaps, kept for those that come again; codes keep their meaning, because printers draw them themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PIL import Image

from fahuo.printing import codes, fonts
from fahuo.printing.page import Bars, Frame, Matrix, Page, Rule, Run

INCH: Final = 25.4


@dataclass(frozen=True, slots=True)
class Bitmap:
    """Rows of whole bytes, the leftmost dot the highest bit, 1 is black; `left` and `top` from the text's origin."""

    width: int
    height: int
    left: int
    top: int
    rows: bytes

    @property
    def stride(self) -> int:
        return (self.width + 7) // 8


@dataclass(frozen=True, slots=True)
class Patch:
    """A bitmap in its place."""

    x: int
    y: int
    bitmap: Bitmap


@dataclass(frozen=True, slots=True)
class Black:
    """A black rectangle."""

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True)
class Barcode:
    """A Code 128: `module` dots for the narrowest bar; x, y is the first bar's upper left corner."""

    x: int
    y: int
    h: int
    module: int
    symbol: codes.Symbol


@dataclass(frozen=True, slots=True)
class Qrcode:
    """A QR code: `module` dots for a module; x, y is its upper left module, without the quiet zone."""

    x: int
    y: int
    module: int
    square: codes.Square


Shape = Black | Barcode | Qrcode
Mark = Patch | Shape


def size_of(page: Page, dpi: int) -> tuple[int, int]:
    """Width and height of a page in dots: only whole ones on the paper."""
    return int(page.width * dpi / INCH), int(page.height * dpi / INCH)


def marks(page: Page, dpi: int) -> Iterator[Mark]:
    """What to print, in dots."""
    scale = dpi / INCH
    for op in page.ops:
        if isinstance(op, Run):
            yield from _run(op, scale)
        else:
            yield from _drawing(op, dpi)


def marks_without_text(page: Page, dpi: int) -> Iterator[Shape]:
    """The same without texts, of which only the grounds are left."""
    scale = dpi / INCH
    for op in page.ops:
        if not isinstance(op, Run):
            yield from _drawing(op, dpi)
        elif op.ground is not None:
            (left, right), (top, bottom) = (
                _span(op.ground[0], op.ground[2], scale),
                _span(op.ground[1], op.ground[3], scale),
            )
            yield Black(left, top, right - left, bottom - top)


def _drawing(op: Bars | Matrix | Rule | Frame, dpi: int) -> Iterator[Shape]:
    if isinstance(op, Bars):
        yield barcode(op, dpi)
    elif isinstance(op, Matrix):
        yield qrcode(op, dpi)
    elif isinstance(op, Rule):
        yield from _rule(op, dpi / INCH)
    else:
        yield from _frame(op, dpi / INCH)


def barcode(op: Bars, dpi: int) -> Barcode:
    """The widest symbol of whole dots that leaves the quiet zones in its place."""
    scale = dpi / INCH
    symbol = codes.code128(op.text)
    module = max(1, int((op.w * scale + 0.1) / (symbol.modules + 2 * codes.QUIET)))
    x = round(op.x * scale + (op.w * scale - module * symbol.modules) / 2)
    top, bottom = _span(op.y, op.h, scale)
    return Barcode(x, top, bottom - top, module, symbol)


def qrcode(op: Matrix, dpi: int) -> Qrcode:
    """The largest square of whole dots that leaves the quiet zone in its place."""
    scale = dpi / INCH
    square = codes.qr(op.text, op.level)
    module = max(1, int((min(op.w, op.h) * scale + 0.1) / (square.side + 2 * codes.QR_QUIET)))
    side = module * square.side
    return Qrcode(
        round(op.x * scale + (op.w * scale - side) / 2), round(op.y * scale + (op.h * scale - side) / 2), module, square
    )


def _span(start: float, length: float, scale: float) -> tuple[int, int]:
    """First dot, and the first after the last; one dot at least."""
    first = round(start * scale)
    return first, max(round((start + length) * scale), first + 1)


def _rule(op: Rule, scale: float) -> Iterator[Black]:
    x, right = _span(op.x, op.w, scale)
    y, bottom = _span(op.y, op.h, scale)
    if op.h < 1:
        bottom = y + max(1, round(op.h * scale))
    if op.w < 1:
        right = x + max(1, round(op.w * scale))
    if not op.dash:
        yield Black(x, y, right - x, bottom - y)
        return
    dash = max(1, round(op.dash * scale))
    if op.w >= op.h:
        for at in range(x, right, 2 * dash):
            yield Black(at, y, min(dash, right - at), bottom - y)
    else:
        for at in range(y, bottom, 2 * dash):
            yield Black(x, at, right - x, min(dash, bottom - at))


def _frame(op: Frame, scale: float) -> Iterator[Black]:
    x, right = _span(op.x, op.w, scale)
    y, bottom = _span(op.y, op.h, scale)
    stroke = min(max(1, round(op.stroke * scale)), right - x, bottom - y)
    yield Black(x, y, right - x, stroke)
    yield Black(x, bottom - stroke, right - x, stroke)
    yield Black(x, y, stroke, bottom - y)
    yield Black(right - stroke, y, stroke, bottom - y)


def _run(op: Run, scale: float) -> Iterator[Patch]:
    bitmap = drawn(op.text, op.bold, op.size, scale)
    x, y = round(op.x * scale), round(op.y * scale)
    if op.ground is not None:
        left, right = _span(op.ground[0], op.ground[2], scale)
        top, bottom = _span(op.ground[1], op.ground[3], scale)
        yield Patch(left, top, _inverted(bitmap, x - left, y - top, right - left, bottom - top))
    elif bitmap.width:
        yield Patch(x + bitmap.left, y + bitmap.top, bitmap)


@lru_cache(maxsize=4096)
def drawn(text: str, bold: bool, size: float, scale: float) -> Bitmap:
    """A text in dots. Glyphs stand where the font's widths put them, each at the nearest dot."""
    body = size * scale
    pixels = max(1, int(body + 0.3))
    advances = fonts.ADVANCES[bold]
    at, placed = 0.0, []
    for char in text:
        shape = fonts.dots(char, bold, pixels)
        if shape.width:
            placed.append((round(at) + shape.left, shape))
        at += advances[char] * body
    if not placed:
        return Bitmap(0, 0, 0, 0, b"")
    left = min(x for x, _ in placed)
    right = max(x + shape.width for x, shape in placed)
    return _composed(placed, left, right, pixels)


def _composed(placed: list[tuple[int, fonts.Dots]], left: int, right: int, pixels: int) -> Bitmap:
    """Columns are laid beside each other as one number, then turned into rows at once."""
    stride, width = fonts.stride(pixels), right - left
    ink = 0
    for x, shape in placed:
        ink |= shape.columns << (right - x - shape.width) * stride
    turned = Image.frombytes("1", (stride, width), ink.to_bytes(width * stride // 8, "big"))
    rows = turned.transpose(Image.Transpose.TRANSPOSE).tobytes()
    top = min(shape.top for _, shape in placed)
    bottom = max(shape.bottom for _, shape in placed)
    wide = (width + 7) // 8
    return Bitmap(width, bottom - top, left, top - fonts.rise(pixels), rows[top * wide : bottom * wide])


@lru_cache(maxsize=512)
def _inverted(bitmap: Bitmap, x: int, y: int, width: int, height: int) -> Bitmap:
    """The bitmap in white on a black ground, its origin at x, y."""
    ground = Image.new("1", (width, height), 1)
    if bitmap.width:
        ground.paste(0, (x + bitmap.left, y + bitmap.top), picture(bitmap))
    return Bitmap(width, height, 0, 0, ground.tobytes())


def picture(bitmap: Bitmap) -> Image.Image:
    """The bitmap as Pillow has it: 1 where it is black."""
    return Image.frombytes("1", (bitmap.width, bitmap.height), bitmap.rows)
