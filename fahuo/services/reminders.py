"""Reminders: when a task needs the seller, and again some hours before it is due, to everyone who subscribed.

An account subscribes with the preference `todo_notice` (true); its quiet hours are the preferences `quiet_from` and
`quiet_to` ("23:00"). They hold delivery only: a held reminder counts like one that was delivered.
"""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Final

from django.db import transaction

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import people
from fahuo.services.shopbook import ShopBook
from fahuo.store import reminders, timers

BATCH: Final = 1000


def run_due(shop_id: int | None, *, now: datetime, limit: int = BATCH, stop: Callable[[], bool] = bool) -> int:
    """Give every reminder that is due at `now`, of one shop or (None) of all; how many moments of tasks that were."""
    found = [shop_id] if shop_id is not None else timers.shops_reminding(until=now)
    count = 0
    for each in found:
        book = ShopBook.of(each)
        while not stop():
            given = _some(book, limit, now=now)
            count += given
            if not given:
                break
    return count


def _some(book: ShopBook, limit: int, *, now: datetime) -> int:
    with transaction.atomic():
        members = reminders.subscribers(book.shop_id)
        hours = {version.id: version.reminders.hours_before.values for version in book.versions.values()}
        return reminders.remind(
            book.shop_id, members, zone=book.shop.time_zone, hours=hours, until=now, limit=limit,
            per_day=book.book.at(now).reminders.per_day.value,
        )  # fmt: skip


def subscribe(
    actor: Actor, *, now: datetime, on: bool = True, quiet_from: str | None = None, quiet_to: str | None = None
) -> None:
    """Subscribe the actor's account to 待办通知, or end it; quiet hours as "23:00". Refusal `quiet_hours`."""
    try:
        quiet = [
            None if text is None else time.fromisoformat(text).strftime("%H:%M") for text in (quiet_from, quiet_to)
        ]
    except ValueError as error:
        raise Refusal.of("quiet_hours") from error
    people.set_preferences(actor, {"todo_notice": on, "quiet_from": quiet[0], "quiet_to": quiet[1]}, now=now)


def of_day(shop_id: int, day: date) -> dict[str, dict[str, int]]:
    """account -> status (delivered, held, suppressed) -> reminders on a calendar day of the shop."""
    return reminders.of_day(shop_id, day)
