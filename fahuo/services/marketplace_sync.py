"""Keeping in step with a marketplace: pull what moved, read what is wished, tell what left. For the clock.

A marketplace is taken up by one clock at a time, which holds it by a lease. Each window, each page, each
handful of confirmations is a transaction of its own; whatever ends a round in the middle, the next one goes on from what
was written. How far we have come moves forward only when a window was read to its end.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from fahuo.connectors.contract import (
    Connector,
    Found,
    FoundRefund,
    Marketplace,
    Outcome,
    Receiver,
    Shipment,
    Trouble,
)
from fahuo.connectors.web import Transport
from fahuo.rules.marketplaces import EVERY, LEASE, LOOK_EVERY, PATIENCE, later, windows
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import marketplace_orders
from fahuo.services.connections import usual_transport
from fahuo.services.marketplaces import keep_tokens, kind_of
from fahuo.services.sealing import opened_fields
from fahuo.store import confirmations, journal
from fahuo.store import marketplaces as store

log = logging.getLogger(__name__)
TELLS: Final = 20
"""Confirmations between two transactions."""
MOST_TELLS: Final = 400
READS: Final = 200
"""Orders that one round reads by themselves."""
RENEW_BEFORE: Final = timedelta(days=3)
BACK: Final = timedelta(hours=1)
"""Changed numbers are looked for so long before the last good round."""


def run_due(
    shop_id: int | None, *, moment: Callable[[], datetime], stop: Callable[[], bool] = bool,
    send: Transport | None = None,
) -> int:  # fmt: skip
    """Keep every marketplace that is due in step, of one shop or (None) of all; how many were taken up."""
    count = 0
    for each in [shop_id] if shop_id is not None else store.shops_due(now=moment()):
        now = moment()
        with transaction.atomic():
            taken = store.take(each, until=now + LEASE, now=now)
        for row in taken:
            if not stop():
                Round(row, send or usual_transport(), moment, stop).run()
                count += 1
    return count


@dataclass
class Round:
    """One round with one marketplace."""

    row: Any
    send: Transport
    moment: Callable[[], datetime]
    stop: Callable[[], bool] = bool
    actor: Actor = field(init=False)
    kind: Marketplace = field(init=False)

    def run(self) -> None:
        """Everything there is to do; what ends it is kept with the marketplace."""
        try:
            self.kind = kind_of(self.row.kind)
            self.actor = marketplace_orders.clerk(self.row.shop_id, self.kind.zh)
            self._renew()
            for step in (self._tell, self._pull, self._begin, self._refunds, self._read, self._look, self._tell):
                if not self.stop():
                    step()
        except Trouble as trouble:
            self._failed(trouble.kind, trouble.problem, trouble.seconds)
        except Refusal as refusal:
            self._failed("refused", refusal.problems[0], 0)
        except Exception:
            log.exception(
                "marketplace round failed", extra={"facts": {"marketplace": self.row.id, "kind": self.row.kind}}
            )
            self._failed("refused", Problem("marketplace_garbage", {"what": "?"}), 0)
        else:
            now = self.moment()
            store.went(self.row.shop_id, self.row.id, due_at=now + EVERY, now=now)

    def _failed(self, trouble: str, problem: Problem, seconds: int) -> None:
        """An unauthorised one waits for a person; anything else is tried again, later each time."""
        due_at = (
            None if trouble == "unauthorised" else later(self.row.failures + 1, now=self.moment(), at_least=seconds)
        )
        store.failed(self.row.shop_id, self.row.id, trouble=trouble, problem=problem.as_dict(), due_at=due_at)

    def _connector(self) -> Connector:
        made: Connector = self.kind.make(opened_fields(self.row.settings), self.send, self.moment())
        return made

    def _renew(self) -> None:
        until = self.row.session_until
        if not self.kind.renews or until is None or until - self.moment() > RENEW_BEFORE:
            return
        if not opened_fields(self.row.settings).get("refresh_token"):
            return
        made: Any = self._connector()
        with transaction.atomic():
            keep_tokens(self.row, made.renew())
        self.row = store.one(self.row.shop_id, self.row.id)

    # --- in ---

    def _pull(self) -> None:
        """All windows from what is known until now. The first round begins with now and leaves the rest to `_begin`."""
        spans = windows(self.row.pulled_until, self.moment(), overlap=self.kind.overlap, longest=self.kind.window)
        for since, until in spans:
            count = self._keep_all(self._connector().changes(since, until))
            store.pulled(self.row.shop_id, self.row.id, until, count=count)
            if self.stop():
                return

    def _begin(self) -> None:
        """What stood there when the shop was connected, once."""
        if not self.row.backlog_done:
            count = self._keep_all(self._connector().backlog(self.row.began_at, self.row.created_at))
            store.begun(self.row.shop_id, self.row.id, count=count)

    def _keep_all(self, pages: Iterator[list[Found]]) -> int:
        asked_at = self.moment()
        return sum(self._keep(page, asked_at) for page in pages)

    def _keep(self, founds: Sequence[Found], asked_at: datetime) -> int:
        store.hold(self.row.shop_id, self.row.id, until=self.moment() + LEASE)
        opened = self._opened(founds)
        return marketplace_orders.keep(
            self.actor, self.row.id, founds, opened=opened, asked_at=asked_at, now=self.moment()
        )

    def _opened(self, founds: Sequence[Found]) -> dict[str, Receiver]:
        """The receivers of orders that wait, where the shop wants them opened and they are not yet."""
        if not self.row.open_receivers:
            return {}
        known = store.known(self.row.shop_id, self.row.id, [found.ref for found in founds])
        hidden = [
            found for found in founds
            if found.masked and found.waits and found.mark
            and (found.ref not in known or known[found.ref].masked or known[found.ref].mark != found.mark)
        ]  # fmt: skip
        if not hidden:
            return {}
        made = self._connector().receivers([(found.ref, found.mark) for found in hidden])
        return {found.ref: each for found, each in zip(hidden, made, strict=True) if isinstance(each, Receiver)}

    def _refunds(self) -> None:
        """What refunds amount to; the orders concerned are read again."""
        for since, until in windows(self.row.refunds_until, self.moment(), overlap=self.kind.overlap, longest=86_400):
            for page in self._connector().refunds(since, until):
                self._note(page)
            store.refunded(self.row.shop_id, self.row.id, until)

    def _note(self, page: Sequence[FoundRefund]) -> None:
        amounts: dict[str, dict[str, str]] = {}
        for each in page:
            amounts.setdefault(each.ref, {})[each.line] = str(each.amount)
        store.note_refunds(self.row.shop_id, self.row.id, amounts, now=self.moment())

    def _read(self) -> None:
        """Orders that are to be read by themselves: pushed, wished for, or wrong before."""
        self._read_refs(store.due_refs(self.row.shop_id, self.row.id, limit=READS, now=self.moment()))

    def _look(self) -> None:
        """Every order that waits there, a slow round through all of them: an urge may move nothing else."""
        now = self.moment()
        if self.row.looked_at is not None and now - self.row.looked_at < LOOK_EVERY:
            return
        refs = store.waiting_refs(self.row.shop_id, self.row.id, before=now - LOOK_EVERY, limit=READS)
        self._read_refs(refs)
        if len(refs) < READS:
            store.looked(self.row.shop_id, self.row.id, now=now)

    def _read_refs(self, refs: Sequence[str]) -> None:
        for first in range(0, len(refs), self.kind.at_once):
            asked_at = self.moment()
            founds = self._connector().read(refs[first : first + self.kind.at_once])
            self._keep(founds, asked_at)
            if self.stop():
                return

    # --- out ---

    def _tell(self) -> None:
        """What left here, row by row; each keeps its own verdict."""
        shop_id, marketplace_id = self.row.shop_id, self.row.id
        since = (self.row.pulled_at or self.row.created_at) - BACK
        with transaction.atomic():
            confirmations.make(shop_id, marketplace_id, since=since, now=self.moment())
        for _ in range(MOST_TELLS // TELLS):
            rows = confirmations.due(shop_id, marketplace_id, limit=TELLS, now=self.moment())
            if not rows or self.stop():
                return
            outcomes = self._connector().confirm([_shipment(row) for row in rows])
            self._settle(rows, outcomes)
            held = next((each for each in outcomes if each.verdict == "again" and each.seconds), None)
            if held is not None:
                raise Trouble("limited", held.problem or Problem("marketplace_unauthorised"), seconds=held.seconds)

    def _settle(self, rows: Sequence[Any], outcomes: Sequence[Outcome]) -> None:
        now = self.moment()
        settled = [_settled(row, outcome, now) for row, outcome in zip(rows, outcomes, strict=True)]
        with transaction.atomic():
            moved = confirmations.settle(self.row.shop_id, settled, now=now)
            told = [
                journal.Moved(each.order_id, each.parcel_id, after={"carrier": each.carrier, "waybill": each.waybill})
                for each in moved if each.status == "done"
            ]  # fmt: skip
            journal.append(self.actor, "marketplace.confirmed", told, now=now)
            done = [row.ref for row, each in zip(rows, settled, strict=True) if each["status"] == "done"]
            store.wish(self.row.shop_id, self.row.id, done, now=now)


def _shipment(row: Any) -> Shipment:
    before = (row.before_carrier, row.before_waybill) if row.before_waybill else None
    return Shipment(row.ref, row.carrier, row.waybill, tuple(row.lines), before)


def _settled(row: Any, outcome: Outcome, now: datetime) -> dict[str, Any]:
    problem = None if outcome.problem is None else outcome.problem.as_dict()
    if outcome.verdict == "done":
        return {"id": row.id, "status": "done", "problem": None, "due_at": None}
    if outcome.verdict == "refused" or row.attempts + 1 >= PATIENCE:
        return {"id": row.id, "status": "refused", "problem": problem, "due_at": None}
    again = later(row.attempts + 1, now=now, at_least=outcome.seconds)
    return {"id": row.id, "status": "waiting", "problem": problem, "due_at": again}
