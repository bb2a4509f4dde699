"""Tasks of the platform and what raises them: urges; answered one by one or many at once; who was reminded."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, ROWS, Done, Listed, Nothing, Operation, Paged
from fahuo.api.shapes.common import NumbersIn, Outcome, Outcomes, RowProblem
from fahuo.api.shapes.orders import AN_ORDER

Tab = Literal[
    "open", "awaiting_seller_reply", "awaiting_buyer_confirmation", "awaiting_seller_action", "platform_intervention",
    "completed",
]  # fmt: skip
Plan = Literal["ship_later", "cannot_ship", "exchange"]


class TaskQuery(Paged, kw_only=True):
    """Tasks in one state, or all that are open; due `within` so many hours."""

    tab: Tab = "open"
    within: Annotated[int, Meta(ge=1, le=999)] | None = None
    kind: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    aside: bool = False


class TaskOut(Struct):
    """A task. `cost` (CNY) and `points`: what silence costs next. Personal data is masked."""

    id: int
    number: str
    title: str
    kind: str
    state: str
    due_at: datetime | None
    state_since: datetime
    created_at: datetime
    order_status: str
    deadline: datetime | None
    item_amount: Decimal
    receiver: str
    plan: str
    plan_until: datetime | None
    plan_reason: str
    answered_by: str
    urge_count: int
    urged_at: datetime | None
    rulebook: str
    set_aside: bool
    complaint: str
    cost: Decimal
    points: int


class TaskCounts(Struct):
    """State -> how many tasks; "open" is all that are, "aside" those that were set aside."""

    states: dict[str, int]


class ReplyIn(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """An answer: ship_later (`until`), exchange, or cannot_ship (`reason`). `text` goes to the buyer along with it."""

    plan: Plan
    until: datetime | None = None
    reason: Annotated[str, Meta(max_length=200)] | None = None
    text: Annotated[str, Meta(max_length=2000)] = ""


class ReplyManyIn(NumbersIn, forbid_unknown_fields=True, omit_defaults=True):
    """One answer for the open tasks of many orders."""

    plan: Plan
    until: datetime | None = None
    reason: Annotated[str, Meta(max_length=200)] | None = None
    text: Annotated[str, Meta(max_length=2000)] = ""


class VerdictIn(Struct, forbid_unknown_fields=True):
    """What the buyer said to the plan, where he said it elsewhere."""

    accept: bool


class UrgeIn(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """That a buyer urged at a marketplace outside: when, and until when the marketplace wants an answer."""

    order: str
    at: datetime
    due_at: datetime | None = None


class UrgesIn(Struct, forbid_unknown_fields=True):
    """Up to 10,000 urges."""

    rows: Annotated[list[UrgeIn], Meta(min_length=1, max_length=ROWS)]


class UrgeOutcome(Struct):
    """What came of an urge. `effect`: task (one was made), counted, deadline (only the due instant was new), flagged
    (only the order was marked), "" for nothing."""

    order: str
    verdict: str
    effect: str
    problems: list[RowProblem] = []


class UrgesOut(Struct):
    """An outcome for each urge, in the same order."""

    rows: list[UrgeOutcome]


class UrgeOut(Struct):
    """An urge that the shop entered, and the open task of its order."""

    id: int
    number: str
    at: datetime
    due_at: datetime | None
    entered_at: datetime
    name: str
    order_status: str
    task_id: int | None
    state: str | None


class ReminderQuery(Struct):
    """A calendar day of the shop (today when left out)."""

    day: date | None = None


class ReminderOut(Struct):
    """How often an account was reminded on the day, by what became of the reminders."""

    account: str
    delivered: int
    held: int
    suppressed: int


class RemindersOut(Struct):
    """The day's reminders by account."""

    day: date
    rows: list[ReminderOut]


_TASK = TaskOut(
    9001, AN_ORDER, "手工皂 三块装", "urge_shipment", "awaiting_seller_reply", AN_INSTANT, AN_INSTANT, AN_INSTANT,
    "awaiting_shipment", AN_INSTANT, Decimal("59.00"), "林*", "", None, "", "", 1, AN_INSTANT, "taobao-2022-07-18", False,
    "", Decimal("5.00"), 3,
)  # fmt: skip
_PATH = {"task_id": "9001"}

LIST_TASKS = Operation(
    name="list_tasks", method="GET", path="/tasks", noun="tasks", act="view_tasks", zh="任务列表", en="List tasks",
    query=TaskQuery, body=Nothing, out=Listed[TaskOut], gets=Listed([_TASK]), asks={"tab": "open", "within": "24"},
    more="What costs most comes first, then what is due first.",
)  # fmt: skip
COUNT_TASKS = Operation(
    name="count_tasks", method="GET", path="/tasks/counts", noun="tasks", act="view_tasks", zh="各状态任务数",
    en="How many tasks in each state", query=Nothing, body=Nothing, out=TaskCounts, gets=TaskCounts({"open": 3}),
)  # fmt: skip
GET_TASK = Operation(
    name="get_task", method="GET", path="/tasks/{task_id}", noun="tasks", act="view_tasks", zh="一个任务", en="One task",
    query=Nothing, body=Nothing, out=TaskOut, gets=_TASK, parts=_PATH, missing=("task_unknown",),
)  # fmt: skip
REPLY = Operation(
    name="reply_task", method="POST", path="/tasks/{task_id}/reply", noun="tasks", act="answer_tasks", zh="回复任务",
    en="Answer a task", query=Nothing, body=ReplyIn, out=Done, parts=_PATH, missing=("task_unknown",),
    sends=ReplyIn("ship_later", AN_INSTANT), gets=Done(),
)  # fmt: skip
REPLY_MANY = Operation(
    name="reply_many", method="POST", path="/tasks/reply", noun="tasks", act="answer_tasks", zh="批量回复任务",
    en="Answer the tasks of many orders", query=Nothing, body=ReplyManyIn, out=Outcomes, rows="orders",
    sends=ReplyManyIn([AN_ORDER], "ship_later", AN_INSTANT), gets=Outcomes([Outcome(AN_ORDER)]),
)  # fmt: skip
TAKE_UP = Operation(
    name="take_up_task", method="POST", path="/tasks/{task_id}/taken-up", noun="tasks", act="answer_tasks",
    zh="恢复计时", en="Let a task that was set aside be timed again", query=Nothing, body=Nothing, out=Done, parts=_PATH,
    missing=("task_unknown",), gets=Done(),
)  # fmt: skip
BUYER_ANSWER = Operation(
    name="note_buyer_answer", method="POST", path="/tasks/{task_id}/buyer-answer", noun="tasks", act="answer_tasks",
    zh="记下买家的答复", en="Note what the buyer said to the plan", query=Nothing, body=VerdictIn, out=Done, parts=_PATH,
    missing=("task_unknown",), sends=VerdictIn(True), gets=Done(),
)  # fmt: skip
ENTER_URGES = Operation(
    name="enter_urges", method="POST", path="/urges", noun="urges", act="enter_urges", zh="登记催发货", en="Enter urges",
    query=Nothing, body=UrgesIn, out=UrgesOut, rows="rows", sends=UrgesIn([UrgeIn(AN_ORDER, AN_INSTANT, AN_INSTANT)]),
    gets=UrgesOut([UrgeOutcome(AN_ORDER, "ready", "task")]),
    more="One urge of an order at a moment stands once, however often it is sent.",
)  # fmt: skip
LIST_URGES = Operation(
    name="list_urges", method="GET", path="/urges", noun="urges", act="enter_urges", zh="登记过的催发货",
    en="List the urges that were entered", query=Paged, body=Nothing, out=Listed[UrgeOut],
    gets=Listed([UrgeOut(1, AN_ORDER, AN_INSTANT, None, AN_INSTANT, "ERP", "awaiting_shipment", 9001, "awaiting_seller_reply")]),
)  # fmt: skip
LIST_REMINDERS = Operation(
    name="list_reminders", method="GET", path="/reminders", noun="tasks", act="view_tasks", zh="某天的提醒",
    en="The reminders of a day", query=ReminderQuery, body=Nothing, out=RemindersOut,
    gets=RemindersOut(date(2026, 3, 2), [ReminderOut("客服小陈", 4, 0, 1)]), asks={"day": "2026-03-02"},
)  # fmt: skip
