"""A pickup: the courier comes, takes parcels by a manifest, and signs for their number. Its table of moves."""

from typing import Final, Literal

Status = Literal["called", "open", "signed", "cancelled"]
STATUSES: Final[tuple[Status, ...]] = ("called", "open", "signed", "cancelled")
"""called 已约: asked to come, nothing listed yet. open 清点中: parcels are being listed. signed 已交接. cancelled 已取消."""

Kind = Literal["daily", "extra"]
KINDS: Final[tuple[Kind, ...]] = ("daily", "extra")
"""daily: at a fixed time of the contract. extra: called for."""

TABLE: Final[dict[tuple[Status, str], Status]] = {
    ("called", "open"): "open",
    ("open", "open"): "open",
    ("open", "sign"): "signed",
    ("called", "cancel"): "cancelled",
    ("open", "cancel"): "cancelled",
}
"""(status, event) -> status. What was signed stays."""
