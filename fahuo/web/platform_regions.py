"""免责地区: which regions are exempt, from when to when; what a new one would move is shown before it is listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.regions import children, provinces, words_of
from fahuo.services import regions
from fahuo.web.access import PlatformRequest
from fahuo.web.platform_frame import PLATFORMS, ZONE, desk, page
from fahuo.web.session import toast

SHOWN: Final = 20
"""Shops named in a preview; the rest are counted."""
STANDS: Final = {
    "now": (gettext_lazy("免责中"), "good", "circle-check"), "later": (gettext_lazy("未开始"), "plain", "clock"),
    "over": (gettext_lazy("已结束"), "quiet", "archive"), "ended": (gettext_lazy("提前结束"), "quiet", "circle-stop"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What the form asks for, as it was typed; `start` and `end` are None where they are no times."""

    platform: str = "taobao"
    region: str = ""
    starts: str = ""
    ends: str = ""
    note: str = ""
    start: datetime | None = None
    end: datetime | None = None


def _wish(request: PlatformRequest) -> Wish:
    """From the form: the deepest region that was chosen, or the code that was typed."""
    given = request.POST
    chosen = [given.get(name, "") for name in ("code", "county", "city", "province")]
    platform = given.get("platform", "")
    return Wish(
        platform=platform if platform in PLATFORMS else "taobao", region=next(filter(None, chosen), "").strip()[:12],
        starts=given.get("starts", ""), ends=given.get("ends", ""), note=given.get("note", "")[: regions.NOTE],
        start=_instant(given.get("starts", "")), end=_instant(given.get("ends", "")),
    )  # fmt: skip


def _instant(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=ZoneInfo(ZONE)) if found and found.tzinfo is None else found


def _pick(region: str) -> dict[str, Any]:
    """The three steps of the picker, as far as `region` goes."""
    city = region[:4].ljust(6, "0") if len(region) >= 4 else ""
    below = children(region[:2]) if region else ()
    return {
        "provinces": provinces(), "cities": below, "province": region[:2].ljust(6, "0") if region else "", "city": city,
        "counties": children(city) if city and city.endswith("00") and city in dict(below) else (),
        "county": region if len(region) == 6 and not region.endswith("00") else "",
    }  # fmt: skip


def _listed(now: datetime) -> list[dict[str, Any]]:
    """Every region that was listed, those that count now first, then what comes, then what was."""
    found = []
    for code in PLATFORMS:
        for row in regions.listed(code):
            stands = "later" if now < row.starts_at else "now"
            if row.until <= now or row.until <= row.starts_at:
                stands = "ended" if row.ended_at else "over"
            found.append({"row": row, "name": words_of(row.region), "word": STANDS[stands], "stands": stands,
                          "platform": PLATFORMS[code], "open": stands in ("now", "later")})  # fmt: skip
    rank = {"now": 0, "later": 1, "ended": 2, "over": 2}
    return sorted(found, key=lambda one: (rank[one["stands"]], -one["row"].id))


def _show(
    request: PlatformRequest, wish: Wish, *, problems: Sequence[Problem] = (), preview: list[Any] | None = None
) -> HttpResponse:
    orders = sum(row.orders for row in preview or ())
    return page(
        request, "platform/regions.html", "regions", status=422 if problems else 200, wish=wish, problems=problems,
        rows=_listed(request.now), preview=preview, orders=orders, shown=(preview or [])[:SHOWN],
        others=max(len(preview or ()) - SHOWN, 0), region_name=words_of(wish.region) if preview is not None else "",
        platform_name=PLATFORMS[wish.platform], **_pick(wish.region if wish.region.isdigit() else ""),
    )  # fmt: skip


@desk
def listed(request: PlatformRequest) -> HttpResponse:
    """Which regions are exempt? A new one is shown with what it would move, then listed (`confirmed`)."""
    if request.method != "POST":
        return _show(request, Wish())
    wish = _wish(request)
    try:
        if wish.start is None or wish.end is None:
            raise Refusal.of("region_window")
        if not request.POST.get("confirmed"):
            found = regions.preview(wish.region, wish.start, wish.end, book=wish.platform)
            return _show(request, wish, preview=found)
        moved = regions.list_exempt(
            request.platform, wish.region, wish.start, wish.end, book=wish.platform, note=wish.note, now=request.now
        )  # fmt: skip
    except Refusal as refusal:
        return _show(request, wish, problems=refusal.problems)
    said = gettext("{region} 已免责，{n} 个订单的期限已顺延").format(region=words_of(wish.region), n=moved)
    return toast(request, redirect("platform_regions"), said)


@desk
@require_GET
def pick(request: PlatformRequest) -> HttpResponse:
    """The picker alone, one step further."""
    given = request.GET
    province, city = given.get("province", ""), given.get("city", "")
    region = city if city[:2] == province[:2] else ""
    region = region or province
    clean = region if region.isdigit() and region.isascii() and len(region) == 6 else ""
    return render(request, "platform/region_pick.html", _pick(clean))


@desk
@require_POST
def end(request: PlatformRequest, region_id: int) -> HttpResponse:
    """End a region before its time."""
    try:
        moved = regions.end_early(request.platform, region_id, now=request.now)
    except Refusal as refusal:
        return _show(request, Wish(), problems=refusal.problems)
    said = gettext("已提前结束，{n} 个订单的期限已改回").format(n=moved)
    return toast(request, redirect("platform_regions"), said)


urlpatterns: list[URLPattern] = [
    path("platform/regions/", listed, name="platform_regions"),
    path("platform/regions/pick/", pick, name="platform_region_pick"),
    path("platform/regions/<int:region_id>/end/", end, name="platform_region_end"),
]
