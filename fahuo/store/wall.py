"""The second wall between shops: row-level security, so that a statement which forgets its shop finds nothing.

The product lowers itself to the role ROLE, which owns nothing; for it, every table of a shop shows just the rows of the
shop that the connection says it stands in (SETTING). Where that is, the doors say: a page of a shop, a key of the API, a
courier, a caller of the gateway stand `inside` their shop, whatever a statement asks for. Who works for many shops (the
clock, the command line, the platform's desk) stands, for each statement over shops' tables, in the shop that it names as
`shop_id`. A statement that crosses shops on purpose says so in its first words (CROSSING) and sees all of them. The tables' owner walks
through walls: migrations, statistics, COPY.

`wall_tables` puts the walls up; `fahuo.store.postgres` stands where it should before each statement.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from django.apps import apps

ROLE: Final = "fahuo_walled"
SETTING: Final = "fahuo.shop"
CROSSING: Final = "/* across shops: "
MAY_STAND: Final = "CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END"
"""What pg_has_role is asked: since PostgreSQL 16 whoever makes a role is a member who may not take it yet."""
STANDING: Final = f"""
SELECT CASE WHEN to_regrole('{ROLE}') IS NULL OR to_regclass('orders') IS NULL THEN false
    ELSE pg_has_role(to_regrole('{ROLE}')::oid, {MAY_STAND})
         AND has_table_privilege(to_regrole('{ROLE}')::oid, to_regclass('orders')::oid, 'SELECT')
         AND (SELECT c.relrowsecurity FROM pg_class c WHERE c.oid = to_regclass('orders')) END
"""
"""Whether there are walls, and this login may stand behind them."""
SHARED: Final = frozenset(
    {"api_key_map", "gateway_apps", "gateway_sessions", "invitations", "account_events", "rule_additions"}
)
"""Tables with a `shop_id` that no shop owns: they lead a key, an app, a session, a link to its shop, tell of a person, or add
to the rules of all."""


@cache
def tables() -> list[str]:
    """Every table that a shop owns."""
    return sorted(
        model._meta.db_table
        for model in apps.get_app_config("fahuo").get_models()
        if any(field.name == "shop_id" for field in model._meta.fields) and model._meta.db_table not in SHARED
    )


BY_STATEMENT: Final = -1
OWNER: Final = -2

_place: ContextVar[int] = ContextVar("place", default=BY_STATEMENT)
"""A shop's id, BY_STATEMENT or OWNER."""


class Stand(NamedTuple):
    """As which role a connection speaks, and in which shop: "" in none, "0" in all."""

    role: str
    shop: str


FREE: Final = Stand("none", "")
EVERYWHERE: Final = Stand(ROLE, "0")
ANYWHERE: Final = Stand(ROLE, "")
"""In whichever shop: what asks no table of a shop stays where it is, but never the owner; told from a stand in no shop by being
this very object."""


@contextmanager
def at(place: int) -> Iterator[None]:
    """Everything in this block is done from there: a shop's id, BY_STATEMENT or OWNER."""
    before = _place.set(place)
    try:
        yield
    finally:
        _place.reset(before)


def inside(shop_id: int) -> Any:
    """Everything in this block sees this shop alone."""
    return at(shop_id)


def as_owner() -> Any:
    """Everything in this block is done as the tables' owner, whom no wall stops. For work on tables, not on rows."""
    return at(OWNER)


def place() -> int:
    """Where this thread stands: a shop's id, BY_STATEMENT or OWNER."""
    return _place.get()


@cache
def _names() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, tables()))})\b")


@lru_cache(4096)
def behind_walls(statement: str) -> bool:
    """Whether a statement may read or write a shop's table: it holds the name of one, wherever."""
    return _names().search(statement) is not None


def stand_for(statement: object, params: object) -> Stand | None:
    """Where to stand for a statement; None: where one stands already, for savepoints and the like, which have no parameters
    at all. One that names no shop stands in none; the ORM, whose parameters have no names, in every shop, unless this
    thread is inside one."""
    here = place()
    if here == OWNER:
        return FREE
    if params is None:
        return None
    if isinstance(statement, str) and CROSSING in statement[: len(CROSSING) + 4]:
        return EVERYWHERE
    if here != BY_STATEMENT:
        return Stand(ROLE, str(here))
    if isinstance(statement, str) and not behind_walls(statement):
        return ANYWHERE
    if isinstance(params, Mapping):
        shop = params.get("shop_id")
        return Stand(ROLE, "" if shop is None else str(shop))
    return EVERYWHERE
