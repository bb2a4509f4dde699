"""Printers and label templates of a shop, row by row."""

from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from fahuo.store import sql
from fahuo.store.models import Contract, LabelTemplate, Printer


def find(shop_id: int, printer_id: int) -> Printer | None:
    """The printer, in use or not."""
    return Printer.objects.filter(shop_id=shop_id, id=printer_id).first()


def keep(shop_id: int, printer_id: int | None, fields: dict[str, Any], *, now: datetime) -> int | None:
    """Add a printer, or change one; its id. None when another has the name. What it last said is forgotten."""
    try:
        with transaction.atomic():
            if printer_id is None:
                return int(Printer.objects.create(shop_id=shop_id, created_at=now, **fields).id)
            Printer.objects.filter(shop_id=shop_id, id=printer_id).update(problem=None, **fields)
            return printer_id
    except IntegrityError:
        return None


def set_active(shop_id: int, printer_id: int, active: bool) -> bool:
    """Take a printer out of use, or back; whether it changed."""
    return Printer.objects.filter(shop_id=shop_id, id=printer_id, active=not active).update(active=active) == 1


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


def has_template(shop_id: int, template_id: int) -> bool:
    """Whether the shop has this label template."""
    return LabelTemplate.objects.filter(shop_id=shop_id, id=template_id).exists()


def template(shop_id: int, template_id: int) -> LabelTemplate | None:
    """One label template."""
    return LabelTemplate.objects.filter(shop_id=shop_id, id=template_id).first()


def keep_template(
    shop_id: int, template_id: int | None, *, name: str, size: str, body: str, now: datetime
) -> int | None:  # fmt: skip
    """Add a label template, or change one; its id. None when another has the name."""
    fields = {"name": name, "size": size, "body": body, "updated_at": now}
    try:
        with transaction.atomic():
            if template_id is None:
                return int(LabelTemplate.objects.create(shop_id=shop_id, created_at=now, **fields).id)
            LabelTemplate.objects.filter(shop_id=shop_id, id=template_id).update(**fields)
            return template_id
    except IntegrityError:
        return None


def set_standard(shop_id: int, template_id: int | None) -> bool:
    """Make a template the shop's standard (None: the shop has none of its own); whether that changed anything."""
    before = (
        LabelTemplate.objects.filter(shop_id=shop_id, standard=True).exclude(id=template_id or 0).update(standard=False)
    )
    after = LabelTemplate.objects.filter(shop_id=shop_id, standard=False, id=template_id or 0).update(standard=True)
    return bool(before or after)


def drop_template(shop_id: int, template_id: int) -> bool:
    """Forget a template; contracts that named it take the shop's standard. Whether there was one."""
    Contract.objects.filter(shop_id=shop_id, template_id=template_id).update(template_id=None)
    return LabelTemplate.objects.filter(shop_id=shop_id, id=template_id).delete()[0] > 0


TEMPLATES: Final = """
SELECT t.id, t.name, t.size, t.standard, t.updated_at,
       (SELECT string_agg(c.name, '、' ORDER BY c.position, c.id) FROM contracts c
        WHERE c.shop_id = %(shop_id)s AND c.template_id = t.id AND c.active) AS contracts
FROM label_templates t WHERE t.shop_id = %(shop_id)s ORDER BY NOT t.standard, t.name, t.id
"""


def templates(shop_id: int) -> list[Any]:
    """The shop's label templates, the standard one first, each with the contracts that use it."""
    return sql.fetch(TEMPLATES, shop_id=shop_id)
