"""Who sends sheets in and ships by batches: what is acknowledged there is done later, by the clocks, in steps."""

import base64
import csv
import io
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.faults.work import STAMP, Clerk
from tests.services import lists

ROWS: Final = 20
"""Orders of one sheet, and of the batch that ships them."""
PATIENCE: Final = 300.0


class Batcher(Clerk):
    """A sheet of paid orders comes in, is looked at and committed; then its orders are shipped as a batch, by a run of
    consecutive numbers."""

    def run(self) -> None:
        try:
            for first in itertools.count(1, ROWS):
                if self.stop.is_set():
                    break
                self.work([f"28{n:016d}" for n in range(first, first + ROWS)])
        except BaseException as error:
            self.failure = error

    def work(self, numbers: list[str]) -> None:
        sheet = {
            "name": "ExportOrderList.csv",
            "content": base64.b64encode(self.sheet(numbers)).decode(),
            "kind": "orders",
        }
        taken = self.ask("POST", "/sheets", sheet)
        if self.committed(taken) is None:
            return
        self.told.orders |= set(numbers)
        if not self.stands(taken["id"], "committed"):
            return
        batch = self.ask("POST", "/batches", {"orders": numbers})
        run = [f"78{int(number) % 10**12:012d}" for number in numbers]
        if (
            batch is None
            or self.ask("POST", f"/batches/{batch['id']}/run", {"carrier": "ZTO", "first": run[0]}) is None
        ):
            return
        if self.committed(batch) is not None:
            self.told.batched |= dict.fromkeys(numbers, frozenset(run))

    def sheet(self, numbers: list[str]) -> bytes:
        paid = (datetime.now(UTC) + timedelta(hours=8)).strftime(STAMP)
        changes = {"订单创建时间": paid, "订单付款时间": paid}
        rows = [lists.order(n, 订单编号=number, 主订单编号=number, **changes) for n, number in enumerate(numbers)]
        sink = io.StringIO()
        csv.writer(sink).writerows([lists.OLD, *lists.table(rows, lists.OLD)])
        return sink.getvalue().encode("utf-8-sig")

    def committed(self, batch: Any) -> Any:
        """Wait until the clock has looked at every row, and let them be written; None when that is refused."""
        if batch is None or not self.stands(batch["id"], "checked"):
            return None
        return self.ask("POST", f"/batches/{batch['id']}/commit")

    def stands(self, batch: int, status: str) -> bool:
        """Whether a batch gets there."""
        until = time.monotonic() + PATIENCE
        while (found := self.ask("GET", f"/batches/{batch}")) is not None and found["batch"]["status"] != status:
            if found["batch"]["status"] == "refused" or time.monotonic() > until:
                self.told.odd.append(f"batch {batch} does not become {status}: {found}")
                return False
            time.sleep(0.2)
        return found is not None
