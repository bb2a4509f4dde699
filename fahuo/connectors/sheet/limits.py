"""How much of a sheet we read. The largest honest file on record (50,000 rows of 71 columns) is far inside."""

from typing import Final

FILE_BYTES: Final = 200 * 2**20
UNPACKED_BYTES: Final = 400 * 2**20
ZIP_ENTRIES: Final = 2_000
RATIO: Final = 200
"""Unpacked to packed, for what unpacks to more than RATIO_FROM bytes; honest sheets reach about 40."""
RATIO_FROM: Final = 20 * 2**20
ROWS: Final = 200_000
COLUMNS: Final = 500
CELLS: Final = 12_000_000

CHILD_MEMORY: Final = 1_536 * 2**20
CHILD_SECONDS: Final = 30
CHILD_PATIENCE: Final = 60
"""Seconds on the wall, for a machine that has other things to do."""
SPOOL_BYTES: Final = 1_024 * 2**20
"""Rows as text, on disk, between the child and us."""
