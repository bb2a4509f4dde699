"""A page in whole dots of a printer: what the picture and the printers' languages are made from, so that all agree.

Texts are small bitmaps, kept for those that come again; codes keep their meaning, because printers draw them themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PIL import Image

from fahuo.printing import codes, fonts
from fahuo.printing.page import Bars, Frame, Ground, Matrix, Page, Rule, Run

INCH: Final = 25.4
WIDEST_MODULE: Final = 10
"""Dots of a code's module, at most: no printer's language goes further."""


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
        elif isinstance(op, Ground):
            yield _ground(op, scale)
        else:
            yield from _drawing(op, dpi)


def arranged(page: Page, dpi: int) -> list[Mark]:
    """What to print in the order in which printers should draw it: texts first, because some languages clear a bitmap's
    place before they put it there; none reaches over the paper's edge."""
    width, height = size_of(page, dpi)
    patches: list[Mark] = []
    shapes: list[Mark] = []
    for mark in marks(page, dpi):
        if isinstance(mark, Patch):
            patches.append(mark if _inside(mark, width, height) else _clipped(mark, width, height))
        elif isinstance(mark, Black):
            right, bottom = min(mark.x + mark.w, width), min(mark.y + mark.h, height)
            if right > mark.x and bottom > mark.y:
                shapes.append(Black(mark.x, mark.y, right - mark.x, bottom - mark.y))
        elif isinstance(mark, Qrcode) and not mark.square.text.isascii():
            patches.append(_said_plainly(mark))
        else:
            shapes.append(mark)
    return patches + shapes


def _said_plainly(mark: Qrcode) -> Patch:
    """A QR code as a bitmap: printers do not note that a text is in UTF-8, and readers then guess; ours does."""
    image = square(mark)
    return Patch(mark.x, mark.y, Bitmap(image.width, image.height, 0, 0, image.tobytes()))


def _inside(patch: Patch, width: int, height: int) -> bool:
    bitmap = patch.bitmap
    return patch.x >= 0 <= patch.y and patch.x + bitmap.width <= width and patch.y + bitmap.height <= height


def _clipped(patch: Patch, width: int, height: int) -> Patch:
    left, top = max(-patch.x, 0), max(-patch.y, 0)
    right, bottom = min(patch.bitmap.width, width - patch.x), min(patch.bitmap.height, height - patch.y)
    part = picture(patch.bitmap).crop((left, top, right, bottom))
    return Patch(patch.x + left, patch.y + top, Bitmap(part.width, part.height, 0, 0, part.tobytes()))


def marks_without_text(page: Page, dpi: int) -> Iterator[Shape]:
    """The same without texts, of which only the grounds are left."""
    scale = dpi / INCH
    for op in page.ops:
        if isinstance(op, Ground):
            (left, right), (top, bottom) = _span(op.x, op.w, scale), _span(op.y, op.h, scale)
            yield Black(left, top, right - left, bottom - top)
        elif not isinstance(op, Run):
            yield from _drawing(op, dpi)


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
    module = min(max(1, int((op.w * scale + 0.1) / (symbol.modules + 2 * codes.QUIET))), WIDEST_MODULE)
    x = round(op.x * scale + (op.w * scale - module * symbol.modules) / 2)
    top, bottom = _span(op.y, op.h, scale)
    return Barcode(x, top, bottom - top, module, symbol)


def qrcode(op: Matrix, dpi: int) -> Qrcode:
    """The largest square of whole dots that leaves the quiet zone in its place."""
    scale = dpi / INCH
    square = codes.qr(op.text, op.level)
    module = int((min(op.w, op.h) * scale + 0.1) / (square.side + 2 * codes.QR_QUIET))
    module = min(max(1, module), WIDEST_MODULE)
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
    if bitmap.width:
        yield Patch(round(op.x * scale) + bitmap.left, round(op.y * scale) + bitmap.top, bitmap)


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
def _ground(op: Ground, scale: float) -> Patch:
    """The texts in white on black, as one bitmap."""
    (left, right), (top, bottom) = _span(op.x, op.w, scale), _span(op.y, op.h, scale)
    ground = Image.new("1", (right - left, bottom - top), 1)
    for run in op.runs:
        for patch in _run(run, scale):
            ground.paste(0, (patch.x - left, patch.y - top), picture(patch.bitmap))
    return Patch(left, top, Bitmap(ground.width, ground.height, 0, 0, ground.tobytes()))


def square(mark: Qrcode) -> Image.Image:
    """The QR code as Pillow has it, in dots: 1 where it is black."""
    side = mark.square.side
    rows = b"".join((row << -side % 8).to_bytes((side + 7) // 8, "big") for row in mark.square.rows)
    return Image.frombytes("1", (side, side), rows).resize(
        (side * mark.module, side * mark.module), Image.Resampling.NEAREST
    )


def picture(bitmap: Bitmap) -> Image.Image:
    """The bitmap as Pillow has it: 1 where it is black."""
    return Image.frombytes("1", (bitmap.width, bitmap.height), bitmap.rows)
