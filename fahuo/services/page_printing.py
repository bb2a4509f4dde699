"""Printing from a page: the browser's own print, some labels at once, and the 菜鸟 component, one document at a time.

As with the clock's workers, a document is marked sent before the page gets it, and acknowledged by itself: by the person
who looks at the paper, or by the component's own word. A page that was closed in between leaves a doubt, not a gap.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Final

from django.db import transaction

from fahuo.printing import FORMATS, Page, write
from fahuo.rules.labels import Template
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import print_jobs as verbs
from fahuo.services.label_pages import Book, drawn
from fahuo.services.print_work import FARTHEST
from fahuo.store import print_jobs, print_work

AT_ONCE: Final = 200
"""Labels that a browser prints at once: what a person can look through afterwards."""
LEASE: Final = timedelta(seconds=60)
"""A page that has not been heard of for so long was closed."""


@dataclass(frozen=True, slots=True)
class Given:
    """A document that the component is to print now."""

    place: int
    label_id: int
    waybill: str


def _job(shop_id: int, job_id: int, kind: str) -> Any:
    """The job, locked. Refusals: `job_unknown`, `job_not_of_page`, `job_over`, `job_is_held`."""
    job = print_jobs.lock(shop_id, job_id)
    if job is None:
        raise Refusal.of("job_unknown")
    if job.kind != kind:
        raise Refusal.of("job_not_of_page", printer=job.printer)
    if job.status in ("done", "cancelled"):
        raise Refusal.of("job_over")
    return job


def take_some(actor: Actor, job_id: int, *, now: datetime) -> int:
    """Give a browser the next labels of a job, AT_ONCE at most, marked sent; how many it has in hand now.

    Those of an earlier time that nobody answered for come first: then nothing is taken. The job waits for the answer
    (`print_jobs.answer`). Refusals: `job_unknown`, `job_not_of_page`, `job_over`.
    """
    actor.require("make_labels")
    with transaction.atomic():
        job = _job(actor.shop_id, job_id, "browser")
        sent = len(print_jobs.documents(actor.shop_id, job_id, ("sent",)))
        while not sent:
            waiting = print_jobs.documents(actor.shop_id, job_id, ("waiting",), limit=AT_ONCE)
            if not waiting:
                break
            sent = len(verbs.take(job, waiting, now=now))
        if job.status == "held":
            print_jobs.move(actor.shop_id, job_id, "resume", now=now)
        print_jobs.move(actor.shop_id, job_id, "start", now=now)
        if sent:
            problem = Problem("documents_to_confirm", {"count": sent}).as_dict()
            print_jobs.move(actor.shop_id, job_id, "hold", now=now, problem=problem)
        else:
            print_jobs.move(actor.shop_id, job_id, "finish", now=now)
    return sent


def write_sent(shop_id: int, job_id: int, form: str, dpi: int, out: BinaryIO, *, now: datetime) -> int:
    """Write the labels that a job has in hand (sent, not acknowledged), in order, as one document; how many."""
    job = print_jobs.find(shop_id, job_id)
    if job is None or form not in FORMATS:
        raise Refusal.of("job_unknown")
    labels = [document.label_id for document in print_jobs.documents(shop_id, job_id, ("sent",))]
    return write(pages_of(shop_id, labels, template_id=job.template_id, now=now), form, dpi, out)


def pages_of(
    shop_id: int, label_ids: Sequence[int], *, now: datetime, template_id: int | None = None, printed: bool = False,
    template: Template | None = None,
) -> Iterator[Page]:  # fmt: skip
    """The page of each label, in order (`printed`: as it was printed last), by a template in place of theirs, if given.

    Refusal where a template cannot be read.
    """
    for each in drawn(Book(shop_id, template_id, template), label_ids, now=now, printed=printed):
        if each.page is None:
            raise Refusal(each.problem or Problem("template_unknown"))
        yield each.page


def take_next(actor: Actor, job_id: int, page: str, *, now: datetime) -> Given | None:
    """The next document for the component, marked sent, in the hands of this `page` (a name it gave itself); None: all done.

    Refusals: `job_unknown`, `job_not_of_page`, `job_over`, `job_is_held`, `job_elsewhere` (another page prints it),
    `document_doubtful` (answer first).
    """
    actor.require("make_labels")
    with transaction.atomic():
        job = print_jobs.lock(actor.shop_id, job_id)
        if job is not None and job.status == "done":
            return None
        job = _job(actor.shop_id, job_id, "cnprint")
        leased = job.lease_until is not None and now < job.lease_until <= now + FARTHEST
        if leased and job.held_by != page:
            raise Refusal.of("job_elsewhere")
        unknown = verbs.doubtful(job)
        if unknown is not None:
            raise Refusal(unknown)
        if job.status == "held":
            raise Refusal.of("job_is_held")
        print_jobs.move(actor.shop_id, job_id, "start", now=now)
        print_work.hand_to(actor.shop_id, job_id, page, until=now + LEASE)
        while waiting := print_jobs.documents(actor.shop_id, job_id, ("waiting",), limit=1):
            if verbs.take(job, waiting, now=now):
                waybill = print_jobs.waybill_of(actor.shop_id, waiting[0].label_id)
                return Given(waiting[0].place, waiting[0].label_id, waybill)
        print_jobs.move(actor.shop_id, job_id, "finish", now=now)
        print_work.let_go(actor.shop_id, job_id, page)
    return None


def component_said(
    actor: Actor, job_id: int, page: str, place: int, *, printed: bool, now: datetime, message: str = ""
) -> None:  # fmt: skip
    """What the component said of a document: printed; or not, then it waits and the job is held with the message.

    Safe to repeat. Refusal `job_unknown`.
    """
    verbs.answer(actor, job_id, came_out=printed, places=[place], now=now)
    if printed:
        return
    with transaction.atomic():
        problem = Problem("component_failed", {"place": place, "message": message[:120]})
        print_jobs.move(actor.shop_id, job_id, "hold", now=now, problem=problem.as_dict())
        print_work.let_go(actor.shop_id, job_id, page)


def component_lost(actor: Actor, job_id: int, page: str, *, now: datetime) -> None:
    """The component cannot be reached, or went away: the job is held; a document it had is asked about. Safe to repeat."""
    actor.require("make_labels")
    with transaction.atomic():
        job = print_jobs.lock(actor.shop_id, job_id)
        if job is None or job.kind != "cnprint":
            raise Refusal.of("job_unknown")
        unknown = verbs.doubtful(job)
        problem = unknown or Problem("component_unreachable")
        print_jobs.move(actor.shop_id, job_id, "hold", now=now, problem=problem.as_dict())
        print_work.let_go(actor.shop_id, job_id, page)
