"""A courier prints his orders' labels: on the printer of his contract, or as a PDF on his own phone, and says what came out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from django.db import transaction

from fahuo.printing import write
from fahuo.rules.people import CourierActor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import courier as verbs
from fahuo.services import labels, page_printing, print_jobs
from fahuo.services.labels import Made
from fahuo.store import courier as store
from fahuo.store import handing
from fahuo.store import print_jobs as documents
from fahuo.store.boards.courier import CourierOrder

DPI = 203


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of orders that a courier wants printed: the job (None: nothing to print), what is in line, and why the
    others are not."""

    job_id: int | None
    count: int
    problems: list[Problem]


def send(
    courier: CourierActor, order_ids: Sequence[int], *, by_phone: bool, now: datetime, reason: str = ""
) -> Sent:  # fmt: skip
    """Put the labels of his orders in line, each once, in their order; one without a label takes a number, of the stock or the
    carrier's service.

    `by_phone`: for his own phone, else for the printer of the contract. `reason`: why labels are printed once more. What
    cannot be printed says so and stops nothing. Refusals: `order_unknown`, `contract_without_printer`,
    `printer_closed`.
    """
    with transaction.atomic():
        printer_id = _printer(courier, by_phone, now=now)
        mine = verbs.held(courier, order_ids, now=now)
        found = _labels(courier, mine, now=now)
        wanted = list(dict.fromkeys(one for one in found if isinstance(one, int)))
        problems = [one for one in found if isinstance(one, Problem)]
        job_id = None
        if wanted:
            queued = print_jobs.make(courier.acting(), wanted, printer_id=printer_id, reason=reason, now=now)
            problems += [one for one in queued.outcomes if isinstance(one, Problem)]
            job_id = queued.job_id
        if job_id is not None and by_phone:
            page_printing.take_some(courier.acting(), job_id, now=now)
    numbers = {order.number for order in mine}
    count = len(wanted) + sum(isinstance(one, Problem) for one in found) - len(problems)
    return Sent(job_id, count, [verbs.told(problem, numbers) for problem in problems])


def _printer(courier: CourierActor, by_phone: bool, *, now: datetime) -> int:
    contract = store.contract(courier.shop_id, courier.contract_id)
    printer_id = store.phone(courier.shop_id, now=now) if by_phone else contract.printer_id
    if printer_id is None:
        raise Refusal.of("contract_without_printer")
    return int(printer_id)


def _labels(courier: CourierActor, mine: Sequence[CourierOrder], *, now: datetime) -> list[int | Problem]:
    """The label of each of these orders, or why it has none that may be printed; numbers are taken for those without."""
    found: dict[int, int | Problem] = {}
    for order in mine:
        stuck = verbs.stopped(order)
        if stuck is not None or order.label_id is not None:
            found[order.id] = stuck or order.label_id or 0
    bare = [order for order in mine if order.id not in found]
    if bare and store.contract(courier.shop_id, courier.contract_id).numbers == "entered":
        return [found.get(order.id) or Problem("label_none", {"order": order.number}) for order in mine]
    if bare:
        ids = [order.id for order in bare]
        made = labels.make(courier.acting(), ids, contract_id=courier.contract_id, now=now)
        for order_id, one in zip(ids, made, strict=True):
            found[order_id] = one.label_id if isinstance(one, Made) else one
    return [found[order.id] for order in mine]


def job(courier: CourierActor, job_id: int) -> Any:
    """One of his own print jobs (see store.courier.jobs). Refusal `job_unknown`."""
    found = store.jobs(courier.shop_id, courier.courier_id, job_id)
    if not found:
        raise Refusal.of("job_unknown")
    return found[0]


def sheet(courier: CourierActor, job_id: int, *, now: datetime) -> bytes:
    """The labels that his phone has in hand, as one PDF, without those that the shop took back. Refusals `job_unknown`,
    `nothing_to_print`."""
    if job(courier, job_id).kind != "browser":
        raise Refusal.of("job_unknown")
    sent = [row.label_id for row in documents.documents(courier.shop_id, job_id, ("sent",))]
    own = store.own_labels(courier.shop_id, courier.contract_id, sent)
    if not own:
        raise Refusal.of("nothing_to_print")
    out = BytesIO()
    write(page_printing.pages_of(courier.shop_id, own, now=now), "pdf", DPI, out)
    return out.getvalue()


def answer(
    courier: CourierActor, job_id: int, *, came_out: bool, now: datetime, places: Sequence[int] | None = None
) -> int:  # fmt: skip
    """He says of what his job has in hand (all, or those at `places`) whether it came out; how many. Safe to repeat.

    What did not comes into his phone's hand again, except what was taken back. Refusal `job_unknown`.
    """
    with transaction.atomic():
        found = job(courier, job_id)
        moved = print_jobs.answer(courier.acting(), job_id, came_out=came_out, places=places, now=now)
        if found.kind == "browser":
            waiting = [row.label_id for row in documents.documents(courier.shop_id, job_id, ("waiting",))]
            own = set(store.own_labels(courier.shop_id, courier.contract_id, waiting))
            handing.not_printed(courier.shop_id, [label_id for label_id in waiting if label_id not in own])
            if job(courier, job_id).status not in ("done", "cancelled"):
                page_printing.take_some(courier.acting(), job_id, now=now)
    return moved


def cancel(courier: CourierActor, job_id: int, *, now: datetime) -> None:
    """Give his job up; what was printed stays printed. Refusals `job_unknown`, `job_over`."""
    job(courier, job_id)
    print_jobs.cancel(courier.acting(), job_id, now=now)
