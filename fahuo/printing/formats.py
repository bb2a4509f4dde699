"""The formats a page can be written in."""

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO, Final

from fahuo.printing import cpcl, pdf, png, tspl, zpl
from fahuo.printing.page import Page
from fahuo.rules.print_jobs import DOTS

Write = Callable[[Iterable[Page], int, BinaryIO], int]


@dataclass(frozen=True, slots=True)
class Format:
    """`suffix` of its files, its media type, and how pages are written (pages, dots per inch, sink -> how many)."""

    suffix: str
    media_type: str
    write: Write


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "pdf": Format("pdf", "application/pdf", pdf.write),
        "zpl": Format("zpl", "application/vnd.zebra-zpl", zpl.write),
        "tspl": Format("tspl", "application/octet-stream", tspl.write),
        "cpcl": Format("cpcl", "application/octet-stream", cpcl.write),
        "png": Format("png", "image/png", png.write),
    }
)


def encode(page: Page, form: str, dpi: int = DOTS[0]) -> bytes:
    """One page as a document of its own."""
    sink = io.BytesIO()
    write([page], form, dpi, sink)
    return sink.getvalue()


def write(pages: Iterable[Page], form: str, dpi: int, out: BinaryIO) -> int:
    """Write pages one after the other as they come; how many they were.

    `form`: one of FORMATS, `dpi`: one of DOTS (KeyError, ValueError otherwise). Refusal `label_one_picture`: a picture
    holds one page.
    """
    if dpi not in DOTS:
        raise ValueError(dpi)
    return FORMATS[form].write(pages, dpi, out)
