"""Reminders: when a task needs the seller, and again some hours before it is due, to everyone who subscribed.

An account subscribes with the preference `todo_notice` (true); its quiet hours are the preferences `quiet_from` and
`quiet_to` ("23:00"). They hold delivery only: a held reminder counts like one that was delivered, and goes out when they
end. `todo_popup` and `todo_sound` (true unless switched off) say how the open page tells of one.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Final

from django.db import transaction

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.rules.tasks import NEEDS_SELLER
from fahuo.services import people
from fahuo.services.shopbook import ShopBook
from fahuo.store import deliveries, reminders, timers

BATCH: Final = 1000
MOST_SEEN: Final = 1000
"""Reminders that one request may call seen."""


def run_due(shop_id: int | None, *, now: datetime, limit: int = BATCH, stop: Callable[[], bool] = bool) -> int:
    """Give every reminder that is due at `now`, of one shop or (None) of all; how many moments of tasks that were.

    Whatever quiet hours held until `now` goes out as well.
    """
    found = [shop_id] if shop_id is not None else timers.shops_reminding(until=now)
    count = 0
    for each in found:
        book = ShopBook.of(each)
        while not stop():
            given = _some(book, limit, now=now)
            count += given
            if not given:
                break
    release_due(shop_id, now=now, limit=limit, stop=stop)
    return count


def release_due(shop_id: int | None, *, now: datetime, limit: int = BATCH, stop: Callable[[], bool] = bool) -> int:
    """Let go what quiet hours held and let go by `now`; how many reminders. Each goes once, however many clocks come."""
    found = [shop_id] if shop_id is not None else reminders.shops_releasing(until=now)
    count = 0
    for each in found:
        while not stop():
            with transaction.atomic():
                gone = reminders.release(each, until=now, limit=limit)
                hand_over(each, gone, now=now)
            count += len(gone)
            if len(gone) < limit:
                break
    return count


def _some(book: ShopBook, limit: int, *, now: datetime) -> int:
    with transaction.atomic():
        members = reminders.subscribers(book.shop_id)
        hours = {version.id: version.reminders.hours_before.values for version in book.versions.values()}
        count, handed = reminders.remind(
            book.shop_id, members, zone=book.shop.time_zone, hours=hours, until=now, limit=limit,
            per_day=book.book.at(now).reminders.per_day.value,
        )  # fmt: skip
        hand_over(book.shop_id, handed, now=now)
    return count


def hand_over(shop_id: int, ids: Sequence[int], *, now: datetime) -> None:
    """To the channels, by the outbox, and as a hint to open pages; inside the transaction that delivers them."""
    if ids:
        deliveries.add(shop_id, ids, states=sorted(NEEDS_SELLER), now=now)
        deliveries.add_warnings(shop_id, ids, now=now)
        reminders.announce(shop_id, ids)


def _clock(text: str | None) -> str | None:
    """A time of day as "23:00"; Refusal `quiet_hours` for what is none."""
    if not text:
        return None
    try:
        return time.fromisoformat(text).strftime("%H:%M")
    except ValueError as error:
        raise Refusal.of("quiet_hours") from error


def subscribe(
    actor: Actor, *, now: datetime, on: bool = True, quiet_from: str | None = None, quiet_to: str | None = None,
    popup: bool = True, sound: bool = True,
) -> None:  # fmt: skip
    """Subscribe the actor's account to 待办通知, or end it; quiet hours as "23:00", from and to or neither.

    Only an account that sees tasks is reminded. Refusal `quiet_hours`.
    """
    quiet = _clock(quiet_from), _clock(quiet_to)
    if (quiet[0] is None) != (quiet[1] is None):
        raise Refusal.of("quiet_hours")
    people.set_preferences(
        actor,
        {"todo_notice": on, "quiet_from": quiet[0], "quiet_to": quiet[1], "todo_popup": popup, "todo_sound": sound},
        now=now,
    )


def see(actor: Actor, ids: Sequence[int], *, now: datetime) -> int:
    """Note that the actor has seen these reminders of its own; how many were new."""
    if actor.member_id is None or not ids:
        return 0
    with transaction.atomic():
        return reminders.see(actor.shop_id, actor.member_id, list(ids)[:MOST_SEEN], now=now)


def per_day(shop_id: int, *, now: datetime) -> int:
    """How many reminders an account of the shop gets on a day."""
    return int(ShopBook.of(shop_id).book.at(now).reminders.per_day.value)


def of_day(shop_id: int, day: date) -> dict[str, dict[str, int]]:
    """account -> status (delivered, held, suppressed) -> reminders on a calendar day of the shop."""
    return reminders.of_day(shop_id, day)
