"""What carriers' services push: who speaks is checked, scans are noted, and the service hears what it waits for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from fahuo.connectors.carrying import Heard, Reply
from fahuo.connectors.contract import Trouble
from fahuo.rules.carrying import PUSHED_PULLS
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import parcels, walls
from fahuo.services.carrier_rounds import sane
from fahuo.services.carriers import kind_of
from fahuo.services.connections import usual_transport
from fahuo.services.sealing import opened_fields
from fahuo.store import carriers as store
from fahuo.store import trackings
from fahuo.store.models import Shop


def receive(
    shop_code: str, key: str, *, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime
) -> Reply:
    """Take in a push, whole or not at all; what to answer. The same push twice changes nothing.

    Refusal `carrier_account_unknown` for an address that is none. What cannot be read or is not signed is answered by the
    service's own form of a refusal, and recorded by its code alone.
    """
    shop_id = Shop.objects.filter(code=shop_code).values_list("id", flat=True).first()
    row = None if shop_id is None else store.by_key(shop_id, key)
    if row is None:
        raise Refusal.of("carrier_account_unknown")
    with walls.inside(row.shop_id):
        return _take_in(row, headers, query, body, now)


def _take_in(row: Any, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime) -> Reply:
    kind = kind_of(row.kind)
    if not kind.pushes:
        raise Refusal.of("carrier_account_unknown")
    connector = kind.make(opened_fields(row.settings), usual_transport(), now)
    try:
        heard: Heard = connector.read_push(headers, query, body)
    except Trouble as trouble:
        store.note(row.shop_id, row.id, "push", at=now, rows=0, heard="refused", code=trouble.problem.code, ms=0)
        return _answer(connector.answer_push(trouble.problem, now), trouble.problem)
    actor = Actor(row.shop_id, None, kind.zh, permissions=frozenset({"ship"}))
    scans = sane(heard.scans, now=now)
    numbers = {(scan.carrier, scan.waybill): (False, False) for scan in scans}
    numbers |= {each: (True, False) for each in heard.over} | {each: (False, True) for each in heard.lost}
    with transaction.atomic():
        parcels.record_scans(actor, scans, now=now)
        trackings.pushed(row.shop_id, numbers, later=now + PUSHED_PULLS, now=now)
        store.note(row.shop_id, row.id, "push", at=now, rows=len(scans), heard="pushed", code="", ms=0)
    answer: Reply = connector.answer_push(None, now)
    return answer


def _answer(reply: Reply, problem: Problem) -> Reply:
    """A refusal: 403 for who cannot sign, 400 for what cannot be read."""
    unsigned = problem.data.get("what") in ("sign", "DataSign")
    return Reply(reply.body, 403 if unsigned else 400)
