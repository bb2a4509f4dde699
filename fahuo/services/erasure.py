"""Forgetting persons: stage by stage once an order is over (rules/retention.toml), and at once where somebody asks for it.

Every step is one transaction with its record in `erasures` and its entries in the journal; both tell how much, never what.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.rules.retention import NAMES, STAGES, why_kept
from fahuo.store import clock, erasures, imports, journal
from fahuo.store.journal import Moved

PORTION: Final = 1000
REASON: Final = 500
GRACE: Final = timedelta(days=2)
"""An order that is overdue longer than this is a finding: the clock comes by every hour."""


def days(stage: str) -> int:
    """How many days after it is over an order keeps what a stage erases."""
    return int(settings.ERASE_AFTER[stage])


def run_due(shop_id: int, *, now: datetime, limit: int = PORTION) -> dict[str, int]:
    """Erase what is due in a shop, portion by portion; stage -> orders."""
    done = dict.fromkeys(NAMES, 0)
    for place, stage in enumerate(NAMES):
        while count := _portion(shop_id, place, stage, now=now, limit=limit):
            done[stage] += count
    return done


def _portion(shop_id: int, place: int, stage: str, *, now: datetime, limit: int) -> int:
    actor, before = Actor(shop_id, None, "clock"), now - timedelta(days=days(stage))
    with transaction.atomic():
        ids = erasures.due(shop_id, place, before, limit=limit)
        if ids:
            counts = erasures.erase(shop_id, stage, ids)
            erasures.record(
                actor, kind="rule", stage=stage, outcome="done", order_id=None, reason="", before=before, counts=counts,
                now=now,
            )  # fmt: skip
            _tell(actor, stage, ids, now=now)
    return len(ids)


def _tell(actor: Actor, stage: str, ids: Sequence[int], *, now: datetime) -> None:
    journal.append(actor, "order.erased", [Moved(each, after={"stage": stage}) for each in ids], now=now)


def forget(*, now: datetime) -> int:
    """A round of the clock over all shops; how many orders went through a stage."""
    count = 0
    for shop_id in clock.shops():
        erasures.forget_disclosures(shop_id, (now - timedelta(days=400)).date())
        count += sum(run_due(shop_id, now=now).values())
    return count


def erase(actor: Actor, order_id: int, *, reason: str, now: datetime) -> dict[str, int]:
    """Erase an order's receiver and conversation because its person asks for it; table -> rows.

    Refusals, each with its record: `erasure_under_way`, `erasure_refund`, `erasure_complaint`, `erasure_task`: what is
    needed to perform the contract or to answer for it stays until then. Others: `not_permitted`, `order_unknown`,
    `erasure_reason`. What the law wants kept of the trade (nick, evidence) goes by its own stage.
    """
    actor.require("manage_privacy")
    reason = reason.strip()
    if not reason or len(reason) > REASON:
        raise Refusal.of("erasure_reason", most=REASON)
    with transaction.atomic():
        order = erasures.hold(actor.shop_id, order_id)
        if order is None:
            raise Refusal.of("order_unknown", order=order_id)
        kept = why_kept(order)
        if kept is None:
            return _erase(actor, order, reason, now=now)
        erasures.record(
            actor, kind="request", stage="talk", outcome="refused", order_id=order_id, reason=kept.code, before=None,
            counts={}, now=now,
        )  # fmt: skip
    raise Refusal(kept)


def erase_number(actor: Actor, number: str, *, reason: str, now: datetime) -> dict[str, int]:
    """The same for an order by its number."""
    found = imports.hashes(actor.shop_id, [number.strip()])
    if not found:
        raise Refusal.of("order_unknown", order=number)
    return erase(actor, found[number.strip()][0], reason=reason, now=now)


def _erase(actor: Actor, order: Any, reason: str, *, now: datetime) -> dict[str, int]:
    counts: dict[str, int] = {}
    for stage in ("receiver", "talk"):
        for what, number in erasures.erase(actor.shop_id, stage, [order.id]).items():
            counts[what] = max(counts.get(what, 0), number)
    batches = erasures.batches_of(actor.shop_id, order.id, order.number)
    for batch_id in batches:
        clock.forget_batch(actor.shop_id, batch_id)
    counts["batches"] = len(batches)
    erasures.record(
        actor, kind="request", stage="talk", outcome="done", order_id=order.id, reason=reason, before=None, counts=counts,
        now=now,
    )  # fmt: skip
    _tell(actor, "talk", [order.id], now=now)
    return counts


def records(actor: Actor, *, limit: int = 100) -> list[Any]:
    """What was erased or refused in a shop, newest first."""
    actor.require("manage_privacy")
    return erasures.records(actor.shop_id, limit=limit)


def faults(shop_id: int, *, now: datetime) -> list[str]:
    """What erasing left behind, or did not come to: `left <table> <n>`, `overdue <stage> <n>`."""
    found = [f"left {table} {number}" for table, number in erasures.left_over(shop_id).items()]
    for place, stage in enumerate(NAMES):
        before = now - timedelta(days=days(stage)) - GRACE
        if number := erasures.overdue(shop_id, place, before):
            found.append(f"overdue {stage} {number}")
    return found


def held(shop_id: int) -> dict[str, int]:
    """Stage -> how many orders have gone through it; "" for those that went through none."""
    counted = erasures.by_stage(shop_id)
    return {name: counted.get(place, 0) for place, name in enumerate(("", *NAMES))}


def terms() -> list[dict[str, Any]]:
    """Each stage as it holds here: name, days, what it erases, basis, source, since."""
    return [
        {"name": stage.name, "days": days(stage.name), "standard": stage.days, "zh": stage.zh, "en": stage.en,
         "basis": stage.basis, "source": stage.source, "since": stage.since.isoformat()}
        for stage in STAGES.values()
    ]  # fmt: skip
