"""What a marketplace tells by itself: an urge is noticed at once, an order that moved is read again soon.

A message is a hint, never the truth: whatever it says of an order, the order itself is read.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from fahuo.connectors.contract import Progress, Trouble
from fahuo.rules.problems import Refusal
from fahuo.services import marketplace_orders, walls
from fahuo.services.connections import usual_transport
from fahuo.services.marketplaces import kind_of
from fahuo.services.sealing import opened_fields
from fahuo.store import marketplaces as store
from fahuo.store.models import Shop


def receive(
    shop_code: str, key: str, *, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime
) -> dict[str, Any]:  # fmt: skip
    """Take in a push to a shop's own address; what to answer, as JSON.

    Refusals: `marketplace_unknown` for an address that is none, and why it is not believed (`push_refused`).
    """
    shop_id = Shop.objects.filter(code=shop_code).values_list("id", flat=True).first()
    known = store.active(shop_id) if shop_id is not None else []
    row = next((each for each in known if secrets.compare_digest(each.push_key, key)), None)
    if row is None:
        raise Refusal.of("marketplace_unknown")
    with walls.inside(row.shop_id):
        return _take_in(row, headers, query, body, now)


def _take_in(
    row: Any, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime
) -> dict[str, Any]:
    kind = kind_of(row.kind)
    if not kind.pushes:
        raise Refusal.of("marketplace_unknown")
    connector: Any = kind.make(opened_fields(row.settings), usual_transport(), now)
    try:
        pushed = connector.read_push(headers, query, body)
    except Trouble as trouble:
        raise Refusal(trouble.problem) from None
    actor = marketplace_orders.clerk(row.shop_id, kind.zh)
    with transaction.atomic():
        for ref, at in pushed.urges:
            marketplace_orders.urge(actor, row.id, ref, at=at, now=now)
        store.wish(row.shop_id, row.id, pushed.refs, now=now)
        if pushed.refs:
            store.hurry_up(row.shop_id, row.id, at=now)
    answer: dict[str, Any] = connector.answer_push(pushed, progress(row, [ref for ref, _ in pushed.urges]))
    return answer


def progress(row: Any, refs: list[str]) -> dict[str, Progress]:
    """How far these orders are; those that nobody knows are left out."""
    return {each.ref: _progress(each) for each in store.progress(row.shop_id, row.id, refs)}


def _progress(row: Any) -> Progress:
    state = "waiting"
    if row.status == "closed":
        state = "closed"
    elif row.status in ("shipped", "completed"):
        state = "shipped"
    elif row.packed_at is not None:
        state = "packed"
    elif row.label == "printed" or row.printed_at is not None:
        state = "printed"
    elif row.label is not None:
        state = "labelled"
    elif row.assigned:
        state = "assigned"
    return Progress(state, row.until, row.waybill or "")
