"""A page as a picture: exactly the dots that a thermal printer burns."""

from collections.abc import Iterable
from typing import BinaryIO

from PIL import Image

from fahuo.printing.dots import Barcode, Black, Patch, marks, picture, size_of, square
from fahuo.printing.page import Page
from fahuo.rules.problems import Refusal


def draw(page: Page, dpi: int) -> Image.Image:
    """The page in dots, one bit each: 0 is black."""
    image = Image.new("1", size_of(page, dpi), 1)
    for mark in marks(page, dpi):
        if isinstance(mark, Patch):
            image.paste(0, (mark.x, mark.y), picture(mark.bitmap))
        elif isinstance(mark, Black):
            image.paste(0, (mark.x, mark.y, mark.x + mark.w, mark.y + mark.h))
        elif isinstance(mark, Barcode):
            x = mark.x
            for place, width in enumerate(mark.symbol.widths):
                if not place % 2:
                    image.paste(0, (x, mark.y, x + width * mark.module, mark.y + mark.h))
                x += width * mark.module
        else:
            image.paste(0, (mark.x, mark.y), square(mark))
    return image


def write(pages: Iterable[Page], dpi: int, out: BinaryIO) -> int:
    """Write the one page as PNG, with its dots per inch. Refusal `label_one_picture` when there are more."""
    count = 0
    for page in pages:
        count += 1
        if count > 1:
            raise Refusal.of("label_one_picture")
        draw(page, dpi).save(out, "png", dpi=(dpi, dpi))
    return count
