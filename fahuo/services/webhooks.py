"""Webhooks: set up by whoever manages the shop's machines; and what is sent to them, from the journal, by the clock.

Three steps that may each be taken up again: entries are put into the outbox (`follow`), taken for a while and sent
(`run_due`), settled. Killed anywhere, a delivery is sent again under the same id: at least once, never lost. What an
address fails to take is tried again for three days; an address that took nothing for so long is switched off.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.db import transaction

from fahuo import __version__
from fahuo.connectors.notify.addresses import inside
from fahuo.connectors.webhook import sender
from fahuo.rules import webhooks as rules
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.store import clock, journal
from fahuo.store import webhooks as store

MOST: Final = 10
"""Webhooks of one shop."""
NAME: Final = 60
LONGEST: Final = 500
BATCH: Final = 200
"""Events of one webhook that are taken at once; one where the last was not taken well."""
AT_ONCE: Final = 20
"""Webhooks that one child process serves at once."""
FOLLOWED: Final = 1000
"""Entries that are put into a webhook's outbox by one statement."""
SYSTEM: Final = "clock"
"""How the journal names whoever switches a failing webhook off."""


# ---- set up ------------------------------------------------------------------------------------------------------


def _address(text: str) -> str:
    """An address as it is kept. Refusals `webhook_address`, `webhook_private`."""
    text = text.strip()
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise Refusal.of("webhook_address") from None
    good = parts.scheme in ("http", "https") and parts.hostname and not parts.username and port != 0
    if not good or not text.isascii() or len(text) > LONGEST or re.search(r"[\s\"<>\\]", text) or parts.fragment:
        raise Refusal.of("webhook_address")
    if inside(parts.hostname or "") and not settings.NOTIFY_PRIVATE:
        raise Refusal.of("webhook_private")
    return text


def _wish(actor: Actor, name: str, address: str, kinds: Sequence[str], with_receiver: bool) -> dict[str, Any]:
    """What is kept of a webhook. Refusals as `add`."""
    for kind in kinds:
        if kind not in rules.KINDS:
            raise Refusal.of("webhook_kinds", kind=kind[:60])
    if with_receiver and not actor.may("reveal_receiver"):
        raise Refusal.of("webhook_receiver")
    kept = _address(address)
    name = " ".join(name.replace("\0", "").split())[:NAME] or (urlsplit(kept).hostname or "")[:NAME]
    wanted = [kind for kind in rules.KINDS if kind in set(kinds)]
    return {"name": name, "address": kept, "kinds": wanted, "with_receiver": with_receiver}


def _noted(actor: Actor, act: str, webhook_id: int, now: datetime, **what: object) -> None:
    journal.append(actor, act, [journal.Moved(after={"webhook": webhook_id, **what})], now=now)


def add(
    actor: Actor, *, name: str, address: str, kinds: Sequence[str] = (), with_receiver: bool = False, now: datetime
) -> tuple[int, str]:  # fmt: skip
    """Tell an address what happens from now on; (id, secret). `kinds` empty: every kind of event.

    Refusals: `not_permitted`, `webhook_kinds`, `webhook_receiver`, `webhook_address`, `webhook_private`, `webhook_too_many`.
    """
    actor.require("manage_machines")
    wish = _wish(actor, name, address, kinds, with_receiver)
    with transaction.atomic():
        if len(store.of_shop(actor.shop_id)) >= MOST:
            raise Refusal.of("webhook_too_many", most=MOST)
        made = store.add(actor.shop_id, now=now, actor=actor.name, **wish)
        _noted(actor, "webhooks.added", made, now, name=wish["name"], with_receiver=with_receiver)
    return made, _secret(actor.shop_id, made, 1)


def _secret(shop_id: int, webhook_id: int, number: int) -> str:
    return rules.secret_of(settings.SECRET_KEY, shop_id, webhook_id, number)


def of_shop(actor: Actor) -> list[Any]:
    """The shop's webhooks. Refusal `not_permitted`."""
    actor.require("manage_machines")
    return store.of_shop(actor.shop_id)


def one(actor: Actor, webhook_id: int) -> Any:
    """One webhook. Refusals `not_permitted`, `webhook_unknown`."""
    actor.require("manage_machines")
    found = store.one(actor.shop_id, webhook_id)
    if found is None:
        raise Refusal.of("webhook_unknown")
    return found


@transaction.atomic
def change(
    actor: Actor, webhook_id: int, *, name: str, address: str, kinds: Sequence[str], with_receiver: bool, now: datetime
) -> None:  # fmt: skip
    """Change a webhook. Refusals as `add`, and `webhook_unknown`."""
    row = one(actor, webhook_id)
    wish = _wish(actor, name, address, kinds, with_receiver)
    store.change(actor.shop_id, webhook_id, **wish)
    changed = sorted(key for key, value in wish.items() if getattr(row, key) != value)
    if changed:
        _noted(actor, "webhooks.changed", webhook_id, now, name=wish["name"], fields=changed)


@transaction.atomic
def drop(actor: Actor, webhook_id: int, *, now: datetime) -> None:
    """Delete a webhook with what waits for it. Refusals `not_permitted`, `webhook_unknown`."""
    row = one(actor, webhook_id)
    store.drop(actor.shop_id, webhook_id)
    _noted(actor, "webhooks.dropped", webhook_id, now, name=row.name)


@transaction.atomic
def turn_on(actor: Actor, webhook_id: int, *, now: datetime) -> bool:
    """Switch a webhook on: what happened in the last three days while it was off is told, too. Whether it was off."""
    one(actor, webhook_id)
    on = store.turn_on(actor.shop_id, webhook_id, since=now - rules.KEEP_TRYING)
    if on:
        _noted(actor, "webhooks.changed", webhook_id, now, active=True)
    return on


@transaction.atomic
def turn_off(actor: Actor, webhook_id: int, *, now: datetime) -> bool:
    """Switch a webhook off; what waits is dropped, and may be replayed. Whether it was on."""
    one(actor, webhook_id)
    off = store.turn_off(actor.shop_id, webhook_id, why="", now=now)
    if off:
        _noted(actor, "webhooks.changed", webhook_id, now, active=False)
    return off


@transaction.atomic
def turn_secret(actor: Actor, webhook_id: int, *, now: datetime) -> str:
    """A new secret in place of the old one, which signs nothing any more."""
    one(actor, webhook_id)
    number = store.turn_secret(actor.shop_id, webhook_id)
    _noted(actor, "webhooks.changed", webhook_id, now, fields=["secret"])
    return _secret(actor.shop_id, webhook_id, number)


@transaction.atomic
def try_out(actor: Actor, webhook_id: int, *, now: datetime) -> int:
    """Send a trial event, by the way that every event goes; the delivery's id."""
    one(actor, webhook_id)
    return store.add_trial(actor.shop_id, webhook_id, rules.TRIAL, now=now)


@transaction.atomic
def replay(actor: Actor, webhook_id: int, ids: Sequence[int] = (), *, failed: bool = False, now: datetime) -> int:
    """Send deliveries again under their own ids: these, or (`failed`) all that did not get through; how many.

    One that waits still is left alone. Refusals `not_permitted`, `webhook_unknown`.
    """
    one(actor, webhook_id)
    count = store.replay(actor.shop_id, webhook_id, ids, failed=failed, now=now)
    if count:
        _noted(actor, "webhooks.replayed", webhook_id, now, count=count)
    return count


def listed(actor: Actor, webhook_id: int, *, status: str = "", before: int = 2**63 - 1, limit: int = 50) -> list[Any]:
    """A webhook's deliveries below an id, newest first. Refusals `not_permitted`, `webhook_unknown`."""
    one(actor, webhook_id)
    return store.listed(actor.shop_id, webhook_id, status=status, before=before, limit=limit)


# ---- into the outbox ---------------------------------------------------------------------------------------------


class Horizon:
    """Up to which id every entry can be seen (see store.webhooks). Each process of the clock looks for itself."""

    def __init__(self) -> None:
        self.mark: tuple[int, frozenset[str]] | None = None
        self.safe = 0

    def look(self) -> int:
        """The greatest id that is known to be safe now."""
        if self.mark is not None and not (self.mark[1] & store.writers()):
            self.safe, self.mark = max(self.safe, self.mark[0]), None
        if self.mark is None:
            last = store.last_id()  # first the id, then who may still write one below it
            under_way = store.writers()
            if under_way:
                self.mark = (last, under_way)
            else:
                self.safe = max(self.safe, last)
        return self.safe


def follow(horizon: Horizon, *, now: datetime, stop: Callable[[], bool] = bool) -> int:
    """Put what happened into the outboxes, in all shops; how many deliveries."""
    until = horizon.look()
    count = 0
    for shop_id in store.behind(until=until):
        more = True
        while more and not stop():
            with transaction.atomic():
                queued, more = store.follow(
                    shop_id, until=until, known=list(rules.KINDS), opened=rules.OPENED, moved=rules.MOVED,
                    most=FOLLOWED, now=now,
                )  # fmt: skip
            count += queued
    return count


# ---- out of the house --------------------------------------------------------------------------------------------


def run_due(*, moment: Callable[[], datetime], limit: int = BATCH) -> int:
    """Send what is due, of the webhooks that wait longest; how many deliveries were taken. `moment` tells the time."""
    now = moment()
    taken = [pair for hook in store.due(limit=AT_ONCE, now=now) if (pair := _take(hook, limit, now))[1]]
    if not taken:
        return 0
    parcels = [sender.Parcel(hook.address, [_event(hook, row, now) for row in rows]) for hook, rows in taken]
    said = sender.send(parcels, private=settings.NOTIFY_PRIVATE)
    now = moment()
    for hook, rows in taken:
        with transaction.atomic():
            _settle(hook, rows, said, now)
    return sum(len(rows) for _, rows in taken)


class Hook(msgspec.Struct):
    """A webhook whose deliveries were taken."""

    shop_id: int
    id: int
    shop: str
    address: str
    secret: str


def _take(due: Any, limit: int, now: datetime) -> tuple[Hook, list[Any]]:
    with transaction.atomic():
        row = store.one(due.shop_id, due.id)
        if row is None or not row.active:
            return Hook(due.shop_id, due.id, "", "", ""), []
        rows = store.take(
            due.shop_id, due.id, limit=1 if due.failures else limit, until=now + rules.LEASE,
            with_receiver=row.with_receiver, now=now,
        )  # fmt: skip
    secret = _secret(due.shop_id, due.id, row.secret_no)
    return Hook(due.shop_id, due.id, row.shop, row.address, secret), rows


def _event(hook: Hook, row: Any, now: datetime) -> sender.Event:
    """An event, signed for this attempt."""
    body = msgspec.json.encode(payload(hook.shop, row))
    name, timestamp = f"msg_{row.id}", int(now.timestamp())
    headers = {
        "Content-Type": "application/json", "User-Agent": f"Fahuo/{__version__}", "webhook-id": name,
        "webhook-timestamp": str(timestamp), "webhook-signature": rules.sign(hook.secret, name, timestamp, body),
    }  # fmt: skip
    return sender.Event(row.id, headers, body.decode())


def payload(shop: str, row: Any) -> dict[str, Any]:
    """What an event says. `row` as store.webhooks.take has it."""
    told = store.document
    data: dict[str, Any] = {"order": row.number, "order_id": row.order_id, "actor": row.actor}
    if row.task_id is not None:
        data |= {
            "task_id": row.task_id, "event": row.event, "from": row.from_state, "to": row.to_state,
            "clause": row.clause, "plan": told(row.data),
        }  # fmt: skip
    elif row.kind != rules.TRIAL:
        data |= {
            "parcel_id": row.parcel_id,
            "batch_id": row.batch_id,
            "before": told(row.before),
            "after": told(row.after),
        }
    if row.name is not None:
        names = ("name", "phone", "phone_extension", "province", "city", "district", "address", "postcode")
        data["receiver"] = {name: getattr(row, name) for name in names}
    return {"id": f"msg_{row.id}", "type": row.kind, "at": row.at, "shop": shop, "data": data}


def _settle(hook: Hook, rows: Sequence[Any], said: dict[int, str], now: datetime) -> None:
    """Write what became of deliveries, and how the address is doing."""
    outcomes = [(row, *_outcome(row, said.get(row.id), now)) for row in rows]
    store.settle(hook.shop_id, outcomes, now=now)
    tried = [said[row.id] for row in rows if row.id in said]
    if not tried:
        return
    good, gone = "" in tried, rules.FINAL & set(tried)
    if good and not gone:
        store.health(hook.shop_id, hook.id, good=True, rest_until=None, now=now)
        return
    failures = 1 + int(getattr(store.one(hook.shop_id, hook.id, lock=True), "failures", 0))
    found = store.health(hook.shop_id, hook.id, good=False, rest_until=now + rules.wait(failures), now=now)
    store.expire(hook.shop_id, hook.id, before=now - rules.KEEP_TRYING, now=now)
    if found is not None and (gone or found.failing_since <= now - rules.KEEP_TRYING):
        _switch_off(hook, tried[-1], now)


def _outcome(row: Any, why: str | None, now: datetime) -> tuple[str, str, datetime | None, bool]:
    """(status, why, when again, not tried after all) of a delivery; `why` None: nobody began it."""
    if why is None:
        return "waiting", "", now, True
    if not why:
        return "sent", "", None, False
    again = rules.again(row.created_at, row.attempts, now=now)
    return ("waiting" if again else "given_up"), why, again, False


def _switch_off(hook: Hook, why: str, now: datetime) -> None:
    if store.turn_off(hook.shop_id, hook.id, why=why, now=now):
        told = journal.Moved(after={"webhook": hook.id, "why": why})
        journal.append(Actor(hook.shop_id, None, SYSTEM), "webhooks.off", [told], now=now)


def forget(*, keep_days: int, now: datetime) -> int:
    """Delete deliveries that were settled more than `keep_days` ago, in all shops; how many."""
    count = 0
    for shop_id in clock.shops():
        with transaction.atomic():
            count += store.forget(shop_id, now - timedelta(days=keep_days))
    return count
