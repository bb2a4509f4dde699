"""What complaints cost a shop, entry by entry, each with its working: so that a shop can check it to the fen."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules import complaints as rules
from fahuo.rules import penalties
from fahuo.rules.penalties import Upheld, Working
from fahuo.rules.people import Actor
from fahuo.rules.policy import Version
from fahuo.rules.problems import Refusal
from fahuo.services.shopbook import ShopBook
from fahuo.store.boards import ledger as board
from fahuo.store.boards.ledger import LedgerFilter

MOST: Final = 50_000
"""Rows of a sheet."""
COLUMNS: Final = (
    "投诉编号", "订单编号", "投诉种类", "谁发起", "状态", "投诉时间", "结束时间", "货款", "赔付", "扣分", "规则版本",
    "比例%", "最低", "最高", "合并单数", "合并货款", "此前已计",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reckoned:
    """How one entry came about.

    `changed`: the order's amounts have changed since, so that the working no longer comes to what was entered.
    """

    working: Working
    version: Version
    changed: bool


def reckon(shop_id: int, rows: Sequence[Any]) -> dict[int, Reckoned]:
    """Complaint id -> how its amount came about; of those that stand in the ledger. `rows` as boards.ledger has them."""
    versions = ShopBook.of(shop_id).versions
    found = {}
    for row in rows:
        version = versions.get(row.rulebook)
        if row.entry is None or version is None:
            continue
        before = [
            Upheld(str(order), kind, Decimal(amount), hours)
            for order, kind, amount, hours in (json.loads(row.before) if isinstance(row.before, str) else row.before)
        ]
        item = Upheld(str(row.order_id), row.kind, row.item_amount, row.promised)
        working = penalties.working(before, item, version)
        found[row.id] = Reckoned(working, version, working.owed != row.compensation)
    return found


def workbook(actor: Actor, wish: LedgerFilter) -> tuple[str, bytes]:
    """File name and workbook of the complaints that match. Refusals: `not_permitted`, `ledger_too_long` (data `most`)."""
    actor.require("view_ledger")
    rows = board.ledger_page(actor.shop_id, wish, limit=MOST + 1).rows
    if len(rows) > MOST:
        raise Refusal.of("ledger_too_long", most=MOST)
    book = ShopBook.of(actor.shop_id)
    reckoned = reckon(actor.shop_id, rows)
    name = f"complaints-{wish.start.astimezone(book.zone):%Y%m%d}.xlsx"
    return name, write_xlsx(COLUMNS, [_cells(book, row, reckoned.get(row.id)) for row in rows])


def _cells(book: ShopBook, row: Any, found: Reckoned | None) -> list[str]:
    at, closed = (
        "" if each is None else f"{each.astimezone(book.zone):%Y-%m-%d %H:%M:%S}"
        for each in (row.opened_at, row.closed_at)
    )
    working = ["", "", "", "", "", ""]
    if found is not None:
        w = found.working
        working = [str(w.percent), str(w.least), str(w.most), str(w.orders), str(w.total), str(w.before)]
    paid = row.status in rules.PAYS
    return [
        str(row.id), row.number, KINDS[row.kind], OPENERS[row.opened_by], STATUSES[row.status], at, closed,
        str(row.item_amount), str(row.compensation) if paid else "", str(row.points) if paid else "", row.rulebook,
        *working,
    ]  # fmt: skip


KINDS: Final = {"delay": "延迟发货", "out_of_stock": "缺货", "false_shipping": "虚假发货"}
OPENERS: Final = {"buyer": "买家投诉", "platform": "平台代投诉"}
STATUSES: Final = {
    "open": "待裁决", "upheld": "投诉成立", "dismissed": "投诉不成立", "settled": "卖家已赔付", "withdrawn": "买家已撤销",
}  # fmt: skip
