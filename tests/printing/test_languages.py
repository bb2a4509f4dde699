"""ZPL drawn by zplkit, TSPL and CPCL by the strict readers: the same dots as the picture, and every code can be read.

TEST_ALL_LABELS=yes takes every carrier on every size at both resolutions instead of the covering set.
"""

import io
import os
from collections.abc import Callable
from dataclasses import replace

import pytest
import zplkit
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fahuo.printing import DOTS, Page, encode, lay_out, png, write
from fahuo.printing.page import Bars
from fahuo.rules.labels import SIZES, masked, read_template, standard
from fahuo.samples.labels import sample_label, sample_labels
from tests.printing import pictures, readers

Draw = Callable[[bytes, int, Page], Image.Image]
EVERY = os.environ.get("TEST_ALL_LABELS") == "yes"
CARRIERS = [label.carrier for label in sample_labels()]
COVER = [
    (carrier, place, size, dpi) for place, carrier in enumerate(CARRIERS) for size in SIZES for dpi in DOTS
    if EVERY or size == ("76x130" if dpi != DOTS[place // 3 % 2] else SIZES[place % 3])
]  # fmt: skip
"""Every carrier at both dpi, and every size; EVERY: all of them at each."""


def zpl(document: bytes, dpi: int, page: Page) -> Image.Image:
    width, height = int(page.width * dpi / 25.4), int(page.height * dpi / 25.4)
    found = zplkit.render(document, zplkit.Options(dpi=dpi, width=width, height=height))
    assert found.warnings == []
    [label] = found.labels
    return Image.open(io.BytesIO(label.png()))


def tspl(document: bytes, dpi: int, page: Page) -> Image.Image:
    [label] = readers.tspl(document, dpi)
    return label


def cpcl(document: bytes, dpi: int, page: Page) -> Image.Image:
    [(dots, label)] = readers.cpcl(document)
    assert dots == dpi
    return label


DRAW: dict[str, Draw] = {"zpl": zpl, "tspl": tspl, "cpcl": cpcl}


@pytest.mark.parametrize("language", sorted(DRAW))
@pytest.mark.parametrize(("carrier", "place", "size", "dpi"), COVER)
def test_a_printer_draws_the_picture(language: str, carrier: str, place: int, size: str, dpi: int) -> None:
    page = lay_out(standard(size), masked(sample_label(carrier, place)))
    ours = png.draw(page, dpi)
    theirs = DRAW[language](encode(page, language, dpi), dpi, page)
    assert theirs.size == ours.size
    assert pictures.codes(theirs) == pictures.expected_codes(page)
    without_codes = [pictures.without_codes(image, page, dpi) for image in (ours, theirs)]
    assert pictures.unlike(*without_codes, within=0) == (0, 0)
    for one, other in zip(pictures.code_places(ours, page, dpi), pictures.code_places(theirs, page, dpi), strict=True):
        assert one == pytest.approx(other, abs=1)


@pytest.mark.parametrize("language", sorted(DRAW))
def test_many_labels_in_one_stream(language: str) -> None:
    pages = list(pictures.pages("76x130"))
    sink = io.BytesIO()
    assert write(iter(pages), language, 203, sink) == len(pages)
    assert sink.getvalue() == b"".join(encode(page, language) for page in pages)


TEXTS = st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Z"]) | st.sampled_from('^~_\\"<>&浙江𠮷'), min_size=1, max_size=25)  # fmt: skip
CODES = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=14).filter(
    lambda text: '"' not in text
)


@given(TEXTS, CODES, TEXTS, st.sampled_from(DOTS), st.integers(0, 40), st.booleans())
@settings(max_examples=40, deadline=None)
def test_whatever_a_label_says(text: str, code: str, square: str, dpi: int, x: int, invert: bool) -> None:
    template = read_template(
        f"""size = "76x60"
        [[element]]
        kind = "text"
        x = {x}
        y = 0
        w = 30
        h = 8
        text = "{{memo}}"
        max_lines = 2
        invert = {str(invert).lower()}
        [[element]]
        kind = "code128"
        x = 0
        y = 9
        w = 76
        h = 10
        text = "{{waybill}}"
        [[element]]
        kind = "qr"
        x = 10
        y = 21
        w = 36
        h = 36
        text = "{{buyer_message}}"
        [[element]]
        kind = "box"
        x = 0
        y = 20
        w = 76
        h = 40
        """
    )
    page = lay_out(template, replace(sample_label("ZTO", 0), memo=text, waybill=code, buyer_message=square))
    ours = pictures.without_codes(png.draw(page, dpi), page, dpi)
    for language, draw in DRAW.items():
        theirs = draw(encode(page, language, dpi), dpi, page)
        assert pictures.unlike(ours, pictures.without_codes(theirs, page, dpi), within=0) == (0, 0)
        assert pictures.codes(theirs) == pictures.expected_codes(page)
        for one, other in zip(
            pictures.code_places(png.draw(page, dpi), page, dpi), pictures.code_places(theirs, page, dpi), strict=True
        ):
            assert one == pytest.approx(other, abs=1)
    if any(isinstance(op, Bars) for op in page.ops):
        [drawn] = pictures.of_pdf(encode(page, "pdf", dpi), 2 * dpi)  # pdfium stretches a page to whole dots
        assert pictures.codes(drawn) == pictures.expected_codes(page)


def test_graphics_stay_small() -> None:
    """Printers and drivers refuse large graphics in one field; the largest texts of our labels stay far below."""
    for size in SIZES:
        for page in pictures.pages(size):
            sizes = [int(field.split(b",")[1]) for field in encode(page, "zpl", 300).split(b"^GFA")[1:]]
            assert max(sizes) <= 8000


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.replace(b"BITMAP", b"BITMOP", 1),
        lambda data: data.replace(b"\r\nBAR ", b"x\r\nBAR ", 1),
        lambda data: data[:-3],
        lambda data: data.replace(b"BAR ", b"BAR 9", 1),
        lambda data: data.replace(b'"128"', b'"129"', 1),
    ],
)
def test_the_reader_of_tspl_is_strict(damage: Callable[[bytes], bytes]) -> None:
    whole = encode(lay_out(standard(), sample_label("ZTO", 0)), "tspl")
    readers.tspl(whole, 203)
    with pytest.raises(ValueError):
        readers.tspl(damage(whole), 203)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.replace(b"\r\nCG ", b"\r\nCX ", 1),
        lambda data: data.replace(b"\r\nLINE", b"x\r\nLINE", 1),
        lambda data: data[:-3],
        lambda data: data.replace(b"ENDQR", b"END", 1),
        lambda data: data.replace(b"! 0 200", b"! 0 201", 1),
    ],
)
def test_the_reader_of_cpcl_is_strict(damage: Callable[[bytes], bytes]) -> None:
    whole = encode(lay_out(standard(), sample_label("ZTO", 0)), "cpcl")
    readers.cpcl(whole)
    with pytest.raises(ValueError):
        readers.cpcl(damage(whole))
