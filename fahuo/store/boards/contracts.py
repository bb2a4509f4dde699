"""What the pages read of contracts, carrier rules, route marks and SKUs."""

from typing import Any, Final

from fahuo.store import sql
from fahuo.store.models import CarrierRule, Contract, LabelTemplate, Printer, RouteMark, Sku


def contracts(shop_id: int, *, active: bool = False) -> list[Contract]:
    """The shop's contracts (or only those at work), those at work first, in the shop's order."""
    found = Contract.objects.filter(shop_id=shop_id).order_by("-active", "position", "id")
    return list(found.filter(active=True) if active else found)


def printers(shop_id: int) -> list[Any]:
    """The shop's printers by name: id, name."""
    return list(Printer.objects.filter(shop_id=shop_id, active=True).order_by("name"))


def templates(shop_id: int) -> list[Any]:
    """The shop's label templates by name: id, name."""
    return list(LabelTemplate.objects.filter(shop_id=shop_id).order_by("name"))


def rules(shop_id: int) -> list[CarrierRule]:
    """The shop's carrier rules in their order."""
    return list(CarrierRule.objects.filter(shop_id=shop_id).order_by("position", "id"))


def rule(shop_id: int, rule_id: int) -> CarrierRule | None:
    """One carrier rule."""
    return CarrierRule.objects.filter(shop_id=shop_id, id=rule_id).first()


def rule_count(shop_id: int) -> int:
    """How many carrier rules are at work."""
    return CarrierRule.objects.filter(shop_id=shop_id, active=True).count()


def route_marks(shop_id: int, carrier: str = "") -> list[RouteMark]:
    """The shop's marks, of one carrier or of all, by carrier and region."""
    found = RouteMark.objects.filter(shop_id=shop_id).order_by("carrier", "region")
    return list(found.filter(carrier=carrier) if carrier else found)


SKUS: Final = """
SELECT s.id, s.code, s.title, s.barcode, s.shelf, s.grams FROM skus s
WHERE s.shop_id = %(shop_id)s AND s.code > %(after)s
  AND (%(like)s = '' OR s.code ILIKE %(like)s OR s.title ILIKE %(like)s OR s.barcode = %(exact)s OR s.shelf ILIKE %(like)s)
  AND (NOT %(lacking)s OR s.grams IS NULL OR s.shelf = '' OR s.barcode = '')
ORDER BY s.code LIMIT %(limit)s
"""


def skus(shop_id: int, *, text: str = "", lacking: bool = False, after: str = "", limit: int = 100) -> list[Any]:
    """SKUs by code, those after `after`; of which code, title, shelf or (whole) barcode says `text`; `lacking`: weight, shelf
    or barcode. One row more than `limit` where there are more."""
    like = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%" if text else ""
    return sql.fetch(
        SKUS, shop_id=shop_id, like=like, exact=text, lacking=lacking, after=after, limit=limit + 1
    )  # fmt: skip


def sku(shop_id: int, sku_id: int) -> Sku | None:
    """One SKU."""
    return Sku.objects.filter(shop_id=shop_id, id=sku_id).first()
