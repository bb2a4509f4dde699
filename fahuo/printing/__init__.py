"""Labels on paper: one layout (`lay_out`), every printer's language (`encode`, `write`), and the printers themselves.

A floor beside store/ and connectors/: it knows the rules and no tables. docs/labels.md tells it from the outside.
"""

from fahuo.printing.fonts import add_folder as add_fonts
from fahuo.printing.formats import FORMATS, Format, encode, write
from fahuo.printing.label import lay_out
from fahuo.printing.page import Page
from fahuo.rules.print_jobs import DOTS

__all__ = ["DOTS", "FORMATS", "Format", "Page", "add_fonts", "encode", "lay_out", "write"]
