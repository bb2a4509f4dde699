"""单号库存 and 台账 of a contract: what is left, what was bought, every move, and the numbers behind each figure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules import stock as rules
from fahuo.rules import waybills
from fahuo.rules.paces import Outlook
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.stock import ACTS as MOVES
from fahuo.rules.stock import STATES as NUMBER_STATES
from fahuo.rules.stock import Judged
from fahuo.services import own_sheets
from fahuo.services import stock as service
from fahuo.services.stock import Terms
from fahuo.store.boards import stock as boards
from fahuo.web import ui, uploads
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.contract_words import ACTS, STATES, lasts
from fahuo.web.contracts import contract_of, day_start, frame
from fahuo.web.session import toast
from fahuo.web.templatetags.ui import sentence

LISTED: Final = 100
SHOWN: Final = 20
"""Refused numbers that a preview shows one by one."""
TYPED_MOST: Final = 200_000
"""Characters of pasted numbers that are read; more come as a sheet."""
FIELDS: Final = ("kind", "first", "count", "last", "numbers", "price", "bought_on", "note")


@dataclass(frozen=True, slots=True)
class Typed:
    """The form of a purchase as it was typed."""

    kind: str = "run"
    first: str = ""
    count: str = ""
    last: str = ""
    numbers: str = ""
    price: str = ""
    bought_on: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a purchase would bring: good numbers, what is refused, what it costs."""

    good: int
    first: str
    last: str
    cost: Decimal
    refused: list[Judged] = field(default_factory=list)
    warned: int = 0

    @property
    def shown(self) -> list[Judged]:
        return self.refused[:SHOWN]


def stock_of(request: ShopRequest, contract_id: int) -> Any:
    """A contract that keeps a stock, or Http404."""
    found = contract_of(request, contract_id)
    if found.numbers != "stock":
        raise Http404(contract_id)
    return found


def _today(request: ShopRequest) -> date:
    return timezone.localtime(request.now).date()


def _show(
    request: ShopRequest, contract: Any, *, typed: Typed | None = None, problems: Sequence[Problem] = (),
    preview: Preview | None = None, place: str = "",
) -> HttpResponse:  # fmt: skip
    totals = boards.totals(request.shop.id, contract.id)
    page = boards.lots(request.shop.id, contract.id, cursor=request.GET.get("cursor", ""))
    found = boards.outlooks(request.shop.id, today=day_start(request, request.now), now=request.now, active=False)
    mine = next((each for each in found if each.contract_id == contract.id), None)
    outlook = mine.outlook if mine else Outlook(0)
    context = frame(request, contract, "stock") | {
        "totals": totals, "page": page, "lots": page.rows, "states": STATES, "today": mine.today if mine else 0,
        "outlook": outlook, "lasts": lasts(outlook, now=request.now), "problems": problems, "place": place,
        "typed": typed or Typed(bought_on=_today(request).isoformat()), "preview": preview, "accept": uploads.ACCEPT,
        "most": rules.MOST, "open": bool(typed) or not totals.count,
    }  # fmt: skip
    return render(request, "stock/page.html", context, status=422 if problems else 200)


@shop_page("view_contracts")
@require_GET
def page(request: ShopRequest, contract_id: int) -> HttpResponse:
    """What is left, how long it lasts, and every lot with what became of its numbers."""
    return _show(request, stock_of(request, contract_id))


def _typed(request: ShopRequest) -> Typed:
    found = {name: request.POST.get(name, "").strip()[:TYPED_MOST] for name in FIELDS}
    return Typed(**{**found, "kind": "list" if found["kind"] == "list" else "run"})


def _terms(request: ShopRequest, typed: Typed) -> Terms:
    """Raises Refusal `number_price`, `bought_on`."""
    try:
        price = Decimal(typed.price.removeprefix("¥") or "0")
    except InvalidOperation as wrong:
        raise Refusal.of("number_price", value=typed.price[:20]) from wrong
    wrong_price = rules.price_problem(price)
    if wrong_price is not None:
        raise Refusal(wrong_price)
    try:
        bought_on = date.fromisoformat(typed.bought_on) if typed.bought_on else _today(request)
    except ValueError as wrong:
        raise Refusal.of("bought_on", value=typed.bought_on[:20]) from wrong
    return Terms(price, bought_on, typed.note[:200])


def _count(typed: Typed) -> int | None:
    if not typed.count:
        return None
    if not (typed.count.isascii() and typed.count.isdigit() and len(typed.count) < 9):
        raise Refusal.of("run_count", count=typed.count[:20])
    return int(typed.count)


def _numbers(contract: Any, typed: Typed) -> list[str]:
    """The numbers that were meant. Refusals of a run, `lot_empty`."""
    if typed.kind == "list":
        return [
            number for number in typed.numbers.replace(",", " ").replace("，", " ").replace(";", " ").split() if number
        ]
    return rules.run(contract.carrier, typed.first, count=_count(typed), last=typed.last)


@shop_page("buy_waybills")
def _too_large(request: ShopRequest, contract_id: int, problem: Problem) -> HttpResponseBase:
    return _show(request, stock_of(request, contract_id), problems=(problem,), place="buy")


@uploads.takes_files(_too_large)
@shop_page("buy_waybills")
@require_POST
def buy(request: ShopRequest, contract_id: int) -> HttpResponseBase:
    """Look at a purchase, then (step "buy") put it into stock. A sheet goes on to its batch, where every row is checked."""
    contract, typed = stock_of(request, contract_id), _typed(request)
    try:
        terms = _terms(request, typed)
        if typed.kind == "list" and request.FILES.get("file"):
            name, body = uploads.sheets_of(request)[0]
            batch_id = own_sheets.open_numbers_sheet(
                request.actor, contract_id, terms, name=name, body=body, now=request.now
            )  # fmt: skip
            return redirect("batch", shop=request.shop.code, batch_id=batch_id)
        numbers = _numbers(contract, typed)
        if request.POST.get("step") != "buy":
            return _show(request, contract, typed=typed, preview=_preview(request, contract, typed, numbers, terms))
        said = _buy(request, contract, typed, numbers, terms)
    except Refusal as refusal:
        if refusal.problems[0].code == "not_permitted":
            raise
        return _show(request, contract, typed=typed, problems=refusal.problems, place="buy")
    return toast(request, redirect("contract-stock", shop=request.shop.code, contract_id=contract_id), said)


def _buy(request: ShopRequest, contract: Any, typed: Typed, numbers: list[str], terms: Terms) -> str:
    """Put the numbers into stock; what to say of it."""
    if typed.kind == "list":
        bought = service.buy_list(request.actor, contract.id, terms, numbers, now=request.now)
    else:
        bought = service.buy_run(
            request.actor, contract.id, terms, first=typed.first, count=_count(typed), last=typed.last, now=request.now
        )  # fmt: skip
    said = gettext("已入库 {n} 个单号").format(n=f"{bought.count:,}")
    if bought.refused:
        said += gettext("，{n} 个没有入库").format(n=f"{len(bought.refused):,}")
    return said


def _preview(
    request: ShopRequest, contract: Any, typed: Typed, numbers: list[str], terms: Terms
) -> Preview:  # fmt: skip
    judged = service.judge(request.shop.id, contract, numbers)
    good = [each.number for each in judged if each.problem is None]
    ends = (numbers[0], numbers[-1]) if typed.kind == "run" else ("", "")
    return Preview(
        len(good), *ends, terms.price * len(good), [each for each in judged if each.problem is not None],
        sum(each.warning is not None for each in judged),
    )  # fmt: skip


# ---- the ledger and what stands behind it -----------------------------------------------------------------------


@shop_page("view_contracts")
@require_GET
def ledger(request: ShopRequest, contract_id: int) -> HttpResponse:
    """Every move of the contract's numbers, what it adds up to, and what it cost."""
    contract = stock_of(request, contract_id)
    act = request.GET.get("act", "")
    act = act if act in MOVES else ""
    lot_id = _number_in(request, "lot")
    page = boards.ledger(
        request.shop.id, contract_id, act=act, lot_id=lot_id, cursor=request.GET.get("cursor", ""), limit=LISTED
    )  # fmt: skip
    context = frame(request, contract, "ledger") | {
        "totals": boards.totals(request.shop.id, contract_id), "page": page, "rows": page.rows, "states": STATES,
        "acts": ACTS, "act": act, "lot": boards.lot(request.shop.id, lot_id) if lot_id else None,
        "fields": [ui.Filter("act", gettext("动作"), "select", act, [(key, str(word)) for key, word in ACTS.items()])],
        "keep": {"lot": str(lot_id)} if lot_id else {},
    }  # fmt: skip
    return render(request, "stock/ledger.html", context)


def _number_in(request: ShopRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@shop_page("view_contracts")
@require_GET
def numbers(request: ShopRequest, contract_id: int) -> HttpResponse:
    """The numbers behind a figure: of a state, of a lot, of one move; or the one that was looked for."""
    contract = stock_of(request, contract_id)
    asked = request.GET.get("number", "").strip()[:60]
    if asked:
        found = boards.find(request.shop.id, contract.carrier, waybills.normalise(asked))
        if found is not None and found.contract_id == contract_id:
            return redirect("contract-number", shop=request.shop.code, contract_id=contract_id, number_id=found.id)
    state = request.GET.get("state", "")
    state = state if state in NUMBER_STATES else ""
    lot_id, move_id = _number_in(request, "lot"), _number_in(request, "move")
    page = boards.numbers(
        request.shop.id, contract_id, state=state, lot_id=lot_id, move_id=move_id, limit=LISTED,
        cursor=request.GET.get("cursor", ""),
    )  # fmt: skip
    labels = boards.labels_of(request.shop.id, [row.label_id for row in page.rows if row.label_id])
    context = frame(request, contract, "stock") | {
        "page": page, "states": STATES, "acts": ACTS, "asked": asked, "state": state,
        "rows": [{"number": row, "word": STATES[row.state], "label": labels.get(row.label_id)} for row in page.rows],
        "lot": boards.lot(request.shop.id, lot_id) if lot_id else None,
        "move": boards.move(request.shop.id, contract_id, move_id) if move_id else None,
        "picks": request.actor.may("buy_waybills") and state in ("", "free", "returned", "taken", "printed"),
    }  # fmt: skip
    return render(request, "stock/numbers.html", context)


@shop_page("view_contracts")
@require_GET
def number(request: ShopRequest, contract_id: int, number_id: int) -> HttpResponse:
    """One number: where it stands, whose it is, and every move it made."""
    contract = stock_of(request, contract_id)
    found = boards.number(request.shop.id, number_id)
    if found is None or found.contract_id != contract_id:
        raise Http404(number_id)
    labels = boards.labels_of(request.shop.id, [found.label_id] if found.label_id else [])
    return render(request, "stock/number.html", frame(request, contract, "stock") | {
        "number": found, "word": STATES[found.state], "label": labels.get(found.label_id), "acts": ACTS, "states": STATES,
        "lot": boards.lot(request.shop.id, found.lot_id), "past": boards.past(request.shop.id, found),
    })  # fmt: skip


@shop_page("buy_waybills")
@require_POST
def void(request: ShopRequest, contract_id: int) -> HttpResponse:
    """Give up the chosen numbers: their slips are lost or spoilt. Those that a label or a parcel has stay."""
    stock_of(request, contract_id)
    chosen = ui.chosen(request)
    back = reverse("contract-stock", kwargs={"shop": request.shop.code, "contract_id": contract_id})
    try:
        count = service.void(request.actor, chosen.ids, note=request.POST.get("note", "")[:200], now=request.now)
    except Refusal as refusal:
        if refusal.problems[0].code == "not_permitted":
            raise
        said = sentence(refusal.problems[0])
        return toast(request, redirect(back), said, tone="bad")
    said = gettext("已作废 {n} 个单号").format(n=f"{count:,}")
    if count < len(chosen.ids):
        said += gettext("；{n} 个正被面单或包裹使用，没有动").format(n=f"{len(chosen.ids) - count:,}")
    return toast(request, redirect(back), said)


urlpatterns: list[URLPattern] = [
    path("contracts/<int:contract_id>/stock/", page, name="contract-stock"),
    path("contracts/<int:contract_id>/stock/buy/", buy, name="contract-buy"),
    path("contracts/<int:contract_id>/ledger/", ledger, name="contract-ledger"),
    path("contracts/<int:contract_id>/numbers/", numbers, name="contract-numbers"),
    path("contracts/<int:contract_id>/numbers/void/", void, name="contract-void"),
    path("contracts/<int:contract_id>/numbers/<int:number_id>/", number, name="contract-number"),
]
