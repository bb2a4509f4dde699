"""资费: what a contract asks by region and weight, on its page and by sheet, and what one parcel would cost."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from fahuo.rules.contracts import Tariff, Weight, quote
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.regions import is_known, name_of, provinces, split_address, words_of
from fahuo.services import contracts as service
from fahuo.services import own_sheets, tariff_sheets
from fahuo.store.boards import batches_page
from fahuo.web import uploads
from fahuo.web.access import ShopRequest, by_method, shop_page
from fahuo.web.contract_words import quote_word
from fahuo.web.contracts import contract_of, frame
from fahuo.web.session import toast

SPARE: Final = 3
"""Empty rows under the prices."""
RECENT: Final = 5
"""Sheets of prices that the page looks through."""
PRICE_FIELDS: Final = ("first_grams", "first_price", "next_grams", "next_price")


def _shown(tariffs: Sequence[Tariff], *, all_provinces: bool) -> list[dict[str, Any]]:
    """The rows of the form: everywhere else first, then regions, then empty ones."""
    rest = next((row for row in tariffs if not row.region), Tariff())
    rows = [rest, *(row for row in tariffs if row.region)]
    if all_provinces:
        named = {row.region for row in rows}
        rows += [
            Tariff(code[:2], *[getattr(rest, name) for name in ("served", *PRICE_FIELDS)])
            for code, _ in provinces() if code[:2] not in named
        ]  # fmt: skip
    shown = [
        {
            "region": (name_of(row.region) or words_of(row.region)) if row.region else "", "rest": place == 0,
            "served": row.served, **{name: getattr(row, name) for name in PRICE_FIELDS},
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    return shown + [{"region": "", "rest": False, "served": True} for _ in range(SPARE)]


def _typed(post: QueryDict) -> list[dict[str, Any]]:
    """The rows as they were typed."""
    columns = {name: post.getlist(name) for name in ("region", "served", *PRICE_FIELDS)}
    return [
        {**dict(zip(columns, cells, strict=True)), "rest": place == 0, "served": cells[1] != "0"}
        for place, cells in enumerate(zip(*columns.values(), strict=False))
    ]  # fmt: skip


def _meant(rows: Sequence[dict[str, Any]]) -> list[Tariff]:
    """What the rows mean; those without a region, but the first, are none. Refusal with every slip."""
    found: list[Tariff] = []
    problems: list[Problem] = []
    for row in rows:
        text = row["region"].strip()
        if not text and not row["rest"]:
            continue
        code = "" if row["rest"] else text if text.isascii() and text.isdigit() else split_address(text).region
        if not row["rest"] and not (code and is_known(code)):
            problems.append(Problem("region_unknown", {"region": text[:60]}))
            continue
        try:
            weights = [int(row[name] or 1000) for name in ("first_grams", "next_grams")]
            prices = [Decimal(row[name] or 0) for name in ("first_price", "next_price")]
        except (ValueError, InvalidOperation):
            problems.append(Problem("tariff_price"))
            continue
        found.append(Tariff(code, row["served"], weights[0], prices[0], weights[1], prices[1]))
    if problems:
        raise Refusal(*problems)
    return found


def _trial(request: ShopRequest, tariffs: Sequence[Tariff]) -> dict[str, Any]:
    """试算: what a parcel to the region and of the weight in the address would cost."""
    where, heavy = request.GET.get("to", "").strip()[:60], request.GET.get("grams", "").strip()
    if not where:
        return {"to": "", "grams": heavy}
    region = where if where.isascii() and where.isdigit() else split_address(where).region
    known = heavy.isascii() and heavy.isdigit() and len(heavy) < 8
    found = quote(tariffs, region.ljust(6, "0") if region else "", Weight(int(heavy)) if known else Weight(0, 1))
    return {"to": where, "grams": heavy, "word": quote_word(found), "region": name_of(region) if region else ""}


def _show(
    request: ShopRequest, contract_id: int, rows: list[dict[str, Any]] | None = None, *, problems: Sequence[Problem] = (),
    place: str = "",
) -> HttpResponse:  # fmt: skip
    """The page; `problems` stand at `place` ("form" or "sheet")."""
    found = contract_of(request, contract_id)
    kept = service.tariffs_of(request.shop.id, contract_id)
    recent = batches_page(request.shop.id, kind="tariffs", limit=RECENT).rows
    context = frame(request, found, "tariffs") | {
        "rows": rows or _shown(kept, all_provinces="all" in request.GET), "problems": problems, "place": place, "kept": kept,
        "trial": _trial(request, kept), "provinces": [name for _, name in provinces()], "accept": uploads.ACCEPT,
        "recent": [batch for batch in recent if batch.options.get("contract") == contract_id],
    }  # fmt: skip
    large = any(problem.code == "file_too_large" for problem in problems)
    return render(request, "contracts/tariffs.html", context, status=413 if large else 422 if problems else 200)


@shop_page("view_contracts")
def tariffs(request: ShopRequest, contract_id: int) -> HttpResponse:
    """What a contract asks by region and weight, and what one parcel would cost."""
    if request.method != "POST":
        return _show(request, contract_id)
    request.actor.require("manage_contracts")
    contract_of(request, contract_id)
    rows = _typed(request.POST)
    try:
        changed = service.set_tariffs(request.actor, contract_id, _meant(rows), now=request.now)
    except Refusal as refusal:
        return _show(request, contract_id, rows, problems=refusal.problems, place="form")
    said = gettext("运费已保存") if changed else gettext("运费没有变化")
    return toast(request, redirect("contract-tariffs", shop=request.shop.code, contract_id=contract_id), said)


@shop_page("manage_contracts")
def _too_large(request: ShopRequest, contract_id: int, problem: Problem) -> HttpResponseBase:
    return _show(request, contract_id, problems=(problem,), place="sheet")


@shop_page("manage_contracts")
def _upload(request: ShopRequest, contract_id: int) -> HttpResponseBase:
    contract_of(request, contract_id)
    try:
        name, body = uploads.sheets_of(request)[0]
        batch_id = own_sheets.open_tariffs_sheet(request.actor, contract_id, name=name, body=body, now=request.now)
    except Refusal as refusal:
        return _show(request, contract_id, problems=refusal.problems, place="sheet")
    return redirect("batch", shop=request.shop.code, batch_id=batch_id)


@shop_page("view_contracts")
@require_GET
def _download(request: ShopRequest, contract_id: int) -> HttpResponse:
    found = contract_of(request, contract_id)
    body = tariff_sheets.sheet(service.tariffs_of(request.shop.id, contract_id))
    return uploads.download(gettext("运费表") + f"-{found.name}.xlsx", body)


sheet = uploads.takes_files(_too_large)(by_method(get=_download, post=_upload))


urlpatterns: list[URLPattern] = [
    path("contracts/<int:contract_id>/tariffs/", tariffs, name="contract-tariffs"),
    path("contracts/<int:contract_id>/tariffs/sheet/", sheet, name="contract-tariffs-sheet"),
]
