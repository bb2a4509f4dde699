"""Printers and label templates of a shop, row by row."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

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
