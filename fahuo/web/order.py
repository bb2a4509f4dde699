"""One order: what is the next step? The page, the same as a drawer over the list, and what is done with one order."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.carriers import CARRIERS
from fahuo.rules.deadlines import Ground
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import orders as order_service
from fahuo.store import boards
from fahuo.store.boards.alerts import alerts_of
from fahuo.web import labels
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.alerts import KINDS
from fahuo.web.order_forms import flag_of, hands, moment, permissions
from fahuo.web.order_history import story
from fahuo.web.order_words import carrier_word, offers
from fahuo.web.session import language_of, toast
from fahuo.web.templatetags.ui import FLAG_NAMES

LAST_CARRIER: Final = "carrier"
"""The session keeps the carrier that was used last: the next order most likely goes with it."""

REFUND_STOPS: Final = frozenset({"order_refunded", "refund_in_progress", "line_refunded", "line_refund_in_progress"})
"""What an account that may `ship_despite_refund` may overrule."""
_AS_TYPED: Final = gettext_lazy("号码没有抄错，就按它发货")
INSISTS: Final = {
    "waybill_shape": _AS_TYPED, "waybill_other_carrier": _AS_TYPED, "check_digit": _AS_TYPED,
    "waybill_in_use": gettext_lazy("就在那个包裹里，一起发出"),
}  # fmt: skip
"""What whoever has the number before him may overrule, and what he says by it."""


@dataclass(slots=True)
class Told:
    """What became of an act: the sentence, and the address whose POST takes it back."""

    text: str
    undo: str = ""
    tone: str = "good"


@dataclass(slots=True)
class Trouble:
    """What stood in the way of an act, where it stands on the page, and what was typed there."""

    place: str
    problems: tuple[Problem, ...] = ()
    typed: dict[str, Any] = field(default_factory=dict)


def detail_of(request: ShopRequest, order_id: int) -> boards.OrderDetail:
    """The order, or Http404 where the shop has none such."""
    found = boards.order_detail(request.shop.id, order_id, now=request.now)
    if found is None:
        raise Http404(order_id)
    return found


def context(request: ShopRequest, order_id: int, trouble: Trouble | None = None) -> dict[str, Any]:
    """Everything the page shows."""
    detail = detail_of(request, order_id)
    trouble = trouble or Trouble("")
    default = request.session.get(LAST_CARRIER) or detail.order.default_carrier
    words = {
        "section": "orders", "detail": detail, "order": detail.order, "may": permissions(request),
        "carriers": [(code, carrier_word(code)) for code in CARRIERS],
        "carrier": trouble.typed.get("carrier", default), "trouble": trouble, "typed": trouble.typed,
        "history": [story(entry) for entry in detail.history], "flag_names": list(enumerate(FLAG_NAMES)),
        "refund_stops": any(problem.code in REFUND_STOPS for problem in trouble.problems),
        "insists": next((INSISTS[problem.code] for problem in trouble.problems if problem.code in INSISTS), ""), "offers": _offers(trouble), "english": language_of(request) == "en",
        "alerts": [(row, KINDS[row.kind]) for row in alerts_of(request.shop.id, order_id)],
        "late": detail.order.deadline is not None and detail.order.deadline <= request.now, **hands(request, order_id),
    }  # fmt: skip
    words |= labels.of_order(request, order_id)
    if words["living_label"] is not None and not trouble.typed:
        words |= {"carrier": words["living_label"].carrier, "typed": {"waybill": words["living_label"].waybill}}
    return words


def _offers(trouble: Trouble) -> list[tuple[str, str]]:
    """The carriers that a refused number would fit, most likely first, without the one that was chosen."""
    if not any(
        problem.code in ("waybill_shape", "waybill_other_carrier", "check_digit") for problem in trouble.problems
    ):
        return []
    return offers(str(trouble.typed.get("waybill", "")), str(trouble.typed.get("carrier", "")))


def show(request: ShopRequest, order_id: int, trouble: Trouble | None = None, **more: Any) -> HttpResponse:
    """The order: a part for the drawer or after an act there, a whole page otherwise. 422 when something went wrong."""
    template = "orders/part.html" if request.htmx else "orders/order.html"
    words = {**context(request, order_id, trouble), **more}
    return render(request, template, words, status=422 if trouble else 200)


@shop_page("view_orders")
@require_GET
def order(request: ShopRequest, order_id: int) -> HttpResponse:
    """The order's page."""
    return show(request, order_id)


def done(request: ShopRequest, order_id: int, told: Told) -> HttpResponse:
    """Say what happened and show the order as it is now; its row in the list is told to draw itself anew."""
    if not request.htmx:
        return toast(
            request, redirect("order", shop=request.shop.code, order_id=order_id), told.text, tone=told.tone,
            undo=told.undo,
        )  # fmt: skip
    response = toast(request, show(request, order_id, quiet_focus=True), told.text, tone=told.tone, undo=told.undo)
    triggers = json.loads(response.headers["HX-Trigger"])
    triggers["order"] = {"id": order_id}
    response.headers["HX-Trigger"] = json.dumps(triggers)
    return response


Act = Callable[..., Told]


def act(permission: str, place: str) -> Callable[[Act], Callable[..., HttpResponseBase]]:
    """The door of an act on one order: POST only; a refusal is shown at `place` with what was typed, else `done`."""

    def around(view: Act) -> Callable[..., HttpResponseBase]:
        @shop_page(permission)
        @require_POST
        @wraps(view)
        def door(request: ShopRequest, order_id: int, **parts: Any) -> HttpResponse:
            try:
                told = view(request, order_id, **parts)
            except Refusal as refusal:
                if refusal.problems[0].code == "not_permitted":
                    raise
                return show(request, order_id, Trouble(place, refusal.problems, request.POST.dict()))
            return done(request, order_id, told)

        return door

    return around


@act("edit_memo", "memo")
def memo(request: ShopRequest, order_id: int) -> Told:
    """Write our memo."""
    changed = order_service.set_memo(request.actor, order_id, request.POST.get("memo", ""), now=request.now)
    return Told(gettext("备注已保存") if changed else gettext("备注没有变化"), tone="good" if changed else "quiet")


@act("edit_memo", "memo")
def flag(request: ShopRequest, order_id: int) -> Told:
    """Set the flag, or take it off."""
    before = detail_of(request, order_id).order.flag
    wish = request.POST.get("flag", request.GET.get("flag", ""))
    changed = order_service.set_flag(request.actor, order_id, flag_of(wish), now=request.now)
    here = reverse("order-flag", kwargs={"shop": request.shop.code, "order_id": order_id})
    undo = f"{here}?flag={'' if before is None else before}" if changed else ""
    return Told(gettext("旗子已换") if changed else gettext("旗子没有变化"), undo, "good" if changed else "quiet")


@shop_page("reveal_receiver")
@require_POST
def reveal(request: ShopRequest, order_id: int) -> HttpResponse:
    """Show the receiver in full, this once; the look is journaled."""
    try:
        receiver = order_service.reveal_receiver(request.actor, order_id, now=request.now)
    except Refusal as refusal:
        if refusal.problems[0].code in ("not_permitted", "order_unknown"):
            raise Http404 from refusal
        return show(request, order_id, Trouble("receiver", refusal.problems))
    return show(request, order_id, revealed=receiver, quiet_focus=True)


@act("view_orders", "urges")
def urge(request: ShopRequest, order_id: int) -> Told:
    """Note by hand that the buyer urged."""
    if order_service.urge(request.actor, order_id, now=request.now):
        return Told(gettext("已记下一次催发货"))
    return Told(gettext("这一单已经不等发货了，没有记"), tone="quiet")


def _let_wait(request: ShopRequest, order_id: int, ground: Ground) -> bool:
    until = moment(request, "until")
    return order_service.let_wait(request.actor, [order_id], until, ground=ground, now=request.now) > 0


@act("set_deadline", "deadline")
def agree(request: ShopRequest, order_id: int) -> Told:
    """Note until when the buyer agreed to wait; an empty field takes the agreement back."""
    changed = _let_wait(request, order_id, "agreed")
    return Told(gettext("约定已记下，期限已重算") if changed else gettext("约定没有变化"))


@act("set_deadline", "deadline")
def report(request: ShopRequest, order_id: int) -> Told:
    """Note until when the platform approved the delay; an empty field takes the report back."""
    changed = _let_wait(request, order_id, "reported")
    return Told(gettext("报备已记下，期限已重算") if changed else gettext("报备没有变化"))


@act("ship", "conflict")
def settle(request: ShopRequest, order_id: int) -> Told:
    """A person has looked at the conflict."""
    order_service.settle_conflict(request.actor, order_id, now=request.now)
    return Told(gettext("冲突已处理"))


@act("ship", "next")
def called(request: ShopRequest, order_id: int) -> Told:
    """Note that the courier was called."""
    order_service.note_courier_call(request.actor, [order_id], now=request.now)
    return Told(gettext("已记下叫快递"))


urlpatterns: list[URLPattern] = [
    path("orders/<int:order_id>/", order, name="order"),
    path("orders/<int:order_id>/memo/", memo, name="order-memo"),
    path("orders/<int:order_id>/flag/", flag, name="order-flag"),
    path("orders/<int:order_id>/reveal/", reveal, name="order-reveal"),
    path("orders/<int:order_id>/urge/", urge, name="order-urge"),
    path("orders/<int:order_id>/agree/", agree, name="order-agree"),
    path("orders/<int:order_id>/report/", report, name="order-report"),
    path("orders/<int:order_id>/settle/", settle, name="order-settle"),
    path("orders/<int:order_id>/called/", called, name="order-called"),
]
