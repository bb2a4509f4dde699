"""Contracts at work and buying their numbers, labels, print jobs."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, ROWS, Listed, Nothing, Operation, Paged
from fahuo.api.shapes.aftersales import Money
from fahuo.api.shapes.common import Id, Ids, NumbersIn, RowProblem
from fahuo.api.shapes.orders import AN_ORDER
from fahuo.api.shapes.parcels import A_WAYBILL

Reason = Annotated[str, Meta(min_length=1, max_length=200)]
LabelTab = Literal["to_print", "printed", "blocked", "all"]


class ContractOut(Struct):
    """A contract at work. `numbers`: stock (bought ahead) or entered (typed from slips). `in_stock`: numbers that are free."""

    id: int
    name: str
    carrier: str
    numbers: str
    in_stock: int


class ContractsOut(Struct):
    """The contracts at work, in the shop's order."""

    rows: list[ContractOut]


class BuyIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Numbers that were bought, as the carrier wrote them down. `price`: CNY a number."""

    numbers: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(min_length=1, max_length=ROWS)]
    price: Money
    bought_on: date
    note: Annotated[str, Meta(max_length=200)] = ""


class RefusedNumber(Struct):
    """A number that did not come in, and why."""

    number: str
    problem: RowProblem


class BoughtOut(Struct):
    """The lot, how many numbers came in, and those that did not."""

    lot_id: int
    count: int
    refused: list[RefusedNumber]


class ChooseIn(NumbersIn, forbid_unknown_fields=True, omit_defaults=True):
    """Which orders; by which contract (null: by the shop's rules). `again`: also those that a person gave to one."""

    contract_id: Id | None = None
    again: bool = False


class GivenOut(Struct):
    """How many orders changed, stayed as they were, or have no contract now."""

    changed: int
    stayed: int
    without: int


class LabelQuery(Paged, kw_only=True):
    """Labels: to be printed, printed and still here, blocked, or all."""

    tab: LabelTab = "to_print"
    contract_id: Id | None = None


class LabelOut(Struct):
    """A label (面单)."""

    id: int
    contract: str | None
    carrier: str
    waybill: str
    state: str
    orders: list[str]
    print_count: int
    made_at: datetime
    printed_at: datetime | None
    packed_at: datetime | None
    shipped_at: datetime | None
    voided_at: datetime | None
    parcel_id: int | None


class MakeIn(NumbersIn, forbid_unknown_fields=True, omit_defaults=True):
    """Orders that get a label each, or (`merge`) one for those of one receiver."""

    contract_id: Id | None = None
    merge: bool = False


class LabelOutcome(Struct):
    """An order's label, or why it has none."""

    order: str
    label_id: int | None = None
    carrier: str = ""
    waybill: str = ""
    new: bool = False
    problem: RowProblem | None = None


class LabelsOut(Struct):
    """An outcome for each order, in the same order."""

    rows: list[LabelOutcome]


class LabelIdsIn(Struct, forbid_unknown_fields=True):
    """Some labels."""

    labels: Ids


class VoidIn(Struct, forbid_unknown_fields=True):
    """Labels that are given up, and why."""

    labels: Ids
    reason: Reason


class PrintIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Labels for a printer, in this order. `reason`: why labels that were printed before are printed again."""

    labels: Ids
    printer_id: Id
    reason: Annotated[str, Meta(max_length=200)] = ""


class ReprintIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Labels for a printer once more, and why; `new_number`: each with a new number."""

    labels: Ids
    printer_id: Id
    reason: Reason
    new_number: bool = False


class LabelDone(Struct):
    """What became of one label: `id` of its parcel or its place in the job, or why nothing did."""

    label_id: int
    id: int | None = None
    problem: RowProblem | None = None


class LabelsDone(Struct):
    """An outcome for each label, in the same order."""

    rows: list[LabelDone]


class QueuedOut(Struct):
    """The print job (null: nothing to print), and an outcome for each label in the same order."""

    job_id: int | None
    rows: list[LabelDone]


class JobOut(Struct):
    """A print job and how far it is."""

    id: int
    printer: str
    status: str
    count: int
    printed_count: int
    waiting: int
    blocked: int
    reason: str
    created_at: datetime
    finished_at: datetime | None
    problem: RowProblem | None = None


class JobsOut(Struct):
    """Print jobs that are not over, the oldest first."""

    rows: list[JobOut]


class PrinterOut(Struct):
    """A printer in use, and what is wrong with it."""

    id: int
    name: str
    kind: str
    problem: RowProblem | None = None


class PrintersOut(Struct):
    """The printers in use."""

    rows: list[PrinterOut]


A_LABEL = LabelOut(
    601, "中通西湖", "ZTO", A_WAYBILL, "made", [AN_ORDER], 0, AN_INSTANT, None, None, None, None, None
)  # fmt: skip
A_JOB = JobOut(701, "发货台 1", "printing", 120, 40, 80, 0, "", AN_INSTANT, None)

LIST_CONTRACTS = Operation(
    name="list_contracts", method="GET", path="/contracts", noun="labels", act="view_contracts", zh="快递合同与单号库存",
    en="Contracts at work and their stock of numbers", query=Nothing, body=Nothing, out=ContractsOut,
    gets=ContractsOut([ContractOut(11, "中通西湖", "ZTO", "stock", 4200)]),
)  # fmt: skip
BUY_NUMBERS = Operation(
    name="buy_numbers", method="POST", path="/contracts/{contract_id}/numbers", noun="labels", act="buy_waybills",
    zh="单号入库", en="Put bought numbers into stock", query=Nothing, body=BuyIn, out=BoughtOut, status=201, rows="numbers",
    parts={"contract_id": "11"}, missing=("contract_unknown",), sends=BuyIn([A_WAYBILL], "0.80", date(2026, 3, 2)),
    gets=BoughtOut(21, 1, []),
)  # fmt: skip
CHOOSE = Operation(
    name="choose_contracts", method="POST", path="/orders/contracts", noun="labels", act="assign_carriers", zh="选快递",
    en="Choose by which contract orders go", query=Nothing, body=ChooseIn, out=GivenOut, rows="orders",
    sends=ChooseIn([AN_ORDER]), gets=GivenOut(1, 0, 0),
)  # fmt: skip
LIST_LABELS = Operation(
    name="list_labels", method="GET", path="/labels", noun="labels", act="view_labels", zh="面单列表", en="List labels",
    query=LabelQuery, body=Nothing, out=Listed[LabelOut], gets=Listed([A_LABEL]), asks={"tab": "to_print"},
)  # fmt: skip
MAKE_LABELS = Operation(
    name="make_labels", method="POST", path="/labels", noun="labels", act="make_labels", zh="取号做面单",
    en="Give orders a label with a number", query=Nothing, body=MakeIn, out=LabelsOut, rows="orders", sends=MakeIn([AN_ORDER]),
    gets=LabelsOut([LabelOutcome(AN_ORDER, 601, "ZTO", A_WAYBILL, True)]),
    more="An order that has a label keeps it: made again, nothing is taken twice.",
)  # fmt: skip
VOID_LABELS = Operation(
    name="void_labels", method="POST", path="/labels/void", noun="labels", act="make_labels", zh="作废面单",
    en="Give labels up, with their numbers", query=Nothing, body=VoidIn, out=LabelsDone, rows="labels",
    sends=VoidIn([601], "地址改了"), gets=LabelsDone([LabelDone(601, 601)]),
)  # fmt: skip
SHIP_LABELS = Operation(
    name="ship_labels", method="POST", path="/labels/ship", noun="labels", act="ship", zh="按面单发货",
    en="Submit the parcels of labels", query=Nothing, body=LabelIdsIn, out=LabelsDone, rows="labels",
    sends=LabelIdsIn([601]), gets=LabelsDone([LabelDone(601, 5001)]),
)  # fmt: skip
PRINT = Operation(
    name="print_labels", method="POST", path="/print-jobs", noun="labels", act="make_labels", zh="打印面单",
    en="Put labels in line for a printer", query=Nothing, body=PrintIn, out=QueuedOut, status=201, rows="labels",
    sends=PrintIn([601], 31), gets=QueuedOut(701, [LabelDone(601, 1)]),
)  # fmt: skip
LIST_JOBS = Operation(
    name="list_print_jobs", method="GET", path="/print-jobs", noun="labels", act="view_labels", zh="打印任务",
    en="Print jobs that are not over", query=Nothing, body=Nothing, out=JobsOut, gets=JobsOut([A_JOB]),
)  # fmt: skip
GET_JOB = Operation(
    name="get_print_job", method="GET", path="/print-jobs/{job_id}", noun="labels", act="view_labels", zh="一个打印任务",
    en="One print job", query=Nothing, body=Nothing, out=JobOut, gets=A_JOB, parts={"job_id": "701"}, missing=("job_unknown",),
)  # fmt: skip
LIST_PRINTERS = Operation(
    name="list_printers", method="GET", path="/printers", noun="labels", act="view_labels", zh="打印机", en="Printers in use",
    query=Nothing, body=Nothing, out=PrintersOut, gets=PrintersOut([PrinterOut(31, "发货台 1", "raw")]),
)  # fmt: skip
