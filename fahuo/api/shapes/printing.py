"""Printers, label templates, and what a person or a machine says of print jobs."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, Done, Listed, Nothing, Operation, Paged
from fahuo.api.shapes.aftersales import MadeOut
from fahuo.api.shapes.common import Changed, FileOut, Id, RowProblem
from fahuo.api.shapes.labels import A_JOB, A_LABEL, JobOut, LabelOut, LabelOutcome, QueuedOut, ReprintIn
from fahuo.api.shapes.orders import AN_ORDER
from fahuo.api.shapes.parcels import A_WAYBILL


class PrinterIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A printer. `kind`: raw (TCP), ipp, browser, cnprint (the 菜鸟 component); the address for the first two, a path for ipp.
    `acknowledge`: what counts as printed: its status, that it took all bytes (sent), or a person's word. `component`: the
    name that the component gives the printer."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    kind: Literal["raw", "ipp", "browser", "cnprint"]
    host: Annotated[str, Meta(max_length=255)] = ""
    port: Annotated[int, Meta(ge=1, le=65535)] = 9100
    path: Annotated[str, Meta(max_length=201)] = ""
    language: Literal["zpl", "tspl", "cpcl", "pdf"] = "zpl"
    dpi: Literal[203, 300] = 203
    acknowledge: Literal["status", "sent", "person"] = "status"
    component: Annotated[str, Meta(max_length=120)] = ""


class PrinterDetail(Struct):
    """A printer, set up and as it stands: print jobs and labels that wait for it, and what is wrong with it."""

    id: int
    name: str
    kind: str
    host: str
    port: int
    path: str
    language: str
    dpi: int
    acknowledge: str
    active: bool
    jobs: int
    ahead: int
    seen_at: datetime | None
    problem: RowProblem | None = None


class StateOut(Struct):
    """What is wrong with a printer now (null: nothing, or nobody can ask it)."""

    problem: RowProblem | None = None


class TemplateIn(Struct, forbid_unknown_fields=True):
    """A label template: its name and its text (docs/labels.md)."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    body: Annotated[str, Meta(min_length=1, max_length=100_000)]


class TemplateRow(Struct):
    """A template; `contracts`: the names of those that print by it."""

    id: int
    name: str
    size: str
    standard: bool
    updated_at: datetime
    contracts: str | None


class TemplatesOut(Struct):
    """The shop's templates, its standard one first."""

    rows: list[TemplateRow]


class TemplateOut(Struct):
    """A template with its text."""

    id: int
    name: str
    size: str
    standard: bool
    body: str


class StandardIn(Struct, forbid_unknown_fields=True):
    """The shop's standard template; null: the 76x130 that every shop has."""

    template_id: Id | None


class AnswerIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Whether what was sent came out: all of it, or the documents at these places."""

    came_out: bool
    places: Annotated[list[Annotated[int, Meta(ge=1, le=1_000_000)]], Meta(max_length=10_000)] | None = None


class DocumentQuery(Paged, kw_only=True):
    """Documents of a job in one state, or in any."""

    state: Literal["waiting", "sent", "printed", "blocked", "cancelled"] | None = None


class DocumentOut(Struct):
    """One label of a print job, at its place."""

    place: int
    label_id: int
    carrier: str
    waybill: str
    orders: list[str]
    state: str
    attempts: int
    sent_at: datetime | None
    printed_at: datetime | None
    problem: RowProblem | None = None


class EnterIn(Struct, forbid_unknown_fields=True):
    """The number that the courier brought for the order."""

    contract_id: Id
    waybill: Annotated[str, Meta(min_length=1, max_length=64)]


_PRINTER, _JOB, _TEMPLATE = {"printer_id": "31"}, {"job_id": "701"}, {"template_id": "91"}
_SETUP = PrinterIn("发货台 1", "raw", "192.168.1.9")
_STANDING = PrinterDetail(
    31, "发货台 1", "raw", "192.168.1.9", 9100, "", "zpl", 203, "status", True, 1, 80, AN_INSTANT
)  # fmt: skip
_TEXT = TemplateIn("大件 100x150", "size: 100x150\n…")

ADD_PRINTER = Operation(
    name="add_printer", method="POST", path="/printers", noun="printing", act="manage_printers", zh="添加打印机",
    en="Set up a printer", query=Nothing, body=PrinterIn, out=MadeOut, status=201, sends=_SETUP, gets=MadeOut(31),
)  # fmt: skip
GET_PRINTER = Operation(
    name="get_printer", method="GET", path="/printers/{printer_id}", noun="printing", act="view_labels", zh="一台打印机",
    en="One printer", query=Nothing, body=Nothing, out=PrinterDetail, gets=_STANDING, parts=_PRINTER,
    missing=("printer_unknown",),
)  # fmt: skip
CHANGE_PRINTER = Operation(
    name="change_printer", method="PUT", path="/printers/{printer_id}", noun="printing", act="manage_printers", zh="改打印机",
    en="Set a printer up anew", query=Nothing, body=PrinterIn, out=Done, sends=_SETUP, gets=Done(), parts=_PRINTER,
    missing=("printer_unknown",),
)  # fmt: skip
TURN_ON = Operation(
    name="turn_printer_on", method="POST", path="/printers/{printer_id}/on", noun="printing", act="manage_printers",
    zh="启用打印机", en="Take a printer back into use", query=Nothing, body=Nothing, out=Done, gets=Done(), parts=_PRINTER,
    missing=("printer_unknown",),
)  # fmt: skip
TURN_OFF = Operation(
    name="turn_printer_off", method="POST", path="/printers/{printer_id}/off", noun="printing", act="manage_printers",
    zh="停用打印机", en="Take a printer out of use", query=Nothing, body=Nothing, out=Done, gets=Done(), parts=_PRINTER,
    missing=("printer_unknown",),
)  # fmt: skip
LOOK = Operation(
    name="look_at_printer", method="POST", path="/printers/{printer_id}/look", noun="printing", act="manage_printers",
    zh="看打印机状态", en="Ask a printer how it is", query=Nothing, body=Nothing, out=StateOut, gets=StateOut(), parts=_PRINTER,
    missing=("printer_unknown",),
)  # fmt: skip
TEST = Operation(
    name="test_printer", method="POST", path="/printers/{printer_id}/test", noun="printing", act="manage_printers",
    zh="打测试页", en="Print a sample label", query=Nothing, body=Nothing, out=StateOut, gets=StateOut(), parts=_PRINTER,
    missing=("printer_unknown",),
)  # fmt: skip
LIST_TEMPLATES = Operation(
    name="list_label_templates", method="GET", path="/label-templates", noun="printing", act="view_labels", zh="面单模板",
    en="Label templates", query=Nothing, body=Nothing, out=TemplatesOut,
    gets=TemplatesOut([TemplateRow(91, "大件 100x150", "100x150", True, AN_INSTANT, "中通西湖三部")]),
)  # fmt: skip
ADD_TEMPLATE = Operation(
    name="add_label_template", method="POST", path="/label-templates", noun="printing", act="manage_printers", zh="新建面单模板",
    en="Add a label template", query=Nothing, body=TemplateIn, out=MadeOut, status=201, sends=_TEXT, gets=MadeOut(91),
)  # fmt: skip
GET_TEMPLATE = Operation(
    name="get_label_template", method="GET", path="/label-templates/{template_id}", noun="printing", act="view_labels",
    zh="一个面单模板", en="One label template", query=Nothing, body=Nothing, out=TemplateOut, parts=_TEMPLATE,
    gets=TemplateOut(91, "大件 100x150", "100x150", True, "size: 100x150\n…"), missing=("template_unknown",),
)  # fmt: skip
CHANGE_TEMPLATE = Operation(
    name="change_label_template", method="PUT", path="/label-templates/{template_id}", noun="printing", act="manage_printers",
    zh="改面单模板", en="Set a label template", query=Nothing, body=TemplateIn, out=Done, sends=_TEXT, gets=Done(),
    parts=_TEMPLATE, missing=("template_unknown",),
)  # fmt: skip
DROP_TEMPLATE = Operation(
    name="drop_label_template", method="DELETE", path="/label-templates/{template_id}", noun="printing", act="manage_printers",
    zh="删面单模板", en="Forget a label template", query=Nothing, body=Nothing, out=Done, gets=Done(), parts=_TEMPLATE,
    missing=("template_unknown",),
)  # fmt: skip
SET_STANDARD = Operation(
    name="set_standard_template", method="PUT", path="/label-templates/standard", noun="printing", act="manage_printers",
    zh="设默认模板", en="Set the shop's standard template", query=Nothing, body=StandardIn, out=Done, sends=StandardIn(91),
    gets=Done(),
)  # fmt: skip
LIST_PAST_JOBS = Operation(
    name="list_past_print_jobs", method="GET", path="/print-jobs/past", noun="printing", act="view_labels", zh="打印记录",
    en="Print jobs that are over, the newest first", query=Paged, body=Nothing, out=Listed[JobOut], gets=Listed([A_JOB]),
)  # fmt: skip
LIST_DOCUMENTS = Operation(
    name="list_print_documents", method="GET", path="/print-jobs/{job_id}/documents", noun="printing", act="view_labels",
    zh="打印任务里的面单", en="The labels of a print job", query=DocumentQuery, body=Nothing, out=Listed[DocumentOut], parts=_JOB,
    gets=Listed([DocumentOut(1, 601, "ZTO", A_WAYBILL, [AN_ORDER], "printed", 1, AN_INSTANT, AN_INSTANT)]),
    missing=("job_unknown",),
)  # fmt: skip
HOLD = Operation(
    name="hold_print_job", method="POST", path="/print-jobs/{job_id}/held", noun="printing", act="make_labels", zh="暂停打印",
    en="Hold a print job", query=Nothing, body=Nothing, out=Done, gets=Done(), parts=_JOB, missing=("job_unknown",),
)  # fmt: skip
RESUME = Operation(
    name="resume_print_job", method="POST", path="/print-jobs/{job_id}/resumed", noun="printing", act="make_labels", zh="接着打印",
    en="Go on with a print job", query=Nothing, body=Nothing, out=Done, gets=Done(), parts=_JOB, missing=("job_unknown",),
)  # fmt: skip
CANCEL = Operation(
    name="cancel_print_job", method="POST", path="/print-jobs/{job_id}/cancelled", noun="printing", act="make_labels",
    zh="取消打印", en="Give a print job up", query=Nothing, body=Nothing, out=Done, gets=Done(), parts=_JOB,
    missing=("job_unknown",),
)  # fmt: skip
ANSWER = Operation(
    name="answer_print_job", method="POST", path="/print-jobs/{job_id}/answer", noun="printing", act="make_labels",
    zh="说明打没打出来", en="Say whether labels came out", query=Nothing, body=AnswerIn, out=Changed, sends=AnswerIn(True),
    gets=Changed(12), parts=_JOB, missing=("job_unknown",),
)  # fmt: skip
TAKE_PDF = Operation(
    name="take_print_file", method="POST", path="/print-jobs/{job_id}/file", noun="printing", act="make_labels",
    zh="取面单 PDF", en="Take the next labels of a browser's job as a PDF", query=Nothing, body=Nothing, out=FileOut,
    gets=FileOut("labels-701.pdf", b"%PDF-1.7"), parts=_JOB, missing=("job_unknown",),
    more="For a printer of the kind `browser`: at most 200 labels, unmasked; the same ones until `answer_print_job` says what "
    "came out.",
)  # fmt: skip
REPRINT = Operation(
    name="reprint_labels", method="POST", path="/print-jobs/reprints", noun="printing", act="make_labels", zh="重打面单",
    en="Print labels again on purpose", query=Nothing, body=ReprintIn, out=QueuedOut, status=201, rows="labels",
    sends=ReprintIn([601], 31, "打花了"), gets=QueuedOut(701, []),
    more="Under the same number, or (`new_number`) with a new one and the old voided.",
)  # fmt: skip
GET_LABEL = Operation(
    name="get_label", method="GET", path="/labels/{label_id}", noun="labels", act="view_labels", zh="一张面单", en="One label",
    query=Nothing, body=Nothing, out=LabelOut, gets=A_LABEL, parts={"label_id": "601"}, missing=("label_unknown",),
)  # fmt: skip
ENTER = Operation(
    name="enter_label", method="PUT", path="/orders/{number}/label", noun="labels", act="make_labels", zh="填面单单号",
    en="Give an order a label under the courier's number", query=Nothing, body=EnterIn, out=LabelOutcome,
    sends=EnterIn(11, A_WAYBILL), gets=LabelOutcome(AN_ORDER, 601, "ZTO", A_WAYBILL, True), parts={"number": AN_ORDER},
    missing=("order_unknown",),
)  # fmt: skip
