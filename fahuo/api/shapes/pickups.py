"""Pickups: when couriers come, what is listed for them, their signature by count, and what was left behind."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, Done, Listed, Nothing, Operation, Paged
from fahuo.api.shapes.aftersales import MadeOut
from fahuo.api.shapes.common import Changed, Id, RowProblem
from fahuo.api.shapes.orders import AN_ORDER
from fahuo.api.shapes.parcels import A_WAYBILL


class PickupOut(Struct):
    """A pickup that is over."""

    id: int
    contract: str
    kind: str
    status: str
    expected_at: datetime
    signed_at: datetime | None
    signed_count: int | None
    signed_by: str
    note: str


class CallIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An extra pickup by a contract's courier."""

    contract_id: Id
    at: datetime
    note: Annotated[str, Meta(max_length=200)] = ""


class ManifestIn(Struct, forbid_unknown_fields=True):
    """Waybill numbers that the courier is to take."""

    waybills: Annotated[list[Annotated[str, Meta(min_length=1, max_length=64)]], Meta(min_length=1, max_length=5000)]


class Listing(Struct):
    """What came of one number: `new` on the manifest, or why it is not on it."""

    waybill: str
    new: bool
    problem: RowProblem | None = None


class ManifestOut(Struct):
    """An outcome for each number, in the same order."""

    rows: list[Listing]


class SignIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The courier signs for so many parcels; `missing`: listed numbers that were not found."""

    count: Annotated[int, Meta(ge=1, le=100_000)]
    courier: Annotated[str, Meta(min_length=1, max_length=60)]
    missing: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=5000)] = []


class SignedOut(Struct):
    """How many parcels went, and how many of them were submitted by it. `again`: it was signed so before."""

    count: int
    shipped: int
    again: bool


class ServiceCall(Struct):
    """How a pickup stands with the carrier's service that is asked for it: waiting, unknown (asked, and no answer came),
    refused, done (a courier comes), cancelling, cancelled, dropped. `due_at` null: a person must look."""

    state: str
    attempts: int
    due_at: datetime | None
    problem: RowProblem | None = None


class RoundOut(Struct):
    """A courier of a contract at a time of the day. `state`: coming, late, missed, called, open, signed, cancelled; with a
    pickup once there is one. Labels that wait: `printed` and not packed, `packed`, and packed but on no manifest."""

    contract_id: int
    contract: str
    carrier: str
    at: datetime
    state: str
    pickup_id: int | None
    listed: int
    printed: int
    packed: int
    unlisted: int
    service: ServiceCall | None = None


class PickupDay(Struct):
    """The rounds of the shop's day by their time; parcels handed over and not scanned by their carrier in time."""

    rounds: list[RoundOut]
    unscanned: int


class BeginIn(Struct, forbid_unknown_fields=True):
    """The daily pickup of a contract at a time."""

    contract_id: Id
    at: datetime


class ListedParcel(Struct):
    """A number on a manifest, with its orders."""

    waybill: str
    carrier: str
    orders: list[str]
    state: str
    added_at: datetime
    signed_at: datetime | None


class PickupDetail(Struct):
    """A pickup and its manifest, the last number first (5000 at most)."""

    id: int
    contract_id: int
    kind: str
    status: str
    expected_at: datetime
    signed_at: datetime | None
    signed_count: int | None
    signed_by: str
    note: str
    parcels: list[ListedParcel]
    service: ServiceCall | None = None


class FilledOut(Struct):
    """How many packed parcels were put on the manifest, and what stands against others."""

    count: int
    problems: list[RowProblem]


class LeftQuery(Struct, kw_only=True):
    """What was left behind: printed and not packed, packed and not handed over, or handed over and not scanned."""

    tab: Literal["printed", "packed", "unscanned"] = "printed"
    contract_id: Id | None = None


class LeftRow(Struct):
    """A parcel or label that is still here, or of which no scan came."""

    waybill: str
    carrier: str
    contract: str | None
    orders: list[str]
    since: datetime


class LeftOut(Struct):
    """What was left behind, the longest first (300 at most)."""

    rows: list[LeftRow]


_PICKUP = {"pickup_id": "801"}

LIST_PICKUPS = Operation(
    name="list_pickups", method="GET", path="/pickups", noun="pickups", act="hand_over", zh="交接记录",
    en="Pickups that are over", query=Paged, body=Nothing, out=Listed[PickupOut],
    gets=Listed([PickupOut(801, "中通西湖", "daily", "signed", AN_INSTANT, AN_INSTANT, 118, "小张", "")]),
)  # fmt: skip
CALL = Operation(
    name="call_pickup", method="POST", path="/pickups", noun="pickups", act="hand_over", zh="叫快递来取",
    en="Call a contract's courier", query=Nothing, body=CallIn, out=MadeOut, status=201, sends=CallIn(11, AN_INSTANT),
    gets=MadeOut(801),
    more="Where the contract's numbers come from a service that can call couriers, the clock asks it: `get_pickup` says how it stands.",
)  # fmt: skip
LIST_ON = Operation(
    name="list_on_manifest", method="POST", path="/pickups/{pickup_id}/parcels", noun="pickups", act="hand_over",
    zh="登上交接单", en="Put numbers on a manifest", query=Nothing, body=ManifestIn, out=ManifestOut, rows="waybills",
    parts={"pickup_id": "801"}, missing=("pickup_unknown",), sends=ManifestIn([A_WAYBILL]),
    gets=ManifestOut([Listing(A_WAYBILL, True)]),
)  # fmt: skip
SIGN = Operation(
    name="sign_pickup", method="POST", path="/pickups/{pickup_id}/signed", noun="pickups", act="hand_over", zh="签收交接单",
    en="The courier signs for a manifest", query=Nothing, body=SignIn, out=SignedOut, parts={"pickup_id": "801"},
    missing=("pickup_unknown",), sends=SignIn(118, "小张"), gets=SignedOut(118, 0, False),
)  # fmt: skip
CANCEL = Operation(
    name="cancel_pickup", method="POST", path="/pickups/{pickup_id}/cancelled", noun="pickups", act="hand_over",
    zh="取消交接", en="Cancel a pickup", query=Nothing, body=Nothing, out=Done, parts={"pickup_id": "801"},
    missing=("pickup_unknown",), gets=Done(),
)  # fmt: skip
GET_DAY = Operation(
    name="get_pickup_day", method="GET", path="/pickups/day", noun="pickups", act="view_labels", zh="今天的揽收",
    en="The couriers' rounds of the day, and what waits for them", query=Nothing, body=Nothing, out=PickupDay,
    gets=PickupDay([RoundOut(11, "中通西湖三部", "ZTO", AN_INSTANT, "coming", None, 0, 3, 118, 118)], 0),
)  # fmt: skip
BEGIN_DAILY = Operation(
    name="begin_daily_pickup", method="POST", path="/pickups/daily", noun="pickups", act="hand_over", zh="开始每天的交接单",
    en="Begin the manifest of a daily pickup", query=Nothing, body=BeginIn, out=MadeOut, status=201,
    sends=BeginIn(11, AN_INSTANT), gets=MadeOut(801),
)  # fmt: skip
BEGIN = Operation(
    name="begin_pickup", method="POST", path="/pickups/{pickup_id}/begun", noun="pickups", act="hand_over", zh="开始交接单",
    en="Begin the manifest of a pickup that was called for", query=Nothing, body=Nothing, out=Done, gets=Done(), parts=_PICKUP,
    missing=("pickup_unknown",),
)  # fmt: skip
GET_PICKUP = Operation(
    name="get_pickup", method="GET", path="/pickups/{pickup_id}", noun="pickups", act="view_labels", zh="一次揽收",
    en="A pickup and its manifest", query=Nothing, body=Nothing, out=PickupDetail, parts=_PICKUP, missing=("pickup_unknown",),
    gets=PickupDetail(
        801, 11, "daily", "open", AN_INSTANT, None, None, "", "",
        [ListedParcel(A_WAYBILL, "ZTO", [AN_ORDER], "shipped", AN_INSTANT, None)],
    ),
)  # fmt: skip
ASK_AGAIN = Operation(
    name="ask_pickup_again", method="POST", path="/pickups/{pickup_id}/again", noun="pickups", act="hand_over",
    zh="再通知快递", en="Ask the carrier's service for a pickup again", query=Nothing, body=Nothing, out=Done, gets=Done(),
    parts=_PICKUP, missing=("pickup_unknown",),
)  # fmt: skip
SETTLE_CALL = Operation(
    name="settle_pickup_call", method="POST", path="/pickups/{pickup_id}/settled", noun="pickups", act="hand_over",
    zh="自己约好了", en="Somebody has called the courier, or called him off", query=Nothing, body=Nothing, out=Done, gets=Done(),
    parts=_PICKUP, missing=("pickup_unknown",),
)  # fmt: skip
LIST_PACKED = Operation(
    name="list_packed_on_manifest", method="POST", path="/pickups/{pickup_id}/packed", noun="pickups", act="hand_over",
    zh="打包好的全登上", en="Put everything that is packed on a manifest", query=Nothing, body=Nothing, out=FilledOut, parts=_PICKUP,
    missing=("pickup_unknown",), gets=FilledOut(118, []),
)  # fmt: skip
LIST_OFF = Operation(
    name="take_off_manifest", method="POST", path="/pickups/{pickup_id}/removed", noun="pickups", act="hand_over",
    zh="从交接单去掉", en="Take numbers off a manifest", query=Nothing, body=ManifestIn, out=Changed, rows="waybills",
    sends=ManifestIn([A_WAYBILL]), gets=Changed(1), parts=_PICKUP, missing=("pickup_unknown",),
)  # fmt: skip
LEFT = Operation(
    name="list_left_behind", method="GET", path="/pickups/left", noun="pickups", act="view_labels", zh="留下的件",
    en="What was left behind", query=LeftQuery, body=Nothing, out=LeftOut, asks={"tab": "packed"},
    gets=LeftOut([LeftRow(A_WAYBILL, "ZTO", "中通西湖三部", [AN_ORDER], AN_INSTANT)]),
)  # fmt: skip
