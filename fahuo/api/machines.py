"""API keys, accounts at carriers' services, marketplaces."""

from typing import Any

from fahuo.api.calls import Call
from fahuo.api.contract import Done, Nothing
from fahuo.api.server import acts, serves
from fahuo.api.shapes import machines as shapes
from fahuo.api.shapes.aftersales import MadeOut
from fahuo.api.told import kept_problem, shaped
from fahuo.rules.problems import Language, Refusal
from fahuo.services import carriers, keys, marketplaces
from fahuo.store import marketplaces as kept
from fahuo.store.boards import marketplaces as board


@serves(shapes.LIST_KEYS)
def list_keys(call: Call[Nothing, Any]) -> shapes.KeysOut:
    return shapes.KeysOut([shaped(row, shapes.KeyRow) for row in keys.of_shop(call.actor)])


@serves(shapes.MAKE_KEY)
def make_key(call: Call[Nothing, shapes.KeyIn]) -> shapes.MadeKey:
    sent = call.body
    return shapes.MadeKey(*keys.make(
        call.actor, name=sent.name, scopes=sent.scopes, per_minute=sent.per_minute, now=call.now
    ))  # fmt: skip


@serves(shapes.REVOKE_KEY)
def revoke_key(call: Call[Nothing, Any]) -> Done:
    return Done(keys.revoke(call.actor, call.parts["key_id"], now=call.now))


# ---- accounts at carriers' services -----------------------------------------------------------------------------


def _account(call: Call[Any, Any]) -> int:
    return int(call.parts["account_id"])


def _origin(call: Call[Any, Any]) -> str:
    """How the outside names the shop's door for pushes; "" where the caller used no name of ours."""
    return f"{call.origin}/push/carriers/{call.who.shop}" if call.origin else ""


def _account_out(told: dict[str, Any], language: Language) -> shapes.AccountOut:
    row = told["row"]
    return shaped({
        **row._asdict(), "problem": kept_problem(row.problem, language), "open": told["rows"],
        **{name: told[name] for name in ("state", "followed", "wrong")},
    }, shapes.AccountOut)  # fmt: skip


@serves(shapes.LIST_ACCOUNTS)
def list_carrier_accounts(call: Call[Nothing, Any]) -> shapes.AccountsOut:
    return shapes.AccountsOut([_account_out(told, call.language) for told in carriers.overview(call.shop_id)])


@serves(shapes.GET_ACCOUNT)
def get_carrier_account(call: Call[Nothing, Any]) -> shapes.AccountDetail:
    told = carriers.details(call.shop_id, _account(call))
    return shapes.AccountDetail(
        _account_out(told, call.language),
        [shaped(row._replace(problem=kept_problem(row.problem, call.language)), shapes.WaitingRow) for row in told["open"]],
        [shaped(row, shapes.CallRow) for row in told["calls"]],
    )  # fmt: skip


@serves(shapes.OPEN_ACCOUNT)
def open_carrier_account(call: Call[Nothing, shapes.NewAccountIn]) -> MadeOut:
    sent = call.body
    return MadeOut(carriers.open_account(
        call.actor, sent.kind, sent.name, sent.fields, tracks=sent.tracks, origin=_origin(call), now=call.now
    ))  # fmt: skip


@serves(shapes.CHANGE_ACCOUNT)
def change_carrier_account(call: Call[Nothing, shapes.AccountIn]) -> Done:
    sent = call.body
    carriers.change(
        call.actor, _account(call), sent.name, sent.fields, active=sent.active, tracks=sent.tracks, origin=_origin(call),
        now=call.now,
    )  # fmt: skip
    return Done()


acts(shapes.DROP_ACCOUNT, carriers.drop, _account)


@serves(shapes.TRY_ACCOUNT)
def try_carrier_account(call: Call[Nothing, Any]) -> shapes.SaidOut:
    return shapes.SaidOut(carriers.try_out(call.actor, _account(call), now=call.now))


acts(shapes.ASK_AGAIN, carriers.again, _account, "id")
acts(shapes.SETTLE_ROW, carriers.give_up, _account, "id")


@serves(shapes.BIND)
def set_number_source(call: Call[Nothing, shapes.SourceIn]) -> Done:
    return Done(carriers.bind(call.actor, call.parts["contract_id"], call.body.account_id, now=call.now))


# ---- marketplaces -----------------------------------------------------------------------------------------------


def _market(call: Call[Any, Any]) -> int:
    return int(call.parts["marketplace_id"])


def _market_out(call: Call[Any, Any], row: Any) -> shapes.MarketOut:
    state = board.state(call.shop_id, row.id)
    return shaped({
        **row._asdict(), **state._asdict(), "problem": kept_problem(row.problem, call.language),
        "lag": max(int((call.now - row.pulled_until).total_seconds()), 0),
    }, shapes.MarketOut)  # fmt: skip


@serves(shapes.LIST_MARKETS)
def list_marketplaces(call: Call[Nothing, Any]) -> shapes.MarketsOut:
    return shapes.MarketsOut([_market_out(call, row) for row in kept.of_shop(call.shop_id)])


@serves(shapes.GET_MARKET)
def get_marketplace(call: Call[Nothing, Any]) -> shapes.MarketDetail:
    row = kept.one(call.shop_id, _market(call))
    if row is None:
        raise Refusal.of("marketplace_unknown")

    def told(each: Any) -> Any:
        return each._replace(problem=kept_problem(each.problem, call.language))

    return shapes.MarketDetail(
        _market_out(call, row),
        [shaped(told(each), shapes.TellingRow) for each in board.open_confirmations(call.shop_id, row.id)],
        [shaped(told(each), shapes.UnreadRow) for each in board.unread(call.shop_id, row.id)],
    )  # fmt: skip


@serves(shapes.CONNECT)
def connect_marketplace(call: Call[Nothing, shapes.ConnectIn]) -> MadeOut:
    sent = call.body
    return MadeOut(marketplaces.connect(
        call.actor, sent.kind, sent.fields, days=sent.days, open_receivers=sent.open_receivers, now=call.now
    ))  # fmt: skip


@serves(shapes.CHANGE_MARKET)
def change_marketplace(call: Call[Nothing, shapes.MarketIn]) -> Done:
    sent = call.body
    marketplaces.change(
        call.actor, _market(call), sent.fields, active=sent.active, open_receivers=sent.open_receivers, now=call.now
    )  # fmt: skip
    return Done()


acts(shapes.DROP_MARKET, marketplaces.drop, _market)
acts(shapes.HURRY, marketplaces.hurry, _market)
acts(shapes.TELL_AGAIN, marketplaces.tell_again, _market, "id")
acts(shapes.READ_AGAIN, marketplaces.read_again, _market, "refs")
acts(shapes.SETTLE_TELLING, marketplaces.settled_elsewhere, _market, "id")
