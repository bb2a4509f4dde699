"""Evidence: what seller, buyer and platform put on record over an order that is in dispute, or over a delay report.

Append-only. A piece belongs to the order's open complaint; where the platform stepped in without one (force majeure),
to the order alone; or to a delay report that waits for its answer.
"""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from fahuo.rules import evidence as rules
from fahuo.rules.people import Actor, BuyerActor, PlatformActor
from fahuo.rules.problems import Refusal
from fahuo.services import tasks
from fahuo.store import batches, evidence, journal, reports
from fahuo.store import complaints as complaint_rows
from fahuo.store import tasks as task_rows
from fahuo.store.journal import Moved

Party = Actor | BuyerActor | PlatformActor


class _About(NamedTuple):
    """What a piece is about."""

    order_id: int | None
    complaint_id: int | None = None
    report_id: int | None = None


@transaction.atomic
def add(
    who: Party, *, order_id: int | None = None, body: str, now: datetime, complaint_id: int | None = None,
    report_id: int | None = None, file: tuple[str, bytes] | None = None, shop_id: int | None = None,
) -> int:  # fmt: skip
    """Put words, a file (name, content), or both on record; the piece's id. The platform names the shop.

    Over an order: its open complaint (`complaint_id` may name it, and is refused when it is closed), or the platform's
    intervention without one. Over a report (`report_id`): while it waits for its answer, seller and platform only.
    Refusals: `not_permitted`, `order_unknown`, `report_unknown`, `report_answered`, `evidence_empty`,
    `evidence_too_long`, `evidence_kind`, `evidence_too_many`, `evidence_closed`, `evidence_nothing_open`, `file_empty`,
    `file_too_large`.
    """
    shop = shop_id if isinstance(who, PlatformActor) else who.shop_id
    assert shop is not None  # the platform names it
    if isinstance(who, Actor):
        who.require("give_evidence" if report_id is None else "report_delays")
    body = body.replace("\0", "").strip()
    wrong = rules.check(body, file)
    if wrong:
        raise Refusal(wrong)
    about = _report(who, shop, report_id) if report_id is not None else _order(who, shop, order_id, complaint_id, now)
    party, name, member_id = _party(who)
    if evidence.count(shop, party=party, **about._asdict()) >= rules.MOST_PIECES:
        raise Refusal.of("evidence_too_many", most=rules.MOST_PIECES)
    upload_id = None
    if file is not None:
        kept = rules.file_name(file[0], rules.kind_of(file[1]))
        upload_id = batches.add_upload(shop, name=kept, body=file[1], now=now)
    made = evidence.add(
        shop, **about._asdict(), party=party, member_id=member_id, name=name, body=body, upload_id=upload_id, now=now
    )
    told = {"evidence": made, "party": party, "file": file is not None, "report": about.report_id}
    journal.append(
        Actor(shop, member_id, name or party), "evidence.added", [Moved(about.order_id, after=told)], now=now
    )
    return made


def of_complaint(shop_id: int, complaint_id: int) -> list[Any]:
    """What was put on record over a complaint, oldest first: id, at, party, name, body, file (a name or None), size."""
    return evidence.of_complaint(shop_id, complaint_id)


def of_order(shop_id: int, order_id: int) -> list[Any]:
    """What was put on record over an order, whichever complaint it was about, or none; as `of_complaint`."""
    return evidence.of_order(shop_id, order_id)


def of_report(shop_id: int, report_id: int) -> list[Any]:
    """What was put on record over a delay report; as `of_complaint`."""
    return evidence.of_report(shop_id, report_id)


def file_of(
    shop_id: int, evidence_id: int, *, order_id: int | None = None, report_id: int | None = None
) -> tuple[str, bytes]:
    """The file of a piece: (name, content). With `order_id` or `report_id`, only of that one.

    Refusal `evidence_unknown`.
    """
    found = evidence.file(shop_id, evidence_id)
    if found is None or (order_id or found.order_id, report_id or found.report_id) != (found.order_id, found.report_id):
        raise Refusal.of("evidence_unknown")
    return found.name, bytes(found.body)


def _party(who: Party) -> tuple[str, str, int | None]:
    """(party, name, member). A buyer's account name is not repeated: the order has it."""
    if isinstance(who, BuyerActor):
        return "buyer", "", None
    if isinstance(who, PlatformActor):
        return "platform", who.name, None
    return "seller", who.name, who.member_id


def _report(who: Party, shop_id: int, report_id: int) -> _About:
    report = reports.lock(shop_id, report_id)
    if report is None or isinstance(who, BuyerActor):
        raise Refusal.of("report_unknown")
    if report.status != "filed":
        raise Refusal.of("report_answered")
    return _About(None, report_id=report_id)


def _order(who: Party, shop_id: int, order_id: int | None, complaint_id: int | None, now: datetime) -> _About:
    """The order is held, so that no verdict falls between the question and the answer."""
    if order_id is None:
        raise Refusal.of("order_unknown", order=0)
    order = tasks.hold(shop_id, order_id, now=now, buyer=who if isinstance(who, BuyerActor) else None)
    if complaint_id is not None and order.complaint_id != complaint_id:
        of_order = {row.id for row in complaint_rows.of_order(shop_id, order_id)}
        raise Refusal.of("evidence_closed") if complaint_id in of_order else Refusal.of("order_unknown", order=order_id)
    taken_over = any(row.state == "platform_intervention" for row in task_rows.of_order(shop_id, order_id))
    if order.complaint_id is None and not taken_over:
        raise Refusal.of("evidence_nothing_open")
    return _About(order_id, order.complaint_id)
