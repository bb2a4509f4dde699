"""A Code 128 as a drawing on a page that is printed."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from fahuo.printing.codes import QUIET, code128


def barcode(text: str, *, height: int = 40) -> SafeString:
    """The barcode of printable ASCII as SVG, in modules; the style sheet says how wide a module is."""
    symbol = code128(text)
    x, bars = QUIET, []
    for place, width in enumerate(symbol.widths):
        if place % 2 == 0:
            bars.append(f"M{x} 0h{width}v{height}h-{width}z")
        x += width
    return format_html(
        '<svg class="barcode" viewBox="0 0 {} {}" role="img" aria-label="{}" shape-rendering="crispEdges">'
        '<path fill="#000" d="{}"/></svg>',
        symbol.modules + 2 * QUIET, height, text, "".join(bars),
    )  # fmt: skip
