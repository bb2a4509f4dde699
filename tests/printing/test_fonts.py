"""Fonts of the shop's own: asked for what the packaged one lacks, drawn alike in dots and in a PDF."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pypdfium2
import pytest
import uharfbuzz

from fahuo.printing import add_fonts, encode, fonts, lay_out, png
from fahuo.printing.pdf_fonts import with_charset
from fahuo.rules.labels import read_template
from fahuo.samples.labels import sample_label
from tests.printing import pictures

TEMPLATE = read_template(
    '[[element]]\nkind = "text"\nname = "甲"\nx = 2\ny = 2\nw = 60\nh = 8\ntext = "{memo}"\nbold = true'
)
DATA = replace(sample_label("ZTO", 0), memo="张Łukasz Šimoğlu收")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with Bitstream Vera (of reportlab), which has Polish and Turkish letters that the packaged font lacks."""
    known = list(fonts.faces())
    shutil.copy(str(files("reportlab").joinpath("fonts", "Vera.ttf")), tmp_path / "vera.ttf")
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    (tmp_path / "notes.txt").write_text("nothing")
    yield tmp_path
    fonts.faces()[:] = known
    for bold in (False, True):
        fonts._TABLES[bold].clear()
        fonts.ADVANCES[bold].clear()


def test_a_font_of_the_shop_lends_its_characters(folder: Path) -> None:
    before = lay_out(TEMPLATE, DATA)
    assert before.warnings[0].data["characters"] == "U+011F U+0141 U+0160"
    assert add_fonts(folder) == ["broken.ttf"]
    assert add_fonts(folder) == ["broken.ttf"]
    assert len(fonts.faces()) == 2
    page = lay_out(TEMPLATE, DATA)
    assert page.warnings == ()
    for dpi in (203, 300):
        ours = png.draw(page, dpi)
        [theirs] = pictures.of_pdf(encode(page, "pdf", dpi), dpi)
        assert max(pictures.unlike(ours, theirs)) < 0.02
        assert max(pictures.unlike(png.draw(before, dpi), theirs)) > 0.05
    text = pypdfium2.PdfDocument(encode(page, "pdf"))[0].get_textpage().get_text_bounded()
    assert text == DATA.memo


def test_a_folder_that_is_not_there_is_no_trouble(tmp_path: Path) -> None:
    assert add_fonts(tmp_path / "fonts") == []


def test_a_program_that_is_not_cid_keyed_is_told_apart() -> None:
    data, places = fonts.subset(0, False, [fonts.glyph("永", False).number])
    assert len(places) == 2

    program = bytes(uharfbuzz.Face(data).reference_table("CFF ").data)
    assert len(with_charset(program, [7])) == len(program) + 3
    with pytest.raises(ValueError, match="CID"):
        with_charset(program.replace(b"\x0c\x1e", b"\x0c\x00", 1), [7])


@pytest.mark.parametrize("bold", [False, True])
def test_glyphs_in_dots_are_as_wide_as_the_font_says(bold: bool) -> None:
    for char in "永和九年A0×，":
        shape = fonts.dots(char, bold, 100)
        assert shape.width <= 100 * fonts.glyph(char, bold).advance + 6
        assert shape.bottom <= fonts.stride(100)
    assert fonts.dots(" ", bold, 24).width == 0
