"""Complaints, refunds, evidence, delay reports: what follows when something went late."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, Done, Listed, Nothing, Operation, Paged
from fahuo.api.shapes.orders import AN_ORDER

Status = Literal["open", "settled", "upheld", "dismissed", "withdrawn"]
ComplaintKind = Literal["delay", "out_of_stock", "false_shipping"]
ReportStatus = Literal["filed", "approved", "rejected", "withdrawn"]
Money = Annotated[str, Meta(pattern=r"^[0-9]{1,8}(\.[0-9]{1,2})?$", description="CNY, like 12.50")]


class ComplaintQuery(Paged, kw_only=True):
    """Complaints opened between two calendar days of the shop (both in; the last 90 days when left out)."""

    status: Status | None = None
    kind: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    first: date | None = None
    last: date | None = None


class ComplaintOut(Struct):
    """A complaint and what it cost: CNY to the buyer, and violation points."""

    id: int
    number: str
    title: str
    kind: str
    opened_by: str
    status: str
    opened_at: datetime
    closed_at: datetime | None
    compensation: Decimal | None
    points: int | None
    rulebook: str
    closed_by: str
    statement: str
    item_amount: Decimal


class CostOut(Struct):
    """What closing a complaint cost: CNY to the buyer, and violation points."""

    compensation: Decimal
    points: int


class ComplainIn(Struct, forbid_unknown_fields=True):
    """That the buyer complained, where he did so elsewhere."""

    kind: ComplaintKind


class RefuseIn(Struct, forbid_unknown_fields=True):
    """Why the refund is refused; the buyer reads it."""

    reason: Annotated[str, Meta(min_length=1, max_length=2000)]


class RefundIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the buyer got back; everything when left out."""

    amount: Money | None = None


class EvidenceIn(Struct, forbid_unknown_fields=True):
    """Words put on record."""

    body: Annotated[str, Meta(min_length=1, max_length=2000)]


class MadeOut(Struct):
    """What was made."""

    id: int


class ReportQuery(Paged, kw_only=True):
    """Delay reports in one state, or in any."""

    status: ReportStatus | None = None


class ReportOut(Struct):
    """A delay report (报备)."""

    id: int
    name: str
    status: str
    scope: str
    scope_value: str
    until: datetime
    paid_from: datetime | None
    paid_until: datetime | None
    filed_at: datetime
    filed_by: str
    answered_at: datetime | None
    answered_by: str
    answer: str


class ReportIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A report: that orders will ship by `until`. `scope` orders (by number), shop, region (`value` of 2, 4 or 6 digits)
    or goods (an item code); with `paid_from` and `paid_until` one ahead of time."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    until: datetime
    scope: Literal["orders", "shop", "region", "goods"] = "orders"
    value: Annotated[str, Meta(max_length=100)] = ""
    orders: Annotated[list[str], Meta(max_length=5000)] = []
    paid_from: datetime | None = None
    paid_until: datetime | None = None
    evidence: Annotated[str, Meta(max_length=2000)] = ""


class PreviewOut(Struct):
    """What approving such a report would do now: orders covered, deadlines that move later or earlier or stay, orders
    overdue already, and CNY that it would spare."""

    covered: int
    later: int
    earlier: int
    stays: int
    overdue: int
    saved: Decimal


_COMPLAINT = ComplaintOut(
    301, AN_ORDER, "手工皂 三块装", "delay", "platform", "open", AN_INSTANT, None, None, None, "taobao-2022-07-18", "", "",
    Decimal("59.00"),
)  # fmt: skip
_ORDER = {"number": AN_ORDER}
_REPORT = ReportOut(401, "春节停工", "filed", "shop", "", AN_INSTANT, None, None, AN_INSTANT, "ERP", None, "", "")
_WISH = ReportIn("春节停工", AN_INSTANT, "shop")

LIST_COMPLAINTS = Operation(
    name="list_complaints", method="GET", path="/complaints", noun="complaints", act="view_ledger", zh="投诉与赔付",
    en="List complaints and what they cost", query=ComplaintQuery, body=Nothing, out=Listed[ComplaintOut],
    gets=Listed([_COMPLAINT]), asks={"status": "open"},
)  # fmt: skip
OPEN_COMPLAINT = Operation(
    name="note_complaint", method="POST", path="/orders/{number}/complaint", noun="complaints", act="answer_tasks",
    zh="记下买家的投诉", en="Note that the buyer complained", query=Nothing, body=ComplainIn, out=MadeOut, status=201,
    parts=_ORDER, missing=("order_unknown",), sends=ComplainIn("delay"), gets=MadeOut(301),
)  # fmt: skip
SETTLE_COMPLAINT = Operation(
    name="settle_complaint", method="POST", path="/orders/{number}/complaint/settled", noun="complaints",
    act="settle_complaints", zh="赔付", en="Compensate before the verdict", query=Nothing, body=Nothing, out=CostOut,
    parts=_ORDER, missing=("order_unknown",), gets=CostOut(Decimal("5.00"), 0),
)  # fmt: skip
WITHDRAW_COMPLAINT = Operation(
    name="note_complaint_withdrawn", method="POST", path="/orders/{number}/complaint/withdrawn", noun="complaints",
    act="answer_tasks", zh="记下买家撤诉", en="Note that the buyer took the complaint back", query=Nothing, body=Nothing, out=Done,
    parts=_ORDER, missing=("order_unknown",), gets=Done(),
)  # fmt: skip
ADD_EVIDENCE = Operation(
    name="add_evidence", method="POST", path="/orders/{number}/evidence", noun="complaints", act="give_evidence",
    zh="提交凭证", en="Put words on record", query=Nothing, body=EvidenceIn, out=MadeOut, status=201, parts=_ORDER,
    missing=("order_unknown",), sends=EvidenceIn("快递揽收底单编号 8841"), gets=MadeOut(501),
)  # fmt: skip
AGREE_REFUND = Operation(
    name="agree_refund", method="POST", path="/orders/{number}/refund/agreed", noun="refunds", act="refund", zh="同意退款",
    en="Agree to a refund", query=Nothing, body=Nothing, out=Done, parts=_ORDER, missing=("order_unknown",), gets=Done(),
)  # fmt: skip
REFUSE_REFUND = Operation(
    name="refuse_refund", method="POST", path="/orders/{number}/refund/refused", noun="refunds", act="refund", zh="拒绝退款",
    en="Refuse a refund", query=Nothing, body=RefuseIn, out=Done, parts=_ORDER, missing=("order_unknown",),
    sends=RefuseIn("商品已寄出"), gets=Done(),
)  # fmt: skip
REFUND = Operation(
    name="note_refund", method="POST", path="/orders/{number}/refund/succeeded", noun="refunds", act="refund", zh="退款成功",
    en="Note that the buyer was refunded", query=Nothing, body=RefundIn, out=Done, parts=_ORDER,
    missing=("order_unknown",), sends=RefundIn("59.00"), gets=Done(),
)  # fmt: skip
LIST_REPORTS = Operation(
    name="list_reports", method="GET", path="/reports", noun="reports", act="report_delays", zh="报备列表",
    en="List delay reports", query=ReportQuery, body=Nothing, out=Listed[ReportOut], gets=Listed([_REPORT]),
)  # fmt: skip
GET_REPORT = Operation(
    name="get_report", method="GET", path="/reports/{report_id}", noun="reports", act="report_delays", zh="一份报备",
    en="One delay report", query=Nothing, body=Nothing, out=ReportOut, parts={"report_id": "401"}, missing=("report_unknown",),
    gets=_REPORT,
)  # fmt: skip
FILE_REPORT = Operation(
    name="file_report", method="POST", path="/reports", noun="reports", act="report_delays", zh="提交报备",
    en="File a delay report", query=Nothing, body=ReportIn, out=MadeOut, status=201, sends=_WISH, gets=MadeOut(401),
    more="It changes nothing before the platform approves it. Sent twice it stands once, while it waits.",
)  # fmt: skip
PREVIEW_REPORT = Operation(
    name="preview_report", method="POST", path="/reports/preview", noun="reports", act="report_delays", zh="试算报备",
    en="What a delay report would move", query=Nothing, body=ReportIn, out=PreviewOut, sends=_WISH,
    gets=PreviewOut(120, 118, 0, 2, 3, Decimal("590.00")),
)  # fmt: skip
WITHDRAW_REPORT = Operation(
    name="withdraw_report", method="POST", path="/reports/{report_id}/withdrawn", noun="reports", act="report_delays",
    zh="撤回报备", en="Take a delay report back", query=Nothing, body=Nothing, out=Done, parts={"report_id": "401"},
    missing=("report_unknown",), gets=Done(),
)  # fmt: skip
