"""What is kept of a sheet whose columns nobody has explained yet: its header, and a few values of each column, masked."""

from itertools import islice
from typing import Any, Final

from fahuo.connectors.sheet.reader import Sheet
from fahuo.rules import carriers
from fahuo.rules.masking import mask_sample

SAMPLES: Final = 3
"""Values shown of a column."""

LOOKED_AT: Final = 40
"""Rows that are looked at for them."""


def described(sheet: Sheet) -> dict[str, Any]:
    """For a batch's options: `header`, and `samples`, for each heading up to SAMPLES different values, masked."""
    samples: list[list[str]] = [[] for _ in sheet.header]
    for row in islice(sheet.rows(), LOOKED_AT):
        for found, cell in zip(samples, row.cells, strict=False):
            if len(found) < SAMPLES:
                value = cell.strip() if carriers.find(cell) else mask_sample(cell)
                if value and value not in found:
                    found.append(value)
    return {"header": list(sheet.header), "samples": samples}
