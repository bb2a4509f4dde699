"""Delay reports (报备): filed by the shop, answered by the platform. What is approved moves the orders' deadlines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from fahuo.rules.people import Actor, PlatformActor
from fahuo.rules.problems import Refusal
from fahuo.services import deadlines
from fahuo.store import journal, orders, reports, tasks
from fahuo.store.journal import Moved

SCOPES = ("orders", "shop", "region", "goods")


@transaction.atomic
def file(
    actor: Actor, *, name: str, until: datetime, now: datetime, order_ids: Sequence[int] = (), scope: str = "orders",
    scope_value: str = "", evidence: str = "",
) -> int:  # fmt: skip
    """Report that orders will ship by `until`; the report's id. It changes nothing before the platform approves it.

    `scope` orders (`order_ids`), shop, region (`scope_value` of 2, 4 or 6 digits) or goods (an item code): all orders
    that wait when it is approved. Refusals: `not_permitted`, `until_past`, `order_unknown`, `report_scope`.
    """
    actor.require("report_delays")
    if until <= now:
        raise Refusal.of("until_past")
    ids = sorted(set(order_ids))
    wanted = bool(ids) if scope == "orders" else scope == "shop" or bool(scope_value)
    if scope not in SCOPES or not wanted:
        raise Refusal.of("report_scope")
    missing = set(ids) - orders.known(actor.shop_id, ids)
    if missing:
        raise Refusal.of("order_unknown", order=min(missing))
    return reports.file(
        actor.shop_id, name=name[:200], scope=scope, value=scope_value, order_ids=ids, until=until,
        evidence=evidence[:2000], filed_by=actor.name, now=now,
    )  # fmt: skip


def approve(platform: PlatformActor, shop_id: int, report_id: int, *, now: datetime, reason: str = "") -> int:
    """Approve a report: its orders that wait may ship until its time; how many deadlines that moved.

    Refusals: `report_unknown`, `report_answered`.
    """
    with transaction.atomic():
        report = _answer(platform, shop_id, report_id, "approved", reason, now=now)
        held = tasks.hold(shop_id, reports.covered(shop_id, report))
        moved = orders.report_until(shop_id, held, report.until, now=now)
        deadlines.recompute(shop_id, [row.id for row in moved], now=now)
        told = [
            Moved(order_id=row.id, before={"until": row.until.isoformat() if row.until else None},
                  after={"until": report.until.isoformat()}) for row in moved
        ]  # fmt: skip
        return journal.append(Actor(shop_id, None, platform.name), "order.reported", told, now=now)


def reject(platform: PlatformActor, shop_id: int, report_id: int, *, now: datetime, reason: str = "") -> None:
    """Reject a report, saying why; it changes nothing. Refusals: `report_unknown`, `report_answered`."""
    with transaction.atomic():
        _answer(platform, shop_id, report_id, "rejected", reason, now=now)


def _answer(
    platform: PlatformActor, shop_id: int, report_id: int, status: str, reason: str, *, now: datetime
) -> Any:  # fmt: skip
    report = reports.lock(shop_id, report_id)
    if report is None:
        raise Refusal.of("report_unknown")
    if report.status != "filed":
        raise Refusal.of("report_answered")
    reports.answer(shop_id, report_id, status, by=platform.name, answer=reason.strip()[:500], now=now)
    told = [Moved(before={"status": "filed"}, after={"status": status, "report": report_id})]
    journal.append(Actor(shop_id, None, platform.name), f"report.{status}", told, now=now)
    return report
