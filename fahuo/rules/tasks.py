"""A platform task: its states, its one table of moves, its kinds, and what a seller may reply.

`TABLE` is the only place that says where a task may go: the code, the statements (`state = ANY`), the columns' checks
and the page docs/tasks.md (`as_markdown`) are all made from it. Instants are aware; hours are natural hours.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Final, Literal

import msgspec

from fahuo.rules.policy import Basis, Count, Text, Version
from fahuo.rules.problems import Problem

State = Literal[
    "awaiting_seller_reply",
    "awaiting_buyer_confirmation",
    "awaiting_seller_action",
    "platform_intervention",
    "completed",
]
STATES: Final[tuple[State, ...]] = (
    "awaiting_seller_reply", "awaiting_buyer_confirmation", "awaiting_seller_action", "platform_intervention",
    "completed",
)  # fmt: skip
OPEN: Final[tuple[State, ...]] = STATES[:-1]
NEEDS_SELLER: Final[frozenset[str]] = frozenset({"awaiting_seller_reply", "awaiting_seller_action"})
"""The states in which the seller has something to do in time, so that reminders go out."""

Event = Literal[
    "shipped", "refunded", "tracked", "reply_ship_later", "reply_exchange", "reply_cannot_ship", "reply_force_majeure",
    "accepted", "refused", "due", "complaint_closed",
]  # fmt: skip
EVENTS: Final[tuple[Event, ...]] = (
    "shipped", "refunded", "tracked", "reply_ship_later", "reply_exchange", "reply_cannot_ship", "reply_force_majeure",
    "accepted", "refused", "due", "complaint_closed",
)  # fmt: skip
"""shipped: the whole order was submitted. refunded: in full. tracked: the parcel's track went on. due: the time ran out."""

URGED: Final = "urged"
"""The event that makes a task; with `EVENTS` all that a task's log may hold."""

FULFILLING: Final[tuple[Event, ...]] = ("shipped", "refunded", "tracked")
"""What can give the buyer what he asked for; which of them counts, the kind says (`fulfils`)."""

Due = Literal["seller_reply", "buyer_confirmation", "seller_action", "plan"]
Timer = Literal["seller_reply", "buyer_confirmation", "seller_action", "exchange"]
Condition = Literal["no_complaint", "fulfilled", "unfulfilled"]

Plan = Literal["ship_later", "cannot_ship", "exchange"]
PLANS: Final[tuple[Plan, ...]] = ("ship_later", "cannot_ship", "exchange")
FORCE_MAJEURE: Final = "force_majeure"


@dataclass(frozen=True, slots=True)
class Move:
    """Where a state goes upon an event. `due` names the rule for when the next state runs out (None: never).

    Where `only_if` does not hold the task stays as it is. `opens_complaint`: the platform opens one for the buyer,
    unless one is open. `agrees`: the seller's plan holds now, so its `until` (if it has one) is the agreed ship time.
    """

    to: State
    due: Due | None
    clause: str
    basis: Basis
    opens_complaint: bool = False
    only_if: Condition | None = None
    agrees: bool = False


CLAUSES: Final[Mapping[str, tuple[str, str]]] = {
    "late_urge": ("期限已过，买家催发货", "urged after the deadline"),
    "fulfilled": ("已发货或已全额退款，且没有投诉在处理", "shipped or refunded in full, and no complaint is open"),
    "complaint_over": ("投诉已结束", "the complaint is over"),
    "consent_needed": ("方案需要买家确认", "the plan needs the buyer's consent"),
    "will_refund": ("卖家无法发货，将退款", "the seller cannot ship and will refund"),
    "force_majeure": ("不可抗力，由平台人工处理", "force majeure, which the platform looks into"),
    "no_reply": ("卖家未在时限内回复，平台替买家投诉", "no reply in time: the platform complains for the buyer"),
    "consent": ("买家同意了方案", "the buyer accepts the plan"),
    "silent_consent": ("买家未在时限内答复，视为同意", "no answer in time counts as the buyer's consent"),
    "no_consent": ("买家不同意方案，平台替买家投诉", "the buyer refuses the plan: a complaint is opened"),
    "not_done": ("卖家未在时限内执行，平台替买家投诉", "not done in time: a complaint is opened"),
}
"""Every clause that moves a task, with its words in Chinese and English."""

OPENING: Final = Move("awaiting_seller_reply", "seller_reply", "late_urge", "stated")
"""How a task begins, upon `URGED`."""

_ONCE_DONE: Final = Move("completed", None, "fulfilled", "stated", only_if="no_complaint")
_ONCE_CLOSED: Final = Move("completed", None, "complaint_over", "assumption", only_if="fulfilled")

TABLE: Final[Mapping[tuple[State, Event], Move]] = {
    **{(state, event): _ONCE_DONE for state in OPEN for event in FULFILLING},
    **{(state, "complaint_closed"): _ONCE_CLOSED for state in OPEN[:-1]},
    ("platform_intervention", "complaint_closed"): replace(_ONCE_CLOSED, basis="stated"),
    ("awaiting_seller_reply", "reply_ship_later"): Move(
        "awaiting_buyer_confirmation", "buyer_confirmation", "consent_needed", "stated"
    ),
    ("awaiting_seller_reply", "reply_exchange"): Move(
        "awaiting_buyer_confirmation", "buyer_confirmation", "consent_needed", "stated"
    ),
    ("awaiting_seller_reply", "reply_cannot_ship"): Move(
        "awaiting_seller_action", "seller_action", "will_refund", "stated"
    ),
    ("awaiting_seller_reply", "reply_force_majeure"): Move("platform_intervention", None, "force_majeure", "norm"),
    ("awaiting_seller_reply", "due"): Move("platform_intervention", None, "no_reply", "stated", opens_complaint=True),
    ("awaiting_buyer_confirmation", "accepted"): Move(
        "awaiting_seller_action", "plan", "consent", "stated", agrees=True
    ),
    ("awaiting_buyer_confirmation", "due"): Move(
        "awaiting_seller_action", "plan", "silent_consent", "assumption", agrees=True
    ),
    ("awaiting_buyer_confirmation", "refused"): Move(
        "platform_intervention", None, "no_consent", "stated", opens_complaint=True
    ),
    ("awaiting_seller_action", "due"): Move(
        "platform_intervention", None, "not_done", "assumption", opens_complaint=True, only_if="unfulfilled"
    ),
}
"""(state, event) -> move. A pair that is not here is refused and changes nothing (`move` says why)."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of an event: the state and when it runs out (UTC; None: never). `changed` is False where it stayed."""

    state: State
    due_at: datetime | None
    clause: str
    changed: bool = True
    opens_complaint: bool = False
    agrees: bool = False


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    zh: Text
    en: Text


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of task: what fulfils it, what may be replied, and hours that differ from the rule book's."""

    zh: Text
    en: Text
    basis: Basis
    fulfilled_by: tuple[Event, ...]
    plans: Mapping[Plan, Words]
    hours: Mapping[Timer, Count] = {}


def _kinds() -> Mapping[str, Kind]:
    text = files("fahuo.rules").joinpath("task_kinds.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Kind])


KINDS: Final[Mapping[str, Kind]] = _kinds()
URGE_SHIPMENT: Final = "urge_shipment"


def states_before(event: Event) -> list[State]:
    """The states in which `event` may happen, for `state = ANY(...)`."""
    return [state for (state, name) in TABLE if name == event]


def kinds_fulfilled_by(event: Event) -> list[str]:
    """The kinds of task that `event` fulfils, for `kind = ANY(...)`."""
    return [name for name, kind in KINDS.items() if event in kind.fulfilled_by]


def opened(*, now: datetime, version: Version, kind: str = URGE_SHIPMENT) -> Moved:
    """The task that a late urge makes."""
    due_at = due_after(OPENING.due, now=now, until=None, version=version, kind=kind)
    return Moved(OPENING.to, due_at, OPENING.clause)


def move(
    state: State,
    event: Event,
    *,
    complaint_open: bool,
    fulfilled: bool,
    now: datetime,
    until: datetime | None,
    version: Version,
    due_at: datetime | None = None,
    kind: str = URGE_SHIPMENT,
) -> Moved | Problem:
    """Where a task goes upon `event`, or the Problem that refuses it.

    `complaint_open` and `fulfilled` tell the order as it is after the event. `until` is the ship time of the seller's
    plan (None: the plan has none), `due_at` when the current state runs out, `version` the one pinned to the task.
    """
    found = TABLE.get((state, event))
    if found is None:
        return Problem(_why_not(state, event), {})
    if event in FULFILLING and event not in KINDS[kind].fulfilled_by:
        return Problem("task_not_fulfilled_so", {"event": event, "kind": kind})
    if not _holds(found.only_if, complaint_open=complaint_open, fulfilled=fulfilled):
        # A timer that has fired is spent, whether it moved the task or not.
        return Moved(state, None if event == "due" else due_at, found.clause, changed=False)
    return Moved(
        found.to,
        due_after(found.due, now=now, until=until, version=version, kind=kind),
        found.clause,
        opens_complaint=found.opens_complaint and not complaint_open,
        agrees=found.agrees,
    )


def due_after(
    due: Due | None, *, now: datetime, until: datetime | None, version: Version, kind: str = URGE_SHIPMENT
) -> datetime | None:
    """When a state that begins `now` runs out, in UTC. The buyer's time to answer never outlasts the plan's own."""
    if due is None:
        return None
    now = now.astimezone(UTC)
    if due == "plan":
        return until.astimezone(UTC) if until is not None else now + _hours("exchange", version, kind)
    end = now + _hours(due, version, kind)
    return min(end, until.astimezone(UTC)) if due == "buyer_confirmation" and until is not None else end


def reply_event(plan: Plan, reason: str | None = None) -> Event:
    """The event of a reply that `check_reply` has passed."""
    if plan == "ship_later":
        return "reply_ship_later"
    if plan == "exchange":
        return "reply_exchange"
    return "reply_force_majeure" if reason == FORCE_MAJEURE else "reply_cannot_ship"


def check_reply(
    plan: str,
    until: datetime | None,
    reason: str | None,
    *,
    now: datetime,
    version: Version,
    kind: str = URGE_SHIPMENT,
) -> Problem | None:
    """What is wrong with a seller's reply, or None. `ship_later` needs a future `until`, at most so many days ahead."""
    if plan not in KINDS[kind].plans:
        return Problem("plan_unknown", {"plan": plan})
    if reason and (plan, reason) != ("cannot_ship", FORCE_MAJEURE):
        return Problem("plan_reason", {})
    if plan != "ship_later":
        return Problem("plan_until_unwanted", {}) if until is not None else None
    if until is None:
        return Problem("plan_until_missing", {})
    if until <= now:
        return Problem("plan_until_past", {})
    days = version.timers.ship_later_days.value
    if until > now.astimezone(UTC) + timedelta(days=days):
        return Problem("plan_until_far", {"days": days})
    return None


def as_markdown() -> str:
    """The picture and the table of all moves, as docs/tasks.md shows them."""
    rows = [("-", URGED, OPENING), *((state, event, found) for (state, event), found in TABLE.items())]
    return "\n".join([*_picture(rows), "", *_table(rows), ""])


def _holds(condition: Condition | None, *, complaint_open: bool, fulfilled: bool) -> bool:
    match condition:
        case "no_complaint":
            return not complaint_open
        case "fulfilled":
            return fulfilled and not complaint_open
        case "unfulfilled":
            return not fulfilled
        case None:
            return True


def _why_not(state: State, event: Event) -> str:
    """The code of the problem with a pair that stands in no row of the table."""
    if state == "completed":
        return "task_completed"
    if event == "due":
        return "task_no_timer"
    if event in ("accepted", "refused"):
        return "no_plan_offered"
    return "task_with_platform" if state == "platform_intervention" else "task_answered"


def _hours(name: Timer, version: Version, kind: str) -> timedelta:
    own = KINDS[kind].hours
    return timedelta(hours=own[name] if name in own else getattr(version.timers, f"{name}_hours").value)


_DUE_WORDS: Final[Mapping[Due | None, str]] = {
    None: "-",
    "seller_reply": "+ `seller_reply_hours`",
    "buyer_confirmation": "+ `buyer_confirmation_hours`, or the plan's time if earlier",
    "seller_action": "+ `seller_action_hours`",
    "plan": "the plan's time, or + `exchange_hours`",
}
_ONLY_IF_WORDS: Final[Mapping[Condition | None, str]] = {
    None: "",
    "no_complaint": "no complaint is open",
    "fulfilled": "it is fulfilled and no complaint is open",
    "unfulfilled": "it is not fulfilled",
}


def _picture(rows: Iterable[tuple[str, str, Move]]) -> list[str]:
    """A Mermaid diagram with one arrow for all events between two states."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for before, event, found in rows:
        arrows.setdefault(("[*]" if before == "-" else before, found.to), []).append(event)
    lines = [f"    {before} --> {after}: {', '.join(events)}" for (before, after), events in arrows.items()]
    return ["```mermaid", "stateDiagram-v2", *lines, "    completed --> [*]", "```"]


def _table(rows: Iterable[tuple[str, str, Move]]) -> list[str]:
    lines = ["| from | event | only if | to | due | complaint | clause | basis |", "| - | - | - | - | - | - | - | - |"]
    for before, event, found in rows:
        start = before if before == "-" else f"`{before}`"
        opens = "opened" if found.opens_complaint else ""
        only_if, due = _ONLY_IF_WORDS[found.only_if], _DUE_WORDS[found.due]
        lines.append(
            f"| {start} | `{event}` | {only_if} | `{found.to}` | {due} | {opens} | `{found.clause}` | {found.basis} |"
        )
    return lines
