"""The shop itself: its settings, its people, its figures, the rules it lives under, and the key that calls."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, Done, Nothing, Operation

Permission = Literal["tasks", "ship", "print", "export", "messages", "people", "finance"]


class KeyOut(Struct):
    """The key that calls, its shop and its scopes."""

    name: str
    shop: str
    time_zone: str
    scopes: list[str]
    calls_per_minute: int


class ShopOut(Struct):
    """What the shop says about itself. `ship_from`: a region code of 6 digits or ""."""

    code: str
    name: str
    platform: str
    time_zone: str
    ship_from: str
    promise_hours: int | None
    default_carrier: str


class ShopIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What changes; what is left out stays. `promise_hours` null: the rule book's default."""

    name: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    ship_from: Annotated[str, Meta(pattern=r"^([0-9]{6})?$")] | None = None
    default_carrier: Annotated[str, Meta(max_length=40)] | None = None


class RegionOut(Struct):
    """An exempt region, for which deadlines move to the end of its window."""

    id: int
    region: str
    starts_at: datetime
    until: datetime
    listed_by: str


class RegionsOut(Struct):
    """The regions that the shop's platform listed, oldest window first."""

    rows: list[RegionOut]


class VersionOut(Struct):
    """A version of the rule book: in force from `start` (null: ever since) until just before `end` (null: still)."""

    id: str
    start: datetime | None
    end: datetime | None
    basis: str
    source: str
    ship_within_hours: int
    delay_percent: Decimal


class RuleBookOut(Struct):
    """The versions of the rules that the shop lives under, oldest first."""

    platform: str
    versions: list[VersionOut]


class MetricsQuery(Struct):
    """Calendar days of the shop, both in; those that count for the response time when left out."""

    first: date | None = None
    last: date | None = None


class Figures(Struct):
    """The figures of a day, an account or a span. Shares are 0 to 1, times in seconds; null: nothing to say."""

    turns: int
    response: Decimal | None
    quick: Decimal | None
    due: int
    on_time: int
    late_scan: int
    no_scan: int
    not_shipped: int
    raised: int
    waiting: int
    in_time: int
    answered: int
    pickup: Decimal | None
    answer_rate: Decimal | None


class DayOut(Struct):
    """One day's figures."""

    day: date
    figures: Figures


class MetricsOut(Struct):
    """The figures over a span: in all, and day by day."""

    first: date
    last: date
    total: Figures
    days: list[DayOut]


class MemberOut(Struct):
    """An account of the shop."""

    id: int
    username: str
    name: str
    is_owner: bool
    permissions: list[str]
    active: bool
    created_at: datetime


class MembersOut(Struct):
    """The shop's accounts."""

    rows: list[MemberOut]


class InviteIn(Struct, forbid_unknown_fields=True):
    """A new sub-account. Nobody hands out what the key does not hold."""

    username: Annotated[str, Meta(min_length=1, max_length=80)]
    name: Annotated[str, Meta(max_length=60)]
    permissions: list[Permission]


class InvitedOut(Struct):
    """The account, and its password, which is told this once."""

    id: int
    password: str


class GrantIn(Struct, forbid_unknown_fields=True):
    """The permissions from now on."""

    permissions: list[Permission]


SOME_FIGURES = Figures(
    12, Decimal("41.5"), Decimal("0.92"), 230, 228, 1, 0, 1, 3, 0, 3, 3, Decimal("0.991"), Decimal("1.0")
)
_MEMBER = {"member_id": "12"}

WHO = Operation(
    name="get_key", method="GET", path="/key", noun="shop", act=None, zh="这把密钥是谁的", en="Whose key this is",
    query=Nothing, body=Nothing, out=KeyOut, gets=KeyOut("ERP", "lancao", "Asia/Shanghai", ["ship", "print"], 3000),
)  # fmt: skip
GET_SHOP = Operation(
    name="get_shop", method="GET", path="/shop", noun="shop", act="view_orders", zh="店铺设置", en="The shop's settings",
    query=Nothing, body=Nothing, out=ShopOut, gets=ShopOut("lancao", "兰草小铺", "taobao", "Asia/Shanghai", "330106", 48, "ZTO"),
)  # fmt: skip
SET_SHOP = Operation(
    name="set_shop", method="PUT", path="/shop", noun="shop", act="configure_shop", zh="改店铺设置",
    en="Change the shop's settings", query=Nothing, body=ShopIn, out=ShopOut, sends=ShopIn(default_carrier="ZTO"),
    gets=ShopOut("lancao", "兰草小铺", "taobao", "Asia/Shanghai", "330106", 48, "ZTO"),
)  # fmt: skip
LIST_REGIONS = Operation(
    name="list_exempt_regions", method="GET", path="/exempt-regions", noun="shop", act="view_orders", zh="免责地区",
    en="The exempt regions of the shop's platform", query=Nothing, body=Nothing, out=RegionsOut,
    gets=RegionsOut([RegionOut(1, "310000", AN_INSTANT, AN_INSTANT, "platform")]),
)  # fmt: skip
GET_RULEBOOK = Operation(
    name="get_rulebook", method="GET", path="/rulebook", noun="shop", act="view_orders", zh="规则书", en="The rule book",
    query=Nothing, body=Nothing, out=RuleBookOut,
    gets=RuleBookOut("taobao", [VersionOut("taobao-2022-07-18", AN_INSTANT, None, "norm", "…", 48, Decimal("5"))]),
)  # fmt: skip
GET_METRICS = Operation(
    name="get_metrics", method="GET", path="/metrics", noun="shop", act="view_orders", zh="数据", en="The shop's figures",
    query=MetricsQuery, body=Nothing, out=MetricsOut, asks={"first": "2026-02-01", "last": "2026-03-02"},
    gets=MetricsOut(date(2026, 3, 2), date(2026, 3, 2), SOME_FIGURES, [DayOut(date(2026, 3, 2), SOME_FIGURES)]),
)  # fmt: skip
LIST_MEMBERS = Operation(
    name="list_members", method="GET", path="/members", noun="people", act="manage_people", zh="账号列表", en="List accounts",
    query=Nothing, body=Nothing, out=MembersOut,
    gets=MembersOut([MemberOut(12, "xiaochen", "客服小陈", False, ["tasks", "messages"], True, AN_INSTANT)]),
)  # fmt: skip
INVITE = Operation(
    name="invite_member", method="POST", path="/members", noun="people", act="manage_people", zh="新建子账号",
    en="Make a sub-account", query=Nothing, body=InviteIn, out=InvitedOut, status=201,
    sends=InviteIn("xiaochen", "客服小陈", ["tasks", "messages"]), gets=InvitedOut(12, "abcd-efgh-jkmn"),
)  # fmt: skip
GRANT = Operation(
    name="grant_member", method="PUT", path="/members/{member_id}/permissions", noun="people", act="manage_people",
    zh="改权限", en="Set a sub-account's permissions", query=Nothing, body=GrantIn, out=Done, parts=_MEMBER,
    missing=("member_unknown",), sends=GrantIn(["ship"]), gets=Done(),
)  # fmt: skip
DEACTIVATE = Operation(
    name="deactivate_member", method="POST", path="/members/{member_id}/deactivated", noun="people", act="manage_people",
    zh="停用子账号", en="Close the shop to a sub-account", query=Nothing, body=Nothing, out=Done, parts=_MEMBER,
    missing=("member_unknown",), gets=Done(),
)  # fmt: skip
REACTIVATE = Operation(
    name="reactivate_member", method="POST", path="/members/{member_id}/reactivated", noun="people", act="manage_people",
    zh="恢复子账号", en="Let a sub-account in again", query=Nothing, body=Nothing, out=Done, parts=_MEMBER,
    missing=("member_unknown",), gets=Done(),
)  # fmt: skip
