"""Sending what is in the outbox: taken in one transaction, sent in none, settled in another.

Whoever takes a message puts its next moment off by LEASE. Killed meanwhile, it is taken again then: nothing is lost, and
nothing is sent by two at once.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from fahuo.connectors.notify import sender
from fahuo.rules import shop_warnings
from fahuo.rules.notices import LEASE, Facts, message, retry, trial
from fahuo.rules.problems import Language
from fahuo.rules.tasks import KINDS, NEEDS_SELLER
from fahuo.store import clock, deliveries

BATCH: Final = 8
"""Messages of one child process, all sent at once."""


def run_due(
    shop_id: int | None, *, moment: Callable[[], datetime], stop: Callable[[], bool] = bool, limit: int = BATCH
) -> int:  # fmt: skip
    """Send messages that are due, up to `limit` of one shop or (None) of each; how many were taken.

    A shop whose service is slow thus keeps another's waiting for one batch only. `moment` tells the time: sending takes a
    while, and what comes of it is written with the moment after.
    """
    count = 0
    for each in [shop_id] if shop_id is not None else deliveries.shops_due(until=moment()):
        if not stop():
            count += _some(each, limit, moment)
    return count


def _some(shop_id: int, limit: int, moment: Callable[[], datetime]) -> int:
    now = moment()
    with transaction.atomic():
        taken = deliveries.take(shop_id, until=now + LEASE, limit=limit, now=now)
    going = [row for row in taken if _needed(row)]
    messages = [_written(row, now) for row in going]
    said = sender.send(messages, private=settings.NOTIFY_PRIVATE) if messages else {}
    if taken:
        now = moment()
        settled = [(row, *_outcome(row, said.get(row.id), now)) for row in taken]
        with transaction.atomic():
            deliveries.settle(
                shop_id, ids=[row.id for row, *_ in settled], attempts=[row.attempts for row, *_ in settled],
                statuses=[status for _, status, _, _ in settled], whys=[why for _, _, why, _ in settled],
                dues=[due for *_, due in settled], now=now,
            )  # fmt: skip
    return len(taken)


def _needed(row: Any) -> bool:
    """Whether it still makes sense: a trial, or through a channel that is on a warning that is not over or a task that waits
    for the seller."""
    if row.warning_id is not None:
        return bool(row.active and row.over_at is None)
    return row.task_id is None or (row.active and row.state in NEEDS_SELLER and row.due_at is not None)


def _written(row: Any, now: datetime) -> sender.Message:
    language: Language = "en" if row.language == "en" else "zh"
    if row.warning_id is not None:
        title, body = shop_warnings.message(
            row.warning_kind, row.facts, row.shop, language, due_at=row.warning_due_at, now=now,
            link=_link(row.code, shop_warnings.page_of(row.warning_kind, row.subject_id)),
        )  # fmt: skip
    elif row.task_id is None:
        title, body = trial(row.shop, language)
    else:
        kind = KINDS[row.task_kind]
        facts = Facts(
            shop=row.shop, zone=row.time_zone, number=row.number, goods=row.goods or "", state=row.state,
            kind=kind.en if language == "en" else kind.zh, due_at=row.due_at, link=_link(row.code, f"tasks/{row.task_id}/"),
        )  # fmt: skip
        title, body = message(facts, language, now=now)
    return sender.Message(row.id, row.kind, row.settings, title, body)


def _link(code: str, page: str) -> str:
    """A page of the shop, where the outside knows this server by a name."""
    host = settings.ALLOWED_HOSTS[0]
    return f"https://{host}/s/{code}/{page}" if settings.HTTPS and not host.startswith(".") else ""


def _outcome(row: Any, why: str | None, now: datetime) -> tuple[str, str, datetime | None]:
    """(status, why, when again) of a message; `why` None: it was not sent because nobody needs it."""
    if why is None:
        return "not_needed", "", None
    if not why:
        return "sent", "", None
    again = retry(row.attempts, why, now=now, trial=row.task_id is None and row.warning_id is None)
    return ("waiting" if again else "given_up"), why, again


def forget(*, keep_days: int, now: datetime) -> int:
    """Delete messages that were settled more than `keep_days` ago, in all shops; how many."""
    count = 0
    for shop_id in clock.shops():
        with transaction.atomic():
            count += deliveries.forget(shop_id, now - timedelta(days=keep_days))
    return count
