"""PDF labels: drawn by pdfium, read by zxing-cpp, like the picture in every dot, fonts inside as subsets, text as text."""

import ctypes
import io
import os
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw
import pytest
from PIL import Image

from fahuo.printing import DOTS, Page, encode, lay_out, png, write
from fahuo.rules.labels import SIZES, masked, read_template, standard
from fahuo.rules.problems import Refusal
from fahuo.samples.labels import sample_label, sample_labels
from tests.printing import pictures

COVER = [("76x130", 203), ("100x150", 300), ("100x180", 203)]
if os.environ.get("TEST_ALL_LABELS") == "yes":
    COVER = [(size, dpi) for size in SIZES for dpi in DOTS]


@pytest.mark.parametrize(("size", "dpi"), COVER)
def test_the_labels_of_all_carriers(size: str, dpi: int) -> None:
    pages = list(pictures.pages(size))
    sink = io.BytesIO()
    assert write(pages, "pdf", dpi, sink) == len(pages)
    drawn = pictures.of_pdf(sink.getvalue(), dpi)
    assert len(drawn) == len(pages)
    for page, theirs in zip(pages, drawn, strict=True):
        ours = png.draw(page, dpi)
        assert pictures.codes(theirs) == pictures.codes(ours) == pictures.expected_codes(page)
        assert max(pictures.unlike(ours, theirs)) < 0.01
    document = pypdfium2.PdfDocument(sink.getvalue())
    for page, found in zip(pages, document, strict=True):
        assert found.get_size() == pytest.approx((page.width * 72 / 25.4, page.height * 72 / 25.4), abs=0.01)


def test_a_wrong_character_would_be_seen() -> None:
    """What makes the comparison above worth something: tofu, a missing and a misplaced text are far from equal."""
    template = '[[element]]\nkind = "text"\nx = {}\ny = 2\nw = 60\nh = 8\ntext = "{}"'
    right, tofu, moved = (
        lay_out(read_template(template.format(x, text)), sample_label("ZTO", 0))
        for x, text in ((2, "浙江省杭州市"), (2, "浙江省□州市"), (3, "浙江省杭州市"))
    )
    for wrong in (tofu, moved):
        [theirs] = pictures.of_pdf(encode(wrong, "pdf"), 203)
        assert max(pictures.unlike(png.draw(right, 203), theirs)) > 0.05


def test_text_can_be_taken_out_and_rare_characters_too() -> None:
    data = sample_label("YTO", 2)
    document = pypdfium2.PdfDocument(encode(lay_out(standard(), data), "pdf"))
    text = document[0].get_textpage().get_text_bounded()
    assert "𠮷野千鹤" in text
    assert data.route_code in text
    assert "广东省广州市天河区" in text.replace("\r\n", "")


def fonts_of(document: pypdfium2.PdfDocument) -> Iterator[tuple[str, int]]:
    """Name and embedded size of the font of each text object."""
    raw = pypdfium2.raw
    for item in document[0].get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
        font = raw.FPDFTextObj_GetFont(item.raw)
        size = raw.FPDFFont_GetBaseFontName(font, None, 0)
        name = ctypes.create_string_buffer(size)
        raw.FPDFFont_GetBaseFontName(font, name, size)
        held = ctypes.c_size_t()
        assert raw.FPDFFont_GetIsEmbedded(font) == 1
        raw.FPDFFont_GetFontData(font, None, 0, ctypes.byref(held))
        yield name.value.decode(), held.value


def test_fonts_are_inside_as_subsets() -> None:
    document = pypdfium2.PdfDocument(encode(lay_out(standard(), sample_label("ZTO", 1)), "pdf"))
    found = dict(fonts_of(document))
    assert len(found) == 2
    for name, size in found.items():
        tag, _, rest = name.partition("+")
        assert len(tag) == 6
        assert rest.startswith("FahuoLabel")
        assert 1000 < size < 60_000


def test_a_label_file_is_small_and_always_the_same() -> None:
    page = lay_out(standard(), masked(sample_label("ZTO", 1)))
    assert len(encode(page, "pdf")) < 40_000
    assert encode(page, "pdf") == encode(page, "pdf")


def test_pages_leave_as_they_come() -> None:
    """A page's bytes are out before the next one is asked for: memory does not grow with the labels."""

    sink = io.BytesIO()
    seen = []

    def pages() -> Iterator[Page]:
        for data in list(sample_labels())[:4]:
            seen.append(sink.tell())
            yield lay_out(standard(), masked(data))

    write(pages(), "pdf", 203, sink)
    assert seen[0] < 100
    assert all(second - first > 1500 for first, second in zip(seen, seen[1:], strict=False))


def test_no_pages_are_a_document_too() -> None:
    sink = io.BytesIO()
    assert write([], "pdf", 203, sink) == 0


@pytest.mark.parametrize("dpi", DOTS)
@pytest.mark.parametrize("size", SIZES)
def test_a_picture_is_of_its_size_and_can_be_scanned(size: str, dpi: int) -> None:
    page = lay_out(standard(size), sample_label("SF", 3))
    image = Image.open(io.BytesIO(encode(page, "png", dpi)))
    assert image.mode == "1"
    assert image.size == (int(page.width * dpi / 25.4), int(page.height * dpi / 25.4))
    assert image.info["dpi"] == pytest.approx((dpi, dpi), abs=0.1)
    assert pictures.codes(image) == pictures.expected_codes(page)


def test_a_picture_holds_one_label() -> None:
    page = lay_out(standard(), sample_label("SF", 3))
    with pytest.raises(Refusal, match="label_one_picture"):
        write([page, page], "png", 203, io.BytesIO())


def test_other_dots_are_no_printers() -> None:
    with pytest.raises(ValueError, match="600"):
        encode(lay_out(standard(), sample_label("SF", 3)), "pdf", 600)
