"""打印面单 from orders: what will happen (how many, how many numbers are left, what is blocked and why), then it happens."""

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from fahuo.rules.problems import Problem, Refusal
from fahuo.services import label_plans, print_jobs
from fahuo.services import labels as service
from fahuo.services.labels import Made
from fahuo.store.boards import printers as boards
from fahuo.web import printer_choices
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.label_words import KINDS, REASONS
from fahuo.web.labels import ordered_words, queued
from fahuo.web.order import Told, act
from fahuo.web.order_forms import list_again, picked
from fahuo.web.session import toast
from fahuo.web.templatetags.ui import sentence

NO_PRINTER: Final = "none"
"""What the form says instead of a printer: take numbers only."""


def _number(request: ShopRequest, name: str) -> int | None:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _printer(request: ShopRequest, plan: label_plans.Plan, printers: list[Any]) -> Any:
    """The printer that is offered: the one chosen, else the contract's own, else the one used last."""
    own = {share.contract.printer_id for share in plan.shares} - {None}
    wish = _number(request, "printer") or (own.pop() if len(own) == 1 else None)
    return next((each for each in printers if each.id == wish), printers[0] if printers else None)


@shop_page("make_labels")
@require_POST
def prepare(request: ShopRequest) -> HttpResponse:
    """What would happen with the chosen orders; every choice of the form draws it anew. Nothing is taken or sent."""
    ids = picked(request)
    contract_id, merge = _number(request, "contract"), request.POST.get("merge") == "1"
    plan = label_plans.plan(request.shop.id, ids, contract_id=contract_id, merge=merge)
    printers = printer_choices.printers(request)
    return render(request, "labels/prepare.html", {
        "section": "labels", "plan": plan, "ids": ",".join(map(str, ids)), "contracts": printer_choices.contracts(request),
        "contract_id": contract_id, "merge": merge, "printers": printers, "printer": _printer(request, plan, printers),
        "kinds": KINDS, "templates": boards.template_choices(request.shop.id), "template_id": _number(request, "template"),
        "next": list_again(request), "query": request.POST.get("query", ""), "reasons": REASONS,
        "again": request.POST.get("again") == "1", "reason": request.POST.get("reason", ""),
        "numbers_only": request.POST.get("printer") == NO_PRINTER,
    })  # fmt: skip


@shop_page("make_labels")
@require_POST
def make(request: ShopRequest) -> HttpResponse:
    """Take the numbers, and put the labels in line for the printer (or only take them). Numbers that a carrier's service
    gives are awaited; what is there already is printed."""
    printing, again = request.POST.get("printer") != NO_PRINTER, request.POST.get("again") == "1"
    reason, printer_id, template_id = request.POST.get("reason", ""), 0, _number(request, "template")
    if printing:  # what cannot be printed takes no numbers either
        printer_id = printer_choices.chosen(request)
        print_jobs.require_ready(request.actor, printer_id, template_id, reason=reason if again else None)
    made = service.make(
        request.actor, picked(request), contract_id=_number(request, "contract"), merge=request.POST.get("merge") == "1",
        now=request.now,
    )  # fmt: skip
    label_ids = list(dict.fromkeys(each.label_id for each in made if isinstance(each, Made)))
    wrong = [each for each in made if isinstance(each, Problem) and each.code != "number_ordered"]
    ordered = sum(isinstance(each, Problem) and each.code == "number_ordered" for each in made)
    if not label_ids and not ordered:
        raise Refusal(*wrong[:10])
    if not label_ids or not printing:
        return _awaited(request, len(label_ids), ordered, wrong)
    if again:
        found = print_jobs.reprint(
            request.actor, label_ids, printer_id=printer_id, template_id=template_id, now=request.now, reason=reason
        )
    else:
        found = print_jobs.make(
            request.actor, label_ids, printer_id=printer_id, template_id=template_id, now=request.now
        )  # fmt: skip
    return queued(request, found, list_again(request), ordered=ordered)


def _awaited(request: ShopRequest, taken: int, ordered: int, wrong: Sequence[Problem]) -> HttpResponse:
    """To the labels that are not printed yet, saying what was taken, what is awaited and what was not made."""
    parts = [gettext("{n} 张面单已取号").format(n=taken)] if taken else []
    parts += [ordered_words(ordered)] if ordered else []
    parts += [gettext("{n} 单没有取号：{why}").format(n=len(wrong), why=sentence(wrong[0]))] if wrong else []
    answer = redirect(reverse("labels", kwargs={"shop": request.shop.code}))
    return toast(request, answer, " · ".join(parts), tone="quiet" if wrong else "good")


@act("make_labels", "label")
def enter(request: ShopRequest, order_id: int) -> Told:
    """Give the order a label under the number that the courier brought."""
    contract_id = _number(request, "contract")
    if contract_id is None:
        raise Refusal.of("contract_unknown")
    warnings: list[Problem] = []
    found = service.entered(
        request.actor, order_id, contract_id, request.POST.get("waybill", ""), request.now, warnings=warnings
    )  # fmt: skip
    if isinstance(found, Problem):
        raise Refusal(found)
    if warnings:
        return Told(sentence(warnings[0]), tone="bad")
    return Told(gettext("单号已填在面单上"))


@act("make_labels", "label")
def void(request: ShopRequest, order_id: int) -> Told:
    """Give the order's label up, with a reason."""
    label_id = _number(request, "label")
    outcome = service.void(
        request.actor, [label_id or 0], reason=request.POST.get("reason", ""), now=request.now
    )[0]  # fmt: skip
    if isinstance(outcome, Problem):
        raise Refusal(outcome)
    return Told(gettext("面单已作废，可以重新取号"))


urlpatterns: list[URLPattern] = [
    path("orders/labels/", prepare, name="orders-labels"),
    path("orders/labels/make/", make, name="orders-labels-make"),
    path("orders/<int:order_id>/label/enter/", enter, name="order-label-enter"),
    path("orders/<int:order_id>/label/void/", void, name="order-label-void"),
]
