"""Sheets of orders, lines, shipments and urges: recognised by their header, read row by row into drafts.

Sheets of bought numbers, SKUs and route marks come in at their own pages: `expect(header, kind)`, `read_entry`.
`recognise(header)` or `map_header(header, columns)` gives a Layout; `read_order`, `read_line`, `read_shipment`,
`read_urge` read a row with it. docs/import.md tells the formats and their quirks.
"""

from fahuo.rules.sheets.columns import COLUMNS, FIELDS, Column, heading_key
from fahuo.rules.sheets.layouts import Layout, SheetKind, expect, fingerprint, map_header, recognise
from fahuo.rules.sheets.rows import (
    CellProblem,
    SheetRow,
    ShipmentDraft,
    UrgeDraft,
    read_entry,
    read_line,
    read_order,
    read_shipment,
    read_urge,
)

__all__ = [
    "COLUMNS", "FIELDS", "CellProblem", "Column", "Layout", "SheetKind", "SheetRow", "ShipmentDraft", "UrgeDraft",
    "expect", "fingerprint", "heading_key", "map_header", "read_entry", "read_line", "read_order", "read_shipment", "read_urge", "recognise",
]  # fmt: skip
