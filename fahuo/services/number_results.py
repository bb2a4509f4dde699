"""What a service is told to order a number, and what becomes of its answers: a label, or a row with its true state."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from fahuo.connectors.carrying import Consignment, Numbered, Outcome, Service
from fahuo.rules import waybills
from fahuo.rules.carrying import PATIENCE, later, reference_of
from fahuo.rules.labels import Goods, Party
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem
from fahuo.rules.regions import split_address
from fahuo.services import labels
from fahuo.store import number_orders as store
from fahuo.store import parcels
from fahuo.store.models import Shop

LONGEST: int = 64
"""Characters of a waybill number."""


def consignments(
    shop_id: int, rows: Sequence[Any], kind: Service, *, now: datetime
) -> tuple[dict[int, Consignment], dict[int, Numbered]]:
    """What to tell of each row, by its id; and the verdict on those that must not be asked.

    A service that forgets references is not asked for a row that it may have served before it forgot.
    """
    shop = Shop.objects.get(id=shop_id)
    known = store.contents(shop_id, [row.id for row in rows])
    given: dict[int, Consignment] = {}
    wrong: dict[int, Numbered] = {}
    for row in rows:
        content, reference = known.get(row.id), reference_of(shop_id, row.id)
        if content is None or not content.name:
            wrong[row.id] = Numbered("refused", Problem("number_not_wanted", {"order": reference}))
        elif kind.safe_for is not None and row.asked and now - row.asked_at > kind.safe_for:
            wrong[row.id] = Numbered("refused", Problem("carrier_asked_before", {"code": "?", "reference": reference}))
        else:
            given[row.id] = _consignment(shop, row, content, reference)
    return given, wrong


def _consignment(shop: Shop, row: Any, content: Any, reference: str) -> Consignment:
    sender = split_address(content.sender_address or shop.sender_address)
    phone = f"{content.phone}-{content.phone_extension}" if content.phone_extension else content.phone or ""
    return Consignment(
        reference, content.carrier,
        Party(
            content.sender_name or shop.sender_name or shop.name, content.sender_phone or shop.sender_phone,
            sender.province, sender.city, sender.district, sender.rest,
        ),
        Party(
            content.name or "", phone, content.province or "", content.city or "", content.district or "",
            content.address or "",
        ),
        tuple(Goods(title, sku, quantity) for title, sku, quantity in content.goods or ()), tuple(content.numbers),
        content.account or "", content.branch or "", None if content.grams is None else int(content.grams), row.asked,
    )  # fmt: skip


def settle(shop_id: int, rows: Sequence[Any], found: Mapping[int, Numbered], *, now: datetime) -> None:
    """Keep what became of each row: a number goes onto its label at once, each in a transaction of its own."""
    rest: list[dict[str, Any]] = []
    for row in rows:
        out = found[row.id]
        waybill = waybills.normalise(out.waybill)
        if out.verdict == "done" and waybill and len(waybill) <= LONGEST:
            _came(shop_id, row, waybill, out, now=now)
        else:
            rest.append(_settled(row, out, now=now))
    store.settle(shop_id, rest, now=now)


def _settled(row: Any, out: Numbered, *, now: datetime) -> dict[str, Any]:
    """A row without a number. What may have been heard stays unknown, however often it is asked."""
    state, problem = "unknown", out.problem or Problem("carrier_no_number")
    due_at: datetime | None = later(row.attempts, now=now, at_least=out.seconds)
    if out.verdict == "refused":
        state, due_at = "refused", None
    elif not out.sent and not row.asked:
        state = "waiting"
    if out.verdict != "refused" and row.attempts >= PATIENCE:
        due_at, problem = None, Problem("carrier_impatient", {"count": row.attempts})
    return {"id": row.id, "state": state, "due_at": due_at, "problem": problem.as_dict(), "asked": row.asked}


def _came(shop_id: int, row: Any, waybill: str, out: Numbered, *, now: datetime) -> None:
    """A number came. Orders are locked before the row, as whoever asks for numbers does."""
    try:
        with transaction.atomic():
            parcels.lock_orders(shop_id, sorted(row.order_ids))
            want = store.lock(shop_id, row.id)
            if want is None or want.state != "unknown":
                return  # another clock has settled it, by the same reference
            actor = Actor(shop_id, want.member_id, want.actor, permissions=frozenset({"print", "ship"}))
            made = labels.numbered(actor, want, waybill, now)
            problem = made if isinstance(made, Problem) else None
            if problem is not None and problem.code == "number_clashes":
                store.settle(shop_id, [_clash(row, problem)], now=now)
                return
            label_id = None if isinstance(made, Problem) else made
            route = out.route.kept()
            if label_id is not None:
                store.route(shop_id, label_id, route)
            store.came(
                shop_id, row.id, waybill, route, label_id=label_id, now=now,
                problem=None if problem is None else problem.as_dict(),
            )  # fmt: skip
    except IntegrityError:
        # somebody put the same number onto a label this moment
        store.settle(shop_id, [_clash(row, Problem("number_clashes", {"value": waybill}))], now=now)


def _clash(row: Any, problem: Problem) -> dict[str, Any]:
    """A number that something else goes by is not given back: it may be the other's."""
    return {"id": row.id, "state": "refused", "due_at": None, "problem": problem.as_dict(), "asked": row.asked}


def cancelled(row: Any, out: Outcome, *, now: datetime) -> dict[str, Any]:
    """What became of giving a number back; a refusal waits for a person."""
    if out.verdict == "done":
        return {"id": row.id, "state": "cancelled", "due_at": None, "problem": None}
    problem, due_at = out.problem or Problem("carrier_no_number"), None
    if out.verdict == "again" and row.attempts + 1 >= PATIENCE:
        problem = Problem("carrier_impatient", {"count": row.attempts + 1})
    elif out.verdict == "again":
        due_at = later(row.attempts + 1, now=now, at_least=out.seconds)
    return {"id": row.id, "state": "cancelling", "due_at": due_at, "problem": problem.as_dict()}
