"""A shop's accounts with carriers' services: set up, changed, tried, bound to contracts, dropped. Secrets go in and never
come out. `services/carrier_rounds.py` does the work with them, `services/carrier_pushes.py` hears what they push."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from fahuo.connectors.carriers import services
from fahuo.connectors.carrying import Service
from fahuo.connectors.contract import Trouble
from fahuo.connectors.web import Transport
from fahuo.rules.carrying import BREAKS_AT
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import connections, contracts
from fahuo.services.sealing import opened_fields, seal_fields
from fahuo.store import carriers as store
from fahuo.store import contracts as contract_store
from fahuo.store import journal, number_orders, pickup_calls, trackings

LONGEST_NAME: Final = 40
RULES: Final = connections.Rules(
    ("gateway", "label_gateway", "poll_gateway"), 500, "carrier_setting", "carrier_address"
)
MOST_ACCOUNTS: Final = 50
SHOWN: Final = 100
"""Rows that a page shows of one account."""
SHOWN_CALLS: Final = 30


def kind_of(name: str) -> Service:
    """A kind of service. Refusal `carrier_kind`."""
    found = services().get(name)
    if found is None:
        raise Refusal.of("carrier_kind")
    return found


def open_account(
    actor: Actor, kind: str, name: str, fields: Mapping[str, str], *, tracks: bool = False, origin: str = "", now: datetime
) -> int:  # fmt: skip
    """Open an account of the shop's; its id. Nothing is asked of the service yet. `origin`: the address for the shop's
    pushes without the key, "" where the outside cannot reach it.

    Refusals: `not_permitted`, `carrier_kind`, `carrier_account_name`, `carrier_setting`, `carrier_address`.
    """
    actor.require("configure_shop")
    known = kind_of(kind)
    kept = connections.read(known.fields, fields, {}, RULES)
    name = _name(name)
    key = secrets.token_urlsafe(24)
    kept["push_address"] = _push_address(known, origin, key)
    with transaction.atomic():
        if len(store.of_shop(actor.shop_id)) >= MOST_ACCOUNTS:
            raise Refusal.of("carrier_account_name", name=name)
        made = store.add(
            actor.shop_id, kind, name, settings=seal_fields(kept), shown=connections.shown(known.fields, kept),
            push_key=key, tracks=tracks and "track" in known.can, now=now,
        )  # fmt: skip
        if made is None:
            raise Refusal.of("carrier_account_name", name=name)
        _noted(actor, "carrier.opened", made, now, kind=kind)
    return made


def mine(actor: Actor, account_id: int) -> Any:
    """An account that the actor may change. Refusals `carrier_account_unknown`, `not_permitted`."""
    actor.require("configure_shop")
    return _row(actor, account_id)


def _row(actor: Actor, account_id: int) -> Any:
    row = store.one(actor.shop_id, account_id)
    if row is None:
        raise Refusal.of("carrier_account_unknown")
    return row


def change(
    actor: Actor, account_id: int, name: str, fields: Mapping[str, str], *, active: bool, tracks: bool,
    origin: str = "", now: datetime,
) -> None:  # fmt: skip
    """Change an account; a secret that is left empty stays. Its breaker is closed again. Refusals as for `open_account`."""
    row = mine(actor, account_id)
    known = kind_of(row.kind)
    before = opened_fields(row.settings)
    kept = {**before, **connections.read(known.fields, fields, before, RULES)}
    name = _name(name)
    if origin:
        kept["push_address"] = _push_address(known, origin, row.push_key)
    with transaction.atomic():
        tracks = tracks and "track" in known.can
        if not store.change(
            actor.shop_id, row.id, name=name, settings=seal_fields(kept), shown=connections.shown(known.fields, kept), active=active,
            tracks=tracks, now=now,
        ):  # fmt: skip
            raise Refusal.of("carrier_account_name", name=name)
        changed = sorted(each for each in kept if kept.get(each) != before.get(each))
        _noted(actor, "carrier.changed", row.id, now, fields=changed, active=active, tracks=tracks)


@transaction.atomic
def drop(actor: Actor, account_id: int, *, now: datetime) -> None:
    """Take an account away with its secrets. Refusals as `mine`, and `carrier_account_used`."""
    row = mine(actor, account_id)
    if store.used(actor.shop_id, row.id):
        raise Refusal.of("carrier_account_used", name=row.name)
    store.drop(actor.shop_id, row.id)
    _noted(actor, "carrier.dropped", row.id, now, kind=row.kind)


@transaction.atomic
def bind(actor: Actor, contract_id: int, account_id: int | None, *, now: datetime) -> bool:
    """Let a contract's numbers come from an account, or (None) from its courier; whether that is news.

    Refusals: `not_permitted`, `contract_unknown`, `contract_has_numbers`, `carrier_account_unknown`, `carrier_not_served`,
    `carrier_cannot`.
    """
    actor.require("manage_contracts")
    contract = contracts.find(actor.shop_id, contract_id)
    if account_id is not None:
        contracts.require_service(actor.shop_id, account_id, contract.carrier)
    if contract.numbers == "stock" and contract_store.used(actor.shop_id, contract_id).stocked:
        raise Refusal.of("contract_has_numbers", name=contract.name)
    news = store.bind(actor.shop_id, contract_id, account_id)
    if news:
        told = {"contract": contract_id, "name": contract.name, "fields": ["numbers"], "account": account_id}
        journal.append(actor, "contract.changed", [journal.Moved(after=told)], now=now)
    return news


def try_out(actor: Actor, account_id: int, *, now: datetime, send: Transport | None = None) -> str:
    """Ask the service whether it knows the account; its short answer. Refusals as `mine`, and what keeps it."""
    row = mine(actor, account_id)
    kind = kind_of(row.kind)
    try:
        told: str = kind.make(opened_fields(row.settings), send or connections.usual_transport(), now).check()
    except Trouble as trouble:
        store.note(
            actor.shop_id, row.id, "check", at=now, rows=1, heard=trouble.kind, code=trouble.problem.code, ms=0
        )  # fmt: skip
        raise Refusal(trouble.problem) from None
    store.note(actor.shop_id, row.id, "check", at=now, rows=1, heard="done", code=told[:40], ms=0)
    store.hurry(actor.shop_id, row.id, at=now)
    return told


@transaction.atomic
def again(actor: Actor, account_id: int, row_id: int | None, *, now: datetime) -> int:
    """Ask again for one row, or (None) for all that are open, and for what is due; how many. Refusals `not_permitted`,
    `carrier_account_unknown`."""
    actor.require("make_labels")
    row = _row(actor, account_id)
    store.hurry(actor.shop_id, row.id, at=now)
    mine = number_orders.open_ids(actor.shop_id, row.id)
    called = pickup_calls.again(actor.shop_id, row.id, None, now=now) if row_id is None else 0
    return called + number_orders.again(actor.shop_id, [each for each in mine if row_id in (None, each)], now=now)


@transaction.atomic
def give_up(actor: Actor, account_id: int, row_id: int, *, now: datetime) -> bool:
    """A person has settled a row: what waits or was refused is dropped, what was to be given back counts as given back.
    What is unknown stays, for a number may stand there. Whether it moved. Refusals as `again`."""
    actor.require("make_labels")
    row = _row(actor, account_id)
    if row_id not in number_orders.open_ids(actor.shop_id, row.id):
        return False
    if number_orders.give_up(actor, [row_id], now=now):
        return True
    if not number_orders.settled_elsewhere(actor.shop_id, row_id, now=now):
        return False
    _noted(actor, "number.settled", row.id, now, number_order=row_id)
    return True


def _noted(actor: Actor, act: str, account_id: int, now: datetime, **what: object) -> None:
    journal.append(actor, act, [journal.Moved(after={"carrier_account": account_id, **what})], now=now)


def _push_address(kind: Service, origin: str, key: str) -> str:
    """Where the service is to tell its scans; `origin` is how the outside names the shop's door, "" for not at all."""
    return f"{origin.rstrip('/')}/{key}/" if origin and kind.pushes else ""


def _name(text: str) -> str:
    text = " ".join(text.split())
    if not text or len(text) > LONGEST_NAME or not text.isprintable():
        raise Refusal.of("carrier_account_name", name=text[:LONGEST_NAME])
    return text


# --- what pages show ---


def overview(shop_id: int) -> list[dict[str, Any]]:
    """The shop's accounts: each `row` (settings sealed), `kind`, `rows` (open numbers by state), `followed`, `wrong`."""
    counted, followed = number_orders.counted(shop_id), trackings.counted(shop_id)
    return [_told(row, counted.get(row.id, {}), followed.get(row.id)) for row in store.of_shop(shop_id)]


def _told(row: Any, rows: dict[str, int], follows: Any | None) -> dict[str, Any]:
    return {
        "row": row, "kind": services().get(row.kind), "rows": rows, "state": state_of(row),
        "followed": follows.followed if follows else 0, "wrong": follows.wrong if follows else 0,
    }  # fmt: skip


def state_of(row: Any) -> str:
    """How an account stands: off, person (it waits for one), broken (the breaker is open), slow (it is asked again
    later), well, new (not asked yet)."""
    if not row.active:
        return "off"
    if row.trouble in ("unauthorised", "refused"):
        return "person"
    if row.failures >= BREAKS_AT:
        return "broken"
    if row.trouble:
        return "slow"
    return "well" if row.answered_at or row.pushed_at else "new"


def details(shop_id: int, account_id: int) -> dict[str, Any]:
    """One account as `overview` has it, with `open` (numbers that are not settled), `lost` (parcels whose scans cannot be
    had), `pickups` (that are not settled), `calls` (the newest), `push_address`. Refusal `carrier_account_unknown`."""
    row = store.one(shop_id, account_id)
    if row is None:
        raise Refusal.of("carrier_account_unknown")
    told = _told(row, number_orders.counted(shop_id).get(row.id, {}), trackings.counted(shop_id).get(row.id))
    return {
        **told, "open": number_orders.listed(shop_id, row.id, limit=SHOWN), "lost": trackings.wrong(shop_id, row.id, limit=SHOWN),
        "pickups": pickup_calls.listed(shop_id, row.id, limit=SHOWN), "calls": store.calls(shop_id, row.id, limit=SHOWN_CALLS),
    }  # fmt: skip


def ordering(shop_id: int) -> list[tuple[Any, Service]]:
    """The active accounts that order numbers, each with its kind."""
    known = ((row, services().get(row.kind)) for row in store.of_shop(shop_id) if row.active)
    return [(row, kind) for row, kind in known if kind is not None and "order" in kind.can]


def sources(shop_id: int) -> list[Any]:
    """The shop's contracts with where their numbers come from: (id, name, carrier, numbers, active, carrier_account_id)."""
    return list(store.contracts(shop_id))
