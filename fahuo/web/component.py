"""Printing through the 菜鸟 component beside the page: the page asks here for one document after the other, hands it to the
component on this computer, and brings its word back.
"""

from typing import Any, Final

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.printing import cnprint
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.texts import without_nul
from fahuo.services import page_printing, print_jobs
from fahuo.store.boards import print_jobs as boards
from fahuo.web.access import ShopRequest, public, shop_page
from fahuo.web.given import body_of
from fahuo.web.security import POLICY
from fahuo.web.templatetags.ui import sentence

ORIGINS: Final = ("ws://localhost:13528", "wss://localhost:13529")
"""Where the component listens: without and with TLS. The only addresses outside this server that any page talks to."""


def _job(request: ShopRequest, job_id: int) -> Any:
    job = boards.one(request.shop.id, job_id)
    if job is None or job.kind != "cnprint":
        raise Http404(job_id)
    return job


@shop_page("make_labels")
@require_GET
def page(request: ShopRequest, job_id: int) -> HttpResponse:
    """The page that prints: it must stay open. It alone may talk to the component."""
    job = _job(request, job_id)
    setup = boards.component_of(request.shop.id, job_id)
    words = {
        "connecting": gettext("正在连接菜鸟打印组件…"), "printing": gettext("正在打印 {waybill}…"), "done": gettext("全部打完了"),
        "lost": gettext("和菜鸟打印组件断开了"), "unreachable": gettext("连不上菜鸟打印组件：请在这台电脑上安装并打开它，再刷新这一页。"),
        "no_printer": gettext("组件里没有叫“{name}”的打印机，有这些：{names}"), "failed": gettext("组件没有打出来：{why}"),
        "leave": gettext("还没打完，离开会停下"),
    }  # fmt: skip
    response = render(request, "print/component.html", {
        "section": "labels", "job": job, "words_here": words, "component": setup, "origins": ORIGINS,
    })  # fmt: skip
    response.headers["Content-Security-Policy"] = POLICY.replace(
        "connect-src 'self'", f"connect-src 'self' {' '.join(ORIGINS)}"
    )
    return response


def _said(request: ShopRequest) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(without_nul(body_of(request)) or b"{}")
    except (msgspec.DecodeError, ValueError, RecursionError):
        found = {}
    return found if isinstance(found, dict) else {}


def _page_name(said: dict[str, Any]) -> str:
    return f"page/{str(said.get('page', ''))[:40]}"


def _refused(refusal: Refusal) -> JsonResponse:
    problem = refusal.problems[0]
    return JsonResponse({"problem": problem.code, "sentence": sentence(problem)}, status=409)


@shop_page("make_labels")
@require_POST
def take(request: ShopRequest, job_id: int) -> HttpResponse:
    """The next document: {place, waybill, count, document}; {done: true} when there is none; 409 with why."""
    job = _job(request, job_id)
    try:
        given = page_printing.take_next(request.actor, job_id, _page_name(_said(request)), now=request.now)
    except Refusal as refusal:
        return _refused(refusal)
    if given is None:
        return JsonResponse({"done": True})
    page_ = next(
        page_printing.pages_of(request.shop.id, [given.label_id], template_id=job.template_id, now=request.now)
    )
    template_url = request.build_absolute_uri(reverse("component-template"))
    return JsonResponse({
        "place": given.place, "waybill": given.waybill, "count": job.count,
        "document": cnprint.document(page_, f"{job_id}-{given.place}", template_url),
    })  # fmt: skip


@shop_page("make_labels")
@require_POST
def said(request: ShopRequest, job_id: int) -> HttpResponse:
    """What the component said of a document: {page, place, printed, message}."""
    _job(request, job_id)
    told = _said(request)
    if not isinstance(told.get("place"), int) or not 0 < told["place"] <= print_jobs.MOST:
        return _refused(Refusal(Problem("document_place", {"value": str(told.get("place"))[:20], "last": 0})))
    page_printing.component_said(
        request.actor, job_id, _page_name(told), told["place"], printed=told.get("printed") is True, now=request.now,
        message=str(told.get("message", "")),
    )  # fmt: skip
    return JsonResponse({"ok": True})


@shop_page("make_labels")
@require_POST
def lost(request: ShopRequest, job_id: int) -> HttpResponse:
    """The component cannot be reached, or went away."""
    _job(request, job_id)
    page_printing.component_lost(request.actor, job_id, _page_name(_said(request)), now=request.now)
    return JsonResponse({"ok": True})


@public
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """What the component draws our labels with: the same for all, nobody's data stands in it."""
    return HttpResponse(cnprint.template(), content_type="application/xml; charset=utf-8")


PUBLIC: list[URLPattern] = [path("component/label.xml", template, name="component-template")]
urlpatterns: list[URLPattern] = [
    path("print/<int:job_id>/component/", page, name="component"),
    path("print/<int:job_id>/component/next/", take, name="component-next"),
    path("print/<int:job_id>/component/said/", said, name="component-said"),
    path("print/<int:job_id>/component/lost/", lost, name="component-lost"),
]
