"""Fahuo's side: its services in a process of their own, told what to do (see inside/turns.py), and its web server and clock.

python -m tests.bench.peers.ours
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.bench.peers.inside.turns import serve

CARRIER = "ZTO"


def number(n: int) -> str:
    return f"27{n:016}"


def waybill(n: int) -> str:
    return f"77{n:012}"


def new_shop(code: str) -> int:
    """An empty shop; its id."""
    from fahuo.store.models import Shop

    shop = Shop.objects.create(code=code, name=code, platform="taobao", created_at=datetime.now(UTC))
    return int(shop.id)


def actor_of(shop_id: int) -> Any:
    from fahuo.rules.people import Actor

    return Actor(shop_id, None, "bench", is_owner=True)


def new_key(shop_id: int) -> str:
    """A key of the API with every scope, whose allowance does not stand in the way."""
    from fahuo.rules.people import PERMISSIONS
    from fahuo.services import keys

    made = keys.make(
        actor_of(shop_id), name="bench", scopes=list(PERMISSIONS), per_minute=1_000_000, now=datetime.now(UTC)
    )
    return str(made[1])


def waiting(shop_id: int, first: int, count: int, *, days_ago: int = 0) -> None:
    """So many paid orders that wait to be shipped, numbered from `first`, each to a receiver of its own."""
    from tests.bench.api import fill_waiting

    fill_waiting(actor_of(shop_id), first, count, at=datetime.now(UTC) - timedelta(days=days_ago))


def ids_of(shop_id: int, first: int, count: int) -> list[int]:
    from fahuo.store import sql

    found = sql.fetch(
        "SELECT id FROM orders WHERE shop_id = %(shop_id)s AND number >= %(first)s AND number < %(end)s ORDER BY number",
        shop_id=shop_id, first=number(first), end=number(first + count),
    )  # fmt: skip
    return [row.id for row in found]


def ship_each(shop_id: int, first: int, count: int) -> int:
    """One order, one call of the service, one transaction."""
    from fahuo.services import parcels

    actor = actor_of(shop_id)
    for n, order_id in enumerate(ids_of(shop_id, first, count), first):
        parcels.ship(actor, order_ids=[order_id], carrier=CARRIER, waybill=waybill(n), now=datetime.now(UTC))
    return count


def ship_rows(shop_id: int, first: int, count: int) -> int:
    """All of them in one call, each row with its verdict."""
    from fahuo.services import bulk

    rows = [{"number": number(n), "carrier": CARRIER, "waybill": waybill(n)} for n in range(first, first + count)]
    _, outcomes = bulk.ship_rows(actor_of(shop_id), rows, name="bench", now=datetime.now(UTC))
    assert [outcome.verdict for outcome in outcomes] == ["done"] * count
    return count


def escalate(count: int) -> int:
    """What is due by now, as the clock does it."""
    from fahuo.services import tasks

    fired = tasks.run_due(None, now=datetime.now(UTC))
    assert fired == count, fired
    return fired


def labels(language: str, count: int, *, whole: bool) -> int:
    """Labels from their data to the printer's bytes: in one file when `whole`, else each in a file of its own."""
    import io

    from fahuo.printing import write
    from tests.bench.labels import pages

    out = io.BytesIO()
    if whole:
        write(pages(count), language, 203, out)
    else:
        for page in pages(count):
            write(iter([page]), language, 203, out)
    return len(out.getvalue())


def main() -> None:
    import django

    django.setup()
    from django.db import connection

    connection.ensure_connection()
    serve(ship_each=ship_each, ship_rows=ship_rows, escalate=escalate, labels=labels)


if __name__ == "__main__":
    main()
