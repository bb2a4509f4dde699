"""Printing what is due: a worker takes one job of one printer, and sends its documents one after the other.

Each document is marked sent before its first byte leaves and acknowledged by itself, so a worker may die at any instant:
what it did not begin waits for the next worker, and the one that it had in hand is asked about. The printer's trouble
holds the job; of the kind that passes, it looks again by itself.
"""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from fahuo.printing import encode
from fahuo.printing.printers import Printer as Line
from fahuo.printing.printers import Unsure
from fahuo.rules.people import Actor
from fahuo.rules.print_jobs import look_again
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import print_jobs as verbs
from fahuo.services.label_pages import CHUNK, Book, Drawn, drawn
from fahuo.services.printers import line_to
from fahuo.store import print_jobs, print_work, printers

log = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=90)
"""A worker that has not been heard of for so long is dead. One label takes no longer (services.printers.PATIENCE)."""
FARTHEST: Final = 2 * LEASE
"""How far ahead a lease may lie for its holder's clock to be believed: clocks differ, but not by so much."""
STALE: Final = timedelta(seconds=10)
"""How old a printer's last sign of life may become before a new one is written down."""


class Overtaken(Exception):
    """The job is to stop, or in other hands: somebody held or cancelled it, or the lease ran out."""


Connect = Callable[[Any], Line]
"""From a printer's row to the line to it."""


def claim(shop_id: int | None, name: str, *, now: datetime) -> tuple[int, int, str] | None:
    """A due job of a printer that nobody works for, taken for LEASE: (shop, job, worker); of one shop or (None) of any."""
    worker = f"{name}/{secrets.token_hex(4)}"
    for each in [shop_id] if shop_id is not None else print_work.shops_due(farthest=now + FARTHEST, now=now):
        with transaction.atomic():
            job_id = print_work.claim(each, worker, until=now + LEASE, farthest=now + FARTHEST, now=now)
        if job_id is not None:
            return each, job_id, worker
    return None


def run_due(
    shop_id: int | None, *, moment: Callable[[], datetime], stop: Callable[[], bool] = bool, name: str = "worker",
    connect: Connect = line_to,
) -> int:  # fmt: skip
    """Print what is due, one job after the other; how many jobs were taken in hand."""
    count = 0
    while not stop():
        found = claim(shop_id, name, now=moment())
        if found is None:
            break
        Press(*found, moment=moment, stop=stop, connect=connect).run()
        count += 1
    return count


def _maker(job: Any) -> Actor:
    """In whose name a worker prints: who made the job."""
    return Actor(job.shop_id, job.member_id, job.actor)


class Press:
    """One job in one worker's hands, until it is done, held, given away, or `stop` says so between two documents."""

    def __init__(
        self, shop_id: int, job_id: int, worker: str, *, moment: Callable[[], datetime],
        stop: Callable[[], bool] = bool, connect: Connect = line_to,
    ) -> None:  # fmt: skip
        self.shop_id, self.job_id, self.worker = shop_id, job_id, worker
        self.moment, self.stop, self.connect = moment, stop, connect
        self.noted: datetime | None = None
        self.came_out: list[Any] = []
        """Documents on paper that the tables do not know of yet: one at most, written down with the next one's taking."""

    def run(self) -> None:
        try:
            self.print_all()
        except Overtaken:
            pass
        except Refusal as refusal:
            self.hold(refusal.problems[0])
        except Exception:
            log.exception("print job failed", extra={"facts": {"shop": self.shop_id, "job": self.job_id}})
            self.hold(Problem("job_failed"))
        finally:
            print_work.let_go(self.shop_id, self.job_id, self.worker)

    def print_all(self) -> None:
        job = print_jobs.find(self.shop_id, self.job_id)
        printer = printers.find(self.shop_id, job.printer_id) if job is not None else None
        if job is None or printer is None:
            raise Overtaken
        with self.line(printer) as line:
            doubtful = verbs.doubtful(job)
            if doubtful is not None:
                self.hold(doubtful)
                return
            if not print_work.start(self.shop_id, self.job_id, self.worker, until=self.moment() + LEASE):
                raise Overtaken
            book = Book(self.shop_id, job.template_id)
            while not self.stop():
                documents = print_jobs.documents(self.shop_id, self.job_id, ("waiting",), limit=CHUNK)
                if not documents:
                    self.finish()
                    return
                try:
                    self.print_some(job, documents, book, printer, line)
                finally:
                    self.acknowledge()

    def print_some(self, job: Any, documents: list[Any], book: Book, printer: Any, line: Line) -> None:
        pages = drawn(book, [document.label_id for document in documents], now=self.moment())
        waiting = {document.label_id: document for document in documents}
        for page in pages:
            if self.stop():
                return
            self.print_one(job, waiting[page.label_id], page, printer, line)

    def print_one(self, job: Any, document: Any, page: Drawn, printer: Any, line: Line) -> None:
        body = encode(page.page, printer.language, printer.dpi) if page.page is not None else b""
        taken_at = self.moment()
        with transaction.atomic():
            self.lock()
            if page.problem is not None:
                print_jobs.block(self.shop_id, self.job_id, {document.place: page.problem})
                return
            taken = verbs.take_after(_maker(job), job, self.came_out, [document], now=taken_at)
            if self.came_out and job.problem is not None:
                print_work.clear(self.shop_id, self.job_id, self.worker)
        self.came_out = []
        if not taken:
            return
        if self.moment() - taken_at > LEASE / 2:
            raise Overtaken  # this process slept: by now somebody else may be asking whether it came out
        try:
            line.send(body, f"{self.job_id}-{document.place}")
        except Unsure:
            raise
        except Refusal:
            print_jobs.put_back(self.shop_id, self.job_id, [document.place], never=True)
            raise
        self.note(printer, None)
        if printer.acknowledge != "person":
            self.came_out = [document]

    def lock(self) -> None:
        """Lock the job and keep it in hand. Raises Overtaken."""
        if not print_work.keep(self.shop_id, self.job_id, self.worker, until=self.moment() + LEASE):
            raise Overtaken

    @contextmanager
    def line(self, printer: Any) -> Iterator[Line]:
        """The line to the printer, which answers and is well; its trouble, now or later, is noted. Raises Refusal."""
        try:
            with self.connect(printer) as line:
                problem = line.status().problem if printer.acknowledge == "status" else None
                if problem is not None:
                    raise Refusal(problem)
                self.note(printer, None)
                yield line
        except Refusal as refusal:
            self.note(printer, refusal.problems[0])
            raise

    def note(self, printer: Any, problem: Problem | None) -> None:
        """Write down how the printer is: when that is news, and now and then that it lives."""
        now = self.moment()
        if problem is None and self.noted is not None and now - self.noted < STALE:
            return
        self.noted = None if problem is not None else now
        told = None if problem is None else problem.as_dict()
        print_work.seen(self.shop_id, printer.id, told, stale=now - STALE, now=now)

    def acknowledge(self) -> None:
        """Write down what came out and nothing followed, whoever holds the job by now."""
        if not self.came_out:
            return
        now = self.moment()
        with transaction.atomic():
            job = print_jobs.lock(self.shop_id, self.job_id)
            if job is None:
                raise Overtaken
            verbs.acknowledge(_maker(job), job, self.came_out, now=now)
            print_work.clear(self.shop_id, self.job_id, self.worker)
            verbs.settle(job, now=now)
        self.came_out = []

    def finish(self) -> None:
        """Nothing waits any more: the job is done, or people have to say what came out."""
        now = self.moment()
        with transaction.atomic():
            self.lock()
            sent = print_jobs.counts(self.shop_id, self.job_id).get("sent", 0)
            problem = Problem("documents_to_confirm", {"count": sent}) if sent else None
            print_work.rest(
                self.shop_id, self.job_id, self.worker, "held" if problem else "done", now=now,
                problem=problem.as_dict() if problem else None,
            )  # fmt: skip

    def hold(self, problem: Problem) -> None:
        """Hold the job with this trouble, unless somebody held or ended it meanwhile."""
        now = self.moment()
        with transaction.atomic():
            job = print_jobs.lock(self.shop_id, self.job_id)
            if job is None or (job.status == "held" and job.problem and job.problem["code"] == "job_held"):
                return
            before = job.problem or {}
            tries = int(before.get("tries", 0)) + 1 if before.get("code") == problem.code else 0
            wait = look_again(problem.code, tries)
            print_work.rest(
                self.shop_id, self.job_id, self.worker, "held", now=now, problem={**problem.as_dict(), "tries": tries},
                due_at=now + wait if wait is not None else None,
            )  # fmt: skip
