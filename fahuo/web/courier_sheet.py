"""单号表: a courier sends his address table back with numbers filled in; what each row comes to, then it is written."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext

from fahuo.rules.problems import Problem, Refusal
from fahuo.services import courier as verbs
from fahuo.services import courier_sheets as service
from fahuo.web import uploads
from fahuo.web.access import CourierRequest, courier_page
from fahuo.web.courier import frame
from fahuo.web.courier_many import answer


def _show(request: CourierRequest, problems: Sequence[Problem] = (), **more: Any) -> HttpResponse:
    large = any(problem.code == "file_too_large" for problem in problems)
    words = {**frame(request), "problems": problems, "accept": uploads.ACCEPT, **more}
    return render(request, "courier/sheet.html", words, status=413 if large else 422 if problems else 200)


@courier_page
def _too_large(request: CourierRequest, problem: Problem) -> HttpResponseBase:
    return _show(request, (problem,))


def _pairs(request: CourierRequest) -> list[tuple[int, str]]:
    """(order id, number) of the rows that were shown as good. Http404 for what is none of his orders."""
    found: dict[int, str] = {}
    for text in request.POST.getlist("pair")[: verbs.MOST]:
        order_id, _, waybill = text.partition(":")
        if order_id.isascii() and order_id.isdigit() and len(order_id) < 19:
            found[int(order_id)] = waybill[:64]
    try:
        verbs.own(request.courier, list(found), now=request.now)
    except Refusal as refusal:
        if refusal.problems[0].code == "order_unknown":
            raise Http404 from refusal
        raise
    return list(found.items())


@uploads.takes_files(_too_large)
@courier_page
def sheet(request: CourierRequest) -> HttpResponseBase:
    """Where a sheet comes in; then its rows with their verdicts; then what became of those that were written."""
    if request.method != "POST":
        return _show(request)
    if request.POST.get("write") == "1":
        found = verbs.enter(request.courier, _pairs(request), now=request.now)
        return answer(request, found, gettext("已填好 {n} 个单号"), "ship")
    try:
        name, body = uploads.sheets_of(request)[0]
        looked = service.look(request.courier, name, body, now=request.now)
    except Refusal as refusal:
        return _show(request, refusal.problems)
    bad = [line for line in looked.lines if line.verdict == "bad"]
    return _show(request, looked=looked, name=name, good=looked.good, bad=bad, lines=[*bad, *(
        line for line in looked.lines if line.verdict != "bad"
    )])  # fmt: skip


urlpatterns: list[URLPattern] = [path("c/<slug:shop>/sheet/", sheet, name="courier-sheet")]
