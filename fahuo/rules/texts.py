"""What no text that is kept may hold, whoever sent it."""

import re
from typing import Final

_NUL: Final = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def without_nul(written: bytes) -> bytes:
    """JSON without the one character that no text of the database can hold. A backslash that is meant as one, with u0000
    behind it, is other people's text and stays."""
    return _NUL.sub(rb"\1", written) if b"\\u0000" in written else written
