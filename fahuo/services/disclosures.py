"""Receivers shown whole, or taken out of here: journaled by whoever shows them, and counted here, so that one account
cannot carry a shop's buyers away in a day unseen."""

from datetime import datetime
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.store import erasures, exports, journal
from fahuo.store.journal import Moved

Kind = Literal["revealed", "exported"]
NEAR: Final = 80
"""Percent of a day's allowance at which the shop is told."""
MACHINES: Final = "API"
"""What API keys and the command line are called together."""


def most(kind: Kind) -> int:
    """How many receivers an account may be shown, or take out, on one day of the shop."""
    return int(settings.REVEALS_PER_DAY if kind == "revealed" else settings.EXPORTS_PER_DAY)


def spend(actor: Actor, kind: Kind, count: int, *, now: datetime) -> None:
    """Count `count` receivers for the actor's account, in the transaction that shows them. Refusal `disclosure_limit`.

    API keys and the command line, which are no account, share one count. Past NEAR percent, once a day, `receivers.many` is
    journaled, so that the shop's software is told of it; the owner and who may `manage_privacy` are warned (services/shop_warnings).
    """
    if not count:
        return
    limit = most(kind)
    day = now.astimezone(ZoneInfo(exports.zone(actor.shop_id))).date()
    total = erasures.spend(actor.shop_id, actor.member_id or 0, kind, count, day=day, most=limit)
    if total is None:
        used = erasures.spent(actor.shop_id, actor.member_id or 0, kind, day=day)
        code = "disclosure_revealed" if kind == "revealed" else "disclosure_exported"
        raise Refusal.of(code, most=limit, used=used, asked=count)
    near = limit * NEAR // 100
    if total - count < near <= total:
        told = {"kind": kind, "count": total, "most": limit}
        journal.append(actor, "receivers.many", [Moved(None, after=told)], now=now)


class Near(NamedTuple):
    """An account near a limit of the day, and how many receivers it has left."""

    member_id: int
    name: str
    left: int


def near(shop_id: int, *, now: datetime) -> list[Near]:
    """The accounts that were shown, or took out, NEAR percent of what one may today; the lesser of what either leaves."""
    day = now.astimezone(ZoneInfo(exports.zone(shop_id))).date()
    found: dict[int, Near] = {}
    for row in erasures.disclosed(shop_id, since=day):
        limit = most(row.kind)
        if row.count >= limit * NEAR // 100:
            left = min(limit - row.count, found[row.member_id].left if row.member_id in found else limit)
            found[row.member_id] = Near(row.member_id, row.name or MACHINES, left)
    return list(found.values())


def of_shop(actor: Actor, *, since: datetime) -> list[Any]:
    """Who was shown how many receivers on which day, newest first (day, name, kind, count)."""
    actor.require("manage_privacy")
    return erasures.disclosed(actor.shop_id, since=since.date())
