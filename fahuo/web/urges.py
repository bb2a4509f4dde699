"""登记催促: what buyers urged at an outside marketplace, one by one or as a sheet, with the deadlines shown there."""

from typing import Any, Final

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET

from fahuo.rules.problems import Problem, Refusal
from fahuo.services import batches, urge_sheets, urges
from fahuo.store import boards
from fahuo.store.boards.urges import urges_page
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.order_forms import moment
from fahuo.web.session import toast
from fahuo.web.templatetags.ui import sentence
from fahuo.web.ui import Column
from fahuo.web.uploads import ACCEPT, download, sheets_of, takes_files

LIMIT: Final = 50
RECENT: Final = 5
COLUMNS: Final = (
    Column("number", gettext_lazy("订单编号")),
    Column("at", gettext_lazy("催促时间"), "time"),
    Column("due", gettext_lazy("平台截止时间"), "time"),
    Column("task", gettext_lazy("任务")),
    Column("left", gettext_lazy("剩余时间"), "time"),
    Column("buyer", gettext_lazy("买家")),
    Column("title", gettext_lazy("宝贝")),
    Column("who", gettext_lazy("登记")),
)
SAID: Final = {
    "task": gettext_lazy("已登记，任务已生成"),
    "counted": gettext_lazy("已登记，任务多记一次催促"),
    "flagged": gettext_lazy("已登记，订单已标记催发货"),
    "deadline": gettext_lazy("平台截止时间已更新"),
    "": gettext_lazy("早已登记过，没有重复"),
}
"""What the page says of what an entry came to."""


def show(
    request: ShopRequest, place: str = "", problems: tuple[Problem, ...] = (), typed: dict[str, Any] | None = None
) -> HttpResponse:
    """The page; 422 (413 for a file that is too large) when something went wrong at `place`."""
    page = urges_page(request.shop.id, cursor=request.GET.get("cursor", ""), limit=LIMIT)
    large = any(problem.code == "file_too_large" for problem in problems)
    local = timezone.localtime(request.now).strftime("%Y-%m-%dT%H:%M")
    return render(request, "urges/page.html", {
        "section": "tasks", "page": page, "rows": page.rows, "columns": COLUMNS, "place": place, "problems": problems,
        "typed": typed or {"at": local}, "accept": ACCEPT, "sees_tasks": request.actor.may("view_tasks"),
        "recent": boards.batches_page(request.shop.id, kind="urges", limit=RECENT).rows,
    }, status=413 if large else 422 if problems else 200)  # fmt: skip


@shop_page("enter_urges")
def page(request: ShopRequest) -> HttpResponse:
    """The form for one urge, the place for a sheet, and what was entered lately."""
    if request.method != "POST":
        return show(request)
    try:
        at = moment(request, "at")
        if at is None:
            raise Refusal.of("urge_moment")
        found = urges.note(
            request.actor, request.POST.get("number", ""), at=at, due_at=moment(request, "due_at"), now=request.now
        )  # fmt: skip
    except Refusal as refusal:
        if refusal.problems[0].code == "not_permitted":
            raise
        return show(request, "form", refusal.problems, request.POST.dict())
    said = str(SAID[found.effect])
    for warning in found.problems:
        said += " " + sentence(warning)
    return toast(request, redirect("urges", shop=request.shop.code), said, tone="quiet" if found.problems else "good")


@shop_page("enter_urges")
def _too_large(request: ShopRequest, problem: Problem) -> HttpResponseBase:
    return show(request, "sheet", (problem,))


@takes_files(_too_large)
@shop_page("enter_urges")
def sheet(request: ShopRequest) -> HttpResponseBase:
    """Take a sheet in; it goes on to its batch, where every row is checked first."""
    if request.method != "POST":
        return redirect("urges", shop=request.shop.code)
    try:
        name, body = sheets_of(request)[0]
        batch_id = batches.open_urges_sheet(request.actor, name=name, body=body, now=request.now)
    except Refusal as refusal:
        return show(request, "sheet", refusal.problems)
    return redirect("batch", shop=request.shop.code, batch_id=batch_id)


@shop_page("enter_urges")
@require_GET
def empty_sheet(request: ShopRequest) -> HttpResponse:
    """A sheet with the three headings and nothing else, to be filled in."""
    return download(gettext("催促登记表") + ".xlsx", urge_sheets.empty())


urlpatterns: list[URLPattern] = [
    path("urges/", page, name="urges"),
    path("urges/sheet/", sheet, name="urges-sheet"),
    path("urges/empty.xlsx", empty_sheet, name="urges-empty"),
]
