"""Numbers that are ordered from a carrier's service: asked for with the label, settled when the service answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fahuo.rules.carrying import BREAKS_AT
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem
from fahuo.store import carriers
from fahuo.store import number_orders as store


def ask(actor: Actor, wanted: Sequence[Any], *, reason: str = "", now: datetime) -> dict[int, Problem]:
    """Ask for a number for each label wanted (contract, key, order_ids, replaces); what to say of each order.

    Inside the caller's transaction, orders locked. What is asked for already is not asked for twice: a row that was
    refused is asked again, and one that waits for another contract or receiver makes room.
    """
    order_ids = [order_id for want in wanted for order_id in want.order_ids]
    standing = store.of_orders(actor.shop_id, order_ids)
    fresh: list[dict[str, Any]] = []
    again: list[int] = []
    stale: list[int] = []
    for want in wanted:
        mine = [row for row in standing if set(row.order_ids) & set(want.order_ids)]
        same = [row for row in mine if _same(row, want)]
        again += [row.id for row in same if row.state == "refused"]
        stale += [row.id for row in mine if row not in same and row.state != "unknown"]
        if not same:
            fresh.append({
                "account_id": want.contract.carrier_account_id, "contract_id": want.contract.id,
                "order_ids": want.order_ids, "receiver_key": want.key, "replaces_id": want.replaces,
            })  # fmt: skip
    store.give_up(actor, stale, now=now)
    store.again(actor.shop_id, again, now=now)
    store.ask(actor, fresh, reason=reason, now=now)
    for account_id in sorted({want.contract.carrier_account_id for want in wanted}):
        carriers.wake(actor.shop_id, account_id, breaks_at=BREAKS_AT, at=now)
    names = store.names(actor.shop_id, order_ids)
    return {
        order_id: Problem("number_ordered", {"order": names[order_id], "contract": want.contract.name})
        for want in wanted for order_id in want.order_ids
    }  # fmt: skip


def _same(row: Any, want: Any) -> bool:
    return (row.contract_id, row.receiver_key, set(row.order_ids)) == (want.contract.id, want.key, set(want.order_ids))


def voided(shop_id: int, label_ids: Sequence[int], *, now: datetime) -> None:
    """These labels are given up: numbers of theirs that came from a service are given back there."""
    for account_id in store.voided(shop_id, label_ids, now=now):
        carriers.wake(shop_id, account_id, breaks_at=BREAKS_AT, at=now)
