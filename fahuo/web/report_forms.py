"""What the form of a delay report (报备) asks for, as it was typed and as it is meant."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.regions import is_known, name_of, split_address
from fahuo.rules.reports import MOST_ORDERS, Wish
from fahuo.services import reports
from fahuo.web.access import ShopRequest
from fahuo.web.order_forms import moment
from fahuo.web.uploads import sheets_of

FIELDS: Final = ("timing", "scope", "numbers", "goods", "region", "paid_from", "paid_until", "until", "name", "body")
NAMED: Final = 10
"""Unknown numbers that are named."""
MOST_TYPED: Final = 20 * MOST_ORDERS
"""Characters of pasted numbers that are read."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was typed, to be shown again."""

    timing: str = "urgent"
    scope: str = "orders"
    numbers: str = ""
    goods: str = ""
    region: str = ""
    paid_from: str = ""
    paid_until: str = ""
    until: str = ""
    name: str = ""
    body: str = ""

    @property
    def ahead(self) -> bool:
        """Whether orders still to come are meant."""
        return self.timing == "ahead"


@dataclass(frozen=True, slots=True)
class Asked:
    """A form that makes sense as far as it can be told by itself. `unknown` are numbers that the shop does not have."""

    wish: Wish
    name: str
    body: str
    unknown: Sequence[str] = field(default_factory=tuple)


def typed(request: ShopRequest) -> Typed:
    """From the form; an uploaded list of orders takes the place of the pasted numbers. Refusals of reading a sheet."""
    found = Typed(**{name: request.POST.get(name, "").strip()[:MOST_TYPED] for name in FIELDS})
    found = replace(
        found, timing="ahead" if found.timing == "ahead" else "urgent",
        scope=found.scope if found.scope in ("orders", "goods", "region", "shop") else "orders",
    )  # fmt: skip
    if found.scope == "orders" and request.FILES.get("list"):
        name, body = sheets_of(request, "list")[0]
        found = replace(found, numbers="\n".join(reports.numbers_in(name, body)))
    return found


def asked(request: ShopRequest, form: Typed) -> Asked:
    """What the form means; Refusal with every problem at once."""
    problems: list[Problem] = []

    def when(name: str) -> datetime | None:
        try:
            return moment(request, name)
        except Refusal as refusal:
            problems.extend(refusal.problems)
            return None

    until = when("until")
    window = (when("paid_from"), when("paid_until")) if form.ahead else (None, None)
    if until is None and not problems:
        problems.append(Problem("report_until"))
    if form.ahead and None in window and not problems:
        problems.append(Problem("report_window"))
    if not form.name:
        problems.append(Problem("report_name"))
    ids, unknown = _orders(request.shop.id, form, problems)
    value = {"goods": form.goods, "region": _region(form, problems)}.get(form.scope, "")
    if problems or until is None:
        raise Refusal(*problems)
    return Asked(Wish(until, form.scope, value, ids, *window), form.name, form.body, unknown)


def _orders(shop_id: int, form: Typed, problems: list[Problem]) -> tuple[list[int], list[str]]:
    """(ids, numbers that the shop does not have) of what was pasted."""
    if form.scope != "orders":
        return [], []
    if form.ahead:
        problems.append(Problem("report_window_listed"))
        return [], []
    numbers = reports.split_numbers(form.numbers)
    if not numbers:
        problems.append(Problem("report_numbers"))
        return [], []
    if len(numbers) > MOST_ORDERS:
        problems.append(Problem("report_too_many", {"most": MOST_ORDERS}))
        return [], []
    found = reports.orders_named(shop_id, numbers)
    unknown = [number for number in numbers if number not in found]
    if not found:
        shown = "、".join(number[:32] for number in unknown[:NAMED])
        problems.append(Problem("report_numbers_unknown", {"count": len(unknown), "numbers": shown}))
    return list(found.values()), unknown


def _region(form: Typed, problems: list[Problem]) -> str:
    """The code of a region that was typed as a code or by name."""
    if form.scope != "region" or not form.region:
        return ""
    code = form.region if form.region.isdigit() else split_address(form.region).region
    if not is_known(code) or not (name_of(code) or form.region.isdigit()):
        problems.append(Problem("region_unknown", {"region": form.region[:60]}))
    return code
