"""商品资料: what the shop knows of its SKUs: barcode, shelf, weight. One by one, by sheet (own_sheets), or from the orders."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction

from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.rules.sheets import COLUMNS
from fahuo.rules.skus import SkuData, sku_problems
from fahuo.store import journal
from fahuo.store import skus as store

LOOKED_BACK: Final = timedelta(days=90)
"""Orders so old name SKUs that are worth knowing."""
MOST: Final = 50_000
"""SKUs that are added from orders, or stand in one sheet."""
FIELDS: Final = ("code", "title", "barcode", "shelf", "grams")


def keep(actor: Actor, data: SkuData, *, sku_id: int | None = None, now: datetime) -> None:
    """Add a SKU, or change the one with `sku_id`; one that is added again is changed.

    Refusals: `not_permitted`, `sku_unknown`, `sku_code_taken`, and what `rules.skus.sku_problems` says.
    """
    actor.require("manage_contracts")
    problems = sku_problems(data)
    if problems:
        raise Refusal(*problems)
    values: dict[str, Any] = {
        name: text.strip() if isinstance(text, str) else text for name, text in asdict(data).items()
    }
    with transaction.atomic():
        if sku_id is None:
            store.keep(actor.shop_id, [values])
        elif not _set(actor.shop_id, sku_id, values):
            raise Refusal.of("sku_unknown")
        journal.append(actor, "sku.kept", [journal.Moved(after=values)], now=now)


def _set(shop_id: int, sku_id: int, values: dict[str, Any]) -> int:
    try:
        with transaction.atomic():
            return store.set_one(shop_id, sku_id, values)
    except IntegrityError as taken:
        raise Refusal.of("sku_code_taken", sku=values["code"]) from taken


def drop(actor: Actor, sku_ids: Sequence[int], *, now: datetime) -> int:
    """Forget SKUs; how many. Orders keep theirs. Refusal `not_permitted`."""
    actor.require("manage_contracts")
    with transaction.atomic():
        count = store.drop(actor.shop_id, sku_ids)
        if count:
            journal.append(actor, "skus.dropped", [journal.Moved(before={"count": count})], now=now)
    return count


def add_named(actor: Actor, *, now: datetime) -> int:
    """Add the SKUs that the shop's recent orders name and that are not known yet; how many. Refusal `not_permitted`."""
    actor.require("manage_contracts")
    with transaction.atomic():
        count = store.add_named(actor.shop_id, since=now - LOOKED_BACK, most=MOST)
        if count:
            journal.append(actor, "skus.named", [journal.Moved(after={"count": count})], now=now)
    return count


def sheet(rows: Sequence[Any]) -> bytes:
    """These SKUs as a sheet (xlsx) that can be mended and comes back as it is; without rows only the headings."""
    headings = [COLUMNS["skus"][name].headings[0] for name in FIELDS]
    return write_xlsx(headings, ([_cell(getattr(row, name)) for name in FIELDS] for row in rows))


def _cell(value: Any) -> str:
    return "" if value is None else str(value)
