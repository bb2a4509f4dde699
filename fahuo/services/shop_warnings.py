"""Warnings: what stands wrong in a shop is told to the accounts that can mend it, once, by page and channels.

The clock looks every minute. Told are accounts that subscribed to 待办通知 and may do what the warning asks for; what is given
counts among the day's reminders (rules.reminders) and quiet hours hold it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from fahuo.rules.people import ACTS
from fahuo.rules.reminders import Quiet, day_of, deliver
from fahuo.rules.shop_warnings import AGAIN, WORDS, Trouble, stock_trouble
from fahuo.services import disclosures, reminders
from fahuo.services.shopbook import ShopBook
from fahuo.store import shop_warnings as store
from fahuo.store.boards import stock


def run_due(shop_id: int | None, *, now: datetime, stop: Callable[[], bool] = bool) -> int:
    """Raise what is wrong at `now` and end what is over, of one shop or (None) of all; how many were raised."""
    count = 0
    for each in [shop_id] if shop_id is not None else store.shops(now):
        if stop():
            break
        count += _look(each, now=now)
    return count


def troubles(shop_id: int, *, now: datetime) -> list[Trouble]:
    """What is wrong in the shop at this moment."""
    found = [
        stock_trouble(each.contract_id, each.name, each.outlook, now=now)
        for each in stock.outlooks(shop_id, today=now, now=now)
    ]
    return [
        *(each for each in found if each is not None),
        *(Trouble("webhook_off", row.id, row.name) for row in store.webhooks_off(shop_id)),
        *(Trouble("many_receivers", row.member_id, row.name, row.left) for row in disclosures.near(shop_id, now=now)),
    ]


def _look(shop_id: int, *, now: datetime) -> int:
    standing = troubles(shop_id, now=now)
    with transaction.atomic():
        store.over(shop_id, standing, now=now)
        raised = store.raise_new(shop_id, standing, again=AGAIN, now=now)
        if raised:
            _tell(ShopBook.of(shop_id), raised, now=now)
    return len(raised)


def _tell(book: ShopBook, raised: list[Any], *, now: datetime) -> None:
    """Remind whoever may mend it; inside the transaction that raised it."""
    zone = book.shop.time_zone
    version, day = book.book.at(now), day_of(now, zone)
    rows = []
    for member in store.subscribers(book.shop_id, day):
        given = int(member.given)
        quiet = Quiet(member.quiet_from, member.quiet_to) if member.quiet_from and member.quiet_to else None
        for warning in raised:
            if not (member.is_owner or ACTS[WORDS[warning.kind].act] & set(member.permissions)):
                continue
            told = deliver(given, version, now=now, zone=zone, quiet=quiet)
            given += told.status != "suppressed"
            rows.append({"warning_id": warning.id, "member_id": member.id, "status": told.status, "at": told.at})
    reminders.hand_over(book.shop_id, store.remind(book.shop_id, rows, day, now=now), now=now)
