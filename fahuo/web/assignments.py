"""分配快递: many orders from the list, or one on its page; and why the one goes as it does."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.problems import Refusal
from fahuo.services import assignments as service
from fahuo.services.assignments import Explained, Given
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.contract_words import CHOSEN_BY, quote_word, reason_word, weight_word
from fahuo.web.order import Told, act
from fahuo.web.order_forms import list_again, picked
from fahuo.web.session import toast

BY_RULES: Final = "rules"
"""What the choice of a contract sends where the rules are to choose."""


def _contract(text: str) -> int:
    """Raises Refusal `contract_unknown`."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refusal.of("contract_unknown")
    return int(text)


def said_of(given: Given) -> str:
    """What became of many orders."""
    found = gettext("已分配 {n} 单").format(n=f"{given.changed:,}")
    if given.stayed:
        found += gettext("，{n} 单没有变（已是这样、已取号，或不再等发货）").format(n=f"{given.stayed:,}")
    if given.without:
        found += gettext("，{n} 单没有合同能到").format(n=f"{given.without:,}")
    return found


@shop_page("assign_carriers")
@require_POST
def assign_many(request: ShopRequest) -> HttpResponse:
    """Give the chosen orders to a contract, or let the rules choose."""
    wish, ids = request.POST.get("contract", ""), picked(request)
    if wish == BY_RULES:
        given = service.choose_many(request.actor, ids, again=True, now=request.now)
    else:
        given = service.assign(request.actor, ids, _contract(wish), now=request.now)
    return toast(
        request, redirect(list_again(request)), said_of(given), tone="good" if given.changed else "quiet"
    )  # fmt: skip


@act("assign_carriers", "carrier")
def assign(request: ShopRequest, order_id: int) -> Told:
    """Give one order to a contract, or let the rules choose."""
    wish = request.POST.get("contract", "")
    if wish == BY_RULES:
        given = service.choose_many(request.actor, [order_id], again=True, now=request.now)
    else:
        given = service.assign(request.actor, [order_id], _contract(wish), now=request.now)
    if given.without:
        return Told(gettext("没有合同能到那里"), tone="quiet")
    return Told(
        gettext("已分配快递") if given.changed else gettext("快递没有变"), tone="good" if given.changed else "quiet"
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One rule that was asked: its name, what it said, whether it took the order."""

    name: str
    word: str
    took: bool


def lines_of(found: Explained) -> list[Line]:
    """Every rule that was asked, in words."""
    return [
        Line(found.rule_names.get(said.rule_id or 0) or (gettext("其余") if said.rule_id is None else gettext("没有名字的规则")),
             reason_word(said), said.took)
        for said in found.choice.asked
    ]  # fmt: skip


@shop_page("view_orders")
@require_GET
def why(request: ShopRequest, order_id: int) -> HttpResponse:
    """The part of an order's page that tells its carrier: whose it is, what it costs, and what each rule said."""
    found = service.explain(request.shop.id, order_id)
    if found is None:
        raise Http404(order_id)
    mine = found.assigned.id if found.assigned else None
    quotes: list[dict[str, Any]] = [
        {"contract": contract, "word": quote_word(quote), "mine": contract.id == mine, "served": quote.served}
        for contract, quote in found.quotes
    ]  # fmt: skip
    return render(request, "contracts/why.html", {
        "found": found, "order_id": order_id, "quotes": quotes, "lines": lines_of(found), "assigned": found.assigned,
        "chosen_by": CHOSEN_BY.get(found.row.chosen_by or "", ""), "weight": weight_word(found.weight),
        "price": next((each["word"] for each in quotes if each["mine"]), ""), "labelled": found.row.label_id is not None,
        "may_assign": request.actor.may("assign_carriers"), "sees_contracts": request.actor.may("view_contracts"),
    })  # fmt: skip


urlpatterns: list[URLPattern] = [
    path("orders/assign/", assign_many, name="orders-assign"),
    path("orders/<int:order_id>/assign/", assign, name="order-assign"),
    path("orders/<int:order_id>/carrier/", why, name="order-carrier"),
]
