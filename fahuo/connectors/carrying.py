"""What every connector to a carrier's service can do, in one contract; `carrying_check.py` holds any of them to it.

A connector knows the service's protocol and nothing of our tables: it takes lists and returns lists of outcomes, in the
same order and of the same length, whatever happens on the way. It keeps no state, reads no clock and starts no threads.
"""

import json
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, Literal, Protocol, TypeVar
from urllib.parse import urlencode

from fahuo.connectors.contract import Field, Kind, Settings, Trouble
from fahuo.connectors.web import Request, Transport, Unanswered
from fahuo.rules.carriers import CARRIERS
from fahuo.rules.carrying import Act
from fahuo.rules.labels import Goods, Party
from fahuo.rules.parcels import CarrierScan
from fahuo.rules.problems import Problem

Verdict = Literal["done", "again", "refused"]


@dataclass(frozen=True, slots=True)
class Route:
    """What the carrier wants printed: route code 三段码, mark 大头笔, hub 集包地."""

    route_code: str = ""
    mark: str = ""
    hub_name: str = ""
    hub_code: str = ""

    def kept(self) -> dict[str, str]:
        """The parts that are known, as a label keeps them."""
        parts = {name: getattr(self, name) for name in ("route_code", "mark", "hub_name", "hub_code")}
        return {name: text for name, text in parts.items() if text}


@dataclass(frozen=True, slots=True)
class Consignment:
    """One parcel that a number is wanted for. `reference`: ours, the same each time it is asked.

    `asked`: it was asked for before and nobody knows what became of it. `carrier`: the code in carriers.toml.
    `account` and `branch`: those of the contract. `grams` None: not known. `orders`: the marketplace's numbers.
    """

    reference: str
    carrier: str
    sender: Party
    receiver: Party
    goods: tuple[Goods, ...] = ()
    orders: tuple[str, ...] = ()
    account: str = ""
    branch: str = ""
    grams: int | None = None
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row. done: it stands there as asked (now, or already). again: nobody knows, or not yet; asking
    again under the same reference is safe, after `seconds`. refused: it will not; a person must look.

    `sent` False: the service surely did not hear of it. `trouble`: what kept it, where that is not of this row alone.
    """

    verdict: Verdict
    problem: Problem | None = None
    seconds: int = 0
    sent: bool = True
    trouble: Kind | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Numbered(Outcome):
    """The number that was ordered, when the verdict is done, with what goes onto the label."""

    waybill: str = ""
    route: Route = field(default_factory=Route)


@dataclass(frozen=True, slots=True)
class Number:
    """A number at the service, to be given back, asked for or followed. `phone`: the receiver's last four digits, where
    a carrier shows its scans only to who knows them."""

    carrier: str
    waybill: str
    reference: str = ""
    account: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Tracked(Outcome):
    """The scans of a number; done with none: nothing was seen yet. `over`: nothing more will come."""

    scans: tuple[CarrierScan, ...] = ()
    over: bool = False


@dataclass(frozen=True, slots=True)
class Booking:
    """A pickup: where, and between which moments (aware). `reference`: ours, the same each time it is asked. `asked`: it was
    asked for before and nobody knows what became of it."""

    reference: str
    carrier: str
    sender: Party
    since: datetime
    until: datetime
    count: int = 1
    account: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What a push told. `over`: numbers (carrier, waybill) of which nothing more will be told; `lost`: those that the
    service gave up following."""

    scans: tuple[CarrierScan, ...] = ()
    over: tuple[tuple[str, str], ...] = ()
    lost: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service waits to hear after its push: a body of JSON."""

    body: dict[str, Any]
    status: int = 200


class CarrierConnector(Protocol):
    """One account at one service. `check` and `read_push` may raise Trouble; everything else has outcomes by row."""

    def check(self) -> str:
        """Whether the account is known there; what the service says of it, in a few words without personal data."""

    def order(self, rows: Sequence[Consignment]) -> list[Numbered]:
        """Order a number for each; one that was ordered under the same reference comes back, not another."""

    def cancel(self, rows: Sequence[Number]) -> list[Outcome]:
        """Give numbers back; one that was given back already is done."""

    def track(self, rows: Sequence[Number]) -> list[Tracked]:
        """The scans of each number."""

    def subscribe(self, rows: Sequence[Number], address: str) -> list[Outcome]:
        """Have the scans of each number pushed to `address`; asking twice changes nothing."""

    def pickup(self, rows: Sequence[Booking]) -> list[Outcome]:
        """Have a courier come; one that was asked for under the same reference is not asked for twice."""

    def call_off(self, rows: Sequence[Booking]) -> list[Outcome]:
        """Have him not come; one that was called off already is done."""

    def read_push(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> Heard:
        """What was told. Raises Trouble `refused` when it cannot be read or is not signed by who may say it."""

    def answer_push(self, problem: Problem | None, now: datetime) -> Reply:
        """What to answer: all is well, or why not."""


class Maker(Protocol):
    def __call__(self, settings: Settings, transport: Transport, now: datetime) -> Any: ...


@dataclass(frozen=True, slots=True)
class Service:
    """A kind of carrier service: its names, what it must be told, what it can, and for which carriers.

    `codes`: our code of a carrier -> the service's. `can`: what its connectors do. `pushes`: they listen, too.
    `at_once`: how many rows it takes in one call. `safe_for`: so long after it was first asked the service still knows a
    reference; None: always.
    """

    name: str
    zh: str
    en: str
    fields: tuple[Field, ...]
    make: Maker
    codes: Mapping[str, str]
    can: frozenset[Act]
    pushes: bool = False
    at_once: int = 1
    safe_for: timedelta | None = None


class OfCarrier(Protocol):
    """A row: of one carrier."""

    @property
    def carrier(self) -> str: ...


Row = TypeVar("Row", bound=OfCarrier)
Out = TypeVar("Out", bound=Outcome)


def one_by_one(
    rows: Sequence[Row], ask: Callable[[Row], Out], kind: type[Out], codes: Container[str]
) -> list[Out]:  # fmt: skip
    """Ask for each row by a call of its own. A row of a carrier that is none of `codes` is refused unasked. A row that fails
    keeps its own outcome; when the service as a whole cannot be asked, the rows after it are not tried: they come back as
    not sent."""
    found: list[Out] = []
    stopped: Out | None = None
    for row in rows:
        if row.carrier not in codes:
            found.append(kind("refused", not_served(row.carrier), sent=False))
        elif stopped is None:
            try:
                found.append(ask(row))
            except Trouble as trouble:
                failed, stopped = both(trouble, kind)
                found.append(failed)
        else:
            found.append(stopped)
    return found


def both(trouble: Trouble, kind: type[Out]) -> tuple[Out, Out]:
    """What a trouble makes of the row that met it, and of the rows that were to come after it."""
    sent = getattr(trouble, "sent", True)
    one = kind("again", trouble.problem, trouble.seconds, sent, trouble.kind)
    return one, kind("again", trouble.problem, trouble.seconds, False, trouble.kind)


def cannot(rows: Sequence[Any]) -> list[Outcome]:
    """For what a service does not do."""
    return [Outcome("refused", Problem("carrier_cannot"), sent=False) for _ in rows]


def trouble(kind: Kind, name: str, /, *, sent: bool = True, seconds: int = 0, **data: Any) -> Trouble:
    """A trouble that also says whether the service may have heard."""
    if kind == "limited":
        data = {"seconds": seconds, **data}
    found = Trouble(kind, Problem(name, data), seconds=seconds)
    found.sent = sent  # type: ignore[attr-defined]  # read by `both`
    return found


MOST_CODE: Final = 40


def code_of(value: Any) -> str:
    """A service's code of a refusal as it may be kept: short and without words, which may name people."""
    text = "".join(letter for letter in str(value) if letter.isascii() and (letter.isalnum() or letter in "._:-"))
    return text[:MOST_CODE] or "?"


def ask_form(transport: Transport, url: str, fields: Mapping[str, str], what: str) -> dict[str, Any]:
    """POST a form and read an object of JSON. Raises Trouble `unanswered`, or `limited` for HTTP 429 and 503."""
    request = Request(
        "POST", url, {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}, urlencode(fields).encode()
    )
    try:
        answer = transport(request)
    except Unanswered as error:
        raise trouble("unanswered", "carrier_unanswered", sent=error.sent, why=error.why) from None
    if answer.status in (429, 503):
        raise trouble("limited", "carrier_limited", seconds=30)
    if answer.status != 200:
        raise trouble("unanswered", "carrier_unanswered", why=f"http:{answer.status}")
    return object_of(answer.body, what)


def object_of(body: bytes | str, what: str) -> dict[str, Any]:
    """An object of JSON. Raises Trouble `unanswered` for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise trouble("unanswered", "carrier_garbage", what=what) from None
    if not isinstance(found, dict):
        raise trouble("unanswered", "carrier_garbage", what=what)
    return found


def part(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object inside an answer; {} where it is left out or null. Raises Trouble for anything else."""
    found = holder.get(name)
    if found is None or found == "":
        return {}
    if isinstance(found, str):
        return object_of(found, name)
    if not isinstance(found, dict):
        raise trouble("unanswered", "carrier_garbage", what=name)
    return found


def parts(holder: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects inside an answer; [] where it is left out or null. Raises Trouble for anything else."""
    found = holder.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise trouble("unanswered", "carrier_garbage", what=name)
    return found


def text(holder: Mapping[str, Any], name: str, most: int = 200) -> str:
    """A text or number inside an answer as text; "" for anything else."""
    found = holder.get(name)
    if isinstance(found, bool) or not isinstance(found, (str, int)):
        return ""
    return "".join(letter for letter in str(found) if letter.isprintable()).strip()[:most]


def compact(value: Any) -> str:
    """JSON as it is signed: no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


CHINA: Final = timezone(timedelta(hours=8))
"""Services tell times of China without a zone."""


def moment(words: str) -> datetime | None:
    """2026-03-02 12:00:00 as it is told in China, in UTC; None for anything else."""
    try:
        return datetime.strptime(words, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA).astimezone(UTC)
    except ValueError:
        return None


def not_served(carrier: str) -> Problem:
    """The service does not know this carrier."""
    known = CARRIERS.get(carrier)
    names = {"carrier": known.zh, "carrier_en": known.en} if known else {"carrier": carrier, "carrier_en": carrier}
    return Problem("carrier_not_served", names)


def refused(code: Any) -> Problem:
    """The service's code of a refusal."""
    return Problem("carrier_refused", {"code": code_of(code)})


def goods_name(goods: Sequence[Goods], most: int = 60) -> str:
    """What is in it, in one line."""
    return "、".join(f"{each.title}×{each.quantity}" for each in goods)[:most] or "商品"
