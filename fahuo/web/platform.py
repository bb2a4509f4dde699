"""介入与投诉: what waits for the platform across all shops, the oldest or the dearest first."""

from typing import Any, Final

from django.http import HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from fahuo.services import complaints
from fahuo.store.boards import platform as boards
from fahuo.web import platform_case, platform_numbers, platform_regions, platform_reports, platform_shops, ui
from fahuo.web.access import PlatformRequest
from fahuo.web.platform_frame import PLATFORMS, desk, page
from fahuo.web.platform_words import KINDS, OPENERS, OUTCOMES, clause_word

LISTED: Final = 50


def _asked(request: PlatformRequest) -> dict[str, str]:
    """What the address asks for; what makes no sense is left out."""
    given = request.GET
    allowed: dict[str, tuple[str, ...]] = {
        "tab": boards.TABS, "sort": boards.SORTS, "platform": tuple(PLATFORMS), "kind": tuple(KINDS),
        "outcome": tuple(OUTCOMES),
    }  # fmt: skip
    found = {name: given.get(name, "") for name in allowed if given.get(name, "") in allowed[name]}
    shop = given.get("shop", "")[:40]
    return {"tab": "open", "sort": "oldest", **found, **({"shop": shop} if shop else {})}


def _fields(asked: dict[str, str]) -> list[ui.Filter]:
    fields = [
        ui.Filter(
            "shop", gettext("店铺"), "select", asked.get("shop", ""), [(s.code, s.name) for s in boards.shop_names()]
        ),
        ui.Filter(
            "platform",
            gettext("平台"),
            "select",
            asked.get("platform", ""),
            [(code, str(name)) for code, name in PLATFORMS.items()],
        ),
    ]
    if asked["tab"] != "taken":
        fields.append(
            ui.Filter(
                "kind",
                gettext("种类"),
                "select",
                asked.get("kind", ""),
                [(code, str(name)) for code, name in KINDS.items()],
            )
        )
    if asked["tab"] == "over":
        words = [(name, str(word[0])) for name, word in OUTCOMES.items() if name != "open"]
        fields.append(ui.Filter("outcome", gettext("结果"), "select", asked.get("outcome", ""), words))
    return fields


def _tabs(asked: dict[str, str], counts: boards.DeskCounts) -> list[ui.Tab]:
    here = reverse("platform")
    keep = {name: value for name, value in asked.items() if name in ("shop", "platform", "sort")}
    words = {
        "open": (gettext("投诉待裁决"), counts.open), "taken": (gettext("介入无投诉"), counts.taken),
        "over": (gettext("已裁决"), None),
    }  # fmt: skip
    return [
        ui.Tab(label, f"{here}?{urlencode({**keep, 'tab': tab})}", count, asked["tab"] == tab)
        for tab, (label, count) in words.items()
    ]


@desk
@require_GET
def queue(request: PlatformRequest) -> HttpResponse:
    """What must be decided next?"""
    asked = _asked(request)
    wish: dict[str, Any] = {name: asked[name] for name in ("shop", "platform", "kind", "outcome") if name in asked}
    found = boards.desk_page(
        asked["tab"], sort=asked["sort"], cursor=request.GET.get("cursor", ""), limit=LISTED, **wish
    )
    counts = boards.desk_counts()
    costs = complaints.prices(found.rows) if asked["tab"] == "open" else {}
    rows = [{"row": row, "cost": costs.get(row.id), **_words(row)} for row in found.rows]
    here = reverse("platform")
    others = {name: value for name, value in asked.items() if name != "sort"}
    return page(
        request, "platform/queue.html", "cases", counts=counts, tabs=_tabs(asked, counts), fields=_fields(asked),
        keep={"tab": asked["tab"], "sort": asked["sort"]}, page=found, rows=rows, tab=asked["tab"], filtered=bool(wish),
        sorts=[] if asked["tab"] == "over" else [
            (label, f"{here}?{urlencode({**others, 'sort': sort})}", asked["sort"] == sort)
            for sort, label in (("oldest", gettext("等得最久的在前")), ("money", gettext("金额最大的在前")))
        ],
    )  # fmt: skip


def _words(row: Any) -> dict[str, Any]:
    """What a row says in words."""
    if hasattr(row, "state"):
        return {"kind": gettext("平台任务"), "why": clause_word(row.clause or "")}
    return {
        "kind": KINDS.get(row.kind, row.kind), "opener": OPENERS.get(row.opened_by, row.opened_by),
        "outcome": OUTCOMES[row.status],
    }  # fmt: skip


urlpatterns: list[URLPattern] = [
    path("platform/", queue, name="platform"),
    *platform_case.urlpatterns,
    *platform_regions.urlpatterns,
    *platform_reports.urlpatterns,
    *platform_shops.urlpatterns,
    *platform_numbers.urlpatterns,
]
