"""From a label in the tables to its page: what stands on it, masked, laid out by its template."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings

from fahuo.printing import Page, add_fonts, lay_out
from fahuo.rules.labels import Goods, LabelData, Party, Template, masked, read_template, standard
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.regions import split_address
from fahuo.store import label_data
from fahuo.store.models import Shop

CHUNK: Final = 50
"""Labels read at once: so many are in memory, however many there are."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A label's page, or why there is none (its template cannot be read)."""

    label_id: int
    page: Page | None
    problem: Problem | None = None


class Book:
    """What the labels of one shop have in common: the shop as sender, and its templates.

    A label's template is the one given or asked for, else its contract's, else the shop's standard, else 76x130.
    """

    def __init__(self, shop_id: int, template_id: int | None = None, template: Template | None = None) -> None:
        add_fonts(settings.DATA / "fonts")
        self.shop = Shop.objects.get(id=shop_id)
        self.zone = ZoneInfo(self.shop.time_zone)
        rows = label_data.templates(shop_id)
        self.bodies: dict[int, str] = {row.id: row.body for row in rows}
        self.asked = template_id
        self.given = template
        self.standard: int | None = next((row.id for row in rows if row.standard), None)
        self._read: dict[int, Template] = {}

    def template(self, contract_template: int | None) -> Template:
        """Raises Refusal with what is wrong with the template."""
        if self.given is not None:
            return self.given
        for chosen in (self.asked, contract_template, self.standard):
            if chosen is not None and chosen in self.bodies:
                if chosen not in self._read:
                    self._read[chosen] = read_template(self.bodies[chosen])
                return self._read[chosen]
        return standard()

    def data(self, row: Any, *, now: datetime, printed: bool = False, whole: bool = False) -> LabelData:
        """What stands on one label (store.label_data.on_labels), masked unless its contract says otherwise.

        `printed`: as it was printed last, not as it would be printed next. `whole`: with nothing masked.
        """
        route = row.route or {}
        said = LabelData(
            carrier=row.carrier, waybill=row.waybill, receiver=_receiver(row), sender=self._sender(row),
            route_code=route.get("route_code") or row.route_code or "", mark=route.get("mark") or row.mark or "",
            hub_name=route.get("hub_name") or row.hub_name or "", hub_code=route.get("hub_code") or row.hub_code or "",
            goods=tuple(Goods(title, sku, quantity) for title, sku, quantity in row.goods), memo=row.memo or "",
            orders=tuple(row.numbers), shop=self.shop.name, reprint=max(row.print_count - printed, 0),
            printed_at=now.astimezone(self.zone).strftime("%Y-%m-%d %H:%M"), buyer_message=row.buyer_message or "",
        )  # fmt: skip
        return said if whole or row.masked is False else masked(said)

    def _sender(self, row: Any) -> Party:
        name = row.sender_name or self.shop.sender_name or self.shop.name
        parts = split_address(row.sender_address or self.shop.sender_address)
        return Party(
            name, row.sender_phone or self.shop.sender_phone, parts.province, parts.city, parts.district, parts.rest
        )  # fmt: skip


def _receiver(row: Any) -> Party:
    phone = f"{row.phone}-{row.phone_extension}" if row.phone_extension else row.phone or ""
    return Party(row.name or "", phone, row.province or "", row.city or "", row.district or "", row.address or "")


def drawn(book: Book, label_ids: Sequence[int], *, now: datetime, printed: bool = False) -> Iterator[Drawn]:
    """The page of each label in the given order, read CHUNK by CHUNK; a label that is not there is left out."""
    for at in range(0, len(label_ids), CHUNK):
        for row in label_data.on_labels(book.shop.id, label_ids[at : at + CHUNK]):
            try:
                yield Drawn(row.id, lay_out(book.template(row.template_id), book.data(row, now=now, printed=printed)))
            except Refusal as refusal:
                yield Drawn(row.id, None, refusal.problems[0])
