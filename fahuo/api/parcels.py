"""Parcels: shipped, corrected, taken back, scanned."""

from datetime import UTC
from typing import Any, Final

from fahuo.api.calls import Call, Reply, encode
from fahuo.api.contract import Done, Nothing
from fahuo.api.server import asked, routes, serves
from fahuo.api.shapes import parcels as shapes
from fahuo.api.shapes.common import Changed, RowsOut
from fahuo.api.told import order_ids, problem, rows
from fahuo.rules import carriers, waybills
from fahuo.rules.parcels import CarrierScan
from fahuo.rules.problems import Problem
from fahuo.services import bulk, parcels
from fahuo.services.keys import Identity


@serves(shapes.SHIP)
def ship_parcel(call: Call[Nothing, shapes.ShipIn]) -> shapes.ShippedOut:
    sent, warnings = call.body, list[Problem]()
    made = parcels.ship(
        call.actor, order_ids=order_ids(call, sent.orders), carrier=sent.carrier.strip(), waybill=sent.waybill.strip(), now=call.now,
        lines=None if sent.lines is None else {part.line_id: part.quantity for part in sent.lines}, kind=sent.kind,
        force=sent.force, warnings=warnings,
    )  # fmt: skip
    return shapes.ShippedOut(made, [problem(each, call.language) for each in warnings])


def ship_plain(who: Identity, call: Call[Nothing, shapes.ShipIn], name: str, query: str) -> Reply | None:
    """Most calls that ship, in one round trip; None for one that must go the long way."""
    sent = call.body
    if len(sent.orders) != 1 or sent.kind != "offline" or sent.lines is not None or sent.force:
        return None
    made = parcels.ship_plain(
        who, sent.orders[0].strip(), carrier=sent.carrier.strip(), waybill=sent.waybill.strip(), name=name,
        request=asked(shapes.SHIP, call.parts, query, call.raw) if name else b"", answer=PLAIN, now=call.now,
    )  # fmt: skip
    return None if made is None else Reply(201, PLAIN.replace("0", str(made)).encode())


PLAIN: Final = encode(shapes.ShippedOut(0)).decode()
"""The answer to a plain shipping; 0 stands for the parcel's id."""
routes.by_name[shapes.SHIP.name].quick = ship_plain


@serves(shapes.SHIP_MANY)
def ship_many(call: Call[Nothing, shapes.ShipManyIn]) -> RowsOut:
    sent = [{"number": row.order, "carrier": row.carrier, "waybill": row.waybill} for row in call.body.rows]
    name = " ".join(call.body.name.split()) or "API"
    batch_id, outcomes = bulk.ship_rows(call.actor, sent, name=name, carrier=call.body.carrier.strip(), now=call.now)
    return rows(batch_id, outcomes, call.language)


@serves(shapes.CORRECT)
def correct_parcel(call: Call[Nothing, shapes.CorrectIn]) -> shapes.ShippedOut:
    parcel_id, warnings = call.parts["parcel_id"], list[Problem]()
    parcels.correct(
        call.actor, parcel_id, carrier=call.body.carrier.strip(), waybill=call.body.waybill.strip(), now=call.now, warnings=warnings
    )  # fmt: skip
    return shapes.ShippedOut(parcel_id, [problem(each, call.language) for each in warnings])


@serves(shapes.VOID)
def void_parcel(call: Call[Nothing, Any]) -> Done:
    parcels.void(call.actor, call.parts["parcel_id"], now=call.now)
    return Done()


@serves(shapes.RECORD_SCANS)
def record_scans(call: Call[Nothing, shapes.ScansIn]) -> Changed:
    scans = [
        CarrierScan(_code(row.carrier), waybills.normalise(row.waybill.strip()), row.kind, row.at.replace(tzinfo=row.at.tzinfo or UTC), row.place.strip())
        for row in call.body.rows
    ]  # fmt: skip
    return Changed(parcels.record_scans(call.actor, scans, now=call.now))


def _code(carrier: str) -> str:
    known = carriers.find(carrier.strip())
    return known.code if known else carrier.strip()
