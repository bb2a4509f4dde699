"""Which orders a person asked for: the order list's filter, as a value and as the query string it comes from.

Anything in a query string that is not understood is left out and named in `ignored`, never guessed at.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Final, Literal
from urllib.parse import parse_qsl, urlencode

Tab = Literal["awaiting", "unpaid", "shipped", "refunding", "completed", "closed", "all"]
TABS: Final[tuple[Tab, ...]] = ("awaiting", "unpaid", "shipped", "refunding", "completed", "closed", "all")
"""The tabs of 已卖出的宝贝, in the order they are shown; the first is the one that opens."""

TAB_STATUSES: Final[Mapping[str, tuple[str, ...]]] = {
    "awaiting": ("awaiting_shipment", "part_shipped"),
    "unpaid": ("awaiting_payment",),
    "shipped": ("shipped",),
    "completed": ("completed",),
    "closed": ("closed",),
    "refunding": (),
    "all": (),
}
"""Tab -> the statuses of its orders; empty where the status does not decide."""

MAX_TEXT: Final = 100
NO_FLAG: Final = -1
NO_CONTRACT: Final = -1
MAX_HOURS: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What to list. Texts are as typed (trimmed); "" and None and False ask nothing.

    `due` is hours from now; `region` a prefix (2, 4 or 6 digits) of an administrative code; `flag` -1 means "no flag";
    `contract` a contract's id, -1 for orders that go by none; `beside` an order id: the waiting orders of that order's
    receiver. `buyer` and `receiver` are whole names, `phone` whole or its last four digits. `handed`: a courier has it. `batch` a
    batch id: the orders its rows mean. `no_parcel`: shipped elsewhere, and no parcel is known here.
    """

    tab: Tab = "awaiting"
    urged: bool = False
    overdue: bool = False
    due_today: bool = False
    due: int | None = None
    region: str = ""
    goods: str = ""
    carrier: str = ""
    flag: int | None = None
    memo: str = ""
    has_memo: bool | None = None
    message: bool = False
    buyer: str = ""
    receiver: str = ""
    phone: str = ""
    number: str = ""
    waybill: str = ""
    same_receiver: bool = False
    beside: int | None = None
    batch: int | None = None
    contract: int | None = None
    conflict: bool = False
    unscanned: bool = False
    no_parcel: bool = False
    printed: bool | None = None
    handed: bool | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """The names of the fields that narrow the tab."""
        return tuple(f.name for f in fields(self) if f.name != "tab" and getattr(self, f.name) != f.default)

    def query(self, **extra: str) -> str:
        """The query string that reads back as this filter; `extra` is appended."""
        pairs = [] if self.tab == TABS[0] else [("tab", str(self.tab))]
        pairs += [(name, _written(getattr(self, name))) for name in self.asked]
        return urlencode([*pairs, *extra.items()])


@dataclass(frozen=True, slots=True)
class Parsed:
    """A filter, and the names of what the query string asked that was not understood."""

    filter: OrderFilter
    ignored: tuple[str, ...] = ()


_FLAGS: Final = ("urged", "overdue", "due_today", "message", "same_receiver", "conflict", "unscanned", "no_parcel")
_CHOICES: Final = ("has_memo", "printed", "handed")
_TEXTS: Final = ("goods", "carrier", "memo", "buyer", "receiver", "phone", "number", "waybill")
_NUMBERS: Final[Mapping[str, tuple[int, int]]] = {
    "due": (1, MAX_HOURS),
    "flag": (NO_FLAG, 10),
    "beside": (1, 2**63 - 1),
    "batch": (1, 2**63 - 1),
    "contract": (NO_CONTRACT, 2**63 - 1),
}
_WAITING_ONLY: Final = frozenset({"overdue", "due_today", "due", "same_receiver", "beside"})
_YES: Final = {"1": True, "true": True, "yes": True, "on": True}
_NO: Final = {"0": False, "false": False, "no": False}


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


def parse(pairs: Iterable[tuple[str, str]]) -> Parsed:
    """The filter that a query string's (name, value) pairs ask for; of a repeated name the last counts.

    Names that are no filter (cursor, lang ...) are passed over. A value that makes no sense lands in `ignored`. A
    question that only waiting orders can answer (overdue, due, same receiver) brings the tab 待发货; unscanned and no_parcel bring 已发货.
    """
    given: dict[str, str] = {}
    for name, value in pairs:
        text = value.replace("\x00", "").strip()[:MAX_TEXT].rstrip()
        if text:
            given[name] = text
    found: dict[str, object] = {}
    ignored: list[str] = []
    for name in [f.name for f in fields(OrderFilter)]:
        if name not in given:
            continue
        meant = _read(name, given[name])
        if meant is None:
            ignored.append(name)
        else:
            found[name] = meant
    return Parsed(_settled(OrderFilter(**found)), tuple(ignored))  # type: ignore[arg-type]  # each was read by its name


def parse_query(query: str) -> Parsed:
    """The filter that a query string asks for; see `parse`. A string that is no query string asks nothing."""
    try:
        return parse(parse_qsl(query, max_num_fields=200))
    except ValueError:
        return Parsed(OrderFilter())


def _read(name: str, text: str) -> object | None:
    """One value, or None when it makes no sense for this name."""
    if name == "tab":
        return text if text in TABS else None
    if name in _FLAGS:
        return _YES.get(text.lower(), _NO.get(text.lower()))
    if name in _CHOICES:
        return _YES.get(text.lower(), _NO.get(text.lower()))
    if name == "region":
        return text if re.fullmatch(r"[0-9]{2}|[0-9]{4}|[0-9]{6}", text) else None
    if name in _NUMBERS:
        low, high = _NUMBERS[name]
        value = int(text) if re.fullmatch(r"-?[0-9]{1,19}", text) else None
        return value if value is not None and low <= value <= high else None
    if name == "phone":
        digits = re.sub(r"[\s-]", "", text)
        return digits if re.fullmatch(r"\+?[0-9*]{4,20}", digits) else None
    if name in ("number", "waybill"):
        return re.sub(r"\s", "", text)
    return text


def _settled(asked: OrderFilter) -> OrderFilter:
    """The same filter on the tab that can answer it."""
    names = set(asked.asked)
    tab = asked.tab
    if names & _WAITING_ONLY:
        tab = "awaiting"
    elif asked.unscanned or asked.no_parcel:
        tab = "shipped"
    if tab == asked.tab:
        return asked
    return OrderFilter(tab=tab, **{name: getattr(asked, name) for name in names})
