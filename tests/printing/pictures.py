"""Pictures of labels: made by others' renderers, compared with ours, and their codes read by another's reader."""

from collections.abc import Iterator

import pypdfium2
import zxingcpp
from PIL import Image, ImageChops, ImageFilter

from fahuo.printing import lay_out
from fahuo.printing.page import Bars, Matrix, Page
from fahuo.rules.labels import masked, standard
from fahuo.samples.labels import sample_labels

INK = 128


def pages(size: str) -> Iterator[Page]:
    """The sample label of every carrier, masked, on the standard template of a size."""
    for data in sample_labels():
        yield lay_out(standard(size), masked(data))


def of_pdf(document: bytes, dpi: int) -> list[Image.Image]:
    """Each page as pdfium draws it, in grey."""
    pdf = pypdfium2.PdfDocument(document)
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("L") for page in pdf]
    finally:
        pdf.close()


def codes(image: Image.Image) -> list[tuple[str, str]]:
    """Format and text of every code that zxing-cpp finds, sorted."""
    grey = Image.new("L", (image.width + 40, image.height + 40), 255)
    grey.paste(image.convert("L"), (20, 20))
    return sorted({(str(found.format), found.text) for found in zxingcpp.read_barcodes(grey)})


def expected_codes(page: Page) -> list[tuple[str, str]]:
    found = {("Code 128", op.text) for op in page.ops if isinstance(op, Bars)}
    return sorted(found | {("QR Code", op.text) for op in page.ops if isinstance(op, Matrix)})


def _places(page: Page, dpi: int) -> Iterator[tuple[int, int, int, int]]:
    scale = dpi / 25.4
    for op in page.ops:
        if isinstance(op, Matrix | Bars):
            yield tuple(round(each * scale) for each in (op.x, op.y, op.x + op.w, op.y + op.h))  # type: ignore[misc]


def without_codes(image: Image.Image, page: Page, dpi: int) -> Image.Image:
    """The picture with the places of codes blank: a printer may choose other subsets of a Code 128, or another mask of a
    QR code, than we."""
    blank = image.convert("L")
    for place in _places(page, dpi):
        blank.paste(255, place)
    return blank


def code_places(image: Image.Image, page: Page, dpi: int) -> list[tuple[int, int, int, int] | None]:
    """Where in its place the ink of each code stands."""
    return [ink(image.crop(place)).getbbox() for place in _places(page, dpi)]


def ink(image: Image.Image) -> Image.Image:
    """Black where there is ink, as mode L with 255 for ink."""
    return image.convert("L").point(lambda grey: 255 * (grey < INK))


def unlike(ours: Image.Image, theirs: Image.Image, within: int = 1) -> tuple[float, float]:
    """Which part of our ink has none of theirs within so many dots, and the other way round. Tofu, a lost or a misplaced
    character makes it large; another way of smoothing edges does not."""
    mine, others = ink(ours), ink(theirs)
    width, height = max(mine.width, others.width), max(mine.height, others.height)
    mine, others = (_on(each, width, height) for each in (mine, others))
    return _alone(mine, others, within), _alone(others, mine, within)


def _on(image: Image.Image, width: int, height: int) -> Image.Image:
    ground = Image.new("L", (width, height))
    ground.paste(image)
    return ground


def _alone(one: Image.Image, other: Image.Image, within: int) -> float:
    near = other.filter(ImageFilter.MaxFilter(2 * within + 1))
    alone = ImageChops.subtract(one, near)
    return alone.histogram()[255] / max(one.histogram()[255], 1)
