"""交给快递员: chosen orders, or one, into the hands of a contract's couriers, and back. Each order has its verdict."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from fahuo.rules.problems import Refusal
from fahuo.services import handing as service
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.order import Told, act
from fahuo.web.order_forms import list_again, picked
from fahuo.web.session import toast

SHOWN = 200
"""Verdicts on one page; more are counted."""


def contract_of(request: ShopRequest) -> int:
    """The contract that a form names. Refusal `contract_not_in_force` for what is no number."""
    text = request.POST.get("contract", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refusal.of("contract_not_in_force")
    return int(text)


def _answer(request: ShopRequest, told: service.Handed, said: str, title: str, undo: str = "") -> HttpResponse:
    """A toast where all went well, else a page with every verdict."""
    back = list_again(request)
    if not told.problems and not told.labels:
        tone = "good" if told.moved else "quiet"
        return toast(request, redirect(back), said, tone=tone, undo=undo if told.moved else "")
    void = sorted({row.label_id for row in told.labels}) if request.actor.may("make_labels") else []
    return render(request, "orders/handed.html", {
        "void_ids": ",".join(map(str, void)), "void_count": len(void),
        "section": "orders", "title": title, "said": said, "told": told, "back": back, "labels": told.labels[:SHOWN],
        "problems": told.problems[:SHOWN], "more": max(len(told.problems) - SHOWN, 0),
    })  # fmt: skip


@shop_page("hand_to_couriers")
@require_POST
def hand_many(request: ShopRequest) -> HttpResponse:
    """Hand the chosen orders to the couriers of a contract; undo takes back those that moved."""
    told = service.hand(
        request.actor, picked(request), contract_id=contract_of(request), note=request.POST.get("note", ""),
        now=request.now,
    )  # fmt: skip
    said = gettext("已交给快递员 {n} 单").format(n=len(told.moved))
    if told.same:
        said += gettext("，{n} 单早就交了").format(n=len(told.same))
    home = reverse("orders-take-back", kwargs={"shop": request.shop.code})
    few = ",".join(map(str, told.moved[:SHOWN]))
    undo = f"{home}?ids={few}" if len(told.moved) <= SHOWN else ""
    return _answer(request, told, said, gettext("交给快递员"), undo)


@shop_page("hand_to_couriers")
@require_POST
def take_back_many(request: ShopRequest) -> HttpResponse:
    """Take the chosen orders out of the couriers' hands."""
    named = request.GET.get("ids", "").split(",")
    ids = [int(text) for text in named if text.isascii() and text.isdigit() and len(text) < 19] or picked(request)
    told = service.take_back(request.actor, ids, now=request.now)
    said = gettext("已从快递员收回 {n} 单").format(n=len(told.moved))
    return _answer(request, told, said, gettext("从快递员收回"))


@act("hand_to_couriers", "courier")
def hand(request: ShopRequest, order_id: int) -> Told:
    """Hand one order over."""
    note = request.POST.get("note", "")
    told = service.hand(request.actor, [order_id], contract_id=contract_of(request), note=note, now=request.now)
    if told.problems:
        raise Refusal(*told.problems)
    undo = reverse("order-take-back", kwargs={"shop": request.shop.code, "order_id": order_id})
    return Told(gettext("已交给快递员"), undo if told.moved else "")


@act("hand_to_couriers", "courier")
def take_back(request: ShopRequest, order_id: int) -> Told:
    """Take one order back; what the courier did already is said."""
    told = service.take_back(request.actor, [order_id], now=request.now)
    if told.problems:
        raise Refusal(*told.problems)
    if told.labels:
        said = gettext("已收回。快递员已经取了单号 {waybill}，不用的话请作废面单").format(
            waybill=told.labels[0].waybill
        )
        return Told(said, tone="quiet")
    return Told(gettext("已从快递员收回"))


@act("hand_to_couriers", "courier")
def note(request: ShopRequest, order_id: int) -> Told:
    """Write a word to the courier."""
    changed = service.set_note(request.actor, order_id, request.POST.get("note", ""))
    return Told(gettext("快递员会看到这句话") if changed else gettext("没有变化"), tone="good" if changed else "quiet")


urlpatterns: list[URLPattern] = [
    path("orders/hand/", hand_many, name="orders-hand"),
    path("orders/take-back/", take_back_many, name="orders-take-back"),
    path("orders/<int:order_id>/hand/", hand, name="order-hand"),
    path("orders/<int:order_id>/take-back/", take_back, name="order-take-back"),
    path("orders/<int:order_id>/courier-note/", note, name="order-courier-note"),
]
