"""The buyer's pages: my orders, and one of them with everything that can be said and done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.people import BuyerActor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import complaints, evidence, messages, people, receipts, refunds, tasks
from fahuo.store import boards
from fahuo.store.boards import BuyerOrder
from fahuo.web.access import BuyerRequest, buyer_page, person_id
from fahuo.web.buyer_words import told_of
from fahuo.web.session import toast
from fahuo.web.uploads import sheets_of, takes_files


@dataclass(frozen=True, slots=True)
class Card:
    """One order in the list, with its shop."""

    shop: str
    shop_name: str
    order: BuyerOrder


def shops(request: BuyerRequest) -> dict[str, Any]:
    """The shops at which the person buys, by their codes."""
    return {row.code: row for row in people.buys_at(person_id(request))}


@buyer_page
@require_GET
def orders(request: BuyerRequest) -> HttpResponse:
    """My orders at all shops, newest first."""
    known = shops(request)
    cards = [
        Card(code, known[code].name, order)
        for code, buyer in request.buyer_of.items()
        for order in boards.buyer_orders(buyer.shop_id, buyer.name)
    ]
    cards.sort(key=lambda card: (card.order.ordered_at, card.order.id), reverse=True)
    return render(request, "buyer/orders.html", {"section": "my", "cards": cards})


def mine(request: BuyerRequest, shop: str, order_id: int) -> BuyerOrder:
    """The buyer's own order, or Http404."""
    buyer = request.buyer_of[shop]
    found = boards.buyer_orders(buyer.shop_id, buyer.name, order_id=order_id)
    if not found:
        raise Http404(order_id)
    return found[0]


def show(
    request: BuyerRequest, shop: str, order_id: int, *, place: str = "", problems: tuple[Problem, ...] = (),
    said: str = "",
) -> HttpResponse:  # fmt: skip
    """The order: a part after an act, else the page. `said`: what came of the last act, in a sentence that stays."""
    found = mine(request, shop, order_id)
    row = shops(request)[shop]
    timezone.activate(row.time_zone)
    context = {
        "section": "my", "order": found, "shop_code": shop, "shop_name": row.name, "place": place, "problems": problems,
        "said": said, "typed": request.POST if problems else {}, "messages_": boards.conversation(found.shop_id, order_id),
        "parcels": boards.buyer_parcels(found.shop_id, order_id), "to": boards.buyer_receiver(found.shop_id, order_id),
        "complaints": boards.buyer_complaints(found.shop_id, order_id),
        "evidence": evidence.of_order(found.shop_id, order_id), "kinds": ("delay", "out_of_stock", "false_shipping"),
    }  # fmt: skip
    template = "buyer/part.html" if request.htmx else "buyer/order.html"
    return render(request, template, context, status=422 if problems else 200)


@buyer_page
@require_GET
def order(request: BuyerRequest, shop: str, order_id: int) -> HttpResponse:
    """One order of mine."""
    return show(request, shop, order_id)


@buyer_page
@require_GET
def talk(request: BuyerRequest, shop: str, order_id: int) -> HttpResponse:
    """The conversation alone, asked for again and again while the page is open."""
    found = mine(request, shop, order_id)
    return render(request, "buyer/talk.html", {
        "messages_": boards.conversation(found.shop_id, order_id), "order": found, "shop_code": shop,
    })  # fmt: skip


Act = Callable[[BuyerRequest, BuyerActor, int], str]


def act(place: str) -> Callable[[Act], Callable[..., HttpResponseBase]]:
    """The door of an act on one of my orders: POST only; a refusal stands at `place` with what was typed."""

    def around(view: Act) -> Callable[..., HttpResponseBase]:
        @buyer_page
        @require_POST
        @wraps(view)
        def door(request: BuyerRequest, shop: str, order_id: int) -> HttpResponse:
            mine(request, shop, order_id)
            try:
                said = view(request, request.buyer_of[shop], order_id)
            except Refusal as refusal:
                return show(request, shop, order_id, place=place, problems=refusal.problems)
            if request.htmx:
                return show(request, shop, order_id, said=said)
            home = request.POST.get("next") == "list"
            answer = redirect("my") if home else redirect("my-order", shop=shop, order_id=order_id)
            return toast(request, answer, said)

        return door

    return around


@act("urge")
def urge(request: BuyerRequest, buyer: BuyerActor, order_id: int) -> str:
    """催发货."""
    found = tasks.press_urge(buyer, order_id, now=request.now)
    after = boards.buyer_orders(buyer.shop_id, buyer.name, order_id=order_id)[0]
    return told_of(found, after)


@act("talk")
def contact(request: BuyerRequest, buyer: BuyerActor, order_id: int) -> str:
    """继续联系卖家."""
    messages.contact_again(buyer, order_id, now=request.now)
    return gettext("已提醒卖家尽快联系你")


@act("talk")
def say(request: BuyerRequest, buyer: BuyerActor, order_id: int) -> str:
    """Write to the seller."""
    messages.send(buyer, order_id, body=request.POST.get("body", ""), now=request.now)
    return gettext("已发送")


@act("plan")
def answer(request: BuyerRequest, buyer: BuyerActor, order_id: int) -> str:
    """Accept or refuse the seller's plan."""
    accept = request.POST.get("answer") == "accept"
    tasks.buyer_answer(buyer, order_id, accept=accept, now=request.now)
    if accept:
        return gettext("已同意卖家的方案，卖家没有做到的话平台会介入")
    return gettext("已拒绝卖家的方案，平台已介入并替你发起投诉")


@act("refund")
def ask_refund(request: BuyerRequest, buyer: BuyerActor, order_id: int) -> str:
    """Ask for money back."""
    try:
        amount = Decimal(request.POST.get("amount", "").strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    refunds.request(buyer, order_id, amount=amount, reason=request.POST.get("reason", ""), now=request.now)
    return gettext("退款申请已提交，等卖家处理")


@act("refund")
def keep_goods(request: BuyerRequest, buyer: BuyerActor, order_id: int) -> str:
    """Withdraw the request for a refund."""
    refunds.withdraw(buyer, order_id, now=request.now)
    return gettext("退款申请已撤销")


@act("receipt")
def receive(request: BuyerRequest, buyer: BuyerActor, order_id: int) -> str:
    """确认收货."""
    receipts.confirm(buyer, order_id, now=request.now)
    return gettext("已确认收货，交易成功")


@act("complaint")
def complain(request: BuyerRequest, buyer: BuyerActor, order_id: int) -> str:
    """Complain about the shop."""
    complaints.open_by_buyer(buyer, order_id, kind=request.POST.get("kind", ""), now=request.now)
    return gettext("投诉已提交，平台会处理")


@act("complaint")
def withdraw(request: BuyerRequest, buyer: BuyerActor, order_id: int) -> str:
    """Take the complaint back."""
    complaints.withdraw(buyer, order_id, now=request.now)
    return gettext("投诉已撤销")


def _too_large(request: BuyerRequest, shop: str, order_id: int, problem: Problem) -> HttpResponse:
    return show(request, shop, order_id, place="complaint", problems=(problem,))


@takes_files(buyer_page(_too_large))
@act("complaint")
def give_evidence(request: BuyerRequest, buyer: BuyerActor, order_id: int) -> str:
    """Put words or a file on record."""
    file = sheets_of(request)[0] if request.FILES.get("file") else None
    evidence.add(buyer, order_id=order_id, body=request.POST.get("body", ""), file=file, now=request.now)
    return gettext("举证已提交")


_ORDER = "my/<slug:shop>/<int:order_id>/"
urlpatterns: list[URLPattern] = [
    path("my/", orders, name="my"),
    path(_ORDER, order, name="my-order"),
    path(f"{_ORDER}talk/", talk, name="my-talk"),
    path(f"{_ORDER}urge/", urge, name="my-urge"),
    path(f"{_ORDER}contact/", contact, name="my-contact"),
    path(f"{_ORDER}say/", say, name="my-say"),
    path(f"{_ORDER}answer/", answer, name="my-answer"),
    path(f"{_ORDER}refund/", ask_refund, name="my-refund"),
    path(f"{_ORDER}keep/", keep_goods, name="my-keep"),
    path(f"{_ORDER}receive/", receive, name="my-receive"),
    path(f"{_ORDER}complain/", complain, name="my-complain"),
    path(f"{_ORDER}withdraw/", withdraw, name="my-withdraw"),
    path(f"{_ORDER}evidence/", give_evidence, name="my-evidence"),
]
