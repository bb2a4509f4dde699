"""A batch is a table of rows with verdicts before any work starts. Its life, as one table of moves."""

from typing import Final, Literal

BatchKind = Literal["orders", "shipments", "urges", "numbers", "skus", "route_marks", "tariffs"]
BATCH_KINDS: Final[tuple[BatchKind, ...]] = (
    "orders", "shipments", "urges", "numbers", "skus", "route_marks", "tariffs",
)  # fmt: skip

BatchStatus = Literal["open", "received", "checked", "committing", "committed", "closed", "refused"]
BATCH_STATUSES: Final[tuple[BatchStatus, ...]] = (
    "open", "received", "checked", "committing", "committed", "closed", "refused",
)  # fmt: skip
WORK_WAITS: Final[frozenset[str]] = frozenset({"received", "committing"})
"""The statuses in which the clock has work to do on a batch."""

TABLE: Final[dict[tuple[str, str], BatchStatus]] = {
    ("open", "fill"): "received",
    ("checked", "fill"): "received",
    ("committed", "fill"): "received",
    ("received", "check"): "checked",
    ("received", "refuse"): "refused",
    ("refused", "fill"): "received",
    ("checked", "commit"): "committing",
    ("committing", "finish"): "committed",
    ("committed", "undo"): "checked",
    ("open", "close"): "closed",
    ("checked", "close"): "closed",
    ("committed", "close"): "closed",
    ("closed", "reopen"): "checked",
}
"""(status, event) -> status. Undo is refused once the batch was handed over to the courier."""

Verdict = Literal["new", "update", "same", "ready", "done", "conflict", "bad", "undone", "waiting"]
VERDICTS: Final[tuple[Verdict, ...]] = (
    "new", "update", "same", "ready", "done", "conflict", "bad", "undone", "waiting",
)  # fmt: skip
GOOD: Final[frozenset[str]] = frozenset({"new", "update", "ready", "conflict"})
"""Verdicts whose rows are written on commit. `conflict` is written too: what changed outside is true anyway."""


def moves(event: str) -> list[str]:
    """The statuses from which `event` may happen, for `status = ANY(...)`."""
    return [status for (status, name) in TABLE if name == event]
