"""What a shop lives by that it sets itself: additions to its rules, automatic answers, tasks here, its sheets' columns."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, Done, Nothing, Operation
from fahuo.api.shapes.aftersales import MadeOut
from fahuo.api.shapes.common import Changed, FileIn, FileOut, NumbersIn, PasswordOut
from fahuo.api.shapes.contracts import Clock
from fahuo.api.shapes.orders import AN_ORDER

RuleText = Annotated[str, Meta(min_length=1, max_length=20_000)]


class AdditionIn(Struct, forbid_unknown_fields=True):
    """A text of the shop's own rules, as docs/rulebooks.md has it."""

    text: RuleText


class AdditionOut(Struct):
    """An addition to the rule book: the platform's (`own` false) or the shop's."""

    id: int
    name: str
    own: bool
    starts_at: datetime
    body: str
    added_at: datetime
    added_by: str
    withdrawn_at: datetime | None


class AdditionsOut(Struct):
    """The additions, by when they take force."""

    rows: list[AdditionOut]


class OutcomeOut(Struct):
    """What orders come to under a book: compensation that is at risk (CNY), what complaints cost, points."""

    risk: Decimal
    cost: Decimal
    points: int
    late: int
    tasks: int


class ReplayOut(Struct):
    """What the last month's orders came to, and what they would have come to; `more`: there were others."""

    name: str
    starts_at: datetime
    orders: int
    more: bool
    differ: int
    before: OutcomeOut
    after: OutcomeOut


class AutomaticIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What buyers are answered at once ("" nothing), at these hours of the shop's day (both null: at all)."""

    body: Annotated[str, Meta(max_length=500)]
    start: Clock | None = None
    end: Clock | None = None


class AutomaticOut(Struct):
    """The automatic answer."""

    body: str
    start: str | None
    end: str | None


class TasksHereIn(Struct, forbid_unknown_fields=True):
    """Whether late urges make platform tasks here; else the shop's marketplace keeps its tasks."""

    here: bool


class TemplateColumns(Struct, forbid_unknown_fields=True):
    """A shop's own table: what it is for (address, upload), for which carrier ("" any), and its columns as pairs of a
    heading and a field (docs/import.md)."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    purpose: Literal["address", "upload"]
    columns: Annotated[
        list[Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(min_length=2, max_length=2)]],
        Meta(min_length=1, max_length=60),
    ]
    carrier: Annotated[str, Meta(max_length=40)] = ""
    format: Literal["xlsx", "csv"] = "xlsx"


class SheetTemplateOut(Struct):
    """A table of the shop's own."""

    id: int
    name: str
    purpose: str
    carrier: str
    columns: list[list[str]]
    format: str


class SheetTemplatesOut(Struct):
    """The shop's own tables, by purpose and name."""

    rows: list[SheetTemplateOut]


class ColumnMapOut(Struct):
    """How one kind of unknown sheet is read: heading -> field."""

    id: int
    kind: str
    name: str
    columns: dict[str, str]
    created_at: datetime


class ColumnMapsOut(Struct):
    """What was chosen for unknown sheets, the newest first."""

    rows: list[ColumnMapOut]


class FlagsIn(NumbersIn, forbid_unknown_fields=True):
    """One flag for many orders: 0 to 10, null takes it off."""

    flag: Annotated[int, Meta(ge=0, le=10)] | None


class PickRow(Struct):
    """What is to be fetched of one SKU."""

    shelf: str
    sku_code: str
    sku: str
    barcode: str
    title: str
    quantity: int
    orders: int


class PickListOut(Struct):
    """A pick list, by shelf and SKU."""

    rows: list[PickRow]


class PieceIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Words, a file, or both, for a delay report that waits for its answer."""

    body: Annotated[str, Meta(max_length=2000)] = ""
    file: FileIn | None = None


class PieceOut(Struct):
    """What was put on record, by seller, buyer or platform. `file`: its name, and its bytes; null where there is none."""

    id: int
    at: datetime
    party: str
    name: str
    body: str
    file: str | None
    size: int | None


class PiecesOut(Struct):
    """What was put on record, the oldest first."""

    rows: list[PieceOut]


_TABLE = TemplateColumns("中通表", "address", [["单号", "number"], ["收件人", "receiver"]], "ZTO")
_TEXT = AdditionIn("…")
_SUM = OutcomeOut(Decimal("0.00"), Decimal("0.00"), 0, 0, 0)

LIST_ADDITIONS = Operation(
    name="list_rule_additions", method="GET", path="/rulebook/additions", noun="shop", act="view_orders", zh="规则的增补",
    en="Additions to the rule book", query=Nothing, body=Nothing, out=AdditionsOut,
    gets=AdditionsOut([AdditionOut(211, "2026-04-01", True, AN_INSTANT, "…", AN_INSTANT, "掌柜", None)]),
)  # fmt: skip
CHECK_ADDITION = Operation(
    name="check_rule_addition", method="POST", path="/rulebook/additions/check", noun="shop", act="configure_shop",
    zh="试算规则增补", en="What an addition would have made of last month", query=Nothing, body=AdditionIn, out=ReplayOut,
    sends=_TEXT, gets=ReplayOut("2026-04-01", AN_INSTANT, 1180, False, 0, _SUM, _SUM),
)  # fmt: skip
SCHEDULE_ADDITION = Operation(
    name="schedule_rule_addition", method="POST", path="/rulebook/additions", noun="shop", act="configure_shop",
    zh="安排规则增补", en="Let an addition take force at its time", query=Nothing, body=AdditionIn, out=MadeOut, status=201,
    sends=_TEXT, gets=MadeOut(211), more="For shops whose tasks their marketplace keeps.",
)  # fmt: skip
WITHDRAW_ADDITION = Operation(
    name="withdraw_rule_addition", method="POST", path="/rulebook/additions/{addition_id}/withdrawn", noun="shop",
    act="configure_shop", zh="撤回规则增补", en="Take back an addition before it takes force", query=Nothing, body=Nothing,
    out=Done, gets=Done(), parts={"addition_id": "211"}, missing=("rulebook_unknown",),
)  # fmt: skip
GET_AUTOMATIC = Operation(
    name="get_automatic_answer", method="GET", path="/automatic-answer", noun="messages", act="send_messages", zh="自动回复",
    en="The automatic answer", query=Nothing, body=Nothing, out=AutomaticOut, gets=AutomaticOut("在的，马上回您", "22:00", "08:00"),
)  # fmt: skip
SET_AUTOMATIC = Operation(
    name="set_automatic_answer", method="PUT", path="/automatic-answer", noun="messages", act="configure_shop", zh="改自动回复",
    en="Set the automatic answer", query=Nothing, body=AutomaticIn, out=Done, gets=Done(),
    sends=AutomaticIn("在的，马上回您", "22:00", "08:00"),
)  # fmt: skip
SET_TASKS_HERE = Operation(
    name="set_tasks_here", method="PUT", path="/shop/tasks-here", noun="shop", act="configure_shop", zh="任务在哪里",
    en="Whether late urges make tasks here", query=Nothing, body=TasksHereIn, out=Done, sends=TasksHereIn(True), gets=Done(),
)  # fmt: skip
RESET_PASSWORD = Operation(
    name="reset_member_password", method="POST", path="/members/{member_id}/password", noun="people", act="manage_people",
    zh="重设密码", en="Give a sub-account a new password", query=Nothing, body=Nothing, out=PasswordOut,
    gets=PasswordOut("abcd-efgh-jkmn"), parts={"member_id": "12"}, missing=("member_unknown",),
)  # fmt: skip
LIST_TABLES = Operation(
    name="list_sheet_templates", method="GET", path="/sheet-templates", noun="batches", act="configure_shop", zh="表格模板",
    en="The shop's own tables", query=Nothing, body=Nothing, out=SheetTemplatesOut,
    gets=SheetTemplatesOut([SheetTemplateOut(221, "中通表", "address", "ZTO", [["单号", "number"]], "xlsx")]),
)  # fmt: skip
ADD_TABLE = Operation(
    name="add_sheet_template", method="POST", path="/sheet-templates", noun="batches", act="configure_shop", zh="新建表格模板",
    en="Add a table of the shop's own", query=Nothing, body=TemplateColumns, out=MadeOut, status=201, sends=_TABLE,
    gets=MadeOut(221),
)  # fmt: skip
CHANGE_TABLE = Operation(
    name="change_sheet_template", method="PUT", path="/sheet-templates/{template_id}", noun="batches", act="configure_shop",
    zh="改表格模板", en="Set a table of the shop's own", query=Nothing, body=TemplateColumns, out=Done, sends=_TABLE, gets=Done(),
    parts={"template_id": "221"}, missing=("template_unknown",),
)  # fmt: skip
DROP_TABLE = Operation(
    name="drop_sheet_template", method="DELETE", path="/sheet-templates/{template_id}", noun="batches", act="configure_shop",
    zh="删表格模板", en="Forget a table of the shop's own", query=Nothing, body=Nothing, out=Done, gets=Done(),
    parts={"template_id": "221"}, missing=("template_unknown",),
)  # fmt: skip
LIST_MAPS = Operation(
    name="list_column_maps", method="GET", path="/column-maps", noun="batches", act="configure_shop", zh="记住的表头",
    en="How unknown sheets are read", query=Nothing, body=Nothing, out=ColumnMapsOut,
    gets=ColumnMapsOut([ColumnMapOut(231, "orders", "ERP 导出.xlsx", {"订单号": "number"}, AN_INSTANT)]),
)  # fmt: skip
FORGET_MAP = Operation(
    name="forget_column_map", method="DELETE", path="/column-maps/{map_id}", noun="batches", act="configure_shop",
    zh="忘掉表头", en="Ask again how such a sheet is read", query=Nothing, body=Nothing, out=Done, gets=Done(),
    parts={"map_id": "231"},
)  # fmt: skip
SET_FLAGS = Operation(
    name="set_flags", method="POST", path="/orders/flags", noun="orders", act="edit_memo", zh="批量插旗",
    en="Set one flag on many orders", query=Nothing, body=FlagsIn, out=Changed, rows="orders", sends=FlagsIn([AN_ORDER], 1),
    gets=Changed(1),
)  # fmt: skip
PICK_LIST = Operation(
    name="get_pick_list", method="POST", path="/orders/pick-list", noun="orders", act="print_papers", zh="拣货单",
    en="What is to be fetched for orders", query=Nothing, body=NumbersIn, out=PickListOut, rows="orders",
    sends=NumbersIn([AN_ORDER]), gets=PickListOut([PickRow("A-03-2", "LC-500", "500g", "6901234567892", "兰草皂", 2, 1)]),
)  # fmt: skip
_PIECES = PiecesOut([PieceOut(241, AN_INSTANT, "seller", "ERP", "停电通知见附件", "notice.pdf", 8)])

LIST_PIECES = Operation(
    name="list_evidence", method="GET", path="/orders/{number}/evidence", noun="complaints", act="view_orders", zh="举证材料",
    en="What was put on record over an order", query=Nothing, body=Nothing, out=PiecesOut, gets=_PIECES,
    parts={"number": AN_ORDER}, missing=("order_unknown",),
)  # fmt: skip
LIST_REPORT_PIECES = Operation(
    name="list_report_evidence", method="GET", path="/reports/{report_id}/evidence", noun="reports", act="report_delays",
    zh="报备材料", en="What was put on record for a report", query=Nothing, body=Nothing, out=PiecesOut, gets=_PIECES,
    parts={"report_id": "4001"}, missing=("report_unknown",),
)  # fmt: skip
GET_REPORT_FILE = Operation(
    name="get_report_file", method="GET", path="/reports/{report_id}/evidence/{evidence_id}", noun="reports",
    act="report_delays", zh="报备的文件", en="A file of a report", query=Nothing, body=Nothing, out=FileOut,
    gets=FileOut("notice.pdf", b"%PDF-1.7"), parts={"report_id": "4001", "evidence_id": "241"}, missing=("evidence_unknown",),
)  # fmt: skip
REPORT_PIECE = Operation(
    name="add_report_evidence", method="POST", path="/reports/{report_id}/evidence", noun="reports", act="report_delays",
    zh="报备补材料", en="Put words or a file on record for a report", query=Nothing, body=PieceIn, out=MadeOut, status=201,
    large=True, sends=PieceIn("停电通知见附件", FileIn("notice.pdf", b"%PDF-1.7")), gets=MadeOut(241), parts={"report_id": "4001"},
    missing=("report_unknown",),
)  # fmt: skip
