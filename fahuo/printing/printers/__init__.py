"""The printers themselves: raw TCP with the languages' own status queries, and IPP (printers, CUPS).

`with connect(spec, networks) as printer:` gives `send`, `settle` and `status`; docs/labels.md has the codes.
"""

from collections.abc import Sequence

from fahuo.printing.printers.ipp import IppPrinter
from fahuo.printing.printers.networks import Network
from fahuo.printing.printers.raw import RawPrinter
from fahuo.printing.printers.spec import PRINTING_LANGUAGES, Printer, PrinterSpec, Status, Unsure

__all__ = ["PRINTING_LANGUAGES", "Printer", "PrinterSpec", "Status", "Unsure", "connect"]


def connect(spec: PrinterSpec, networks: Sequence[Network]) -> Printer:
    """The printer, as a context manager that connects on entering. Only addresses inside `networks` are spoken to.

    Refusals on entering: `printer_host_unknown`, `printer_outside`, `printer_unreachable`.
    """
    return RawPrinter(spec, networks) if spec.kind == "raw" else IppPrinter(spec, networks)
