"""Listening to the database: whose reminders came, and in which shop something was written. One connection of its own, outside every pool."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import psycopg
from django.conf import settings

CHANNEL: Final = "fahuo_live"
Error = psycopg.Error
"""What goes wrong with the connection."""


def _address() -> dict[str, Any]:
    """The database as a connection is asked for; without the pool that the pages have."""
    base = settings.DATABASES["default"]
    options = {name: value for name, value in base.get("OPTIONS", {}).items() if name != "pool"}
    named = {"dbname": base["NAME"], "host": base["HOST"], "port": base.get("PORT"), "user": base.get("USER")}
    named["password"] = base.get("PASSWORD")
    return {**options, **{name: value for name, value in named.items() if value}, "connect_timeout": 10}


async def hints(ready: asyncio.Event) -> AsyncIterator[tuple[int, int]]:
    """(shop, member) each time reminders of that account were delivered, (shop, 0) each time a conversation went on. `ready` is set once nothing is missed any more.

    Ends with an `Error` when the connection is lost.
    """
    async with await psycopg.AsyncConnection.connect(**_address(), autocommit=True) as line:
        await line.execute(f"LISTEN {CHANNEL}")
        ready.set()
        async for notice in line.notifies():
            shop_id, _, member_id = notice.payload.partition(":")
            if shop_id.isdigit() and member_id.isdigit():
                yield int(shop_id), int(member_id)
