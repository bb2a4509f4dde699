"""The clock's print workers: a thread for each printer that has something to print, each with a connection of its own."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import connections

from fahuo.services import print_work
from fahuo.services.print_work import Press

log = logging.getLogger(__name__)

MOST: Final = 16
"""Printers of all shops that one clock serves at once; other clocks, or later rounds, serve the rest."""


class Workers:
    """Threads that print. `round` starts those that are needed and returns at once; `join` waits for all."""

    def __init__(self, name: str, *, moment: Callable[[], datetime], stop: Callable[[], bool]) -> None:
        self.name, self.moment, self.stop = name, moment, stop
        self.threads: list[threading.Thread] = []

    def round(self) -> int:
        """Take due jobs in hand, as far as there is room; how many."""
        self.threads = [thread for thread in self.threads if thread.is_alive()]
        count = 0
        while len(self.threads) < MOST and not self.stop():
            found = print_work.claim(None, self.name, now=self.moment())
            if found is None:
                break
            thread = threading.Thread(target=self.work, args=found, name=f"printing {found[1]}")
            thread.start()
            self.threads.append(thread)
            count += 1
        return count

    def work(self, shop_id: int, job_id: int, worker: str) -> None:
        """Print a job, and whatever is due after it: many small jobs need not wait for a round each."""
        job: tuple[int, int, str] | None = (shop_id, job_id, worker)
        try:
            while job is not None:
                Press(*job, moment=self.moment, stop=self.stop).run()
                job = None if self.stop() else print_work.claim(None, self.name, now=self.moment())
        except Exception:
            log.exception("print worker failed", extra={"facts": {"job": job}})
        finally:
            connections.close_all()

    def join(self) -> None:
        """Wait until every worker has put its document down."""
        for thread in self.threads:
            thread.join()
