"""Contracts with carriers' branches: their terms, what they ask, and the stock of numbers behind each."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, ROWS, Done, Listed, Nothing, Operation, Paged
from fahuo.api.shapes.aftersales import MadeOut, Money
from fahuo.api.shapes.common import Changed, Id, PlacesIn, Text, Word
from fahuo.api.shapes.labels import BoughtOut
from fahuo.api.shapes.parcels import A_WAYBILL

Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="A time of the shop's day")]
Region = Annotated[str, Meta(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6})?$", description="A region by 2, 4 or 6 digits")]
Grams = Annotated[int, Meta(ge=1, le=1_000_000)]
Days = Annotated[int, Meta(ge=1, le=365)]
NumberState = Literal["free", "taken", "printed", "shipped", "voided", "returned"]


class TermsIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a shop says of a contract; what is left out is empty. `numbers`: stock (bought ahead), entered (the courier
    brings them), service (ordered from a service). `ships_at`: packed, or pickup (when the courier signs). `sender_*`
    "": the shop's own. `return_*_days`: after so many days the carrier gives back voided and unused numbers; null: never."""

    carrier: Annotated[str, Meta(min_length=1, max_length=40)]
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    branch: Text = ""
    account: Text = ""
    contact_name: Text = ""
    contact_phone: Text = ""
    sender_name: Text = ""
    sender_phone: Text = ""
    sender_region: Region = ""
    sender_address: Text = ""
    numbers: Literal["stock", "entered", "service"] = "stock"
    ships_at: Literal["packed", "pickup"] = "packed"
    printer_id: Id | None = None
    template_id: Id | None = None
    pickup_times: Annotated[list[Clock], Meta(max_length=12)] = []
    return_voided_days: Days | None = None
    return_silent_days: Days | None = None
    active: bool = True


class TermsOut(Struct):
    """A contract's terms, as `TermsIn` says them."""

    id: int
    carrier: str
    name: str
    branch: str
    account: str
    contact_name: str
    contact_phone: str
    sender_name: str
    sender_phone: str
    sender_region: str
    sender_address: str
    numbers: str
    ships_at: str
    printer_id: int | None
    template_id: int | None
    pickup_times: list[str]
    return_voided_days: int | None
    return_silent_days: int | None
    active: bool


class TariffRow(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a parcel to a region ("" everywhere else) costs: so much up to the first grams, so much for each that follow."""

    region: Region = ""
    served: bool = True
    first_grams: Grams = 1000
    first_price: Money = "0.00"
    next_grams: Grams = 1000
    next_price: Money = "0.00"


class TariffsIn(Struct, forbid_unknown_fields=True):
    """The prices from now on, in the place of those that stand."""

    rows: Annotated[list[TariffRow], Meta(max_length=400)]


class TariffsOut(Struct):
    """The prices by region; everywhere else ("") first."""

    rows: list[TariffRow]


class QuoteQuery(Struct):
    """A parcel to a region by six digits ("" where nobody knows it), and its grams (left out: not known)."""

    region: Annotated[str, Meta(pattern=r"^([0-9]{6})?$")] = ""
    grams: Grams | None = None


class QuoteOut(Struct):
    """What the contract asks (CNY). `price` null: not known; then at least `least`. `why`: priced, weight_unknown,
    no_tariff, not_served, region_unknown."""

    why: str
    price: Decimal | None
    least: Decimal | None


class StockOut(Struct):
    """A contract's numbers by state, what was bought and what voided ones cost (CNY); how long the rest lasts at the pace of
    the last days (null: nothing was taken), and what was taken today."""

    states: dict[str, int]
    left: int
    bought: Decimal
    lost: Decimal
    taken_today: int
    runs_out_at: datetime | None


class LotOut(Struct):
    """Numbers that were bought at once, and how many of them are in each state."""

    id: int
    kind: str
    first: str
    last: str
    count: int
    price: Decimal
    bought_on: date
    note: str
    created_at: datetime
    states: dict[str, int]


class MoveQuery(Paged, kw_only=True):
    """Moves of one act, of one lot, or all."""

    act: Literal["buy", "take", "release", "print", "ship", "unship", "void", "return"] | None = None
    lot_id: Id | None = None


class MoveOut(Struct):
    """An entry of the ledger of numbers (台账): so many went from a state ("" for bought) to another."""

    id: int
    at: datetime
    actor: str
    act: str
    lot_id: int
    from_state: str | None
    to_state: str
    count: int
    amount: Decimal
    note: str


class NumberQuery(Paged, kw_only=True):
    """The numbers in a state, of a lot, or of one move; without any of them, none."""

    state: NumberState | None = None
    lot_id: Id | None = None
    move_id: Id | None = None


class NumberOut(Struct):
    """A bought number: its state, and the label that has it."""

    id: int
    number: str
    carrier: str
    state: str
    lot_id: int
    label_id: int | None
    changed_at: datetime
    scanned_at: datetime | None


class StepOut(Struct):
    """A move of one number."""

    at: datetime
    actor: str
    act: str
    from_state: str | None
    to_state: str
    note: str


class NumberDetail(Struct):
    """A bought number and every move that it made, the newest first."""

    number: NumberOut
    moves: list[StepOut]


class RunIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A run of consecutive numbers that was bought: from the first on, so many, or up to the last."""

    first: Annotated[str, Meta(min_length=1, max_length=64)]
    price: Money
    bought_on: date
    count: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    last: Word = ""
    note: Text = ""


class VoidNumbersIn(Struct, forbid_unknown_fields=True):
    """Numbers that are given up, and why."""

    ids: Annotated[list[Id], Meta(min_length=1, max_length=ROWS)]
    note: Annotated[str, Meta(min_length=1, max_length=200)]


_ONE = {"contract_id": "11"}
_TERMS = TermsOut(
    11, "ZTO", "中通西湖三部", "西湖三部", "ZT5710", "老周", "13800000000", "", "", "", "", "stock", "packed", None, None,
    ["16:30"], 15, 30, True,
)  # fmt: skip
_SENT = TermsIn("ZTO", "中通西湖三部", pickup_times=["16:30"], return_voided_days=15, return_silent_days=30)
_PRICES = [TariffRow("", True, 1000, "4.00", 1000, "2.00"), TariffRow("54", False)]
_STATES = {"free": 4200, "taken": 12, "printed": 3, "shipped": 780, "voided": 5, "returned": 0}
_NUMBER = NumberOut(90_001, A_WAYBILL, "ZTO", "free", 21, None, AN_INSTANT, None)

GET_CONTRACT = Operation(
    name="get_contract", method="GET", path="/contracts/{contract_id}", noun="contracts", act="view_contracts", zh="合同资料",
    en="A contract's terms", query=Nothing, body=Nothing, out=TermsOut, gets=_TERMS, parts=_ONE, missing=("contract_unknown",),
)  # fmt: skip
MAKE_CONTRACT = Operation(
    name="make_contract", method="POST", path="/contracts", noun="contracts", act="manage_contracts", zh="新建合同",
    en="Make a contract", query=Nothing, body=TermsIn, out=MadeOut, status=201, sends=_SENT, gets=MadeOut(11),
)  # fmt: skip
CHANGE_CONTRACT = Operation(
    name="change_contract", method="PUT", path="/contracts/{contract_id}", noun="contracts", act="manage_contracts",
    zh="改合同", en="Set a contract's terms", query=Nothing, body=TermsIn, out=TermsOut, sends=_SENT, gets=_TERMS, parts=_ONE,
    missing=("contract_unknown",),
)  # fmt: skip
PLACE_CONTRACTS = Operation(
    name="place_contracts", method="PUT", path="/contracts/places", noun="contracts", act="manage_contracts",
    zh="排合同的先后", en="Put contracts in order", query=Nothing, body=PlacesIn, out=Changed, sends=PlacesIn([11, 12]),
    gets=Changed(2),
)  # fmt: skip
GET_TARIFFS = Operation(
    name="get_tariffs", method="GET", path="/contracts/{contract_id}/tariffs", noun="contracts", act="view_contracts", zh="资费",
    en="What a contract asks", query=Nothing, body=Nothing, out=TariffsOut, gets=TariffsOut(_PRICES), parts=_ONE,
    missing=("contract_unknown",),
)  # fmt: skip
SET_TARIFFS = Operation(
    name="set_tariffs", method="PUT", path="/contracts/{contract_id}/tariffs", noun="contracts", act="manage_contracts",
    zh="改资费", en="Set what a contract asks", query=Nothing, body=TariffsIn, out=Done, sends=TariffsIn(_PRICES), gets=Done(),
    parts=_ONE, missing=("contract_unknown",),
)  # fmt: skip
QUOTE = Operation(
    name="quote_contract", method="GET", path="/contracts/{contract_id}/quote", noun="contracts", act="view_contracts",
    zh="试算运费", en="What a contract would ask for a parcel", query=QuoteQuery, body=Nothing, out=QuoteOut, parts=_ONE,
    asks={"region": "310104", "grams": "1200"}, gets=QuoteOut("priced", Decimal("6.00"), None), missing=("contract_unknown",),
)  # fmt: skip
GET_STOCK = Operation(
    name="get_stock", method="GET", path="/contracts/{contract_id}/stock", noun="contracts", act="view_contracts",
    zh="单号库存", en="A contract's stock of numbers", query=Nothing, body=Nothing, out=StockOut, parts=_ONE,
    missing=("contract_unknown",),
    gets=StockOut(_STATES, 4200, Decimal("4000.00"), Decimal("4.00"), 96, AN_INSTANT),
)  # fmt: skip
LIST_LOTS = Operation(
    name="list_lots", method="GET", path="/contracts/{contract_id}/lots", noun="contracts", act="view_contracts", zh="单号批次",
    en="Numbers as they were bought", query=Paged, body=Nothing, out=Listed[LotOut], parts=_ONE, missing=("contract_unknown",),
    gets=Listed([LotOut(21, "run", "75330000000001", "75330000005000", 5000, Decimal("0.80"), date(2026, 3, 2), "", AN_INSTANT, _STATES)]),
)  # fmt: skip
LIST_MOVES = Operation(
    name="list_number_moves", method="GET", path="/contracts/{contract_id}/moves", noun="contracts", act="view_contracts",
    zh="单号台账", en="The ledger of a contract's numbers", query=MoveQuery, body=Nothing, out=Listed[MoveOut], parts=_ONE,
    missing=("contract_unknown",), asks={"act": "take"},
    gets=Listed([MoveOut(301, AN_INSTANT, "ERP", "take", 21, "free", "taken", 12, Decimal("9.60"), "")]),
)  # fmt: skip
LIST_NUMBERS = Operation(
    name="list_numbers", method="GET", path="/contracts/{contract_id}/numbers", noun="contracts", act="view_contracts",
    zh="单号列表", en="The numbers behind a figure", query=NumberQuery, body=Nothing, out=Listed[NumberOut], parts=_ONE,
    missing=("contract_unknown",), asks={"state": "free"}, gets=Listed([_NUMBER]),
)  # fmt: skip
GET_NUMBER = Operation(
    name="get_number", method="GET", path="/contracts/{contract_id}/numbers/{waybill}", noun="contracts", act="view_contracts",
    zh="一个单号", en="One bought number and its moves", query=Nothing, body=Nothing, out=NumberDetail,
    parts={**_ONE, "waybill": A_WAYBILL}, missing=("contract_unknown", "number_unknown"),
    gets=NumberDetail(_NUMBER, [StepOut(AN_INSTANT, "ERP", "buy", None, "free", "")]),
)  # fmt: skip
BUY_RUN = Operation(
    name="buy_number_run", method="POST", path="/contracts/{contract_id}/number-runs", noun="contracts", act="buy_waybills",
    zh="连号入库", en="Put a run of bought numbers into stock", query=Nothing, body=RunIn, out=BoughtOut, status=201, parts=_ONE,
    missing=("contract_unknown",), sends=RunIn(A_WAYBILL, "0.80", date(2026, 3, 2), 100), gets=BoughtOut(21, 100, []),
    more="All of them come in, or none.",
)  # fmt: skip
VOID_NUMBERS = Operation(
    name="void_numbers", method="POST", path="/numbers/void", noun="contracts", act="buy_waybills", zh="作废单号",
    en="Give up numbers that no label has", query=Nothing, body=VoidNumbersIn, out=Changed, rows="ids",
    sends=VoidNumbersIn([90_001], "受潮"), gets=Changed(1),
)  # fmt: skip
