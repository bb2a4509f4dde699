"""Orders that a marketplace tells: taken in as an order list is, with their lines, whatever stands already.

What did not change since it was told last is passed over. One order that cannot be written stops none of the others.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import DatabaseError, transaction

from fahuo.rules.orders import LineDraft, OrderDraft
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem
from fahuo.services import import_lines, reports
from fahuo.services.deadlines import Desk
from fahuo.services.import_rows import encode
from fahuo.services.imports import commit_chunk, fingerprint
from fahuo.store import imports, sealed
from fahuo.store.models import Batch, Shop


class Row(NamedTuple):
    """A row as the import of sheets knows it."""

    row_no: int
    number: str
    data: bytes


def take(actor: Actor, drafts: Sequence[OrderDraft], *, now: datetime) -> list[int | Problem]:
    """Take these orders in, all at once or, where that fails, one by one: the order's id, or what is wrong with it; same
    order, same length. The journal's actor is `actor`."""
    if not drafts:
        return []
    try:
        return list(_taken(actor, drafts, now=now))
    except (DatabaseError, ValueError, ArithmeticError):
        if len(drafts) == 1:
            return [Problem("marketplace_field", {"order": drafts[0].number[:40], "field": "?"})]
        return [take(actor, [draft], now=now)[0] for draft in drafts]


@transaction.atomic
def _taken(actor: Actor, drafts: Sequence[OrderDraft], *, now: datetime) -> list[int]:
    # a record of no batch: the journal is all that tells where these orders came from
    batch = Batch(shop_id=actor.shop_id, created_by=actor.member_id, created_by_name=actor.name)
    batch.id, batch.options = None, {"tells_refund": True}  # type: ignore[assignment]
    imports.take_turn(actor.shop_id)
    told = {draft.number: draft for draft in drafts}
    known = imports.hashes(actor.shop_id, list(told))
    news = {
        number: draft for number, draft in told.items()
        if number not in known or known[number][1] != sealed.keyed(actor.shop_id, fingerprint(encode(draft)))
    }  # fmt: skip
    if news:
        rows = [Row(place, number, encode(draft)) for place, (number, draft) in enumerate(news.items(), 1)]
        touched = commit_chunk(batch, rows, Desk(Shop.objects.get(id=actor.shop_id)), now=now)
        _lines(batch, actor, [draft for number, draft in news.items() if number in known], now=now)
        reports.cover_new(actor.shop_id, touched, now=now)
    ids = imports.hashes(actor.shop_id, list(told))
    return [ids[draft.number][0] for draft in drafts]


def _lines(batch: Batch, actor: Actor, drafts: Sequence[OrderDraft], *, now: datetime) -> None:
    """The lines of orders that stood already, where they differ."""
    ids = {number: found[0] for number, found in imports.hashes(actor.shop_id, [d.number for d in drafts]).items()}
    standing = imports.lines(actor.shop_id, list(ids.values()))
    changed = [
        line for draft in drafts for line in draft.lines
        if _differs(line, standing.get(ids[draft.number], {}).get(line.number))
    ]  # fmt: skip
    if changed:
        rows = [Row(place, line.order_number, encode(line)) for place, line in enumerate(changed, 1)]
        import_lines.write_chunk(batch, rows, actor, now=now)


def _differs(line: LineDraft, standing: Any | None) -> bool:
    return standing is None or any(getattr(line, name) != getattr(standing, name) for name in import_lines.FIELDS)
