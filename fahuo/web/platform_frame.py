"""The frame of the platform's desk: its door, its zone, its rail, and a page in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from fahuo.store.boards import platform as boards
from fahuo.store.boards.pages import Count
from fahuo.web.access import MARKETPLACE_ZONE, PlatformRequest, View, platform_page
from fahuo.web.context import last_tick

ZONE: Final = MARKETPLACE_ZONE
"""The platform works by the zone of its rule books; a case shows its shop's."""
PLATFORMS: Final = {"taobao": gettext_lazy("淘宝"), "tmall": gettext_lazy("天猫")}


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the desk's rail; `count` names what waits there."""

    label: str | Promise
    icon: str
    view: str
    section: str
    count: str = ""


RAIL: Final[Sequence[Place]] = (
    Place(gettext_lazy("介入与投诉"), "gavel", "platform", "cases", "open"),
    Place(pgettext_lazy("many", "报备"), "file-clock", "platform_reports", "reports", "reports"),
    Place(gettext_lazy("免责地区"), "map-pin-off", "platform_regions", "regions"),
    Place(gettext_lazy("规则"), "book-open", "platform_rules", "rules"),
    Place(pgettext_lazy("many", "店铺"), "store", "platform_shops", "shops"),
    Place(gettext_lazy("数据"), "chart-column", "platform_numbers", "numbers"),
)


def desk(view: View) -> View:
    """The door of a page of the platform's desk, in its time zone."""

    @wraps(view)
    def inside(request: Any, **parts: Any) -> HttpResponseBase:
        timezone.activate(ZONE)
        return view(request, **parts)

    return platform_page(inside)


def page(
    request: PlatformRequest, template: str, section: str, *, status: int = 200, **words: Any
) -> HttpResponse:  # fmt: skip
    """A page of the desk; `section` names the rail's entry. `counts` is what waits (boards.DeskCounts)."""
    counts = words.pop("counts", None) or boards.desk_counts()
    rail = []
    for place in RAIL:
        try:
            address = reverse(place.view)
        except NoReverseMatch:
            continue
        waits: Count | None = getattr(counts, place.count) if place.count else None
        rail.append(
            {"label": place.label, "icon": place.icon, "section": place.section, "url": address, "count": waits}
        )
    frame = {
        "desk_rail": rail, "section": section, "counts": counts, "platform": request.platform,
        "tick": last_tick(request.now), "platforms": PLATFORMS,
    }  # fmt: skip
    return render(request, template, {**frame, **words}, status=status)
