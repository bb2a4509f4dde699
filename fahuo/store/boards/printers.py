"""Printers and label templates as pages list them, and what forms offer to choose from."""

from datetime import datetime
from typing import Any, Final

from fahuo.store import sql

LISTED: Final = """
SELECT p.id, p.name, p.kind, p.host, p.port, p.path, p.language, p.dpi, p.acknowledge, p.settings::json AS settings, p.active,
       p.problem::json AS problem, p.seen_at,
       (SELECT count(*) FROM print_jobs j WHERE j.shop_id = %(shop_id)s AND j.printer_id = p.id
        AND j.status IN ('waiting', 'printing', 'held')) AS jobs,
       (SELECT COALESCE(sum(j.count - j.printed_count), 0) FROM print_jobs j WHERE j.shop_id = %(shop_id)s
        AND j.printer_id = p.id AND j.status IN ('waiting', 'printing', 'held'))::int AS ahead,
       EXISTS (SELECT FROM print_jobs j WHERE j.shop_id = %(shop_id)s AND j.printer_id = p.id
               AND j.lease_until > %(now)s) AS at_work
FROM printers p WHERE p.shop_id = %(shop_id)s AND (%(printer_id)s::bigint IS NULL OR p.id = %(printer_id)s::bigint)
ORDER BY NOT p.active, p.name, p.id
"""


def listed(shop_id: int, *, now: datetime, printer_id: int | None = None) -> list[Any]:
    """The printers (or one), those in use first, each with how much waits for it and whether a worker has it in hand."""
    return sql.fetch(LISTED, shop_id=shop_id, printer_id=printer_id, now=now)


IN_USE: Final = """
SELECT p.id, p.name, p.kind, p.problem::json AS problem FROM printers p
WHERE p.shop_id = %(shop_id)s AND p.active ORDER BY p.name, p.id
"""
CONTRACTS: Final = """
SELECT c.id, c.name, c.carrier, c.numbers, c.printer_id FROM contracts c
WHERE c.shop_id = %(shop_id)s AND c.active ORDER BY c.position, c.id
"""
CHOICES: Final = """
SELECT t.id, t.name, t.size, t.standard FROM label_templates t WHERE t.shop_id = %(shop_id)s ORDER BY t.name, t.id
"""


def in_use(shop_id: int) -> list[Any]:
    """The printers in use (id, name, kind, problem)."""
    return sql.fetch(IN_USE, shop_id=shop_id)


def contracts(shop_id: int) -> list[Any]:
    """The contracts at work, in the shop's order (id, name, carrier, numbers, printer_id)."""
    return sql.fetch(CONTRACTS, shop_id=shop_id)


def template_choices(shop_id: int) -> list[Any]:
    """The shop's label templates (id, name, size, standard)."""
    return sql.fetch(CHOICES, shop_id=shop_id)


TEMPLATES: Final = """
SELECT t.id, t.name, t.size, t.standard, t.updated_at,
       (SELECT string_agg(c.name, '、' ORDER BY c.position, c.id) FROM contracts c
        WHERE c.shop_id = %(shop_id)s AND c.template_id = t.id AND c.active) AS contracts
FROM label_templates t WHERE t.shop_id = %(shop_id)s ORDER BY NOT t.standard, t.name, t.id
"""


def templates(shop_id: int) -> list[Any]:
    """The shop's label templates, the standard one first, each with the contracts that use it."""
    return sql.fetch(TEMPLATES, shop_id=shop_id)
