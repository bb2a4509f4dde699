"""API keys, accounts at carriers' services, and marketplaces: how each stands, and what a person or a program may set right."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, Done, Nothing, Operation
from fahuo.api.shapes.aftersales import MadeOut
from fahuo.api.shapes.common import Changed, Id, RowProblem
from fahuo.api.shapes.notices import Fields
from fahuo.api.shapes.orders import AN_ORDER
from fahuo.api.shapes.parcels import A_WAYBILL
from fahuo.api.shapes.shop import Permission

Name = Annotated[str, Meta(min_length=1, max_length=60)]


class KeyRow(Struct):
    """A key; what it is made of is told to nobody."""

    id: int
    name: str
    hint: str
    scopes: list[str]
    per_minute: int | None
    created_at: datetime
    created_by_name: str
    last_used_at: datetime | None
    revoked_at: datetime | None


class KeysOut(Struct):
    """The shop's keys, the living ones first."""

    rows: list[KeyRow]


class KeyIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A new key. Nobody gives a key what he does not hold himself."""

    name: Name
    scopes: Annotated[list[Permission], Meta(min_length=1, max_length=7)]
    per_minute: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


class MadeKey(Struct):
    """The new key, which is told this once."""

    id: int
    key: str


class AccountIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An account at a carrier's service. `fields` by the service's own names (docs/carriers.md); a secret that is left out
    stays. `tracks`: parcels of its carriers are followed by it."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    fields: Fields
    tracks: bool = False
    active: bool = True


class NewAccountIn(AccountIn, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A new account of the shop's."""

    kind: Annotated[str, Meta(min_length=1, max_length=40)]


class AccountOut(Struct):
    """An account. `state`: off, person (it waits for one), broken (the breaker is open), slow, well, new. `open`: numbers
    that are not settled, by their state; `followed` parcels, and of `wrong` ones no scans can be had."""

    id: int
    kind: str
    name: str
    active: bool
    tracks: bool
    state: str
    shown: dict[str, str]
    open: dict[str, int]
    followed: int
    wrong: int
    due_at: datetime | None
    called_at: datetime | None
    answered_at: datetime | None
    pushed_at: datetime | None
    problem: RowProblem | None = None


class AccountsOut(Struct):
    """The shop's accounts at carriers' services."""

    rows: list[AccountOut]


class WaitingRow(Struct):
    """A number that was ordered and is not settled. `state`: waiting, unknown (asked, and no answer came), refused, cancelling."""

    id: int
    state: str
    number: str | None
    contract: str
    carrier: str
    waybill: str
    attempts: int
    made_at: datetime
    asked_at: datetime | None
    due_at: datetime | None
    problem: RowProblem | None = None


class CallRow(Struct):
    """A call that was made: rows, what was heard, its code and milliseconds; nothing about a person."""

    id: int
    act: str
    at: datetime
    rows: int
    heard: str
    code: str
    ms: int


class AccountDetail(Struct):
    """An account, what is not settled there, and the last calls."""

    account: AccountOut
    waiting: list[WaitingRow]
    calls: list[CallRow]


class SourceIn(Struct, forbid_unknown_fields=True):
    """Where a contract's numbers come from: an account, or (null) its courier."""

    account_id: Id | None


class WhichIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One row, or (null) all that are open."""

    id: Id | None = None


class RowIn(Struct, forbid_unknown_fields=True):
    """One row."""

    id: Id


class SaidOut(Struct):
    """What the service answered."""

    said: str


class MarketOut(Struct):
    """A marketplace. `pulled_until`: nothing is missing up to then; `lag` seconds; waiting and refused shipments to be told,
    orders that could not be read, and orders that wait there to be shipped."""

    id: int
    kind: str
    active: bool
    began_at: datetime
    pulled_at: datetime | None
    pulled_until: datetime
    lag: int
    pulled_count: int
    session_until: datetime | None
    due_at: datetime | None
    failures: int
    waiting: int
    refused: int
    unread: int
    unshipped: int
    problem: RowProblem | None = None


class MarketsOut(Struct):
    """The shop's marketplaces."""

    rows: list[MarketOut]


class ConnectIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A marketplace to connect to. `fields` by its own names (docs/marketplaces.md); what stands there for so many days
    comes in first. `open_receivers`: receivers are asked for in full."""

    kind: Annotated[str, Meta(min_length=1, max_length=40)]
    fields: Fields
    days: Annotated[int, Meta(ge=0, le=90)] = 30
    open_receivers: bool = False


class MarketIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How a marketplace is reached; a secret that is left out stays."""

    fields: Fields
    active: bool = True
    open_receivers: bool = False


class TellingRow(Struct):
    """A shipment that is still to be told to the marketplace."""

    id: int
    number: str
    carrier: str
    waybill: str
    status: str
    attempts: int
    made_at: datetime
    due_at: datetime | None
    problem: RowProblem | None = None


class UnreadRow(Struct):
    """An order of the marketplace that could not be read or written."""

    ref: str
    attempts: int
    seen_at: datetime
    due_at: datetime | None
    problem: RowProblem | None = None


class MarketDetail(Struct):
    """A marketplace, and row by row what does not come through."""

    marketplace: MarketOut
    telling: list[TellingRow]
    unread: list[UnreadRow]


class RefsIn(Struct, forbid_unknown_fields=True):
    """Orders by the marketplace's own references."""

    refs: Annotated[list[Annotated[str, Meta(min_length=1, max_length=64)]], Meta(min_length=1, max_length=1000)]


_KEY, _ACCOUNT, _MARKET = {"key_id": "151"}, {"account_id": "161"}, {"marketplace_id": "171"}
_SENT = AccountIn("顺丰月结", {"partner_id": "LCXP", "monthly_card": "7551234567"}, True)
_SF = AccountOut(
    161, "sf", "顺丰月结", True, True, "well", {"partner_id": "LCXP", "check_word": "kept"}, {"waiting": 2}, 118, 0, AN_INSTANT,
    AN_INSTANT, AN_INSTANT, None,
)  # fmt: skip
_TAOBAO = MarketOut(
    171, "taobao", True, AN_INSTANT, AN_INSTANT, AN_INSTANT, 60, 1180, AN_INSTANT, AN_INSTANT, 0, 0, 1, 0, 42
)  # fmt: skip

LIST_KEYS = Operation(
    name="list_keys", method="GET", path="/keys", noun="machines", act="manage_machines", zh="密钥列表", en="List API keys",
    query=Nothing, body=Nothing, out=KeysOut,
    gets=KeysOut([KeyRow(151, "ERP", "k3f9qz", ["ship"], None, AN_INSTANT, "掌柜", AN_INSTANT, None)]),
)  # fmt: skip
MAKE_KEY = Operation(
    name="make_key", method="POST", path="/keys", noun="machines", act="manage_machines", zh="新建密钥", en="Make an API key",
    query=Nothing, body=KeyIn, out=MadeKey, status=201, sends=KeyIn("仓库", ["ship"]), gets=MadeKey(151, "fahuo_…"),
)  # fmt: skip
REVOKE_KEY = Operation(
    name="revoke_key", method="POST", path="/keys/{key_id}/revoked", noun="machines", act="manage_machines", zh="吊销密钥",
    en="Revoke an API key at once", query=Nothing, body=Nothing, out=Done, gets=Done(), parts=_KEY, missing=("key_unknown",),
)  # fmt: skip
LIST_ACCOUNTS = Operation(
    name="list_carrier_accounts", method="GET", path="/carrier-accounts", noun="machines", act="configure_shop",
    zh="快递服务账号", en="Accounts at carriers' services", query=Nothing, body=Nothing, out=AccountsOut, gets=AccountsOut([_SF]),
)  # fmt: skip
GET_ACCOUNT = Operation(
    name="get_carrier_account", method="GET", path="/carrier-accounts/{account_id}", noun="machines", act="configure_shop",
    zh="一个快递服务账号", en="One account, and what is not settled there", query=Nothing, body=Nothing, out=AccountDetail,
    gets=AccountDetail(
        _SF, [WaitingRow(181, "waiting", AN_ORDER, "顺丰月结", "SF", "", 1, AN_INSTANT, AN_INSTANT, AN_INSTANT)],
        [CallRow(191, "order", AN_INSTANT, 2, "done", "A1000", 412)],
    ),
    parts=_ACCOUNT, missing=("carrier_account_unknown",),
)  # fmt: skip
OPEN_ACCOUNT = Operation(
    name="open_carrier_account", method="POST", path="/carrier-accounts", noun="machines", act="configure_shop",
    zh="添加快递服务账号", en="Set up an account at a carrier's service", query=Nothing, body=NewAccountIn, out=MadeOut, status=201,
    sends=NewAccountIn("顺丰月结", {"partner_id": "LCXP"}, kind="sf"), gets=MadeOut(161),
)  # fmt: skip
CHANGE_ACCOUNT = Operation(
    name="change_carrier_account", method="PUT", path="/carrier-accounts/{account_id}", noun="machines", act="configure_shop",
    zh="改快递服务账号", en="Change an account", query=Nothing, body=AccountIn, out=Done, sends=_SENT, gets=Done(), parts=_ACCOUNT,
    missing=("carrier_account_unknown",),
)  # fmt: skip
DROP_ACCOUNT = Operation(
    name="drop_carrier_account", method="DELETE", path="/carrier-accounts/{account_id}", noun="machines", act="configure_shop",
    zh="删快递服务账号", en="Take an account away with its secrets", query=Nothing, body=Nothing, out=Done, gets=Done(),
    parts=_ACCOUNT, missing=("carrier_account_unknown",),
)  # fmt: skip
TRY_ACCOUNT = Operation(
    name="try_carrier_account", method="POST", path="/carrier-accounts/{account_id}/trial", noun="machines",
    act="configure_shop", zh="试连", en="Ask the service whether it knows the account", query=Nothing, body=Nothing, out=SaidOut,
    gets=SaidOut("A1000"), parts=_ACCOUNT, missing=("carrier_account_unknown",),
)  # fmt: skip
ASK_AGAIN = Operation(
    name="ask_carrier_again", method="POST", path="/carrier-accounts/{account_id}/again", noun="machines", act="make_labels",
    zh="再问快递", en="Ask the service again now", query=Nothing, body=WhichIn, out=Changed, sends=WhichIn(), gets=Changed(2),
    parts=_ACCOUNT, missing=("carrier_account_unknown",),
)  # fmt: skip
SETTLE_ROW = Operation(
    name="settle_number_order", method="POST", path="/carrier-accounts/{account_id}/settled", noun="machines",
    act="make_labels", zh="这一行我处理好了", en="Somebody has settled a row", query=Nothing, body=RowIn, out=Done, sends=RowIn(181),
    gets=Done(), parts=_ACCOUNT, missing=("carrier_account_unknown",),
)  # fmt: skip
BIND = Operation(
    name="set_number_source", method="PUT", path="/contracts/{contract_id}/source", noun="machines", act="manage_contracts",
    zh="单号从哪里来", en="Where a contract's numbers come from", query=Nothing, body=SourceIn, out=Done, sends=SourceIn(161),
    gets=Done(), parts={"contract_id": "11"}, missing=("contract_unknown",),
)  # fmt: skip
LIST_MARKETS = Operation(
    name="list_marketplaces", method="GET", path="/marketplaces", noun="machines", act="view_orders", zh="平台对接",
    en="Marketplaces and how they stand", query=Nothing, body=Nothing, out=MarketsOut, gets=MarketsOut([_TAOBAO]),
)  # fmt: skip
GET_MARKET = Operation(
    name="get_marketplace", method="GET", path="/marketplaces/{marketplace_id}", noun="machines", act="view_orders",
    zh="一个平台", en="One marketplace, row by row", query=Nothing, body=Nothing, out=MarketDetail, parts=_MARKET,
    gets=MarketDetail(
        _TAOBAO, [TellingRow(201, AN_ORDER, "ZTO", A_WAYBILL, "refused", 3, AN_INSTANT, None)],
        [UnreadRow(AN_ORDER, 2, AN_INSTANT, AN_INSTANT)],
    ),
    missing=("marketplace_unknown",),
)  # fmt: skip
CONNECT = Operation(
    name="connect_marketplace", method="POST", path="/marketplaces", noun="machines", act="configure_shop", zh="接入平台",
    en="Connect the shop to a marketplace", query=Nothing, body=ConnectIn, out=MadeOut, status=201,
    sends=ConnectIn("woocommerce", {"address": "https://shop.example.com"}), gets=MadeOut(171),
    more="Where the marketplace wants a person to let us in, somebody does so on the page.",
)  # fmt: skip
CHANGE_MARKET = Operation(
    name="change_marketplace", method="PUT", path="/marketplaces/{marketplace_id}", noun="machines", act="configure_shop",
    zh="改平台设置", en="Change how a marketplace is reached", query=Nothing, body=MarketIn, out=Done, sends=MarketIn({}),
    gets=Done(), parts=_MARKET, missing=("marketplace_unknown",),
)  # fmt: skip
DROP_MARKET = Operation(
    name="drop_marketplace", method="DELETE", path="/marketplaces/{marketplace_id}", noun="machines", act="configure_shop",
    zh="断开平台", en="Take a marketplace away; the orders stay", query=Nothing, body=Nothing, out=Done, gets=Done(),
    parts=_MARKET, missing=("marketplace_unknown",),
)  # fmt: skip
HURRY = Operation(
    name="pull_marketplace", method="POST", path="/marketplaces/{marketplace_id}/pull", noun="machines", act="ship",
    zh="马上同步", en="Pull a marketplace now", query=Nothing, body=Nothing, out=Done, gets=Done(), parts=_MARKET,
    missing=("marketplace_unknown",),
)  # fmt: skip
TELL_AGAIN = Operation(
    name="tell_marketplace_again", method="POST", path="/marketplaces/{marketplace_id}/again", noun="machines", act="ship",
    zh="再回传一次", en="Tell shipments again", query=Nothing, body=WhichIn, out=Changed, sends=WhichIn(201), gets=Changed(1),
    parts=_MARKET, missing=("marketplace_unknown",),
)  # fmt: skip
READ_AGAIN = Operation(
    name="read_marketplace_again", method="POST", path="/marketplaces/{marketplace_id}/read-again", noun="machines", act="ship",
    zh="重读订单", en="Read orders again", query=Nothing, body=RefsIn, out=Changed, sends=RefsIn([AN_ORDER]), gets=Changed(1),
    parts=_MARKET, missing=("marketplace_unknown",),
)  # fmt: skip
SETTLE_TELLING = Operation(
    name="settle_telling", method="POST", path="/marketplaces/{marketplace_id}/settled", noun="machines", act="ship",
    zh="已在平台处理", en="Somebody has settled a shipment at the marketplace", query=Nothing, body=RowIn, out=Done,
    sends=RowIn(201), gets=Done(), parts=_MARKET, missing=("marketplace_unknown",),
)  # fmt: skip
