"""Calls that are made again: done once, answered the same for a day."""

from datetime import datetime

from fahuo.rules.problems import Refusal
from fahuo.services.keys import Identity
from fahuo.store import answers, sealed


def claim(who: Identity, name: str, digest: bytes, *, now: datetime) -> tuple[int, bytes] | None:
    """Begin a call under a name, within the transaction of its work: None, or the (status, body) it was answered before.

    `digest` tells what is asked. Refusals: `idempotency_other` (the name stands for something else), `idempotency_busy`.
    """
    found = answers.claim(who.shop_id, who.key_id, name, digest, now=now)
    if found.made:
        return None
    if not found.mine or not found.status:
        raise Refusal.of("idempotency_busy")
    if bytes(found.request) != digest:
        raise Refusal.of("idempotency_other")
    return int(found.status), sealed.opened(who.shop_id, sealed.ANSWER, bytes(found.body))


def keep(who: Identity, name: str, status: int, body: bytes) -> None:
    """Keep the answer of a call that was claimed, in the same transaction."""
    answers.keep(who.shop_id, who.key_id, name, status=status, body=sealed.seal(who.shop_id, sealed.ANSWER, body))
