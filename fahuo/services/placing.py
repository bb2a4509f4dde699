"""Orders that come in without a file: the same way as an order list brings them, with a batch as their record."""

from collections.abc import Sequence
from datetime import datetime

from fahuo.rules.orders import OrderDraft
from fahuo.rules.people import Actor
from fahuo.services import imports
from fahuo.services.import_rows import encode
from fahuo.store import batches, sealed
from fahuo.store import imports as order_lists


def take_in(actor: Actor, drafts: Sequence[OrderDraft], *, now: datetime, name: str = "") -> dict[str, int]:
    """Take these orders in, or what is new of them; number -> id."""
    batch_id = batches.add(actor, kind="orders", status="committing", name=name, now=now)
    batches.add_rows([
        (actor.shop_id, batch_id, place, "new", draft.number, None,
         sealed.seal_row(actor.shop_id, encode(draft).decode()), None)
        for place, draft in enumerate(drafts, 1)
    ])  # fmt: skip
    batch = batches.find(actor.shop_id, batch_id)
    assert batch is not None  # it was made a moment ago
    batches.advance(batch, rows=len(drafts), good=len(drafts), now=now)
    imports.commit_rows(batch, now=now)
    found = order_lists.hashes(actor.shop_id, [draft.number for draft in drafts])
    return {number: order_id for number, (order_id, _) in found.items()}
