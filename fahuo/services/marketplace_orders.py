"""What a marketplace tells of its orders becomes orders here: lines, receivers, deadlines, refunds, and one urge an order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
from django.db import transaction

from fahuo.connectors.contract import Found, Receiver
from fahuo.rules.entries import Entry
from fahuo.rules.marketplaces import later
from fahuo.rules.orders import OrderDraft
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem
from fahuo.services import intake, urges
from fahuo.store import marketplaces as store
from fahuo.store import orders as order_store

MAY: Final = frozenset({"ship", "messages", "tasks", "finance"})


def clerk(shop_id: int, name: str) -> Actor:
    """Who does what a marketplace tells, in the journal."""
    return Actor(shop_id, None, name, permissions=MAY)


@transaction.atomic
def keep(
    actor: Actor, marketplace_id: int, founds: Sequence[Found], *, opened: Mapping[str, Receiver], asked_at: datetime,
    now: datetime,
) -> int:  # fmt: skip
    """Take in what was found of orders; how many could be read. `opened`: receivers that were opened, by ref.

    Nothing is lost: what cannot be read or written stays as a row with its problem, and is read again later.
    """
    founds = list({found.ref: found for found in founds}.values())
    known = store.known(actor.shop_id, marketplace_id, [found.ref for found in founds])
    good = [found for found in founds if found.draft is not None]
    drafts = [whole(found, known.get(found.ref), opened.get(found.ref)) for found in good]
    taken = dict(zip((found.ref for found in good), intake.take(actor, drafts, now=now), strict=True))
    rows = [_row(found, taken.get(found.ref), known.get(found.ref), opened, now) for found in founds]
    store.put(actor.shop_id, marketplace_id, rows, asked_at=asked_at, now=now)
    for found in good:
        if found.urged and isinstance(taken[found.ref], int):
            urge(actor, marketplace_id, found.ref, at=None, now=now)
    return sum(row["problem"] is None for row in rows)


def whole(found: Found, known: Any | None, receiver: Receiver | None) -> OrderDraft:
    """The draft with its opened receiver, and with what its refunds amount to."""
    draft = found.draft
    assert draft is not None  # only those that could be read come here
    if receiver is not None:
        draft = msgspec.structs.replace(
            draft, receiver=receiver.name, phone=receiver.phone, phone_extension=receiver.phone_extension,
            province=receiver.province or draft.province, city=receiver.city or draft.city,
            district=receiver.district or draft.district, address=receiver.address,
        )  # fmt: skip
    amounts = {} if known is None else known.refunds
    if amounts:
        total = sum((Decimal(amount) for amount in amounts.values()), Decimal("0.00"))
        lines = [
            msgspec.structs.replace(line, refund_amount=Decimal(amounts[line.number]))
            if line.number in amounts and line.refund_status != "none" else line
            for line in draft.lines
        ]  # fmt: skip
        some = draft.refund_status != "none" or any(line.refund_status != "none" for line in lines)
        draft = msgspec.structs.replace(draft, lines=lines, refund_amount=total if some else draft.refund_amount)
    return draft


def _row(
    found: Found, taken: int | Problem | None, known: Any | None, opened: Mapping[str, Receiver], now: datetime
) -> dict[str, Any]:
    """What is kept of it. Of an order that is gone there nothing waits any more."""
    problem = found.problem or (taken if isinstance(taken, Problem) else None)
    attempts = 0 if known is None else known.attempts
    # what was opened once stays open while it goes to the same place
    still = found.masked and found.ref not in opened and (known is None or known.masked or known.mark != found.mark)
    return {
        "ref": found.ref, "order_id": taken if isinstance(taken, int) else None, "waits": found.waits, "masked": still,
        "mark": found.mark, "modified_at": found.modified, "problem": None if problem is None else problem.as_dict(),
        "due_at": None if problem is None else later(attempts + 1, now=now),
    }  # fmt: skip


def urge(actor: Actor, marketplace_id: int, ref: str, *, at: datetime | None, now: datetime) -> bool:
    """The buyer urges: noticed once an order, whether it was seen in a list or pushed. Whether it was news.

    `at` None: it was seen now, and nobody says since when.
    """
    known = store.known(actor.shop_id, marketplace_id, [ref]).get(ref)
    if known is None or known.order_id is None or known.urged_at is not None:
        return False
    numbers = order_store.numbers(actor.shop_id, [known.order_id])
    moment = urges.whole(min(at or now, now))
    with transaction.atomic():
        if not store.urged(actor.shop_id, marketplace_id, ref, at=moment):
            return False
        judged = urges.enter(actor, [Entry(numbers[known.order_id], moment)], now=now)[0]
    return judged.verdict == "ready"
