"""From what a person asked to the walk and the sieve that answer it."""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from fahuo.rules import phones
from fahuo.rules.filters import NO_CONTRACT, NO_FLAG, TAB_STATUSES, OrderFilter
from fahuo.store import sealed
from fahuo.store.boards import walks
from fahuo.store.boards.walks import Plan, Walk

UNSCANNED_AFTER: Final = timedelta(hours=24)
"""A parcel that the carrier has not scanned this long after its submit is a worry."""

UNSCANNED_UNTIL: Final = timedelta(days=15)
"""Older parcels are past worrying: by then the order has been received, or complained about."""

TAB_WALKS: Final[dict[str, Walk]] = {
    "awaiting": walks.WAITING,
    "unpaid": walks.UNPAID,
    "shipped": walks.SHIPPED,
    "refunding": walks.REFUNDING,
    "completed": walks.COMPLETED,
    "closed": walks.CLOSED,
    "all": walks.RECENT,
}

HITS: Final[dict[str, str]] = {
    "number": "SELECT h.id FROM orders h WHERE h.shop_id = %(shop_id)s AND h.number = %(number)s",
    "waybill": """SELECT DISTINCT po.order_id AS id FROM parcels p
        JOIN parcel_orders po ON po.shop_id = p.shop_id AND po.parcel_id = p.id
        WHERE p.shop_id = %(shop_id)s AND po.shop_id = %(shop_id)s AND p.waybill = %(waybill)s AND NOT p.waybill = ''
          AND p.voided_at IS NULL AND p.retired_at IS NULL""",
    "phone": "SELECT h.order_id AS id FROM receivers h WHERE h.shop_id = %(shop_id)s AND h.phone_mark = %(phone)s",
    "receiver": "SELECT h.order_id AS id FROM receivers h WHERE h.shop_id = %(shop_id)s AND h.name_mark = %(receiver)s",
    "buyer": "SELECT h.id FROM orders h WHERE h.shop_id = %(shop_id)s AND h.buyer = %(buyer)s",
    "batch": """SELECT DISTINCT h.order_id AS id FROM batch_rows h
        WHERE h.shop_id = %(shop_id)s AND h.batch_id = %(batch)s AND h.order_id IS NOT NULL""",
    "beside": """SELECT h.id FROM orders h WHERE h.shop_id = %(shop_id)s AND NOT h.receiver_key = '' AND h.receiver_key =
        (SELECT k.receiver_key FROM orders k WHERE k.shop_id = %(shop_id)s AND k.id = %(beside)s)""",
}
"""Field -> the orders it finds by its own index. In this order: the most telling first."""

ENDING: Final = "SELECT h.order_id AS id FROM receivers h WHERE h.shop_id = %(shop_id)s AND h.phone_ending = %(phone)s"
"""One in ten thousand of the shop's orders."""

SIEVE: Final[dict[str, str]] = {
    "urged": "o.urge_count > 0",
    "overdue": "o.deadline <= %(now)s",
    "due_today": "o.deadline > %(now)s AND o.deadline < %(tomorrow)s",
    "due": "o.deadline > %(now)s AND o.deadline <= %(due_by)s",
    "region": "left(o.region, length(%(region)s)) = %(region)s",
    "goods": """(o.title ILIKE %(goods)s OR EXISTS (SELECT 1 FROM order_lines l WHERE l.shop_id = %(shop_id)s AND
        l.order_id = o.id AND (l.title ILIKE %(goods)s OR l.sku ILIKE %(goods)s OR l.sku_code ILIKE %(goods)s
        OR l.item_code ILIKE %(goods)s)))""",
    "carrier": """EXISTS (SELECT 1 FROM parcel_orders po JOIN parcels q ON q.shop_id = po.shop_id AND q.id = po.parcel_id
        WHERE po.shop_id = %(shop_id)s AND q.shop_id = %(shop_id)s AND po.order_id = o.id AND q.voided_at IS NULL
          AND q.carrier = %(carrier)s)""",
    "memo": "o.memo ILIKE %(memo)s",
    "no_parcel": """NOT EXISTS (SELECT 1 FROM parcel_orders po JOIN parcels q ON q.shop_id = po.shop_id
        AND q.id = po.parcel_id WHERE po.shop_id = %(shop_id)s AND q.shop_id = %(shop_id)s AND po.order_id = o.id
        AND q.voided_at IS NULL)""",
    "message": "NOT o.buyer_message = ''",
    "conflict": "NOT o.conflict = ''",
    "same_receiver": """NOT o.receiver_key = '' AND EXISTS (SELECT 1 FROM orders s
        JOIN backlog w ON w.shop_id = s.shop_id AND w.order_id = s.id
        WHERE s.shop_id = %(shop_id)s AND w.shop_id = %(shop_id)s AND s.receiver_key = o.receiver_key AND s.id <> o.id
        OFFSET 0)""",
    "contract": """EXISTS (SELECT 1 FROM assignments g WHERE g.shop_id = %(shop_id)s AND g.order_id = o.id
        AND g.contract_id = %(contract)s)""",
    "number": "o.number = %(number)s",
    "buyer": "o.buyer = %(buyer)s",
    "waybill": f"o.id IN ({HITS['waybill']})",
    "phone": f"o.id IN ({HITS['phone']})",
    "receiver": f"o.id IN ({HITS['receiver']})",
    "batch": f"o.id IN ({HITS['batch']})",
    "beside": f"o.id IN ({HITS['beside']})",
}
"""Field -> the condition on one order `o`."""


def plan(shop_id: int, asked: OrderFilter, *, now: datetime, zone: str) -> Plan:
    """The walk, sieve and parameters for a filter. `zone`: the shop's, whose calendar day counts."""
    fields = list(asked.asked)
    params = _params(shop_id, asked, now, zone)
    walk = _walk(asked, fields)
    sieve = [_condition(asked, name) for name in fields]
    statuses = TAB_STATUSES[asked.tab]
    if statuses and walk not in (walks.WAITING, walks.SHIPPED, walks.UNSCANNED) and walk.letter != "v":
        sieve.append("o.status = ANY(%(statuses)s)")
        params["statuses"] = list(statuses)
    if asked.tab == "refunding" and walk is not walks.REFUNDING:
        sieve.append("o.refund_status IN ('requested', 'agreed')")
    return Plan(_narrowed(walk, asked, fields), tuple(text for text in sieve if text), params)


def _walk(asked: OrderFilter, fields: list[str]) -> Walk:
    """The best way to what is asked; its own field is struck off `fields`."""
    waiting = asked.tab == "awaiting"
    for name, hits in HITS.items():
        if name in fields:
            fields.remove(name)
            return walks.through(ENDING if name == "phone" and _is_ending(asked) else hits, waiting=waiting)
    if asked.unscanned:
        fields.remove("unscanned")
        return walks.UNSCANNED
    if asked.no_parcel:
        return walks.RECENT
    if asked.tab == "all" and asked.urged:
        fields.remove("urged")
        return walks.URGED
    if asked.tab == "all" and asked.conflict:
        fields.remove("conflict")
        return walks.CONFLICT
    return TAB_WALKS[asked.tab]


def _narrowed(walk: Walk, asked: OrderFilter, fields: list[str]) -> Walk:
    """The walk over the backlog, begun and ended by deadline where that is asked."""
    if walk.letter not in ("w", "v"):
        return walk
    bounds = [
        SIEVE[name].replace("o.deadline", "b.deadline") for name in ("overdue", "due_today", "due") if name in fields
    ]
    return Walk(
        walk.letter, walk.source, walk.moment, walk.id, walk.tie, walk.ascending, (*walk.where, *bounds), walk.sieve
    )


def _is_ending(asked: OrderFilter) -> bool:
    return phones.is_ending(asked.phone)


def _condition(asked: OrderFilter, name: str) -> str:
    if name in ("overdue", "due_today", "due"):
        return ""  # the walk is bounded by these: they stand in the backlog itself
    if name == "flag":
        return "o.flag IS NULL" if asked.flag == NO_FLAG else "o.flag = %(flag)s"
    if name == "contract" and asked.contract == NO_CONTRACT:
        return "NOT EXISTS (SELECT 1 FROM assignments g WHERE g.shop_id = %(shop_id)s AND g.order_id = o.id)"
    if name == "has_memo":
        return "NOT o.memo = ''" if asked.has_memo else "o.memo = ''"
    if name == "printed":
        return "o.printed_at IS NOT NULL" if asked.printed else "o.printed_at IS NULL"
    if name == "handed":
        return HANDED if asked.handed else f"NOT {HANDED}"
    if name == "phone" and _is_ending(asked):
        return f"o.id IN ({ENDING})"
    if name == "unscanned":
        return UNSCANNED_ORDER
    return SIEVE[name]


HANDED: Final = """EXISTS (SELECT 1 FROM assignments g WHERE g.shop_id = %(shop_id)s AND g.order_id = o.id
    AND g.handed_at IS NOT NULL)"""
UNSCANNED_ORDER: Final = """o.status IN ('shipped', 'part_shipped') AND EXISTS (SELECT 1 FROM parcel_orders po
    JOIN parcels q ON q.shop_id = po.shop_id AND q.id = po.parcel_id
    WHERE po.shop_id = %(shop_id)s AND q.shop_id = %(shop_id)s AND po.order_id = o.id AND q.voided_at IS NULL
      AND q.picked_up_at IS NULL AND q.retired_at IS NULL AND q.delivered_at IS NULL AND q.kind = 'offline'
      AND q.shipped_at > %(unscanned_from)s
      AND q.shipped_at <= %(unscanned_to)s)"""


def _params(shop_id: int, asked: OrderFilter, now: datetime, zone: str) -> dict[str, Any]:
    given = {name: getattr(asked, name) for name in asked.asked}
    for name in ("goods", "memo"):
        if name in given:
            given[name] = f"%{_literal(given[name])}%"
    if asked.receiver:
        given["receiver"] = sealed.name_mark(shop_id, asked.receiver)
    if asked.phone:
        mark = sealed.ending_mark if _is_ending(asked) else sealed.phone_mark
        given["phone"] = mark(shop_id, asked.phone)
    midnight = (now.astimezone(ZoneInfo(zone)) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        **given,
        "now": now,
        "tomorrow": midnight,
        "due_by": now + timedelta(hours=asked.due or 0),
        "unscanned_from": now - UNSCANNED_UNTIL,
        "unscanned_to": now - UNSCANNED_AFTER,
    }


def _literal(text: str) -> str:
    """Text for LIKE in which every sign means itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
