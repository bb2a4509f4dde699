"""我要发货, and what is done with a parcel afterwards: correct its number, void it, note the carrier's pickup."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from fahuo.rules import waybills
from fahuo.rules.carriers import CARRIERS
from fahuo.rules.parcels import CarrierScan
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import parcels as parcel_service
from fahuo.store import boards
from fahuo.web.access import ShopRequest, by_method, shop_page
from fahuo.web.order import LAST_CARRIER, Told, act, context, detail_of
from fahuo.web.order_words import carrier_word, offers
from fahuo.web.session import language_of


def quantities(request: HttpRequest) -> dict[int, int] | None:
    """Line id -> quantity, from a part shipment's fields `line-<id>`; None when the whole order is meant."""
    if request.POST.get("part") != "1":
        return None
    found = {}
    for name, text in request.POST.dict().items():
        number = name.removeprefix("line-")
        if name.startswith("line-") and number.isdecimal() and number.isascii() and text.strip() not in ("", "0"):
            amount = text.strip()
            if not (amount.isascii() and amount.isdecimal() and len(amount) < 7):
                raise Refusal.of("quantity_not_positive", quantity=amount[:12])
            found[int(number)] = int(amount)
    return found


def merged(request: HttpRequest, order_id: int) -> list[int]:
    """The order, and the further orders that go into the same parcel."""
    others = [
        int(text) for text in request.POST.getlist("with") if text.isascii() and text.isdecimal() and len(text) < 19
    ]
    return list(dict.fromkeys([order_id, *others]))


@act("ship", "ship")
def ship(request: ShopRequest, order_id: int) -> Told:
    """我要发货: one parcel with this order (or some of its lines, or other orders of the same receiver too)."""
    kind = "virtual" if request.POST.get("kind") == "virtual" else "offline"
    carrier = request.POST.get("carrier", "") if kind == "offline" else ""
    waybill = request.POST.get("waybill", "") if kind == "offline" else ""
    if kind == "offline" and not waybill.strip():
        raise Refusal.of("waybill_missing")
    warnings: list[Problem] = []
    ids = merged(request, order_id)
    parcel_id = parcel_service.ship(
        request.actor, order_ids=ids, carrier=carrier, waybill=waybill, now=request.now, lines=quantities(request),
        kind=kind, force=request.POST.get("force") == "1", insist=request.POST.get("insist") == "1", warnings=warnings,
    )  # fmt: skip
    if carrier and request.session.get(LAST_CARRIER) != carrier:
        request.session[LAST_CARRIER] = carrier
    code = request.shop.code
    undo = reverse("parcel-void", kwargs={"shop": code, "order_id": order_id, "parcel_id": parcel_id})
    return Told(shipped_words(carrier, waybill, len(ids), warnings, request), undo)


def shipped_words(carrier: str, waybill: str, count: int, warnings: list[Problem], request: HttpRequest) -> str:
    """What is said after shipping."""
    if not carrier:
        text = gettext("已发货（无需物流）")
    else:
        text = gettext("已发货：{carrier} {waybill}").format(
            carrier=carrier_word(carrier), waybill=waybills.normalise(waybill)
        )
    if count > 1:
        text += gettext(",{n} 单同一个包裹").format(n=count)
    return "\n".join([text, *(problem.sentence(language_of(request)) for problem in warnings)])


@shop_page("ship")
@require_GET
def check(request: ShopRequest, order_id: int) -> HttpResponse:
    """While a number is typed: does it fit the carrier, and which carriers would it fit? Changes nothing."""
    if not boards.cards(request.shop.id, [order_id], now=request.now):
        raise Http404(order_id)
    waybill = waybills.normalise(request.GET.get("waybill", ""))
    carrier = request.GET.get("carrier", "")
    problem = waybills.check(carrier, waybill) if waybill and carrier in CARRIERS else None
    return render(request, "parcels/check.html", {
        "problem": problem, "waybill": waybill, "offers": offers(waybill, carrier) if problem else [],
        "order": {"id": order_id},
    })  # fmt: skip


def parcel_of(request: ShopRequest, order_id: int, parcel_id: int) -> Any:
    """The parcel, where it holds this order of this shop; Http404 otherwise."""
    for parcel in detail_of(request, order_id).parcels:
        if parcel.id == parcel_id:
            return parcel
    raise Http404(parcel_id)


@act("ship", "parcels")
def correct(request: ShopRequest, order_id: int, parcel_id: int) -> Told:
    """Give the parcel another carrier or number."""
    parcel_of(request, order_id, parcel_id)
    warnings: list[Problem] = []
    parcel_service.correct(
        request.actor, parcel_id, carrier=request.POST.get("carrier", ""), waybill=request.POST.get("waybill", ""),
        now=request.now, warnings=warnings,
    )  # fmt: skip
    return Told("\n".join([gettext("单号已改"), *(problem.sentence(language_of(request)) for problem in warnings)]))


@act("ship", "parcels")
def void(request: ShopRequest, order_id: int, parcel_id: int) -> Told:
    """Take the parcel back: its orders wait again."""
    parcel_of(request, order_id, parcel_id)
    parcel_service.void(request.actor, parcel_id, now=request.now)
    return Told(gettext("包裹已作废，订单回到待发货"))


@act("ship", "parcels")
def picked_up(request: ShopRequest, order_id: int, parcel_id: int) -> Told:
    """Note by hand that the carrier has picked the parcel up, now."""
    parcel = parcel_of(request, order_id, parcel_id)
    scan = CarrierScan(parcel.carrier, parcel.waybill, "picked_up", request.now)
    news = parcel_service.record_scans(request.actor, [scan], now=request.now)
    return Told(gettext("已记下揽收") if news else gettext("揽收早已记下"), tone="good" if news else "quiet")


@shop_page("ship")
@require_GET
def ship_page(request: ShopRequest, order_id: int) -> HttpResponse:
    """The ship form by itself: for a scan station."""
    return render(request, "parcels/ship.html", context(request, order_id))


urlpatterns: list[URLPattern] = [
    path("orders/<int:order_id>/ship/", by_method(get=ship_page, post=ship), name="order-ship"),
    path("orders/<int:order_id>/check/", check, name="order-check"),
    path("orders/<int:order_id>/parcels/<int:parcel_id>/correct/", correct, name="parcel-correct"),
    path("orders/<int:order_id>/parcels/<int:parcel_id>/void/", void, name="parcel-void"),
    path("orders/<int:order_id>/parcels/<int:parcel_id>/picked-up/", picked_up, name="parcel-picked-up"),
]
