"""What each event of a story does: one call of the service that the same act reaches from a page."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from django.db import transaction

from fahuo.rules import carriers
from fahuo.rules.parcels import CarrierScan, ScanKind
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.scenarios import Event
from fahuo.services import complaints, messages, parcels, refunds, regions, reports, tasks
from fahuo.services.simulation.stage import PLATFORM, Stage
from fahuo.store import shipments

BODY: Final = "…"
"""What people of a story write: only when counts."""
OTHER: Final = "OTHER"
"""其他: the marketplace's code for carriers that have none."""
CARRIER, WAYBILL = "ZTO", "78000000000001"
"""What somebody who may not ship tries to ship under, where the story names no number."""


class Outcome(NamedTuple):
    """What came of an event: the clause or problem that decided, and whether the rules refused it."""

    clause: str
    refused: bool = False
    problem: Problem | None = None
    words: tuple[str, str] = ("", "")


def _urge(stage: Stage, event: Event) -> Outcome:
    found = tasks.press_urge(stage.buyer(event.order), stage.orders[event.order], now=event.at)
    stage.urges[event.order] = found
    said = next(asked for asked in found.asked if asked.clause == found.reason)
    return Outcome(found.reason, found.outcome == "refused", words=(said.zh, said.en))


def _contact_again(stage: Stage, event: Event) -> None:
    messages.contact_again(stage.buyer(event.order), stage.orders[event.order], now=event.at)


def _seller_message(stage: Stage, event: Event) -> None:
    messages.send(stage.actor(event.by), stage.orders[event.order], body=BODY, now=event.at)


def _buyer_message(stage: Stage, event: Event) -> None:
    to = None if event.by is None else stage.actor(event.by).member_id
    messages.send(stage.buyer(event.order), stage.orders[event.order], body=BODY, now=event.at, member_id=to)


def _ship(stage: Stage, event: Event) -> None:
    """The seller submits whatever number the story has, under a carrier that we know or as 其他: he has the slip."""
    actor = stage.without(event.by, "ship") if event.by and event.do != "ship" else stage.actor(event.by)
    carrier = event.carrier or CARRIER
    parcels.ship(
        actor, order_ids=[stage.orders[event.order]], carrier=carrier if carriers.find(carrier) else OTHER,
        waybill=event.waybill or WAYBILL, now=event.at, insist=True,
    )  # fmt: skip


def _scan(stage: Stage, event: Event) -> None:
    """The carrier scans the parcel that the order left in. Refusal `parcel_unknown` when it left in none."""
    found = shipments.shipped_as(stage.shop_id, [stage.orders[event.order]])
    if not found:
        raise Refusal.of("parcel_unknown")
    kind: ScanKind = event.kind  # type: ignore[assignment]  # the parser knows the kinds
    parcels.record_scans(
        stage.owner,
        [CarrierScan(carrier, waybill, kind, event.at) for carrier, waybill in found.values()],
        now=event.at,
    )


def _reply(stage: Stage, event: Event) -> None:
    actor = stage.without(event.by, "tasks") if event.by and event.do != "reply" else stage.actor(event.by)
    tasks.reply(
        actor, stage.orders[event.order], plan=event.plan or "exchange", until=event.until, reason=event.reason or None,
        now=event.at,
    )  # fmt: skip


def _buyer_accept(stage: Stage, event: Event) -> None:
    tasks.buyer_answer(stage.buyer(event.order), stage.orders[event.order], accept=True, now=event.at)


def _buyer_refuse(stage: Stage, event: Event) -> None:
    tasks.buyer_answer(stage.buyer(event.order), stage.orders[event.order], accept=False, now=event.at)


def _refund(stage: Stage, event: Event) -> None:
    refunds.succeed(stage.owner, stage.orders[event.order], now=event.at)


def _exempt_region(stage: Stage, event: Event) -> None:
    assert event.start is not None  # the parser wants both
    assert event.end is not None
    regions.list_exempt(PLATFORM, event.region, event.start, event.end, book=stage.rulebook, now=event.at)


def _report_delay(stage: Stage, event: Event) -> None:
    assert event.until is not None  # the parser wants it
    stage.reports[event.report] = reports.file(
        stage.owner, name=event.report, order_ids=[stage.orders[name] for name in event.orders], until=event.until,
        now=event.at,
    )  # fmt: skip


def _report(stage: Stage, event: Event) -> int:
    if event.report not in stage.reports:
        raise Refusal.of("report_unknown")
    return stage.reports[event.report]


def _approve_report(stage: Stage, event: Event) -> None:
    reports.approve(PLATFORM, stage.shop_id, _report(stage, event), now=event.at)


def _reject_report(stage: Stage, event: Event) -> None:
    reports.reject(PLATFORM, stage.shop_id, _report(stage, event), now=event.at)


def _complain(stage: Stage, event: Event) -> None:
    complaints.open_by_buyer(stage.buyer(event.order), stage.orders[event.order], kind=event.kind, now=event.at)


def _pay_voluntarily(stage: Stage, event: Event) -> None:
    complaints.settle(stage.owner, stage.orders[event.order], now=event.at)


def _adjudicate(stage: Stage, event: Event) -> None:
    order_id = stage.orders[event.order]
    complaints.adjudicate(PLATFORM, stage.shop_id, order_id, verdict=event.verdict, now=event.at)


def _withdraw(stage: Stage, event: Event) -> None:
    complaints.withdraw(stage.buyer(event.order), stage.orders[event.order], now=event.at)


ACTS: Final[Mapping[str, tuple[str, Callable[[Stage, Event], Outcome | None]]]] = {
    "urge": ("urge", _urge),
    "contact_again": ("card", _contact_again),
    "seller_message": ("conversation", _seller_message),
    "buyer_message": ("conversation", _buyer_message),
    "ship": ("submit", _ship),
    "scan": ("scan", _scan),
    "reply": ("reply", _reply),
    "buyer_accept": ("consent", _buyer_accept),
    "buyer_refuse": ("no_consent", _buyer_refuse),
    "refund": ("refund", _refund),
    "exempt_region": ("exempt_region", _exempt_region),
    "report_delay": ("reported", _report_delay),
    "approve_report": ("reported", _approve_report),
    "reject_report": ("reported", _reject_report),
    "complain": ("complaint", _complain),
    "pay_voluntarily": ("settlement", _pay_voluntarily),
    "adjudicate": ("verdict", _adjudicate),
    "withdraw": ("withdrawal", _withdraw),
    "ship_without_permission": ("permission", _ship),
    "reply_without_permission": ("permission", _reply),
}
"""Event -> (the clause that it stands under when nothing else decides it, the act)."""


def orders_of(stage: Stage, event: Event) -> tuple[str, ...]:
    """The orders that an event is on."""
    if event.order:
        return (event.order,)
    if event.report and not event.orders:
        filed = (
            other for other in stage.scenario.events if other.do == "report_delay" and other.report == event.report
        )
        return next(filed).orders
    return event.orders


def happen(stage: Stage, event: Event) -> Outcome:
    """Let an event happen. What the rules refuse changes nothing; the outcome says so, and the stage remembers it."""
    clause, act = ACTS[event.do]
    try:
        with transaction.atomic():
            outcome = act(stage, event) or Outcome(clause)
    except Refusal as refusal:
        problem = refusal.problems[0]
        words = (problem.sentence("zh"), problem.sentence("en"))
        outcome = Outcome(problem.code, True, problem, words)
    for name in orders_of(stage, event):
        stage.refused[name] = outcome.refused
    return outcome
