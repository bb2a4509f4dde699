"""Parcels: shipped one by one or by the thousand, corrected, taken back; and the carriers' scans."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, ROWS, Done, Nothing, Operation
from fahuo.api.shapes.common import Changed, RowOut, RowProblem, RowsOut
from fahuo.api.shapes.orders import AN_ORDER

Number = Annotated[str, Meta(max_length=64)]
A_WAYBILL = "75330000000501"


class PartIn(Struct, forbid_unknown_fields=True):
    """So much of a line."""

    line_id: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)]


class ShipIn(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """One parcel: an order, several orders of one receiver, or (`lines`) parts of them.

    `carrier`: a code or a name. `kind` virtual: neither carrier nor waybill. `force`: despite a refund (scope finance).
    """

    orders: Annotated[list[Number], Meta(min_length=1, max_length=100)]
    carrier: Number = ""
    waybill: Number = ""
    kind: Literal["offline", "virtual"] = "offline"
    lines: Annotated[list[PartIn], Meta(min_length=1, max_length=500)] | None = None
    force: bool = False


class ShippedOut(Struct):
    """The parcel. `warnings`: what a person should look at."""

    parcel_id: int
    warnings: list[RowProblem] = []


class ShipRow(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A shipped order. Rows with the same carrier and waybill leave in one parcel."""

    order: str
    waybill: str
    carrier: str = ""


class ShipManyIn(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """Up to 10,000 shipped orders. `carrier` stands in where a row names none."""

    rows: Annotated[list[ShipRow], Meta(min_length=1, max_length=ROWS)]
    carrier: Annotated[str, Meta(max_length=40)] = ""
    name: Annotated[str, Meta(max_length=100)] = "API"


class CorrectIn(Struct, forbid_unknown_fields=True):
    """Another carrier or number for a parcel that no carrier picked up."""

    carrier: Number
    waybill: Number


class ScanIn(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A carrier's scan."""

    carrier: Annotated[str, Meta(min_length=1, max_length=40)]
    waybill: Annotated[str, Meta(min_length=1, max_length=40)]
    kind: Literal["picked_up", "in_transit", "delivered"]
    at: datetime
    place: Annotated[str, Meta(max_length=200)] = ""


class ScansIn(Struct, forbid_unknown_fields=True):
    """Up to 10,000 scans; what is known already, or of a number that nobody uses, changes nothing."""

    rows: Annotated[list[ScanIn], Meta(min_length=1, max_length=ROWS)]


SHIP = Operation(
    name="ship_parcel", method="POST", path="/parcels", noun="parcels", act="ship", zh="发一个包裹", en="Ship a parcel",
    query=Nothing, body=ShipIn, out=ShippedOut, status=201,
    sends=ShipIn([AN_ORDER], "ZTO", A_WAYBILL), gets=ShippedOut(5001),
    more="Shipping the same again under the same number changes nothing and gives the same parcel.",
)  # fmt: skip
SHIP_MANY = Operation(
    name="ship_many", method="POST", path="/parcels/bulk", noun="parcels", act="ship", zh="批量发货", en="Ship many orders",
    query=Nothing, body=ShipManyIn, out=RowsOut, rows="rows", sends=ShipManyIn([ShipRow(AN_ORDER, A_WAYBILL)], "中通"),
    gets=RowsOut(72, [RowOut("done", AN_ORDER, 1001, 5001)]),
    more="The same rules as a sheet's. Good rows ship, bad rows say why; the batch can be undone until it is handed over.",
)  # fmt: skip
CORRECT = Operation(
    name="correct_parcel", method="PUT", path="/parcels/{parcel_id}", noun="parcels", act="ship", zh="改单号",
    en="Correct a parcel's number", query=Nothing, body=CorrectIn, out=ShippedOut, parts={"parcel_id": "5001"},
    missing=("parcel_unknown",), sends=CorrectIn("ZTO", "75330000000502"), gets=ShippedOut(5001),
)  # fmt: skip
VOID = Operation(
    name="void_parcel", method="POST", path="/parcels/{parcel_id}/void", noun="parcels", act="ship", zh="作废包裹",
    en="Take a parcel back", query=Nothing, body=Nothing, out=Done, parts={"parcel_id": "5001"}, missing=("parcel_unknown",),
    gets=Done(),
)  # fmt: skip
RECORD_SCANS = Operation(
    name="record_scans", method="POST", path="/scans", noun="parcels", act="ship", zh="上报快递扫描", en="Record scans",
    query=Nothing, body=ScansIn, out=Changed, rows="rows",
    sends=ScansIn([ScanIn("ZTO", A_WAYBILL, "picked_up", AN_INSTANT, "杭州转运中心")]), gets=Changed(1),
)  # fmt: skip
