"""What every connector to a marketplace can do, in one contract; `check.py` holds any of them to it.

A connector knows the other side's protocol and nothing of our tables: it takes lists and returns lists of outcomes, in the
same order and of the same length, whatever happens on the way. It keeps no state, reads no clock and starts no threads.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, Protocol

from fahuo.connectors.web import Transport
from fahuo.rules.orders import OrderDraft, RefundStatus
from fahuo.rules.problems import Problem

Kind = Literal["limited", "unauthorised", "unanswered", "refused"]


class Trouble(Exception):
    """The other side could not be asked, as a whole: whoever asked waits and asks again.

    limited: ask again after `seconds`. unauthorised: a person must let us in again. unanswered: no answer, or one that
    cannot be read. refused: it answered that it will not, and would again.
    """

    def __init__(self, kind: Kind, problem: Problem, *, seconds: int = 0) -> None:
        super().__init__(f"{kind}: {problem.code}")
        self.kind = kind
        self.problem = problem
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Field:
    """A setting that a connector needs. `secret`: sealed, never shown again. `choices`: the first is the default."""

    name: str
    zh: str
    en: str
    required: bool = True
    secret: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
    hint_zh: str = ""
    hint_en: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """An order as the other side tells it, or why it could not be read. `ref` is what it is called there.

    `urged`: its buyer urges, now. `masked`: its receiver is hidden; `mark` (OAID) opens it. `waits`: it is still to be
    shipped there, as far as they know. `draft` None and `problem` None: there is no such order (any more).
    """

    ref: str
    draft: OrderDraft | None = None
    problem: Problem | None = None
    modified: datetime | None = None
    urged: bool = False
    masked: bool = False
    mark: str = ""
    waits: bool = False


@dataclass(frozen=True, slots=True)
class FoundRefund:
    """A refund as the other side tells it; `line` "" is the whole order. Amount in CNY."""

    ref: str
    line: str
    status: RefundStatus
    amount: Decimal
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shipment:
    """What left here and is to be told there: all of an order, or the lines named. `before`: the number told earlier,
    where that is to be replaced."""

    ref: str
    carrier: str
    waybill: str
    lines: tuple[str, ...] = ()
    before: tuple[str, str] | None = None


Verdict = Literal["done", "again", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row. done: it stands there as asked (now, or already). again: nobody knows, or not yet; asking
    again is safe, after `seconds`. refused: it will not; a person must look."""

    verdict: Verdict
    problem: Problem | None = None
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver that was opened."""

    name: str
    phone: str
    province: str
    city: str
    district: str
    address: str
    phone_extension: str = ""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What the other side said by itself: orders to look at again, and urges. `answer` is what it waits to hear."""

    refs: tuple[str, ...] = ()
    urges: tuple[tuple[str, datetime | None], ...] = ()
    deadlines: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an urged order is, for the answer to a push: one of PROGRESS, and the promised time."""

    state: str
    until: datetime | None = None
    waybill: str = ""


PROGRESS: Final = ("unknown", "closed", "shipped", "packed", "printed", "labelled", "assigned", "waiting")
"""How far an order is: no such order, closed, left, checked and packed, label printed, number taken, carrier chosen, none
of these."""

Settings = Mapping[str, str]


class Connector(Protocol):
    """One shop at one marketplace. Every method may raise Trouble; rows have outcomes of their own."""

    def check(self) -> str:
        """Whether we are let in; the shop's name there."""

    def changes(self, since: datetime, until: datetime) -> Iterator[list[Found]]:
        """Every order that moved in this time, by pages; an order that moves meanwhile is not missed, and may come twice."""

    def backlog(self, since: datetime, until: datetime) -> Iterator[list[Found]]:
        """Every order made in this time, by pages: how a shop begins."""

    def read(self, refs: Sequence[str]) -> list[Found]:
        """These orders as they stand now: same order, same length."""

    def refunds(self, since: datetime, until: datetime) -> Iterator[list[FoundRefund]]:
        """Every refund that moved in this time, by pages."""

    def confirm(self, shipments: Sequence[Shipment]) -> list[Outcome]:
        """Tell what left: same order, same length. Telling the same again is safe."""

    def receivers(self, marks: Sequence[tuple[str, str]]) -> list[Receiver | Problem]:
        """Open masked receivers by (ref, mark): same order, same length."""


class Pushes(Protocol):
    """A connector that also listens."""

    def read_push(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> Pushed:
        """What was said. Raises Trouble `refused` when it is not signed by who may say it."""

    def answer_push(self, pushed: Pushed, progress: Mapping[str, Progress]) -> dict[str, Any]:
        """What to answer, as JSON."""


class Renews(Protocol):
    """A connector whose permission runs out and can be renewed, or given by a page of the marketplace."""

    def renew(self) -> dict[str, str]:
        """Settings that take the place of those before."""

    def ask_at(self, redirect: str, state: str) -> str:
        """The address at which a person lets us in."""

    def let_in(self, code: str, redirect: str) -> dict[str, str]:
        """Settings for the code that came back."""


@dataclass(frozen=True, slots=True)
class Marketplace:
    """A kind of marketplace: its names, what it must be told, how a connector for it is made, and how it behaves.

    `overlap`: seconds that windows overlap, so that what became visible late is not missed. `window`: the longest window in
    seconds. `at_once`: how many refs `read` takes. `pushes`, `renews`: whether its connectors do.
    """

    name: str
    zh: str
    en: str
    fields: tuple[Field, ...]
    make: "Maker"
    overlap: int = 300
    window: int = 1800
    at_once: int = 20
    pushes: bool = False
    renews: bool = False
    notes: Mapping[str, str] = field(default_factory=dict)


class Maker(Protocol):
    def __call__(self, settings: Settings, transport: Transport, now: datetime) -> Any: ...


def unanswered(why: str) -> Trouble:
    """No (whole, readable) answer came."""
    return Trouble("unanswered", Problem("marketplace_unanswered", {"why": why}))


def garbage(what: str) -> Trouble:
    """An answer came that is none."""
    return Trouble("unanswered", Problem("marketplace_garbage", {"what": what[:60]}))
