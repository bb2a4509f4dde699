"""How long personal data is kept, what each stage erases, and when a person's request must wait."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Protocol

from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.problems import Problem

KINDS: Final = ("rule", "request")
OUTCOMES: Final = ("done", "refused")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of forgetting: after how many days, at least, what it erases, and by which rule."""

    name: str
    days: int
    least: int
    zh: str
    en: str
    basis: str
    source: str
    since: date


STAGES: Final[Mapping[str, Stage]] = {
    name: Stage(name=name, **fields)
    for name, fields in tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8")).items()
}
"""In the order in which an order goes through them: `orders.erased` counts those behind it."""
NAMES: Final = tuple(STAGES)


class OrderFacts(Protocol):
    """What stands in the way of erasing an order's personal data on request."""

    @property
    def status(self) -> str: ...
    @property
    def refunding(self) -> bool: ...
    @property
    def complained(self) -> bool: ...
    @property
    def asked(self) -> bool: ...


def why_kept(order: OrderFacts) -> Problem | None:
    """Why an order's personal data must stay for now although its person asks to have it erased (PIPL article 47 with
    article 13: needed to perform the contract, to answer for it, or by law); None when it may go."""
    if order.status in IN_BACKLOG or order.status in ("awaiting_payment", "shipped"):
        return Problem("erasure_under_way", {"status": order.status})
    if order.refunding:
        return Problem("erasure_refund")
    if order.complained:
        return Problem("erasure_complaint")
    return Problem("erasure_task") if order.asked else None
