"""Who calls, and how often: keys, allowances. What is remembered in this process is bounded, and nothing of it decides.

The allowance of a key is one row in the database, shared by all processes. A process takes some calls' worth at once and
counts them down by itself, so that a busy key costs a statement for every quarter of a second, not for every call.
"""

import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from django.conf import settings

from fahuo.rules import machines
from fahuo.rules.problems import Refusal
from fahuo.services import keys
from fahuo.services.keys import Identity

REMEMBERED: Final = 4096
"""Keys that a process remembers at most."""
LEASE: Final = 1.0
"""Seconds after which calls that were taken and not made are given back."""
SHARE: Final = 240
"""A process takes this part of a minute's allowance at once: a quarter of a second's worth."""
NOTED: Final = timedelta(minutes=1)
"""How exact the last use of a key is."""

Kept = TypeVar("Kept")
Name = TypeVar("Name")


class Memory(Generic[Name, Kept]):
    """The most recently used of what was kept, by name; safe between threads."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self.most = most
        self.lock = threading.Lock()
        self.kept: OrderedDict[Name, Kept] = OrderedDict()

    def get(self, name: Name) -> Kept | None:
        with self.lock:
            found = self.kept.get(name)
            if found is not None:
                self.kept.move_to_end(name)
            return found

    def put(self, name: Name, what: Kept) -> Kept:
        with self.lock:
            self.kept[name] = what
            self.kept.move_to_end(name)
            if len(self.kept) > self.most:
                self.kept.popitem(last=False)
        return what

    def clear(self) -> None:
        with self.lock:
            self.kept.clear()


owners: Memory[bytes, tuple[int, int]] = Memory()
"""Digest of a key -> (shop, key). Never changes."""
faces: Memory[tuple[int, int], Identity] = Memory()
"""(shop, key) -> who it was when last looked at. Only statements that ask again may go by it."""
uses: Memory[tuple[int, int], datetime] = Memory()
"""(shop, key) -> when its use was last noted."""


def owner_of(header: str | None) -> tuple[int, int]:
    """(shop, key) of an `Authorization` header. Refusals `key_missing`, `key_refused`."""
    scheme, _, text = (header or "").partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text:
        raise Refusal.of("key_missing")
    if not machines.SHAPE.fullmatch(text):
        raise Refusal.of("key_refused")
    digest = machines.digest(text)
    found = owners.get(digest)
    if found is None:
        found = keys.whose(text)
        if found is None:
            raise Refusal.of("key_refused")
        owners.put(digest, found)
    return found


def identify(owner: tuple[int, int], *, now: datetime) -> Identity:
    """Who the key is now. Refusal `key_refused` for a revoked one."""
    who = keys.identify(*owner)
    if who is None:
        raise Refusal.of("key_refused")
    note_use(who, now=now)
    return faces.put(owner, who)


def note_use(who: Identity, *, now: datetime) -> None:
    """Note the use of a key, once a minute."""
    owner = (who.shop_id, who.key_id)
    noted = uses.get(owner) or who.last_used_at
    if noted is None or noted < now - NOTED:
        keys.note_use(who, now=now)
        uses.put(owner, now)


@dataclass(slots=True)
class Lease:
    """Calls that this process took of a key's allowance. `shared`: what was left to everybody then."""

    tokens: int
    shared: float
    at: float
    closed_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the headers tell: calls a minute, calls left, seconds until all are back; `wait` when there are too few."""

    limit: int
    left: int
    wait: int = 0

    def headers(self) -> list[tuple[str, str]]:
        reset = math.ceil((self.limit - self.left) * machines.WINDOW / self.limit)
        found = [
            ("RateLimit-Limit", str(self.limit)), ("RateLimit-Remaining", str(self.left)),
            ("RateLimit-Reset", str(max(reset, 0))), ("RateLimit-Policy", f"{self.limit};w={machines.WINDOW}"),
        ]  # fmt: skip
        return [*found, ("Retry-After", str(self.wait))] if self.wait else found


leases: Memory[tuple[int, int], Lease] = Memory()
counting = threading.Lock()


def spend(owner: tuple[int, int], per_minute: int | None, calls: int, *, now: datetime) -> Allowance:
    """Count calls against the key's allowance; `wait` (seconds) is set where there are too few, and none is counted."""
    limit = per_minute or settings.API_PER_MINUTE
    calls = min(calls, limit)
    clock = time.monotonic()
    with counting:
        lease = leases.get(owner)
        if lease is not None and lease.tokens >= calls and clock - lease.at < LEASE:
            lease.tokens -= calls
            return Allowance(limit, int(lease.tokens + lease.shared))
        if lease is not None and lease.closed_until > clock:
            return Allowance(limit, max(int(lease.tokens), 0), math.ceil(lease.closed_until - clock))
        back, _ = (lease.tokens, leases.put(owner, Lease(0, lease.shared, clock))) if lease is not None else (0, None)
    taken, shared = keys.take(
        owner, most=limit, least=calls, want=max(calls, limit // SHARE), back=back, window=machines.WINDOW, now=now
    )  # fmt: skip
    with counting:
        mine = leases.get(owner) or Lease(0, shared, clock)
        if taken < calls:
            wait = (calls - shared) * machines.WINDOW / limit
            leases.put(owner, Lease(mine.tokens, shared, clock, clock + wait))
            return Allowance(limit, max(int(shared), 0), max(math.ceil(wait), 1))
        leases.put(owner, Lease(mine.tokens + taken - calls, shared, clock))
    return Allowance(limit, int(taken - calls + shared))


def forget() -> None:
    """Forget everything that is remembered: for tests."""
    for memory in (owners, faces, uses, leases):
        memory.clear()
