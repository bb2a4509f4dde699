"""By which contract an order goes: the shop's rules, why one took an order; route marks, and what is known of goods."""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from fahuo.api.contract import Done, Listed, Nothing, Operation, Paged
from fahuo.api.shapes.aftersales import MadeOut, Money
from fahuo.api.shapes.common import Changed, Id, IdsIn, PlacesIn, Word
from fahuo.api.shapes.contracts import Grams, QuoteOut, Region
from fahuo.api.shapes.orders import AN_ORDER

Code = Annotated[str, Meta(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6})$")]
Words = Annotated[list[Annotated[str, Meta(min_length=1, max_length=60)]], Meta(max_length=50)]


class RuleIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A rule: which orders go by which contract (null: by the cheapest). What is empty or null asks nothing; of several
    regions or words one must fit; grams and CNY from, and up to, both counted."""

    name: Word = ""
    contract_id: Id | None = None
    active: bool = True
    regions: Annotated[list[Code], Meta(max_length=100)] = []
    goods: Words = []
    memo: Words = []
    flags: Annotated[list[Annotated[int, Meta(ge=0, le=10)]], Meta(max_length=11)] = []
    min_grams: Grams | None = None
    max_grams: Grams | None = None
    min_amount: Money | None = None
    max_amount: Money | None = None


class RuleOut(Struct):
    """A carrier rule, as `RuleIn` says it."""

    id: int
    name: str
    contract_id: int | None
    active: bool
    regions: list[str]
    goods: list[str]
    memo: list[str]
    flags: list[int]
    min_grams: int | None
    max_grams: int | None
    min_amount: Decimal | None
    max_amount: Decimal | None


class RulesOut(Struct):
    """The carrier rules in the order in which they are asked."""

    rows: list[RuleOut]


class Offer(Struct):
    """What a contract at work asks for the order."""

    contract_id: int
    name: str
    quote: QuoteOut


class ExplainedOut(Struct):
    """Why an order goes by its contract (null: by none). `chosen_by`: rule, person or label. `would`: what the rules say
    now, and by which of them. `grams` of the goods that are known; `unknown`: lines of which no weight is."""

    order: str
    contract_id: int | None
    chosen_by: str | None
    would: int | None
    rule_id: int | None
    grams: int
    unknown: int
    offers: list[Offer]


class MarkQuery(Struct):
    """The marks of one carrier, or of all."""

    carrier: Word = ""


class MarkIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a carrier wants printed for a region: 大头笔, 三段码, the hub's name and code; one of them at least."""

    carrier: Annotated[str, Meta(min_length=1, max_length=40)]
    region: Region
    mark: Word = ""
    route_code: Word = ""
    hub_name: Word = ""
    hub_code: Word = ""


class MarkOut(Struct):
    """A route mark."""

    id: int
    carrier: str
    region: str
    mark: str
    route_code: str
    hub_name: str
    hub_code: str


class MarksOut(Struct):
    """Route marks by carrier and region."""

    rows: list[MarkOut]


class SkuQuery(Paged, kw_only=True):
    """SKUs whose code, title, shelf or whole barcode says `text`; `lacking`: weight, shelf or barcode."""

    text: Word = ""
    lacking: bool = False


class SkuIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A SKU, by its code as orders name it. One that is known is changed."""

    code: Annotated[str, Meta(min_length=1, max_length=200)]
    title: Annotated[str, Meta(max_length=500)] = ""
    barcode: Word = ""
    shelf: Word = ""
    grams: Grams | None = None


class SkuOut(Struct):
    """What the shop knows of a SKU."""

    id: int
    code: str
    title: str
    barcode: str
    shelf: str
    grams: int | None


_RULE = {"rule_id": "41"}
_SENT = RuleIn("西藏走邮政", 12, True, ["54"])
_TOLD = RuleOut(41, "西藏走邮政", 12, True, ["54"], [], [], [], None, None, None, None)
_MARK = MarkOut(51, "ZTO", "310000", "沪", "210-A01-05", "上海中转", "021")
_SKU = SkuOut(61, "LC-500", "兰草皂 500g", "6901234567892", "A-03-2", 520)

LIST_RULES = Operation(
    name="list_carrier_rules", method="GET", path="/carrier-rules", noun="contracts", act="view_contracts", zh="选快递规则",
    en="The carrier rules", query=Nothing, body=Nothing, out=RulesOut, gets=RulesOut([_TOLD]),
)  # fmt: skip
ADD_RULE = Operation(
    name="add_carrier_rule", method="POST", path="/carrier-rules", noun="contracts", act="manage_contracts", zh="加一条规则",
    en="Add a carrier rule at the end", query=Nothing, body=RuleIn, out=MadeOut, status=201, sends=_SENT, gets=MadeOut(41),
)  # fmt: skip
CHANGE_RULE = Operation(
    name="change_carrier_rule", method="PUT", path="/carrier-rules/{rule_id}", noun="contracts", act="manage_contracts",
    zh="改规则", en="Set a carrier rule", query=Nothing, body=RuleIn, out=Done, sends=_SENT, gets=Done(), parts=_RULE,
    missing=("carrier_rule_unknown",),
)  # fmt: skip
DROP_RULE = Operation(
    name="drop_carrier_rule", method="DELETE", path="/carrier-rules/{rule_id}", noun="contracts", act="manage_contracts",
    zh="删规则", en="Forget a carrier rule", query=Nothing, body=Nothing, out=Done, gets=Done(), parts=_RULE,
    missing=("carrier_rule_unknown",), more="What it chose stays chosen.",
)  # fmt: skip
PLACE_RULES = Operation(
    name="place_carrier_rules", method="PUT", path="/carrier-rules/places", noun="contracts", act="manage_contracts",
    zh="排规则的先后", en="Put carrier rules in order", query=Nothing, body=PlacesIn, out=Done, sends=PlacesIn([42, 41]),
    gets=Done(),
)  # fmt: skip
EXPLAIN = Operation(
    name="explain_contract", method="GET", path="/orders/{number}/contract", noun="contracts", act="view_orders",
    zh="为什么走这家快递", en="Why an order goes by its contract", query=Nothing, body=Nothing, out=ExplainedOut,
    parts={"number": AN_ORDER}, missing=("order_unknown",),
    gets=ExplainedOut(AN_ORDER, 11, "rule", 11, 41, 520, 0, [Offer(11, "中通西湖三部", QuoteOut("priced", Decimal("4.00"), None))]),
)  # fmt: skip
LIST_MARKS = Operation(
    name="list_route_marks", method="GET", path="/route-marks", noun="contracts", act="view_contracts", zh="大头笔和三段码",
    en="Route marks", query=MarkQuery, body=Nothing, out=MarksOut, gets=MarksOut([_MARK]), asks={"carrier": "ZTO"},
)  # fmt: skip
KEEP_MARK = Operation(
    name="keep_route_mark", method="PUT", path="/route-marks", noun="contracts", act="manage_contracts", zh="记下大头笔",
    en="Set what a carrier wants printed for a region", query=Nothing, body=MarkIn, out=Done, sends=MarkIn("ZTO", "31", "沪"),
    gets=Done(),
)  # fmt: skip
DROP_MARKS = Operation(
    name="drop_route_marks", method="POST", path="/route-marks/drop", noun="contracts", act="manage_contracts", zh="删大头笔",
    en="Forget route marks", query=Nothing, body=IdsIn, out=Changed, rows="ids", sends=IdsIn([51]), gets=Changed(1),
)  # fmt: skip
LIST_SKUS = Operation(
    name="list_skus", method="GET", path="/skus", noun="contracts", act="view_contracts", zh="商品资料", en="What is known of goods",
    query=SkuQuery, body=Nothing, out=Listed[SkuOut], gets=Listed([_SKU]), asks={"lacking": "true"},
)  # fmt: skip
KEEP_SKU = Operation(
    name="keep_sku", method="PUT", path="/skus", noun="contracts", act="manage_contracts", zh="记下商品资料",
    en="Add or change a SKU", query=Nothing, body=SkuIn, out=Done, sends=SkuIn("LC-500", grams=520), gets=Done(),
)  # fmt: skip
DROP_SKUS = Operation(
    name="drop_skus", method="POST", path="/skus/drop", noun="contracts", act="manage_contracts", zh="删商品资料",
    en="Forget SKUs", query=Nothing, body=IdsIn, out=Changed, rows="ids", sends=IdsIn([61]), gets=Changed(1),
)  # fmt: skip
ADD_NAMED = Operation(
    name="add_named_skus", method="POST", path="/skus/named", noun="contracts", act="manage_contracts", zh="从订单补商品",
    en="Add the SKUs that recent orders name", query=Nothing, body=Nothing, out=Changed, gets=Changed(12),
)  # fmt: skip
