"""All that the platform looks at before it decides over one order, in one place; buyer and receiver masked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fahuo.store import complaints, evidence, sealed, sql, tasks
from fahuo.store.boards.detail import OrderDetail, order_detail

MESSAGES: Final = """
SELECT m.id, m.at, m.sender, m.name, m.kind, m.body FROM messages m
WHERE m.shop_id = %(shop_id)s AND m.order_id = %(order_id)s ORDER BY m.id DESC LIMIT 500
"""
REPORTS: Final = """
SELECT r.id, r.name, r.status, r.scope, r.scope_value, r.until, r.filed_at, r.filed_by, r.answered_at, r.answered_by,
       r.answer FROM report_orders l JOIN delay_reports r ON r.shop_id = %(shop_id)s AND r.id = l.report_id
WHERE l.shop_id = %(shop_id)s AND l.order_id = %(order_id)s
UNION
SELECT r.id, r.name, r.status, r.scope, r.scope_value, r.until, r.filed_at, r.filed_by, r.answered_at, r.answered_by,
       r.answer FROM delay_reports r JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = %(order_id)s
WHERE r.shop_id = %(shop_id)s AND r.until >= o.paid_at AND (
    r.scope = 'shop' OR r.scope = 'region' AND starts_with(o.region, r.scope_value)
    OR r.scope = 'goods' AND EXISTS (SELECT FROM order_lines n WHERE n.shop_id = %(shop_id)s
                                     AND n.order_id = %(order_id)s AND n.item_code = r.scope_value))
ORDER BY 1 LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class Case:
    """An order in dispute: the order as `boards.order_detail` shows it (masked), its tasks, their events, complaints,
    evidence, messages (the newest 500) and the delay reports that name it; rows, oldest first."""

    detail: OrderDetail
    tasks: list[Any]
    events: list[Any]
    complaints: list[Any]
    evidence: list[Any]
    messages: list[Any]
    reports: list[Any]

    @property
    def complaint(self) -> Any | None:
        """The open complaint, else the last one."""
        opened = [row for row in self.complaints if row.status == "open"]
        return opened[0] if opened else self.complaints[-1] if self.complaints else None


def case_of(shop_id: int, order_id: int, *, now: datetime) -> Case | None:
    """The case, or None where the shop has no such order."""
    detail = order_detail(shop_id, order_id, now=now)
    if detail is None:
        return None
    return Case(
        detail=detail, tasks=tasks.of_order(shop_id, order_id), events=tasks.events(shop_id, order_id),
        complaints=complaints.of_order(shop_id, order_id), evidence=evidence.of_order(shop_id, order_id),
        messages=sealed.open_texts(
            shop_id, sql.fetch(MESSAGES, shop_id=shop_id, order_id=order_id)[::-1], sealed.TALK, "body"
        ),
        reports=sql.fetch(REPORTS, shop_id=shop_id, order_id=order_id),
    )  # fmt: skip
