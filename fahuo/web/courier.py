"""The courier's pages, made for a phone: what was handed to him, by where it stands, and one order of it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules import waybills
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import courier as service
from fahuo.services import couriers
from fahuo.store import courier as store
from fahuo.store.boards import courier as board
from fahuo.store.boards.courier import CourierOrder
from fahuo.web.access import CourierRequest, courier_page, person_id
from fahuo.web.order_history import ACTS
from fahuo.web.session import toast
from fahuo.web.ui import Tab, chosen

TAB_WORDS: Final = {
    "print": gettext_lazy("待打印"),
    "ship": gettext_lazy("待发货"),
    "shipped": gettext_lazy("今天已发"),
}


STOPPED: Final = {
    "refund_in_progress": gettext_lazy("买家在退款，先别发"),
    "order_refunded": gettext_lazy("已经退款，别发"),
    "order_closed": gettext_lazy("交易已关闭，别发"),
    "receiver_changed": gettext_lazy("收件人或地址改了，这张面单不能用"),
    "label_torn": gettext_lazy("面单上另一单被店铺收回了，先别用"),
}
"""What stops an order, as its courier needs to hear it."""


def stop_word(problem: Problem | None) -> str:
    """Why an order must stay here, or ""."""
    if problem is None:
        return ""
    return str(STOPPED.get(problem.code) or gettext("店铺在处理这一单，先别发"))


def midnight(request: CourierRequest) -> datetime:
    """When today began, in the shop's time zone."""
    return timezone.localtime(request.now).replace(hour=0, minute=0, second=0, microsecond=0)


def address(request: CourierRequest, view: str, query: str = "", **parts: Any) -> str:
    """The address of one of the courier's pages."""
    found = reverse(view, kwargs={"shop": request.shop.code, **parts})
    return f"{found}?{query}" if query else found


def tabs(request: CourierRequest, current: str) -> list[Tab]:
    """The three lists with their counts."""
    counts = board.counts(request.shop.id, request.courier.contract_id, request.shop.carrier, since=midnight(request))
    return [
        Tab(str(TAB_WORDS[tab]), address(request, "courier", f"tab={tab}"), counts[tab], tab == current)
        for tab in board.TABS
    ]


def frame(request: CourierRequest, section: str = "orders") -> dict[str, Any]:
    """What every page of the courier shows."""
    return {
        "section": section, "contract": store.contract(request.shop.id, request.courier.contract_id),
        "several": len(couriers.serves(person_id(request))) > 1,
    }  # fmt: skip


def seen(request: CourierRequest, order_id: int) -> CourierOrder:
    """One of his orders, or Http404."""
    try:
        return service.own(request.courier, [order_id], now=request.now)[0]
    except Refusal as refusal:
        raise Http404(order_id) from refusal


@courier_page
@require_GET
def orders(request: CourierRequest) -> HttpResponse:
    """One of the lists."""
    wish = request.GET.get("tab", "")
    tab = wish if wish in board.TABS else board.TABS[0]
    page = board.page(
        request.shop.id, request.courier.contract_id, request.shop.carrier, tab, since=midnight(request),
        cursor=request.GET.get("cursor", ""),
    )  # fmt: skip
    rows = [(order, stop_word(service.stopped(order))) for order in page.rows]
    return render(request, "courier/list.html", {
        **frame(request), "tab": tab, "tabs": tabs(request, tab), "rows": rows, "next": page.next,
        "jobs": store.jobs(request.shop.id, request.courier.courier_id) if tab == "print" else [],
    })  # fmt: skip


@courier_page
@require_GET
def find(request: CourierRequest) -> HttpResponse:
    """What was scanned or typed: the order of his that has this number; 404 and a word otherwise."""
    text = request.GET.get("q", "").strip()
    order_id = None
    for wish in (text, waybills.normalise(text)):
        order_id = order_id or board.find(request.shop.id, request.courier.contract_id, wish[:60])
    if order_id is not None:
        try:
            service.own(request.courier, [order_id], now=request.now)
        except Refusal:
            order_id = None
    if order_id is not None:
        return redirect("courier-order", shop=request.shop.code, order_id=order_id)
    return render(request, "courier/not_found.html", {**frame(request), "q": text[:60]}, status=404)


def show(
    request: CourierRequest, order_id: int, *, problems: Sequence[Problem] = (), place: str = "", revealed: Any = None
) -> HttpResponse:
    """One order; `problems` stand at `place` with what was typed."""
    order = seen(request, order_id)
    return render(request, "courier/order.html", {
        **frame(request), "order": order, "stopped": stop_word(service.stopped(order)), "revealed": revealed,
        "problems": problems, "place": place, "typed": request.POST if problems else {},
        "scanning": request.GET.get("scan") == "1" or request.POST.get("scan") == "1",
        "done": [(entry.at, str(ACTS.get(entry.act, entry.act))) for entry in _done(request, order_id)],
        "mine": order.parcel_id is not None and store.shipped_by(request.shop.id, order.parcel_id, request.courier.courier_id),
    }, status=422 if problems else 200)  # fmt: skip


def _done(request: CourierRequest, order_id: int) -> list[Any]:
    return board.done(request.shop.id, order_id, request.courier.courier_id)


@courier_page
@require_GET
def order(request: CourierRequest, order_id: int) -> HttpResponse:
    """One of his orders."""
    return show(request, order_id)


Act = Callable[..., HttpResponse]


def act(place: str) -> Callable[[Act], Callable[..., HttpResponseBase]]:
    """The door of an act on one of his orders: POST only; 404 for any other order, a refusal stands at `place`."""

    def around(view: Act) -> Callable[..., HttpResponseBase]:
        @courier_page
        @require_POST
        @wraps(view)
        def door(request: CourierRequest, order_id: int) -> HttpResponse:
            seen(request, order_id)
            try:
                return view(request, order_id)
            except Refusal as refusal:
                return show(request, order_id, problems=refusal.problems, place=place)

        return door

    return around


@act("receiver")
def reveal(request: CourierRequest, order_id: int) -> HttpResponse:
    """Show the receiver in full, this once; the look is journaled under his name."""
    return show(request, order_id, revealed=service.reveal(request.courier, order_id, now=request.now))


@act("number")
def enter(request: CourierRequest, order_id: int) -> HttpResponse:
    """Write the number that he brings for the order; when he scans one after the other, the next order comes."""
    warnings: list[Problem] = []
    numbers = [(order_id, request.POST.get("waybill", ""))]
    (found,) = service.enter(request.courier, numbers, now=request.now, warnings=warnings)
    if isinstance(found, Problem):
        raise Refusal(found)
    said = gettext("已记下单号 {waybill}").format(waybill=found.waybill)
    if warnings:
        said += gettext("（这个单号以前用过，请核对）")
    return toast(request, _next(request, order_id), said, tone="bad" if warnings else "good")


def _scan(request: CourierRequest) -> HttpResponse:
    page = board.page(
        request.shop.id, request.courier.contract_id, request.shop.carrier, "print", since=midnight(request),
        limit=service.MOST,
    )  # fmt: skip
    free = (order for order in page.rows if order.label_id is None and not service.stopped(order))
    order = next(free, None)
    if order is None:
        return redirect(address(request, "courier", "tab=ship"))
    return redirect(address(request, "courier-order", "scan=1", order_id=order.id))


def _next(request: CourierRequest, order_id: int) -> HttpResponse:
    if request.POST.get("scan") == "1":
        return _scan(request)
    return redirect(address(request, "courier-order", order_id=order_id))


@act("number")
def give_up(request: CourierRequest, order_id: int) -> HttpResponse:
    """Void the order's label: a wrong number, spoilt paper."""
    service.give_up(request.courier, order_id, reason=request.POST.get("reason", ""), now=request.now)
    return toast(request, redirect(address(request, "courier-order", order_id=order_id)), gettext("已作废这个单号"))


@act("number")
def take_again(request: CourierRequest, order_id: int) -> HttpResponse:
    """Undo his own shipping."""
    service.take_again(request.courier, order_id, now=request.now)
    answer = redirect(address(request, "courier-order", order_id=order_id))
    return toast(request, answer, gettext("已撤回发货，这一单又在“待发货”里"))


@courier_page
@require_GET
def scan(request: CourierRequest) -> HttpResponse:
    """逐个扫单号: the first order without a number, ready for the scanner."""
    return _scan(request)


def picked(request: CourierRequest, tab: str = "print") -> list[int]:
    """The orders that were ticked in a list; with `all` those of the whole tab that wait. Http404 for any other order."""
    if request.POST.get("all") == "1":
        ids = board.waiting_ids(request.shop.id, request.courier.contract_id, tab, limit=service.MOST)
    else:
        ids = list(chosen(request).ids)
    if not ids:
        raise Refusal.of("no_orders_chosen")
    try:
        service.own(request.courier, ids, now=request.now)
    except Refusal as refusal:
        if refusal.problems[0].code == "order_unknown":
            raise Http404 from refusal
        raise
    return ids


urlpatterns: list[URLPattern] = [
    path("c/<slug:shop>/", orders, name="courier"),
    path("c/<slug:shop>/find/", find, name="courier-find"),
    path("c/<slug:shop>/scan/", scan, name="courier-scan"),
    path("c/<slug:shop>/orders/<int:order_id>/", order, name="courier-order"),
    path("c/<slug:shop>/orders/<int:order_id>/receiver/", reveal, name="courier-reveal"),
    path("c/<slug:shop>/orders/<int:order_id>/number/", enter, name="courier-enter"),
    path("c/<slug:shop>/orders/<int:order_id>/void/", give_up, name="courier-void"),
    path("c/<slug:shop>/orders/<int:order_id>/again/", take_again, name="courier-again"),
]
