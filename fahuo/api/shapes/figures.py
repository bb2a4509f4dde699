"""The rows behind a shop's figures, the figures by account and by hour, what complaints cost; and the journal."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, Listed, Nothing, Operation, Paged
from fahuo.api.shapes.aftersales import ComplaintKind
from fahuo.api.shapes.common import Anything, FileOut, Id
from fahuo.api.shapes.orders import AN_ORDER
from fahuo.api.shapes.parcels import A_WAYBILL
from fahuo.api.shapes.shop import SOME_FIGURES, Figures, MetricsQuery


class DaysQuery(Paged, kw_only=True):
    """The rows of some days (those that count for the response time when left out)."""

    first: date | None = None
    last: date | None = None


class RowsQuery(DaysQuery, kw_only=True):
    """The rows of some days; `member_id`: of one account."""

    member_id: Id | None = None


class TurnQuery(RowsQuery, kw_only=True):
    """Turns of talks; `only`: slow (over three minutes), or unanswered that day."""

    only: Literal["slow", "unanswered"] | None = None


class DueQuery(RowsQuery, kw_only=True):
    """Orders that were due; `only`: with this outcome."""

    only: Literal["on_time", "late_scan", "no_scan", "not_shipped"] | None = None


class RaisedQuery(RowsQuery, kw_only=True):
    """Tasks that were raised; `missed`: not answered within 24 hours."""

    missed: bool = False


class HourQuery(DaysQuery, kw_only=True):
    """Rows of one hour of the shop's day, or of any."""

    hour: Annotated[int, Meta(ge=0, le=23)] | None = None


class MemberFigures(Struct):
    """The figures of one account; null: of what no account did."""

    member_id: int | None
    name: str
    figures: Figures


class MembersFigures(Struct):
    """The figures by account over a span."""

    first: date
    last: date
    rows: list[MemberFigures]


class HoursOut(Struct):
    """Orders that were paid and parcels that were shipped in each of the 24 hours of the shop's day."""

    first: date
    last: date
    paid: list[int]
    shipped: list[int]


class TurnOut(Struct):
    """From a buyer's first unanswered word to a person's answer: `took` seconds (at most 600)."""

    number: str
    member_id: int | None
    day: date
    started_at: datetime
    took: int
    answered: bool
    answered_at: datetime | None


class DueOut(Struct):
    """An order that was due, and what became of it."""

    number: str
    deadline: datetime
    shipped_at: datetime | None
    picked_up_at: datetime | None
    member_id: int | None
    pickup: str


class RaisedOut(Struct):
    """A task, and how it was answered."""

    id: int
    number: str
    kind: str
    state: str
    created_at: datetime
    answered_at: datetime | None
    member_id: int | None
    answer: str | None
    in_time: bool
    waits: bool


class PaidOut(Struct):
    """An order by when it was paid."""

    number: str
    paid_at: datetime
    shipped_at: datetime | None
    deadline: datetime | None


class ShippedRow(Struct):
    """A parcel by when it was shipped."""

    parcel_id: int
    orders: list[str]
    carrier: str
    waybill: str
    shipped_at: datetime
    picked_up_at: datetime | None
    member_id: int | None


class SheetQuery(MetricsQuery, kw_only=True):
    """The figures by day, or by account."""

    what: Literal["days", "members"] = "days"


class CostQuery(Struct, kw_only=True):
    """Complaints opened between two days of the shop (both in; the last 90 days when left out)."""

    first: date | None = None
    last: date | None = None
    kind: ComplaintKind | None = None


class CostSum(Struct):
    """How many complaints stand in a state, and what they cost: CNY to buyers, and violation points."""

    complaints: int
    amount: Decimal
    points: int


class CostsOut(Struct):
    """What complaints came to, by their state."""

    sums: dict[str, CostSum]


class JournalQuery(Paged, kw_only=True):
    """Entries of one act, of one order, by one actor, or all."""

    act: Annotated[str, Meta(min_length=1, max_length=60)] | None = None
    order: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class EntryOut(Struct):
    """Who did what, when, to which row; what it was before and after."""

    id: int
    at: datetime
    actor: str
    act: str
    number: str | None
    parcel_id: int | None
    batch_id: int | None
    before: Anything | None
    after: Anything | None


_DAYS = {"first": "2026-02-01", "last": "2026-03-02"}
_FIRST, _LAST = date(2026, 2, 1), date(2026, 3, 2)

MEMBERS = Operation(
    name="get_member_metrics", method="GET", path="/metrics/members", noun="figures", act="view_orders", zh="按账号的数据",
    en="The figures by account", query=MetricsQuery, body=Nothing, out=MembersFigures, asks=_DAYS,
    gets=MembersFigures(_FIRST, _LAST, [MemberFigures(12, "客服小陈", SOME_FIGURES)]),
)  # fmt: skip
HOURS = Operation(
    name="get_hours", method="GET", path="/metrics/hours", noun="figures", act="view_orders", zh="各时段的单量",
    en="Orders paid and parcels shipped by the hour", query=MetricsQuery, body=Nothing, out=HoursOut, asks=_DAYS,
    gets=HoursOut(_FIRST, _LAST, [0] * 24, [0] * 24),
)  # fmt: skip
TURNS = Operation(
    name="list_turns", method="GET", path="/metrics/turns", noun="figures", act="view_orders", zh="对话响应明细",
    en="The turns behind the response time", query=TurnQuery, body=Nothing, out=Listed[TurnOut], asks=_DAYS,
    gets=Listed([TurnOut(AN_ORDER, 12, _LAST, AN_INSTANT, 41, True, AN_INSTANT)]),
)  # fmt: skip
DUE = Operation(
    name="list_due", method="GET", path="/metrics/due", noun="figures", act="view_orders", zh="到期订单的揽收",
    en="The orders behind the pickup rate", query=DueQuery, body=Nothing, out=Listed[DueOut], asks=_DAYS,
    gets=Listed([DueOut(AN_ORDER, AN_INSTANT, AN_INSTANT, AN_INSTANT, 12, "on_time")]),
)  # fmt: skip
RAISED = Operation(
    name="list_raised", method="GET", path="/metrics/tasks", noun="figures", act="view_orders", zh="任务处理明细",
    en="The tasks behind the answer rate", query=RaisedQuery, body=Nothing, out=Listed[RaisedOut], asks=_DAYS,
    gets=Listed([RaisedOut(3001, AN_ORDER, "urge_shipping", "completed", AN_INSTANT, AN_INSTANT, 12, "shipped", True, False)]),
)  # fmt: skip
PAID = Operation(
    name="list_paid", method="GET", path="/metrics/paid", noun="figures", act="view_orders", zh="付款订单",
    en="The orders that were paid", query=HourQuery, body=Nothing, out=Listed[PaidOut], asks=_DAYS,
    gets=Listed([PaidOut(AN_ORDER, AN_INSTANT, AN_INSTANT, AN_INSTANT)]),
)  # fmt: skip
SHIPPED = Operation(
    name="list_shipped", method="GET", path="/metrics/shipped", noun="figures", act="view_orders", zh="发出包裹",
    en="The parcels that were shipped", query=HourQuery, body=Nothing, out=Listed[ShippedRow], asks=_DAYS,
    gets=Listed([ShippedRow(5001, [AN_ORDER], "ZTO", A_WAYBILL, AN_INSTANT, None, 12)]),
)  # fmt: skip
METRICS_SHEET = Operation(
    name="export_metrics", method="GET", path="/metrics/sheet", noun="figures", act="view_orders", zh="导出数据",
    en="The figures as a workbook", query=SheetQuery, body=Nothing, out=FileOut, asks=_DAYS,
    gets=FileOut("metrics-days-20260201-20260302.xlsx", b"PK"),
)  # fmt: skip
COSTS = Operation(
    name="sum_complaints", method="GET", path="/complaints/sums", noun="complaints", act="view_ledger", zh="赔付合计",
    en="What complaints came to", query=CostQuery, body=Nothing, out=CostsOut, asks=_DAYS,
    gets=CostsOut({"upheld": CostSum(3, Decimal("15.00"), 3)}),
)  # fmt: skip
COSTS_SHEET = Operation(
    name="export_complaints", method="GET", path="/complaints/sheet", noun="complaints", act="view_ledger", zh="导出赔付",
    en="Complaints and what they cost, as a workbook", query=CostQuery, body=Nothing, out=FileOut, asks=_DAYS,
    gets=FileOut("complaints-20260201.xlsx", b"PK"),
)  # fmt: skip
JOURNAL = Operation(
    name="list_journal", method="GET", path="/journal", noun="shop", act="configure_shop", zh="操作记录",
    en="Who did what, the newest first", query=JournalQuery, body=Nothing, out=Listed[EntryOut], asks={"act": "order.shipped"},
    gets=Listed([EntryOut(80_001, AN_INSTANT, "ERP", "order.shipped", AN_ORDER, 5001, None, None, {"waybill": A_WAYBILL})]),
)  # fmt: skip
