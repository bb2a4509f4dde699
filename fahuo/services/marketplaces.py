"""The marketplaces that a shop is connected to: set up, let in, changed, hurried, dropped. Secrets go in and never come out.

`services/marketplace_sync.py` keeps them in step.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from fahuo.connectors.contract import Marketplace, Trouble
from fahuo.connectors.marketplaces import marketplaces
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.rules.top import clock
from fahuo.services import connections
from fahuo.services.sealing import opened_fields, seal_fields
from fahuo.store import confirmations, journal
from fahuo.store import marketplaces as store

RULES: Final = connections.Rules(
    ("gateway", "authorize", "token", "address"), 2000, "marketplace_setting", "marketplace_address"
)
BEGINS: Final = 30
"""Days of orders that a shop begins with, unless it says otherwise; LONGEST_BEGIN at most."""
LONGEST_BEGIN: Final = 90


def kind_of(name: str) -> Marketplace:
    """A kind of marketplace. Refusal `marketplace_kind`."""
    found = marketplaces().get(name)
    if found is None:
        raise Refusal.of("marketplace_kind")
    return found


def connect(
    actor: Actor, kind: str, fields: Mapping[str, str], *, now: datetime, days: int = BEGINS, open_receivers: bool = False
) -> int:  # fmt: skip
    """Connect the shop to a marketplace; its id. What stands there for `days` days comes in first.

    Refusals: `not_permitted`, `marketplace_kind`, `marketplace_exists`, `marketplace_setting`, `marketplace_address`.
    """
    actor.require("configure_shop")
    known = kind_of(kind)
    kept = connections.read(known.fields, fields, {}, RULES)
    with transaction.atomic():
        made = store.add(
            actor.shop_id, kind, settings=seal_fields(kept), shown=connections.shown(known.fields, kept),
            push_key=secrets.token_urlsafe(24), open_receivers=open_receivers,
            began_at=now - timedelta(days=min(max(days, 0), LONGEST_BEGIN)), due_at=now if ready(known, kept) else None,
            now=now,
        )  # fmt: skip
        if made is None:
            raise Refusal.of("marketplace_exists", name=known.zh, name_en=known.en)
        _noted(actor, "marketplace.connected", made, now, kind=kind)
    return made


def ready(kind: Marketplace, kept: Mapping[str, str]) -> bool:
    """Whether everything is there that a pull needs: a session, too, where one is needed."""
    return not kind.renews or bool(kept.get("session"))


def mine(actor: Actor, marketplace_id: int) -> Any:
    """A marketplace that the actor may change. Refusals `marketplace_unknown`, `not_permitted`."""
    actor.require("configure_shop")
    row = store.one(actor.shop_id, marketplace_id)
    if row is None:
        raise Refusal.of("marketplace_unknown")
    return row


def change(
    actor: Actor, marketplace_id: int, fields: Mapping[str, str], *, active: bool, open_receivers: bool, now: datetime
) -> None:  # fmt: skip
    """Change a marketplace; a secret that is left empty stays. Refusals as for `connect`, and `marketplace_unknown`."""
    row = mine(actor, marketplace_id)
    known = kind_of(row.kind)
    before = opened_fields(row.settings)
    kept = {**before, **connections.read(known.fields, fields, before, RULES)}
    with transaction.atomic():
        store.change(
            actor.shop_id, row.id, settings=seal_fields(kept), shown=connections.shown(known.fields, kept), active=active,
            open_receivers=open_receivers, due_at=now if active and ready(known, kept) else None,
        )  # fmt: skip
        changed = sorted(name for name in kept if kept.get(name) != before.get(name))
        _noted(actor, "marketplace.changed", row.id, now, fields=changed, active=active)


@transaction.atomic
def drop(actor: Actor, marketplace_id: int, *, now: datetime) -> None:
    """Take a marketplace away with its secrets and what waits to be told; the orders stay. Refusals as `mine`."""
    row = mine(actor, marketplace_id)
    store.drop(actor.shop_id, row.id)
    _noted(actor, "marketplace.dropped", row.id, now, kind=row.kind)


def hurry(actor: Actor, marketplace_id: int, *, now: datetime) -> None:
    """Pull it now. Refusals `not_permitted`, `marketplace_unknown`."""
    row = _worked_on(actor, marketplace_id)
    store.hurry(actor.shop_id, row.id, at=now)


def _worked_on(actor: Actor, marketplace_id: int) -> Any:
    actor.require("ship")
    row = store.one(actor.shop_id, marketplace_id)
    if row is None:
        raise Refusal.of("marketplace_unknown")
    return row


@transaction.atomic
def tell_again(actor: Actor, marketplace_id: int, confirmation_id: int | None, *, now: datetime) -> int:
    """Tell a shipment again, or (None) all that are open; how many. Refusals `not_permitted`, `marketplace_unknown`."""
    row = _worked_on(actor, marketplace_id)
    store.hurry(actor.shop_id, row.id, at=now)
    return confirmations.again(actor.shop_id, row.id, confirmation_id, now=now)


@transaction.atomic
def settled_elsewhere(actor: Actor, marketplace_id: int, confirmation_id: int, *, now: datetime) -> bool:
    """A person has settled a shipment at the marketplace: it is told no more. Whether it was open."""
    row = _worked_on(actor, marketplace_id)
    moved = confirmations.give_up(actor.shop_id, row.id, confirmation_id, now=now)
    told = [journal.Moved(each.order_id, each.parcel_id, after={"confirmation": confirmation_id}) for each in moved]
    return journal.append(actor, "marketplace.settled", told, now=now) > 0


@transaction.atomic
def read_again(actor: Actor, marketplace_id: int, refs: list[str], *, now: datetime) -> int:
    """Read these orders again now; how many. Refusals `not_permitted`, `marketplace_unknown`."""
    row = _worked_on(actor, marketplace_id)
    store.hurry(actor.shop_id, row.id, at=now)
    return store.wish(actor.shop_id, row.id, refs[:1000], now=now)


# --- being let in ---


def ask_at(actor: Actor, marketplace_id: int, *, redirect: str, state: str, now: datetime) -> str:
    """The marketplace's page on which a person lets us in. Refusals as `mine`, `marketplace_kind`."""
    connector = _renewing(mine(actor, marketplace_id), now)
    return str(connector.ask_at(redirect, state))


def let_in(actor: Actor, marketplace_id: int, *, code: str, redirect: str, now: datetime) -> None:
    """Take the code that came back. Refusals as `mine`, and what the marketplace says."""
    row = mine(actor, marketplace_id)
    try:
        fresh = _renewing(row, now).let_in(code, redirect)
    except Trouble as trouble:
        raise Refusal(trouble.problem) from None
    with transaction.atomic():
        keep_tokens(row, fresh)
        store.hurry(actor.shop_id, row.id, at=now)
        _noted(actor, "marketplace.let_in", row.id, now)


def _renewing(row: Any, now: datetime) -> Any:
    kind = kind_of(row.kind)
    if not kind.renews:
        raise Refusal.of("marketplace_kind")
    return kind.make(opened_fields(row.settings), connections.usual_transport(), now)


def keep_tokens(row: Any, fresh: Mapping[str, str]) -> dict[str, str]:
    """Seal new tokens in the place of the old ones; all settings."""
    kept: dict[str, str] = {**opened_fields(row.settings), **fresh}
    until = clock.read(kept.pop("session_until", ""))
    store.let_in(row.shop_id, row.id, settings=seal_fields(kept), session_until=until)
    return kept


def _noted(actor: Actor, act: str, marketplace_id: int, now: datetime, **what: object) -> None:
    journal.append(actor, act, [journal.Moved(after={"marketplace": marketplace_id, **what})], now=now)
