"""A shop's day by its API, told again until it is answered, and what was acknowledged: that must be there afterwards."""

import itertools
import json
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

STAMP: Final = "%Y-%m-%d %H:%M:%S"
AGAIN: Final = frozenset({0, 429, 500, 502, 503, 504, 507})
"""What may be asked again under the same key: nothing is known to have been done. 0: no answer at all."""
WITHIN: Final = timedelta(seconds=3)
"""How soon the marketplace wants an answer to an urge; nobody gives one."""
ROUND: Final = 5
"""Orders of one round of work."""


@dataclass
class Told:
    """What the product acknowledged. `shipped`: order -> waybill; `labels`: order -> waybill; `batched`: order -> the run of
    waybills that its batch was given; `odd`: answers that nobody expected."""

    orders: set[str] = field(default_factory=set)
    shipped: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    urged: set[str] = field(default_factory=set)
    jobs: set[int] = field(default_factory=set)
    calls: Counter[str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    batched: dict[str, frozenset[str]] = field(default_factory=dict)

    def until_now(self) -> "Told":
        """What was acknowledged so far; more may come meanwhile. Each copy is made in one step of the interpreter."""
        return Told(
            set(self.orders), dict(self.shipped), dict(self.labels), set(self.urged), set(self.jobs), Counter(),
            list(self.odd), dict(self.batched),
        )  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """Where the shop's software calls: address, key, its contract and its printer."""

    url: str
    key: str
    contract: int
    printer: int


class Clerk(threading.Thread):
    """One of several pieces of software that work for the shop at once; its order numbers are its own."""

    def __init__(self, desk: Desk, no: int, told: Told, stop: threading.Event, *, paper: bool = True) -> None:
        super().__init__(daemon=True, name=f"clerk {no}")
        self.desk, self.no, self.told, self.stop, self.paper = desk, no, told, stop, paper
        self.failure: BaseException | None = None
        self.names = itertools.count(1)

    def run(self) -> None:
        try:
            for first in itertools.count(1, ROUND):
                if self.stop.is_set():
                    break
                self.work([f"{self.no}{n:017d}" for n in range(first, first + ROUND)])
        except BaseException as error:
            self.failure = error

    def work(self, numbers: list[str]) -> None:
        """Five orders: one shipped by itself, two with labels of the stock (printed; one shipped), two urged late."""
        self.bring_in(numbers)
        alone, with_label, kept, *late = numbers
        waybill = f"77{self.no}{int(alone) % 10**11:011d}"
        if self.ask("POST", "/parcels", {"orders": [alone], "carrier": "ZTO", "waybill": waybill}) is not None:
            self.told.shipped[alone] = waybill
        made = self.ask("POST", "/labels", {"orders": [with_label, kept], "contract_id": self.desk.contract})
        labels = [row for row in (made or {}).get("rows", ()) if row.get("label_id")]
        self.told.labels |= {row["order"]: row["waybill"] for row in labels}
        ids = [row["label_id"] for row in labels]
        if ids and self.paper:
            job = self.ask("POST", "/print-jobs", {"labels": ids, "printer_id": self.desk.printer})
            if job and job.get("job_id"):
                self.told.jobs.add(job["job_id"])
        if labels:
            self.ship_label(labels[0])
        self.urge(late)

    def bring_in(self, numbers: list[str]) -> None:
        now = datetime.now(UTC) + timedelta(hours=8)
        rows = [self.order(number, now - timedelta(days=5 if place > 2 else 0)) for place, number in enumerate(numbers)]
        found = self.ask("POST", "/orders", {"rows": rows})
        self.told.orders |= {
            row["order"] for row in (found or {}).get("rows", ()) if row["verdict"] in ("done", "same")
        }

    def order(self, number: str, paid: datetime) -> dict[str, str]:
        return {
            "number": number, "buyer": f"b{number[-6:]}", "receiver": "甲一", "phone": f"170{int(number) % 10**8:08d}",
            "address": f"浙江省 杭州市 西湖区 花园路{number[-5:]}号", "title": "手工杯", "item_amount": "59.00",
            "paid_amount": "59.00", "ordered_at": paid.strftime(STAMP), "paid_at": paid.strftime(STAMP),
        }  # fmt: skip

    def ship_label(self, label: dict[str, Any]) -> None:
        done = self.ask("POST", "/labels/ship", {"labels": [label["label_id"]]})
        if done and not done["rows"][0].get("problem"):
            self.told.shipped[label["order"]] = label["waybill"]

    def urge(self, numbers: list[str]) -> None:
        """Late orders, urged."""
        now = datetime.now(UTC)
        due = (now + WITHIN).isoformat()
        rows = [{"order": number, "at": (now - timedelta(minutes=1)).isoformat(), "due_at": due} for number in numbers]
        found = self.ask("POST", "/urges", {"rows": rows})
        self.told.urged |= {row["order"] for row in (found or {}).get("rows", ()) if row["effect"] == "task"}

    def ask(self, method: str, path: str, body: Any = None, *, patience: float = 300.0) -> Any:
        """The answer to a call, asked under one key until there is one; None when it was refused."""
        name, until = f"{self.no}-{next(self.names)}", time.monotonic() + patience
        for status, answer in self.answers(method, path, body, name):
            self.told.calls[str(status)] += 1
            if 200 <= status < 300:
                return answer
            if status not in AGAIN and "idempotency_busy" not in str(answer):
                self.told.odd.append(f"{method} {path}: {status} {str(answer)[:300]}")
                return None
            if time.monotonic() > until:
                raise TimeoutError(f"{method} {path}: no answer in {patience:.0f} s, the last was {status} {answer}")
            time.sleep(0.1)
        return None

    def answers(self, method: str, path: str, body: Any, name: str) -> Iterator[tuple[int, Any]]:
        """(status, answer) of one attempt after the other, for ever; status 0: no answer."""
        headers = {"Authorization": f"Bearer {self.desk.key}", "Content-Type": "application/json"}
        if method != "GET":
            headers["Idempotency-Key"] = name
        data = None if body is None else json.dumps(body).encode()
        while True:
            asked = urllib.request.Request(self.desk.url + path, data=data, headers=headers, method=method)
            try:
                with urllib.request.urlopen(asked, timeout=20) as answer:
                    yield answer.status, json.load(answer)
            except urllib.error.HTTPError as error:
                yield error.code, _text(error)
            except (OSError, ValueError):
                yield 0, None  # killed before, or in the middle of, its answer


def _text(error: urllib.error.HTTPError) -> str:
    try:
        return error.read().decode(errors="replace")
    except OSError:
        return ""


class Packer(Clerk):
    """Who stands at the printer: resumes what its trouble held, and looks whether the one label in doubt came out."""

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self.look()
                self.stop.wait(0.5)
        except BaseException as error:
            self.failure = error

    def look(self) -> bool:
        """Whether no job needs a person any more."""
        held = [job for job in (self.ask("GET", "/print-jobs") or {"rows": ()})["rows"] if job["status"] == "held"]
        for job in held:
            doubtful = (job.get("problem") or {}).get("code") == "document_doubtful"
            if doubtful or self.ask("POST", f"/print-jobs/{job['id']}/resumed") is None:
                self.ask("POST", f"/print-jobs/{job['id']}/answer", {"came_out": False})
                self.ask("POST", f"/print-jobs/{job['id']}/resumed")
            # a refusal: somebody was quicker, the clock; or a document was in doubt besides the printer's trouble
            self.told.odd = [odd for odd in self.told.odd if "/print-jobs/" not in odd]
        return not held
