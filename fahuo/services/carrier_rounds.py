"""The clock's work with carriers' services: order numbers, give them back, follow parcels. One account is in one clock's
hands at a time. A row is marked unknown before the service is asked and settled after, each in a transaction of its own:
whatever ends a round in the middle, the next one goes on from what was written."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.db import transaction

from fahuo.connectors.carrying import Consignment, Number, Numbered, Outcome, Service, Tracked
from fahuo.connectors.web import Transport
from fahuo.rules.carrying import (
    AT_ONCE,
    BREAKS_AT,
    EVERY,
    FIRST_PULL,
    FOLLOW_FOR,
    LEASE,
    later,
    next_pull,
    reference_of,
)
from fahuo.rules.parcels import CarrierScan
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import number_results, parcels, pickup_calls
from fahuo.services.carriers import kind_of
from fahuo.services.connections import usual_transport
from fahuo.services.sealing import opened_fields
from fahuo.store import carriers as store
from fahuo.store import number_orders, trackings
from fahuo.store import pickup_calls as calls

log = logging.getLogger(__name__)
BACK: Final = timedelta(minutes=5)
"""Parcels that left are looked for so long before the last round."""
SELDOM: Final = timedelta(hours=8)
"""A number whose scans the service refuses to tell is asked for again so late."""
Out = TypeVar("Out", bound=Outcome)


class Stopped(Exception):
    """The service cannot be asked now, the clock stops, or the account is in other hands: the round is over."""


def run_due(
    shop_id: int | None, *, moment: Callable[[], datetime], stop: Callable[[], bool] = bool,
    send: Transport | None = None,
) -> int:  # fmt: skip
    """Work with every account that is due, of one shop or (None) of all; how many were taken up."""
    count = 0
    for each in [shop_id] if shop_id is not None else store.shops_due(now=moment()):
        now = moment()
        with transaction.atomic():
            taken = store.take(each, until=now + LEASE, now=now)
        for row in taken:
            Round(row, send or usual_transport(), moment, stop, held=now + LEASE, began=now).run()
            count += 1
    return count


def forget(*, keep_days: int, now: datetime) -> int:
    """Forget the record of calls that are older; how many."""
    return store.forget_calls(before=now - timedelta(days=keep_days))


def sane(scans: Sequence[CarrierScan], *, now: datetime) -> list[CarrierScan]:
    """The scans that can be true: not of the future, not of years ago."""
    return [scan for scan in scans if now - timedelta(days=400) < scan.at < now + timedelta(hours=1)]


@dataclass
class Round:
    """One round with one account."""

    row: Any
    send: Transport
    moment: Callable[[], datetime]
    stop: Callable[[], bool]
    held: datetime
    began: datetime
    kind: Service = field(init=False)
    actor: Actor = field(init=False)
    failures: int = 0
    trouble: str = ""
    problem: Problem | None = None
    seconds: int = 0

    def run(self) -> None:
        """Everything there is to do; what ends it is kept with the account."""
        self.failures = self.row.failures
        try:
            self.kind = kind_of(self.row.kind)
            self.actor = Actor(self.row.shop_id, None, self.kind.zh, permissions=frozenset({"ship", "print"}))
            self.settings: Mapping[str, str] = opened_fields(self.row.settings)
            for step in (
                self._pickups,
                self._call_off,
                self._order,
                self._cancel,
                self._follow,
                self._subscribe,
                self._pull,
            ):
                step()
        except Stopped:
            pass
        except Refusal as refusal:
            self.trouble, self.problem = "refused", refusal.problems[0]
        except Exception:
            log.exception("carrier round failed", extra={"facts": {"account": self.row.id, "kind": self.row.kind}})
            self.trouble, self.problem, self.failures = (
                "refused",
                Problem("carrier_garbage", {"what": "?"}),
                self.failures + 1,
            )
        now = self.moment()
        due_at: datetime | None = now + EVERY
        if self.trouble:
            waits = self.trouble == "unauthorised"
            due_at = None if waits else later(max(self.failures, 1), now=now, at_least=self.seconds)
        store.let_go(
            self.row.shop_id, self.row.id, held=self.held, began_at=self.began,
            first=self.began + LEASE, failures=self.failures,
            trouble=self.trouble, problem=None if self.problem is None else self.problem.as_dict(), due_at=due_at,
        )  # fmt: skip

    @property
    def portion(self) -> int:
        """How many rows to ask for at once: one, to try, when the breaker is open."""
        return 1 if self.failures >= BREAKS_AT else AT_ONCE

    def _hold(self) -> datetime:
        """Keep the account in hand; now. Raises Stopped."""
        now = self.moment()
        if self.stop() or not store.keep(self.row.shop_id, self.row.id, before=self.held, until=now + LEASE):
            raise Stopped
        self.held = now + LEASE
        return now

    def _ask(self, act: str, rows: Sequence[Any], blank: type[Out], *more: str) -> list[Out]:
        """The outcomes of the connector's `act`, one a row whatever the connector does; recorded without personal data."""
        at, start = self.moment(), time.monotonic()
        try:
            found: list[Out] = getattr(self.kind.make(self.settings, self.send, at), act)(rows, *more)
            whole = len(found) == len(rows) and all(isinstance(each, blank) for each in found)
        except Exception as error:
            # a connector keeps to its contract; one that does not loses nothing. Its words may name people: only the kind
            log.warning(
                "carrier connector failed", extra={"facts": {"kind": self.row.kind, "error": type(error).__name__}}
            )
            whole, found = False, []
        if not whole:
            broken = blank("again", Problem("carrier_garbage", {"what": act}), trouble="unanswered")
            found = [broken for _ in rows]
        self._judge(act, found, at, int((time.monotonic() - start) * 1000))
        return found

    def _judge(self, act: str, found: Sequence[Outcome], at: datetime, ms: int) -> None:
        """What the call says of the account, and its record."""
        stopped = next((each for each in found if each.trouble), None)
        answered = [each for each in found if each.verdict != "again" and each.sent]
        if answered or stopped is None:
            self.failures = 0
        self.trouble, self.problem, self.seconds = "", None, 0
        if stopped is not None:
            self.failures += 1
            self.trouble, self.problem, self.seconds = stopped.trouble, stopped.problem, stopped.seconds
        done = sum(each.verdict == "done" for each in found)
        heard = "done" if done == len(found) else "partly" if done else (self.trouble or "refused")
        wrong = self.problem or next((each.problem for each in found if each.problem is not None), None)
        store.note(
            self.row.shop_id, self.row.id, act, at=at, rows=len(found), heard=heard,
            code="" if wrong is None else wrong.code, ms=ms,
        )  # fmt: skip

    def _go_on(self) -> None:
        if self.trouble:
            raise Stopped

    # --- numbers ---

    def _order(self) -> None:
        while True:
            now = self._hold()
            with transaction.atomic():
                rows = number_orders.take(self.row.shop_id, self.row.id, limit=self.portion, until=self.held, now=now)
            if not rows:
                return
            consignments, wrong = number_results.consignments(self.row.shop_id, rows, self.kind, now=now)
            asked = [row for row in rows if row.id in consignments]
            given: list[Consignment] = [consignments[row.id] for row in asked]
            found = self._ask("order", given, Numbered) if given else []
            number_results.settle(
                self.row.shop_id, rows, {**wrong, **{row.id: out for row, out in zip(asked, found, strict=True)}},
                now=self.moment(),
            )  # fmt: skip
            self._go_on()

    def _cancel(self) -> None:
        while True:
            now = self._hold()
            rows = number_orders.cancels(self.row.shop_id, self.row.id, limit=self.portion, now=now)
            if not rows:
                return
            given = [
                Number(row.carrier, row.waybill, reference_of(self.row.shop_id, row.id), row.account or "")
                for row in rows
            ]
            found = self._ask("cancel", given, Outcome)
            now = self.moment()
            number_orders.cancelled(
                self.row.shop_id, [number_results.cancelled(row, out, now=now) for row, out in zip(rows, found, strict=True)],
                now=now,
            )  # fmt: skip
            self._go_on()

    # --- pickups ---

    def _pickups(self) -> None:
        while True:
            now = self._hold()
            with transaction.atomic():
                rows = calls.take(self.row.shop_id, self.row.id, limit=self.portion, until=self.held, now=now)
            if not rows:
                return
            given, found = pickup_calls.bookings(self.row.shop_id, rows, now=now)
            if given:
                found |= zip(given, self._ask("pickup", list(given.values()), Outcome), strict=True)
            now = self.moment()
            calls.settle(
                self.row.shop_id, [pickup_calls.called(row, found[row.pickup_id], now=now) for row in rows], now=now
            )  # fmt: skip
            self._go_on()

    def _call_off(self) -> None:
        while True:
            now = self._hold()
            rows = calls.cancels(self.row.shop_id, self.row.id, limit=self.portion, now=now)
            if not rows:
                return
            given, found = pickup_calls.bookings(self.row.shop_id, rows, now=now)
            if given:
                found |= zip(given, self._ask("call_off", list(given.values()), Outcome), strict=True)
            now = self.moment()
            calls.settle(
                self.row.shop_id, [pickup_calls.called_off(row, found[row.pickup_id], now=now) for row in rows], now=now
            )  # fmt: skip
            self._go_on()

    # --- parcels ---

    def _follow(self) -> None:
        """Follow what left since the last round, where this account follows parcels."""
        if not self.row.tracks or "track" not in self.kind.can:
            return
        now = self._hold()
        since = max(self.row.followed_until - BACK, now - FOLLOW_FOR)
        with transaction.atomic():
            trackings.follow(
                self.row.shop_id, self.row.id, sorted(self.kind.codes), push=self._pushes(), since=since,
                due_at=now + FIRST_PULL, now=now,
            )  # fmt: skip

    def _pushes(self) -> bool:
        return "subscribe" in self.kind.can and bool(self.settings.get("push_address"))

    def _subscribe(self) -> None:
        while self._pushes():
            now = self._hold()
            trackings.end(self.row.shop_id, self.row.id, now=now)
            rows = trackings.to_subscribe(self.row.shop_id, self.row.id, limit=self.portion)
            if not rows:
                return
            given = [_number(row) for row in rows]
            found = self._ask("subscribe", given, Outcome, self.settings["push_address"])
            kept = [
                {
                    "parcel_id": row.parcel_id, "done": out.verdict == "done", "wants_push": out.verdict == "again",
                    "problem": None if out.verdict == "done" or out.problem is None else out.problem.as_dict(),
                }
                for row, out in zip(rows, found, strict=True)
            ]  # fmt: skip
            trackings.subscribed(self.row.shop_id, kept, now=self.moment())
            self._go_on()
            if any(each["wants_push"] for each in kept):
                return  # asked again in the next round

    def _pull(self) -> None:
        while True:
            now = self._hold()
            trackings.end(self.row.shop_id, self.row.id, now=now)
            rows = trackings.to_pull(self.row.shop_id, self.row.id, limit=self.portion, now=now)
            if not rows:
                return
            given = [_number(row) for row in rows]
            found = self._ask("track", given, Tracked)
            now = self.moment()
            scans = [
                scan for row, out in zip(rows, found, strict=True) if out.verdict == "done" for scan in out.scans
                if (scan.carrier, scan.waybill) == (row.carrier, row.waybill)
            ]  # fmt: skip
            with transaction.atomic():
                parcels.record_scans(self.actor, sane(scans, now=now), now=now)
                trackings.pulled(
                    self.row.shop_id, [_pulled(row, out, now=now) for row, out in zip(rows, found, strict=True)], now=now
                )  # fmt: skip
            self._go_on()


def _number(row: Any) -> Number:
    return Number(row.carrier, row.waybill, phone=row.phone or "")


def _pulled(row: Any, out: Tracked, *, now: datetime) -> dict[str, Any]:
    """When a parcel is asked for again, and what is wrong with it."""
    due_at: datetime | None
    if out.verdict == "done":
        due_at = None if out.over else next_pull(row.shipped_at, pushed=row.pushed, now=now)
    elif out.verdict == "again":
        due_at = later(row.failures + 1, now=now, at_least=out.seconds)
    else:
        due_at = now + SELDOM if now - row.shipped_at < FOLLOW_FOR else None
    problem = None if out.verdict == "done" or out.problem is None else out.problem.as_dict()
    return {"parcel_id": row.parcel_id, "done": out.verdict == "done", "due_at": due_at, "problem": problem}
