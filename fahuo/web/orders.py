"""已卖出的宝贝: which orders? The list by tab and filter, and what is done with many orders at once."""

from typing import Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.deadlines import Ground
from fahuo.rules.filters import OrderFilter, Parsed, parse_query
from fahuo.rules.signin import FRESH_EXPORT
from fahuo.services import batches as batch_service
from fahuo.services import exports
from fahuo.services import orders as order_service
from fahuo.store import boards
from fahuo.store.boards import contracts as contract_boards
from fahuo.web import assignments, find, handing, order, papers, parcels, views
from fahuo.web import order_words as words
from fahuo.web.access import ShopRequest, fresh, shop_page
from fahuo.web.order_forms import address, download, flag_of, hands, list_again, moment, permissions, picked
from fahuo.web.session import toast
from fahuo.web.templatetags.ui import FLAG_NAMES

LIMIT: Final = 50


def asked(request: HttpRequest) -> Parsed:
    """The filter that the address asks for."""
    return parse_query(request.GET.urlencode())


def kept_columns(request: ShopRequest) -> object:
    """The columns this member chose for the list, or None."""
    return boards.preferences(request.shop.id, request.actor.member_id).get("columns.orders")


@shop_page("view_orders")
@require_GET
def orders(request: ShopRequest) -> HttpResponse:
    """The list. Its whole state stands in the address: tab, filter, cursor."""
    parsed = asked(request)
    wish = parsed.filter
    page = boards.orders_page(
        request.shop.id, wish, cursor=request.GET.get("cursor", ""), limit=LIMIT, now=request.now
    )  # fmt: skip
    counts = boards.tab_counts(request.shop.id)
    code = request.shop.code
    contracts = contract_boards.contracts(request.shop.id)
    names = {contract.id: contract.name for contract in contracts}
    columns = words.shown(kept_columns(request), wish.tab, contracts=bool(names))
    return render(request, "orders/list.html", {
        "section": "orders", "page": page, "rows": page.rows, "wish": wish, "counts": counts,
        "tabs": words.tabs(code, counts, wish.tab), "columns": columns, "choices": words.choices(),
        "chosen": {column.key for column in columns}, "fields": words.quick(wish), "chips": words.chips(wish, names),
        "keep": {} if wish.tab == "awaiting" else {"tab": wish.tab}, "more": "orders/more.html", **words.more(wish, names), "assign_to": [contract for contract in contracts if contract.active],
        "ignored": [str(words.FILTER_WORDS.get(name, name)) for name in parsed.ignored],
        "parcelless": parcelless(wish, page, counts["shipped"]), "matching": matching(request, wish, page), "empty": words.EMPTY_WORDS[wish.tab],
        "views": boards.saved_views(request.shop.id, request.actor.member_id), "query": wish.query(),
        "import_url": address("import", code), "may": permissions(request), "flag_names": list(enumerate(FLAG_NAMES)),
        "row_query": urlencode({"tab": wish.tab}), **hands(request),
    })  # fmt: skip


def parcelless(wish: OrderFilter, page: boards.Page[boards.OrderRow], shipped: boards.Count) -> int:
    """How many shipped orders stand in no parcel here (the tab walks the parcels); told at the end of the tab."""
    if wish.tab != "shipped" or wish.asked or page.next:
        return 0
    return max(shipped.number - (page.first - 1) - len(page.rows), 0)


def matching(request: ShopRequest, wish: OrderFilter, page: boards.Page[boards.OrderRow]) -> boards.Count:
    """How many orders match in all; counted only where the page does not show them all already."""
    if not page.rows and not page.next and not page.previous:
        return boards.Count(0)
    if not page.next and not page.previous:
        return boards.Count(len(page.rows))
    return boards.count_matching(request.shop.id, wish, now=request.now)


@shop_page("view_orders")
@require_GET
def row(request: ShopRequest, order_id: int) -> HttpResponse:
    """One row of the list, drawn anew after something happened to its order."""
    found = boards.cards(request.shop.id, [order_id], now=request.now)
    if not found:
        raise Http404
    contracts = bool(contract_boards.contracts(request.shop.id, active=True))
    columns = words.shown(kept_columns(request), asked(request).filter.tab, contracts=contracts)
    return render(request, "orders/row.html", {"row": found[0], "columns": columns})


@shop_page("ship")
@require_POST
def ship_many(request: ShopRequest) -> HttpResponse:
    """Begin a shipments batch with the chosen orders and go to it."""
    batch_id = batch_service.open_shipments(request.actor, order_ids=picked(request), now=request.now)
    return redirect(address("batch", request.shop.code, batch_id=batch_id))


@shop_page("export_orders")
@require_POST
@fresh(FRESH_EXPORT)
def export_many(request: ShopRequest) -> HttpResponse:
    """The chosen orders as a sheet, receivers in full; journaled."""
    name, body = exports.export_orders(request.actor, picked(request), now=request.now)
    return download(name, body)


@shop_page("edit_memo")
@require_POST
def flag_many(request: ShopRequest) -> HttpResponse:
    """Put one flag on the chosen orders, or take it off (`flag` empty)."""
    ids = picked(request)
    moved = order_service.set_flags(request.actor, ids, flag_of(request.POST.get("flag", "")), now=request.now)
    return toast(request, redirect(list_again(request)), gettext("已给 {n} 单标旗").format(n=moved))


@shop_page("set_deadline")
@require_POST
def let_wait_many(request: ShopRequest, ground: Ground) -> HttpResponse:
    """Note until when the chosen orders may wait, agreed with their buyers (约定) or approved by the platform (报备)."""
    until = moment(request, "until" if ground == "reported" else "agreed")
    moved = order_service.let_wait(request.actor, picked(request), until, ground=ground, now=request.now)
    said = (
        gettext("{n} 单的约定已记下，期限已重算") if ground == "agreed" else gettext("{n} 单的报备已记下，期限已重算")
    )
    return toast(request, redirect(list_again(request)), said.format(n=moved))


@shop_page("ship")
@require_POST
def call_many(request: ShopRequest) -> HttpResponse:
    """Note that the courier was called for the chosen orders."""
    moved = order_service.note_courier_call(request.actor, picked(request), now=request.now)
    return toast(request, redirect(list_again(request)), gettext("已记下叫快递：{n} 单").format(n=moved))


urlpatterns: list[URLPattern] = [
    path("orders/", orders, name="orders"),
    path("orders/ship/", ship_many, name="orders-ship"),
    path("orders/export/", export_many, name="orders-export"),
    path("orders/flag/", flag_many, name="orders-flag"),
    path("orders/report/", let_wait_many, {"ground": "reported"}, name="orders-report"),
    path("orders/agree/", let_wait_many, {"ground": "agreed"}, name="orders-agree"),
    path("orders/called/", call_many, name="orders-called"),
    path("orders/<int:order_id>/row/", row, name="order-row"),
    *handing.urlpatterns,
    *papers.urlpatterns,
    *assignments.urlpatterns,
    *views.urlpatterns,
    *order.urlpatterns,
    *parcels.urlpatterns,
    *find.urlpatterns,
]
