"""What a courier does with many orders at once: numbers from the stock or in a row, shipped, their addresses as a sheet."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.signin import FRESH_EXPORT
from fahuo.services import courier as service
from fahuo.web.access import CourierRequest, courier_page, fresh
from fahuo.web.courier import address, frame, picked
from fahuo.web.order_forms import download
from fahuo.web.session import toast


def answer(request: CourierRequest, found: Sequence[Any], said: str, tab: str) -> HttpResponse:
    """Say what became of many orders: a toast where all went well, else a page that tells what did not."""
    problems = [one for one in found if isinstance(one, Problem)]
    return outcome(request, len(found) - len(problems), problems, said, address(request, "courier", f"tab={tab}"))


def outcome(request: CourierRequest, count: int, problems: Sequence[Problem], said: str, back: str) -> HttpResponse:
    """`count` went well (`said`, with {n}); numbers that the carrier's service was asked for are awaited; the rest did not."""
    wrong = [problem for problem in problems if problem.code != "number_ordered"]
    parts = [said.format(n=count)] if count else []
    if len(problems) > len(wrong):
        parts.append(gettext("{n} 个单号正在向快递要，到了就能打").format(n=len(problems) - len(wrong)))
    words = " · ".join(parts)
    if not wrong:
        return toast(request, redirect(back), words)
    return render(
        request, "courier/outcome.html", {**frame(request), "said": words, "problems": wrong, "back": back},
        status=200 if parts else 422,
    )  # fmt: skip


@courier_page
@require_POST
def take(request: CourierRequest) -> HttpResponse:
    """Take numbers from the shop's stock for the ticked orders."""
    found = service.take(request.courier, picked(request), now=request.now)
    return answer(request, found, gettext("已取号 {n} 单"), "print")


@courier_page
@require_POST
def ship(request: CourierRequest) -> HttpResponse:
    """Mark the ticked orders shipped."""
    found = service.ship(request.courier, picked(request, "ship"), now=request.now)
    return answer(request, found, gettext("已发货 {n} 单"), "shipped")


@courier_page
@require_POST
def run(request: CourierRequest) -> HttpResponse:
    """连号: consecutive numbers for the ticked orders, in the list's order; shown first, written when he says so."""
    ids = picked(request)
    words: dict[str, Any] = {**frame(request), "ids": ",".join(map(str, ids)), "count": len(ids)}
    first = request.POST.get("first", "").strip()
    if not first:
        return render(request, "courier/run.html", words)
    try:
        pairs = service.run(request.courier, ids, first, now=request.now)
    except Refusal as refusal:
        return render(request, "courier/run.html", {**words, "first": first, "problems": refusal.problems}, status=422)
    if request.POST.get("write") != "1":
        return render(request, "courier/run.html", {**words, "first": first, "pairs": pairs})
    numbers = [(order.id, number) for order, number in pairs]
    found = service.enter(request.courier, numbers, now=request.now)
    return answer(request, found, gettext("已填好 {n} 个单号"), "ship")


@courier_page
@require_POST
@fresh(FRESH_EXPORT)
def addresses(request: CourierRequest) -> HttpResponse:
    """The ticked orders as a sheet for the carrier's own system, receivers in full; journaled."""
    tab = "ship" if request.POST.get("tab") == "ship" else "print"
    name, body = service.address_table(request.courier, picked(request, tab), now=request.now)
    return download(name, body)


urlpatterns: list[URLPattern] = [
    path("c/<slug:shop>/take/", take, name="courier-take"),
    path("c/<slug:shop>/ship/", ship, name="courier-ship"),
    path("c/<slug:shop>/run/", run, name="courier-run"),
    path("c/<slug:shop>/addresses/", addresses, name="courier-addresses"),
]
