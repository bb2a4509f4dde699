"""Orders: in by the thousand, listed by the filters of the pages, one with the explanation of its deadline."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, ROWS, Done, Listed, Nothing, Operation, Paged
from fahuo.api.shapes.common import Changed, NumbersIn, RowOut, RowsOut

Tab = Literal["awaiting", "unpaid", "shipped", "refunding", "completed", "closed", "all"]
Short = Annotated[str, Meta(min_length=1, max_length=100)]
AN_ORDER = "3100000000343070295"


class LineIn(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A line (sub-order), in words as a sheet has them; money in CNY, like "12.50"."""

    title: str
    number: str = ""
    sku: str = ""
    sku_code: str = ""
    item_code: str = ""
    quantity: str = "1"
    price: str = ""
    amount: str = ""
    refund_status: str = ""
    refund_amount: str = ""
    remark: str = ""


class OrderIn(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """An order, in words as a sheet has them: whatever an import understands is understood here, and the same is refused.

    `status`, `kind` and `refund_status`: our words (docs/states.md) or the marketplace's. Instants without an offset are
    on the shop's wall clock. Money in CNY. What is left out says nothing.
    """

    number: str
    status: str = "awaiting_shipment"
    kind: str = ""
    buyer: str = ""
    receiver: str = ""
    phone: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    address: str = ""
    postcode: str = ""
    item_amount: str = ""
    postage: str = ""
    paid_amount: str = ""
    refund_status: str = ""
    refund_amount: str = ""
    quantity: str = ""
    title: str = ""
    ordered_at: str = ""
    paid_at: str = ""
    shipped_at: str = ""
    completed_at: str = ""
    close_reason: str = ""
    buyer_message: str = ""
    memo: str = ""
    flag: str = ""
    carrier: str = ""
    waybill: str = ""
    promise_hours: str = ""
    promised_until: str = ""
    channel_deadline: str = ""
    lines: Annotated[list[LineIn], Meta(max_length=200)] = []


class OrdersIn(Struct, forbid_unknown_fields=True):
    """Up to 10,000 orders: new ones come in, known ones are brought up to date."""

    rows: Annotated[list[OrderIn], Meta(min_length=1, max_length=ROWS)]
    name: Annotated[str, Meta(max_length=100)] = "API"


class OrderQuery(Paged, kw_only=True):
    """The filters of the order list; see docs/api.md for what each means."""

    tab: Tab = "awaiting"
    urged: bool = False
    overdue: bool = False
    due_today: bool = False
    due: Annotated[int, Meta(ge=1, le=1440)] | None = None
    region: Annotated[str, Meta(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6})$")] | None = None
    goods: Short | None = None
    carrier: Short | None = None
    flag: Annotated[int, Meta(ge=-1, le=10)] | None = None
    memo: Short | None = None
    has_memo: bool | None = None
    message: bool = False
    buyer: Short | None = None
    number: Short | None = None
    waybill: Short | None = None
    same_receiver: bool = False
    batch: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None
    conflict: bool = False
    unscanned: bool = False
    no_parcel: bool = False
    printed: bool | None = None


class ParcelMark(Struct):
    """A parcel of an order in a list."""

    id: int
    kind: str
    carrier: str
    waybill: str
    picked_up: bool
    delivered: bool


class OrderRow(Struct):
    """An order in a list. Personal data is masked; money in CNY; `stake`: what silence costs next."""

    id: int
    number: str
    status: str
    kind: str
    buyer: str
    receiver: str
    phone: str
    province: str
    city: str
    district: str
    region: str
    title: str
    quantity: int
    item_amount: Decimal
    paid_amount: Decimal
    refund_status: str
    refund_amount: Decimal
    flag: int | None
    memo: str
    buyer_message: str
    ordered_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    deadline: datetime | None
    deadline_clause: str
    stake: Decimal
    urge_count: int
    urged_at: datetime | None
    printed: bool
    called: bool
    conflict: str
    parcels: list[ParcelMark]


class Clause(Struct):
    """One clause that was asked for a deadline: whether it applies, what it said, and until when it lets the order wait."""

    clause: str
    applies: bool
    sentence: str
    until: datetime | None


class DeadlineOut(Struct):
    """When the order must have been scanned by its carrier, the clause that decided, and every clause that was asked."""

    deadline: datetime | None
    clause: str
    rulebook: str
    asked: list[Clause]


class LineOut(Struct):
    """A line. `waiting`: how much of it is still to be shipped."""

    id: int
    number: str
    title: str
    sku: str
    sku_code: str
    item_code: str
    quantity: int
    shipped_quantity: int
    price: Decimal | None
    amount: Decimal | None
    refund_status: str
    refund_amount: Decimal | None
    waiting: int


class ScanOut(Struct):
    """A carrier's scan."""

    kind: str
    at: datetime
    place: str


class ParcelOut(Struct):
    """A parcel of the order."""

    id: int
    kind: str
    carrier: str
    waybill: str
    shipped_at: datetime
    batch_id: int | None
    picked_up_at: datetime | None
    last_scan_at: datetime | None
    delivered_at: datetime | None
    voided_at: datetime | None
    whole: bool
    scans: list[ScanOut]


class ReceiverOut(Struct):
    """A receiver; masked, unless the operation says otherwise."""

    name: str
    phone: str
    province: str
    city: str
    district: str
    address: str
    phone_extension: str = ""
    postcode: str = ""


class Entry(Struct):
    """An entry of the journal."""

    id: int
    at: datetime
    actor: str
    act: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class OrderOut(Struct):
    """One order with everything that belongs to it; `history` is newest first, at most 500 entries."""

    order: OrderRow
    receiver: ReceiverOut
    deadline: DeadlineOut
    lines: list[LineOut]
    parcels: list[ParcelOut]
    history: list[Entry]


class ExplanationOut(Struct):
    """Why an order stands as it does: its deadline, what an urge would come to now, and what it has cost so far."""

    number: str
    rulebook: str
    deadline: DeadlineOut
    urge_outcome: str
    urge_reason: str
    open_task: str
    owed: Decimal
    points: int


class CountOut(Struct):
    """How many; `more`: at least so many, counting stopped there."""

    number: int
    more: bool = False


class CountsOut(Struct):
    """Tab -> how many orders it holds."""

    tabs: dict[str, CountOut]


class MemoIn(Struct, forbid_unknown_fields=True):
    """Our memo; "" takes it away."""

    memo: Annotated[str, Meta(max_length=1000)]


class FlagIn(Struct, forbid_unknown_fields=True):
    """A flag by its number; null takes it away."""

    flag: Annotated[int, Meta(ge=0, le=10)] | None


class WaitIn(NumbersIn, forbid_unknown_fields=True):
    """Until when these orders may wait, and on what ground: agreed with the buyers, or reported and approved (报备)."""

    until: datetime | None
    ground: Literal["agreed", "reported"] = "agreed"


_ROW = OrderRow(
    id=1001, number=AN_ORDER, status="awaiting_shipment", kind="normal", buyer="林**", receiver="林*", phone="138******01",
    province="浙江省", city="杭州市", district="西湖区", region="330106", title="手工皂 三块装", quantity=1,
    item_amount=Decimal("59.00"), paid_amount=Decimal("59.00"), refund_status="none", refund_amount=Decimal("0.00"),
    flag=None, memo="", buyer_message="", ordered_at=AN_INSTANT, paid_at=AN_INSTANT, shipped_at=None,
    deadline=AN_INSTANT, deadline_clause="default", stake=Decimal("5.00"), urge_count=0, urged_at=None, printed=False,
    called=False, conflict="", parcels=[],
)  # fmt: skip
_DEADLINE = DeadlineOut(
    AN_INSTANT, "default", "taobao-2022-07-18", [Clause("default", True, "平台默认发货时间", AN_INSTANT)]
)
_RECEIVER = ReceiverOut("林*", "138******01", "浙江省", "杭州市", "西湖区", "文三路***")
_PATH = {"number": AN_ORDER}

LIST_ORDERS = Operation(
    name="list_orders", method="GET", path="/orders", noun="orders", act="view_orders", zh="订单列表", en="List orders",
    query=OrderQuery, body=Nothing, out=Listed[OrderRow], asks={"tab": "awaiting", "due": "24", "limit": "20"},
    gets=Listed([_ROW], "djF3bjE3NzI0..."),
    more="The list of the page 已卖出的宝贝, sorted by deadline where orders wait. Personal data is masked.",
)  # fmt: skip
COUNT_ORDERS = Operation(
    name="count_orders", method="GET", path="/orders/counts", noun="orders", act="view_orders", zh="各状态订单数",
    en="How many orders each tab holds", query=Nothing, body=Nothing, out=CountsOut,
    gets=CountsOut({"awaiting": CountOut(12), "refunding": CountOut(1000, True)}),
)  # fmt: skip
IMPORT_ORDERS = Operation(
    name="import_orders", method="POST", path="/orders", noun="orders", act="import_orders", zh="批量导入订单",
    en="Bring orders in, or up to date", query=Nothing, body=OrdersIn, out=RowsOut, rows="rows",
    sends=OrdersIn([OrderIn(
        number=AN_ORDER, buyer="林间小鹿", receiver="林间", phone="13800000001", address="浙江省 杭州市 西湖区 文三路 1 号",
        title="手工皂 三块装", item_amount="59.00", paid_amount="59.00", ordered_at="2026-03-02 11:58:00", paid_at="2026-03-02 12:00:00",
    )]),
    gets=RowsOut(71, [RowOut("done", AN_ORDER, 1001)]),
    more="The same rules as a file's. Good rows are written, bad rows say why; sent again, every row is `same`.",
)  # fmt: skip
GET_ORDER = Operation(
    name="get_order", method="GET", path="/orders/{number}", noun="orders", act="view_orders", zh="一张订单",
    en="One order, with the explanation of its deadline", query=Nothing, body=Nothing, out=OrderOut, parts=_PATH,
    missing=("order_unknown",), gets=OrderOut(_ROW, _RECEIVER, _DEADLINE, [], [], []),
)  # fmt: skip
EXPLAIN_ORDER = Operation(
    name="explain_order", method="GET", path="/orders/{number}/explanation", noun="orders", act="view_orders",
    zh="订单为什么这样", en="Why an order stands as it does", query=Nothing, body=Nothing, out=ExplanationOut, parts=_PATH,
    missing=("order_unknown",),
    gets=ExplanationOut(AN_ORDER, "taobao-2022-07-18", _DEADLINE, "flagged", "within_deadline", "", Decimal("0.00"), 0),
)  # fmt: skip
REVEAL_RECEIVER = Operation(
    name="reveal_receiver", method="POST", path="/orders/{number}/receiver", noun="orders", act="reveal_receiver",
    zh="查看收件人全文", en="The receiver in full", query=Nothing, body=Nothing, out=ReceiverOut, parts=_PATH,
    missing=("order_unknown", "receiver_unknown"),
    gets=ReceiverOut("林间", "13800000001", "浙江省", "杭州市", "西湖区", "文三路 1 号"),
    more="Every look is written in the journal under the key's name.",
)  # fmt: skip
SET_MEMO = Operation(
    name="set_memo", method="PUT", path="/orders/{number}/memo", noun="orders", act="edit_memo", zh="改备注",
    en="Write the memo", query=Nothing, body=MemoIn, out=Done, parts=_PATH, missing=("order_unknown",),
    sends=MemoIn("送小样"), gets=Done(),
)  # fmt: skip
SET_FLAG = Operation(
    name="set_flag", method="PUT", path="/orders/{number}/flag", noun="orders", act="edit_memo", zh="插旗",
    en="Set the flag", query=Nothing, body=FlagIn, out=Done, parts=_PATH, missing=("order_unknown",), sends=FlagIn(1),
    gets=Done(),
)  # fmt: skip
SETTLE_CONFLICT = Operation(
    name="settle_conflict", method="POST", path="/orders/{number}/conflict/settled", noun="orders", act="ship",
    zh="冲突已处理", en="Note that a conflict was looked at", query=Nothing, body=Nothing, out=Done, parts=_PATH,
    missing=("order_unknown",), gets=Done(),
)  # fmt: skip
LET_WAIT = Operation(
    name="let_wait", method="POST", path="/orders/wait", noun="orders", act="set_deadline", zh="约定或报备发货时间",
    en="Let orders wait: agreed or reported", query=Nothing, body=WaitIn, out=Changed, sends=WaitIn([AN_ORDER], AN_INSTANT),
    gets=Changed(1),
)  # fmt: skip
NOTE_COURIER = Operation(
    name="note_courier_call", method="POST", path="/orders/called", noun="orders", act="ship", zh="记下叫了快递",
    en="Note that the courier was called", query=Nothing, body=NumbersIn, out=Changed, sends=NumbersIn([AN_ORDER]),
    gets=Changed(1),
)  # fmt: skip
MARK_PRINTED = Operation(
    name="mark_printed", method="POST", path="/orders/printed", noun="orders", act="print_papers", zh="记下已打印",
    en="Note that papers were printed", query=Nothing, body=NumbersIn, out=Changed, sends=NumbersIn([AN_ORDER]),
    gets=Changed(1),
)  # fmt: skip
