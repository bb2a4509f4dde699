"""Print jobs as people see them: labels are put in line for a printer, held, resumed, cancelled, and asked about.

A document that was sent and not acknowledged is doubtful: whether paper came out, only a person can say. It is never
sent again before he did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from django.db import transaction

from fahuo.rules.label_states import why_blocked
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import labels as label_verbs
from fahuo.services.labels import Made, reason_of
from fahuo.store import labels, print_jobs, printers, statistics, stock

BY_WORKER: Final = ("raw", "ipp")
"""Kinds of printers that the clock's workers send to; the others print from a page."""
MOST: Final = 20_000
"""Labels in one job."""


class HasJob(Protocol):
    """A job, or what stands for it: whose it is, and its id."""

    @property
    def shop_id(self) -> int: ...
    @property
    def id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Queued:
    """What became of labels that somebody wants printed: the job (None: nothing to print), and for each label its place
    in the job or why it is not printed."""

    job_id: int | None
    outcomes: list[int | Problem]


def make(
    actor: Actor, label_ids: Sequence[int], *, printer_id: int, now: datetime, reason: str = "",
    template_id: int | None = None,
) -> Queued:  # fmt: skip
    """Put labels in line for a printer, in this order. `reason`: why labels that were printed before are printed again.

    Blocked labels stand in the job and say why. Problems: `label_unknown`, `label_printed` (without a reason),
    `label_under_way`, and what `why_blocked` says. Refusals: `no_labels_chosen`, `labels_too_many`, `printer_unknown`,
    `printer_closed`, `template_unknown`.
    """
    actor.require("make_labels")
    label_ids = list(dict.fromkeys(label_ids))
    if not label_ids:
        raise Refusal.of("no_labels_chosen")
    if len(label_ids) > MOST:
        raise Refusal.of("labels_too_many", most=MOST)
    with transaction.atomic():
        printer = _printer(actor.shop_id, printer_id)
        _check_template(actor.shop_id, template_id)
        labels.lock(actor.shop_id, sorted(label_ids))
        known = _facts(actor.shop_id, label_ids)
        under_way = print_jobs.under_way(actor.shop_id, label_ids)
        outcomes: dict[int, int | Problem] = {}
        going: dict[int, Problem | None] = {}
        for label_id in label_ids:
            problem = _why_not_queue(known.get(label_id), under_way.get(label_id), reason)
            if problem is not None:
                outcomes[label_id] = problem
                continue
            going[label_id] = blocked = _blocked(known[label_id])
            outcomes[label_id] = blocked or len(going)
        if all(problem is not None for problem in going.values()):
            return Queued(None, [outcomes[label_id] for label_id in label_ids])
        job_id = print_jobs.add(
            actor, printer_id=printer_id, label_ids=list(going), problems=list(going.values()), reason=reason,
            template_id=template_id, due_at=now if printer.kind in BY_WORKER else None, now=now,
        )  # fmt: skip
        print_jobs.notify(actor.shop_id, job_id)
        if len(going) >= statistics.MANY:
            transaction.on_commit(lambda: statistics.gather(actor.shop_id, ["print_documents"]))
    return Queued(job_id, [outcomes[label_id] for label_id in label_ids])


def require_ready(actor: Actor, printer_id: int, template_id: int | None, *, reason: str | None = None) -> None:
    """Refuse what `make` would refuse whatever the labels are, and `reprint` where `reason` is not None: for who makes the
    labels first."""
    actor.require("make_labels")
    if reason is not None:
        reason_of(reason)
    _printer(actor.shop_id, printer_id)
    _check_template(actor.shop_id, template_id)


def _printer(shop_id: int, printer_id: int) -> Any:
    printer = printers.find(shop_id, printer_id)
    if printer is None:
        raise Refusal.of("printer_unknown")
    if not printer.active:
        raise Refusal.of("printer_closed", printer=printer.name)
    return printer


def _check_template(shop_id: int, template_id: int | None) -> None:
    if template_id is not None and not printers.has_template(shop_id, template_id):
        raise Refusal.of("template_unknown")


def _facts(shop_id: int, label_ids: Sequence[int]) -> dict[int, list[Any]]:
    """label id -> a row of facts for each of its orders."""
    known: dict[int, list[Any]] = {}
    for row in labels.label_facts(shop_id, label_ids):
        known.setdefault(row.label_id, []).append(row)
    return known


def _why_not_queue(rows: list[Any] | None, under_way: int | None, reason: str) -> Problem | None:
    if not rows:
        return Problem("label_unknown")
    waybill = rows[0].waybill
    if under_way is not None:
        return Problem("label_under_way", {"waybill": waybill, "job": under_way})
    if rows[0].print_count and not reason:
        return Problem("label_printed", {"waybill": waybill, "times": rows[0].print_count})
    return None


def _blocked(rows: Sequence[Any]) -> Problem | None:
    return next((problem for problem in map(why_blocked, rows) if problem is not None), None)


def reprint(
    actor: Actor, label_ids: Sequence[int], *, printer_id: int, reason: str, now: datetime, new_number: bool = False,
    template_id: int | None = None,
) -> Queued:  # fmt: skip
    """Print labels once more, on purpose: under the same number, or (`new_number`) with a new one and the old voided.

    Problems and refusals as `make`, and as `labels.replace`; `reason_missing`, `reason_long`.
    """
    reason = reason_of(reason)
    if not new_number:
        return make(actor, label_ids, printer_id=printer_id, now=now, reason=reason, template_id=template_id)
    label_ids = list(dict.fromkeys(label_ids))
    with transaction.atomic():
        _printer(actor.shop_id, printer_id)
        made = label_verbs.replace(actor, label_ids, reason=reason, now=now)
        fresh = [each.label_id for each in made if isinstance(each, Made)]
        if not fresh:
            return Queued(None, [each for each in made if isinstance(each, Problem)])
        queued = make(actor, fresh, printer_id=printer_id, now=now, reason=reason, template_id=template_id)
    places = iter(queued.outcomes)
    return Queued(queued.job_id, [each if isinstance(each, Problem) else next(places) for each in made])


def hold(actor: Actor, job_id: int, *, now: datetime) -> None:
    """Stop after the document in hand. Safe to repeat. Refusals: `job_unknown`, `job_over`."""
    actor.require("make_labels")
    problem = Problem("job_held", {"actor": actor.name}).as_dict()
    _move(actor, job_id, "hold", "held", now=now, problem=problem)


def cancel(actor: Actor, job_id: int, *, now: datetime) -> None:
    """Give the job up after the document in hand; what was printed stays printed. Safe to repeat.

    Refusals: `job_unknown`, `job_over`.
    """
    actor.require("make_labels")
    with transaction.atomic():
        _move(actor, job_id, "cancel", "cancelled", now=now)
        print_jobs.cancel_rest(actor.shop_id, job_id)


def resume(actor: Actor, job_id: int, *, now: datetime) -> None:
    """Go on with a held job. Safe to repeat. Refusals: `job_unknown`, `job_over`, `document_doubtful` (answer it first)."""
    actor.require("make_labels")
    with transaction.atomic():
        job = _lock(actor.shop_id, job_id)
        unknown = doubtful(job)
        if unknown is not None:
            raise Refusal(unknown)
        if job.status == "held":
            _go_on(job, now=now)
        elif job.status not in ("waiting", "printing"):
            raise Refusal.of("job_over")


def _move(actor: Actor, job_id: int, event: Any, there: str, *, now: datetime, problem: Any = None) -> None:
    with transaction.atomic():
        job = _lock(actor.shop_id, job_id)
        if job.status != there and not print_jobs.move(actor.shop_id, job_id, event, now=now, problem=problem):
            raise Refusal.of("job_over")


def _lock(shop_id: int, job_id: int) -> Any:
    job = print_jobs.lock(shop_id, job_id)
    if job is None:
        raise Refusal.of("job_unknown")
    return job


def doubtful(job: Any) -> Problem | None:
    """Where a person must answer before anything else is sent; a job that people acknowledge anyway is not doubtful."""
    if job.acknowledge == "person":
        return None
    found = print_jobs.documents(job.shop_id, job.id, ("sent",), limit=1)
    return Problem("document_doubtful", {"place": found[0].place}) if found else None


def _go_on(job: Any, *, now: datetime) -> None:
    """A held job is in line again; one that prints from a page waits for the page."""
    print_jobs.move(job.shop_id, job.id, "resume", now=now, due_at=now if job.kind in BY_WORKER else None)
    print_jobs.notify(job.shop_id, job.id)


def answer(
    actor: Actor, job_id: int, *, came_out: bool, now: datetime, places: Sequence[int] | None = None
) -> int:  # fmt: skip
    """Say of sent documents (all, or those at `places`) whether they came out; how many moved. Safe to repeat.

    What came out is printed; what did not waits to be sent again (in a cancelled job it is cancelled, too). A job that
    only waited for the answer goes on by itself. Refusal: `job_unknown`.
    """
    actor.require("make_labels")
    with transaction.atomic():
        job = _lock(actor.shop_id, job_id)
        found = print_jobs.documents(actor.shop_id, job_id, ("sent",), places=places)
        asked = [document.place for document in found]
        if came_out:
            acknowledge(actor, job, found, now=now)
        else:
            print_jobs.put_back(actor.shop_id, job_id, asked, cancelled=job.status == "cancelled")
        settle(job, now=now)
    return len(found)


def acknowledge(actor: Actor, job: Any, documents: Sequence[Any], *, now: datetime) -> None:
    """These documents of a locked job came out: labels, numbers and orders say so. In the caller's transaction."""
    labels.lock(actor.shop_id, sorted(document.label_id for document in documents))
    _came_out(actor, job, documents, now=now)


def _came_out(actor: Actor, job: Any, documents: Sequence[Any], *, now: datetime) -> None:
    moved = print_jobs.acknowledge(actor, job, [document.place for document in documents], now=now)
    stock.move(actor, [row.number_id for row in moved if row.number_id is not None], "print", now=now)


WAITS_FOR_PEOPLE: Final = ("document_doubtful", "documents_to_confirm")


def settle(job: Any, *, now: datetime) -> None:
    """Documents of a locked job moved: one that only waited for that goes on, one from a page that has none left is done."""
    if job.status == "printing" and job.kind in BY_WORKER:
        return
    counts = print_jobs.counts(job.shop_id, job.id)
    if counts.get("sent") or job.status in ("done", "cancelled"):
        return
    asked = job.status == "held" and job.problem is not None and job.problem["code"] in WAITS_FOR_PEOPLE
    if asked:
        _go_on(job, now=now)
    if job.kind not in BY_WORKER and not counts.get("waiting") and (asked or job.status != "held"):
        print_jobs.move(job.shop_id, job.id, "start", now=now)
        print_jobs.move(job.shop_id, job.id, "finish", now=now)


def take(job: HasJob, documents: Sequence[Any], *, now: datetime) -> list[Any]:
    """About to send these waiting documents of a locked job: blocked ones are set aside, the others are marked sent.

    The others come back, in order. In the caller's transaction, which must be committed before anything is sent.
    """
    labels.lock_labels(job.shop_id, sorted(document.label_id for document in documents))
    return _taken(job, documents, now=now)


def take_after(
    actor: Actor, job: Any, came_out: Sequence[Any], documents: Sequence[Any], *, now: datetime
) -> list[Any]:  # fmt: skip
    """`acknowledge` what came out and `take` what follows, in one transaction: half the commits of a long job.

    Whatever is written is locked first, together and by id: labels of two documents that were locked one after the other
    could meet somebody who locks them the other way round.
    """
    labels.lock(job.shop_id, sorted(document.label_id for document in (*came_out, *documents)))
    if came_out:
        _came_out(actor, job, came_out, now=now)
    return _taken(job, documents, now=now)


def _taken(job: HasJob, documents: Sequence[Any], *, now: datetime) -> list[Any]:
    known = _facts(job.shop_id, [document.label_id for document in documents])
    blocked = {document.place: _blocked(known.get(document.label_id, ())) for document in documents}
    print_jobs.block(job.shop_id, job.id, {place: problem for place, problem in blocked.items() if problem is not None})
    going = [document for document in documents if blocked[document.place] is None]
    print_jobs.take(job.shop_id, job.id, [document.place for document in going], now=now)
    return going
