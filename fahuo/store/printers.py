"""Printers and label templates of a shop, row by row."""

from fahuo.store.models import LabelTemplate, Printer


def find(shop_id: int, printer_id: int) -> Printer | None:
    """The printer, in use or not."""
    return Printer.objects.filter(shop_id=shop_id, id=printer_id).first()


def has_template(shop_id: int, template_id: int) -> bool:
    """Whether the shop has this label template."""
    return LabelTemplate.objects.filter(shop_id=shop_id, id=template_id).exists()
