"""选快递规则: which contract gets an order, as a list that is asked from the top."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.carrier_choice import Conditions, read_conditions
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.regions import is_known, name_of, provinces, split_address, words_of
from fahuo.services import contracts as service
from fahuo.store.boards import contracts as boards
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.contract_words import condition_words
from fahuo.web.contracts import moved_up
from fahuo.web.session import toast
from fahuo.web.templatetags.ui import FLAG_NAMES

FIELDS: Final = (
    "name", "contract", "regions", "min_grams", "max_grams", "goods", "memo", "min_amount", "max_amount", "active",
)  # fmt: skip


@shop_page("view_contracts")
@require_GET
def listed(request: ShopRequest) -> HttpResponse:
    """The rules in their order, each in words."""
    names = {contract.id: contract for contract in boards.contracts(request.shop.id)}
    rows = [
        {
            "rule": rule,
            "said": condition_words(read_conditions(rule.conditions)),
            "contract": names.get(rule.contract_id or 0),
        }
        for rule in boards.rules(request.shop.id)
    ]
    return render(request, "contracts/rules.html", {
        "section": "batches", "rows": rows, "may_manage": request.actor.may("manage_contracts"),
        "contracts": [contract for contract in names.values() if contract.active],
    })  # fmt: skip


def _words(text: str) -> tuple[str, ...]:
    """Words apart by commas, 顿号 or line breaks."""
    for mark in ("，", "、", ";", "；", "\n"):
        text = text.replace(mark, ",")
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def _region(text: str) -> str:
    """A region's code from its code or name. Raises Refusal `region_unknown`."""
    code = text if text.isascii() and text.isdigit() else split_address(text).region
    if not code or not is_known(code):
        raise Refusal.of("region_unknown", region=text[:60])
    return code


def _whole(text: str) -> int | None:
    if not text.strip():
        return None
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) < 9):
        raise Refusal.of("carrier_rule_numbers")
    return int(text)


def _amount(text: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        found = Decimal(text.strip().removeprefix("¥"))
    except InvalidOperation as wrong:
        raise Refusal.of("carrier_rule_numbers") from wrong
    if not found.is_finite():
        raise Refusal.of("carrier_rule_numbers")
    return found


def _conditions(post: QueryDict) -> Conditions:
    """What the form asks of an order. Refusals of what makes no sense."""
    flags = [int(text) for text in post.getlist("flags") if text.isascii() and text.isdigit() and len(text) < 3]
    return Conditions(
        regions=tuple(_region(word) for word in _words(post.get("regions", ""))), goods=_words(post.get("goods", "")),
        memo=_words(post.get("memo", "")), flags=tuple(flags), min_grams=_whole(post.get("min_grams", "")),
        max_grams=_whole(post.get("max_grams", "")), min_amount=_amount(post.get("min_amount", "")),
        max_amount=_amount(post.get("max_amount", "")),
    )  # fmt: skip


def _shown(rule: Any | None) -> dict[str, Any]:
    """A rule as its form shows it."""
    if rule is None:
        return {"name": "", "contract": "", "flags": [], "active": True}
    asked = read_conditions(rule.conditions)
    plain: dict[str, Any] = {
        name: getattr(asked, name) for name in ("min_grams", "max_grams", "min_amount", "max_amount")
    }
    return {
        **{name: "" if value is None else value for name, value in plain.items()}, "name": rule.name,
        "contract": str(rule.contract_id or ""), "active": rule.active, "flags": [str(flag) for flag in asked.flags],
        "regions": "、".join(name_of(code) or words_of(code) for code in asked.regions), "goods": "、".join(asked.goods),
        "memo": "、".join(asked.memo),
    }  # fmt: skip


def _form(
    request: ShopRequest, rule: Any | None, problems: Sequence[Problem], typed: dict[str, Any] | None
) -> HttpResponse:
    return render(request, "contracts/rule.html", {
        "section": "batches", "rule": rule, "typed": typed or _shown(rule), "problems": problems,
        "contracts": boards.contracts(request.shop.id, active=True), "provinces": [name for _, name in provinces()],
        "flags": [(str(number), number, name) for number, name in enumerate(FLAG_NAMES)],
    }, status=422 if problems else 200)  # fmt: skip


@shop_page("manage_contracts")
def rule(request: ShopRequest, rule_id: int | None = None) -> HttpResponse:
    """One rule: what it asks of an order, and where the order goes."""
    found = None if rule_id is None else boards.rule(request.shop.id, rule_id)
    if rule_id is not None and found is None:
        raise Http404(rule_id)
    if request.method != "POST":
        return _form(request, found, (), None)
    post = request.POST
    typed = {
        **{name: post.get(name, "") for name in FIELDS},
        "flags": post.getlist("flags"),
        "active": bool(post.get("active")),
    }
    contract = post.get("contract", "")
    try:
        service.keep_rule(
            request.actor, name=post.get("name", ""), conditions=_conditions(post), active=bool(post.get("active")),
            contract_id=int(contract) if contract.isascii() and contract.isdigit() and len(contract) < 19 else None,
            rule_id=rule_id, now=request.now,
        )  # fmt: skip
    except Refusal as refusal:
        if refusal.problems[0].code == "not_permitted":
            raise
        return _form(request, found, refusal.problems, typed)
    return toast(
        request, redirect("carrier-rules", shop=request.shop.code), gettext("规则已保存，以后导入的订单照它选")
    )


@shop_page("manage_contracts")
@require_POST
def drop(request: ShopRequest, rule_id: int) -> HttpResponse:
    """Forget a rule; what it chose stays chosen."""
    if not service.drop_rule(request.actor, rule_id, now=request.now):
        raise Http404(rule_id)
    return toast(request, redirect("carrier-rules", shop=request.shop.code), gettext("规则已删除，已分配的订单不变"))


@shop_page("manage_contracts")
@require_POST
def up(request: ShopRequest, rule_id: int) -> HttpResponse:
    """Ask a rule one place earlier."""
    ids = [row.id for row in boards.rules(request.shop.id)]
    if rule_id not in ids:
        raise Http404(rule_id)
    service.place_rules(request.actor, moved_up(ids, rule_id), now=request.now)
    return redirect("carrier-rules", shop=request.shop.code)


urlpatterns: list[URLPattern] = [
    path("carrier-rules/", listed, name="carrier-rules"),
    path("carrier-rules/new/", rule, name="carrier-rule-new"),
    path("carrier-rules/<int:rule_id>/", rule, name="carrier-rule"),
    path("carrier-rules/<int:rule_id>/drop/", drop, name="carrier-rule-drop"),
    path("carrier-rules/<int:rule_id>/up/", up, name="carrier-rule-up"),
]
