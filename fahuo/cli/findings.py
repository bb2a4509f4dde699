"""One thing that `fahuo doctor` looked at."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was seen, and (unless all is well) how to mend it."""

    check: str
    state: State
    seen: str
    mend: str = ""
