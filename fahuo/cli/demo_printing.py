"""The demo's paper: a printer of the browser's kind, labels in every state, a job that waits to be printed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from fahuo.rules.people import Actor

LABELLED: Final = 12
PRINTED: Final = 7
IN_LINE: Final = 3


def play(
    shop: Actor, contract: int, waiting: list[Any], move_away: Callable[[list[str]], None], *, at: datetime
) -> None:  # fmt: skip
    """Take numbers of a contract's stock for LABELLED of these orders: PRINTED are out (one's buyer moved since, one was printed again, one was
    given up), IN_LINE wait for the browser, the rest for a printer."""
    from fahuo.cli.language import say
    from fahuo.services import labels, page_printing, print_jobs, printers
    from fahuo.services.labels import Made
    from fahuo.services.printers import Setup

    setup = Setup(
        say("这台电脑（浏览器打印）", "This computer (browser)"), "browser", language="pdf", acknowledge="person"
    )
    printer = printers.keep(shop, setup, now=at - timedelta(days=20))
    since = at - timedelta(hours=2)
    chosen = waiting[:LABELLED]
    made = labels.make(shop, [row.id for row in chosen], contract_id=contract, now=since)
    ids = [each.label_id for each in made if isinstance(each, Made)]
    if len(ids) < LABELLED:
        return

    def print_now(label_ids: list[int], now: datetime, reason: str = "") -> None:
        job = print_jobs.make(shop, label_ids, printer_id=printer, reason=reason, now=now).job_id
        if job is not None:
            page_printing.take_some(shop, job, now=now)
            print_jobs.answer(shop, job, came_out=True, now=now + timedelta(minutes=1))

    print_now(ids[:PRINTED], since + timedelta(minutes=5))
    print_now(ids[1:2], since + timedelta(minutes=20), say("打印不清", "Hard to read"))
    labels.void(shop, ids[2:3], reason=say("换包装", "Repacked"), now=since + timedelta(minutes=30))
    move_away([chosen[3].number])
    print_jobs.make(shop, ids[PRINTED : PRINTED + IN_LINE], printer_id=printer, now=at - timedelta(minutes=10))
