"""Files in and out: sheets that become batches, and what goes out as a workbook."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import Done, Nothing, Operation
from fahuo.api.shapes.aftersales import MadeOut, Money
from fahuo.api.shapes.common import Changed, FileIn, FileOut, Id, NumbersIn, Text, Word
from fahuo.api.shapes.orders import AN_ORDER
from fahuo.api.shapes.parcels import A_WAYBILL

Carrier = Annotated[str, Meta(max_length=40)]
Template = Annotated[int, Meta(ge=0, le=2**63 - 1)] | None


class SheetIn(FileIn, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A sheet (xlsx, xls, csv …), and what its rows are. `carrier`: of shipments and route marks that name none. Tariffs
    say the contract; bought numbers that, the price of one (CNY) and the day."""

    kind: Literal["orders", "shipments", "urges", "numbers", "skus", "route_marks", "tariffs"]
    carrier: Carrier = ""
    contract_id: Id | None = None
    price: Money = "0.00"
    bought_on: date | None = None
    note: Text = ""


class OpenIn(NumbersIn, forbid_unknown_fields=True, omit_defaults=True):
    """Orders that are to be shipped as one batch, in this order."""

    name: Word = ""


class ColumnsIn(Struct, forbid_unknown_fields=True):
    """Which heading of a refused sheet means which field (docs/import.md); kept for every later sheet like it."""

    columns: Annotated[dict[str, Annotated[str, Meta(max_length=60)]], Meta(min_length=1, max_length=200)]


class CarrierIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Which carrier takes the rows without a number ("" for nobody): all, or those from row to row."""

    carrier: Carrier
    first_row: Annotated[int, Meta(ge=1, le=200_000)] | None = None
    last_row: Annotated[int, Meta(ge=1, le=200_000)] | None = None


class FillIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Consecutive numbers for the rows that wait, from the first on; `last` ends the range. `again`: the batch was filled
    from a run before."""

    carrier: Carrier
    first: Annotated[str, Meta(min_length=1, max_length=64)]
    last: Annotated[str, Meta(max_length=64)] = ""
    again: bool = False


class NumbersSheetIn(FileIn, forbid_unknown_fields=True, omit_defaults=True):
    """Numbers for a batch as a sheet, matched by order number; `carrier` where it names none."""

    carrier: Carrier = ""


class TableIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An address table for a carrier ("" all rows); by a template of the shop's, 0 the usual one, null the carrier's."""

    carrier: Carrier = ""
    template_id: Template = None


class UploadIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The marketplace's upload file; by a template of the shop's, 0 the usual one, null the first that there is."""

    template_id: Template = None


class GoodsRow(Struct):
    """What lies in a parcel."""

    title: str
    sku: str
    quantity: int


class ConsignmentOut(Struct):
    """What stands on a consignment sheet (发件单), unmasked."""

    number: str
    sender_name: str
    sender_phone: str
    sender_address: str
    receiver: str
    phone: str
    full_address: str
    postcode: str
    goods: list[GoodsRow]
    quantity: int
    memo: str
    buyer_message: str


class ConsignmentsOut(Struct):
    """Consignment sheets, in the order in which the orders were named."""

    rows: list[ConsignmentOut]


_BATCH = {"batch_id": "72"}

SEND = Operation(
    name="send_sheet", method="POST", path="/sheets", noun="batches", act="view_orders", zh="上传表格", large=True,
    en="Send a sheet in; it becomes a batch", query=Nothing, body=SheetIn, out=MadeOut, status=201, gets=MadeOut(72),
    sends=SheetIn("orders.csv", b"...", kind="orders"),
    more="The clock reads it: `get_batch` says how far it is, `commit_batch` lets its good rows be written. The scope is that of "
    "the kind.",
)  # fmt: skip
OPEN = Operation(
    name="open_batch", method="POST", path="/batches", noun="batches", act="ship", zh="新建发货批次",
    en="Open a batch to ship these orders", query=Nothing, body=OpenIn, out=MadeOut, status=201, rows="orders",
    sends=OpenIn([AN_ORDER]), gets=MadeOut(72),
)  # fmt: skip
MAP = Operation(
    name="map_batch_columns", method="PUT", path="/batches/{batch_id}/columns", noun="batches", act="view_orders", zh="对应表头",
    en="Say what the headings of a refused sheet mean", query=Nothing, body=ColumnsIn, out=Done, gets=Done(), parts=_BATCH,
    sends=ColumnsIn({"订单号": "number"}), missing=("batch_unknown",), more="The scope is that of the batch's kind.",
)  # fmt: skip
ASSIGN = Operation(
    name="assign_batch_carrier", method="PUT", path="/batches/{batch_id}/carrier", noun="batches", act="ship", zh="批次选快递",
    en="Say which carrier takes a batch's rows", query=Nothing, body=CarrierIn, out=Changed, sends=CarrierIn("ZTO"),
    gets=Changed(12), parts=_BATCH, missing=("batch_unknown",),
)  # fmt: skip
FILL = Operation(
    name="fill_batch_run", method="POST", path="/batches/{batch_id}/run", noun="batches", act="ship", zh="连号填单",
    en="Give a batch's rows consecutive numbers", query=Nothing, body=FillIn, out=Done, sends=FillIn("ZTO", A_WAYBILL),
    gets=Done(), parts=_BATCH, missing=("batch_unknown",),
)  # fmt: skip
FILL_SHEET = Operation(
    name="fill_batch_sheet", method="POST", path="/batches/{batch_id}/numbers", noun="batches", act="ship", zh="表格填单号",
    large=True, en="Give a batch's rows numbers from a sheet", query=Nothing, body=NumbersSheetIn, out=Done, gets=Done(),
    sends=NumbersSheetIn("numbers.csv", b"..."), parts=_BATCH, missing=("batch_unknown",),
)  # fmt: skip
PROBLEMS = Operation(
    name="export_batch_problems", method="GET", path="/batches/{batch_id}/problems", noun="batches", act="view_orders",
    zh="导出有问题的行", en="The refused rows of a batch as a workbook", query=Nothing, body=Nothing, out=FileOut, parts=_BATCH,
    gets=FileOut("problems-72.xlsx", b"PK"), missing=("batch_unknown",), more="The scope is that of the batch's kind.",
)  # fmt: skip
ADDRESSES = Operation(
    name="export_addresses", method="POST", path="/batches/{batch_id}/addresses", noun="batches", act="export_orders",
    zh="导出地址表", en="The address table of a batch, receivers in full (journaled)", query=Nothing, body=TableIn, out=FileOut,
    sends=TableIn("ZTO"), gets=FileOut("addresses.xlsx", b"PK"), parts=_BATCH, missing=("batch_unknown",),
)  # fmt: skip
UPLOAD = Operation(
    name="export_upload_file", method="POST", path="/batches/{batch_id}/upload-file", noun="batches", act="ship",
    zh="导出平台批量发货表", en="The marketplace's upload file of what a batch shipped", query=Nothing, body=UploadIn, out=FileOut,
    sends=UploadIn(), gets=FileOut("upload.xlsx", b"PK"), parts=_BATCH, missing=("batch_unknown",),
)  # fmt: skip
EXPORT = Operation(
    name="export_orders", method="POST", path="/orders/sheet", noun="orders", act="export_orders", zh="导出订单",
    en="Orders as a workbook, receivers in full (journaled)", query=Nothing, body=NumbersIn, out=FileOut, rows="orders",
    sends=NumbersIn([AN_ORDER]), gets=FileOut("orders-202603021200.xlsx", b"PK"),
)  # fmt: skip
CONSIGN = Operation(
    name="print_consignments", method="POST", path="/orders/consignments", noun="orders", act="print_papers", zh="发件单",
    en="What stands on the consignment sheets of orders, unmasked (journaled)", query=Nothing, body=NumbersIn,
    out=ConsignmentsOut, rows="orders", sends=NumbersIn([AN_ORDER]),
    gets=ConsignmentsOut([ConsignmentOut(
        AN_ORDER, "兰草小铺", "057100000000", "浙江省 杭州市", "甲一", "13800000000", "浙江省 杭州市 西湖区 文三路 1 号", "310012",
        [GoodsRow("兰草皂", "LC-500", 2)], 2, "", "",
    )]),
)  # fmt: skip
