"""One case: everything that happened, what upholding would cost and why, and the verdict, confirmed on what was seen."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules import evidence as evidence_rules
from fahuo.rules.complaints import VERDICTS, Cost
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import complaints, evidence
from fahuo.services.complaints import Picture
from fahuo.store.boards import platform as boards
from fahuo.store.boards.platform_case import Case, case_of
from fahuo.web.access import PlatformRequest
from fahuo.web.platform_frame import desk, page
from fahuo.web.platform_timeline import timeline
from fahuo.web.platform_words import KINDS, OPENERS, OUTCOMES, STATES, version_lines, working_words, yuan
from fahuo.web.session import toast
from fahuo.web.uploads import download, sheets_of, takes_files


def _found(request: PlatformRequest, shop: str, order_id: int) -> tuple[Any, Case]:
    """The shop and the case, in the shop's time zone; Http404 where there is none."""
    about = boards.shop_by_code(shop)
    case = case_of(about.id, order_id, now=request.now) if about else None
    if about is None or case is None:
        raise Http404(order_id)
    timezone.activate(about.time_zone)
    return about, case


def _show(
    request: PlatformRequest, shop: str, order_id: int, *, problems: Sequence[Problem] = (), place: str = "",
    typed: dict[str, Any] | None = None, asks: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The page. `asks` is the verdict that waits for its confirmation; `place` is where the problems stand."""
    about, case = _found(request, shop, order_id)
    found = complaints.picture_of(about.id, order_id)
    words: dict[str, Any] = {}
    if found is not None:
        picture, working = found
        kind = case.complaint.kind if case.complaint else ""
        words = {
            "picture": picture, "cost": picture.cost, "version": working.version,
            "working": working_words(kind, working.penalty, picture.cost.points, working.version),
            "values": version_lines(working.version, kind),
        }  # fmt: skip
    parties = {row.party for row in case.evidence if case.complaint and row.complaint_id == case.complaint.id}
    return page(
        request, "platform/case.html", "cases", status=status, about=about, case=case, order=case.detail.order,
        detail=case.detail, entries=timeline(case, shop), complaint=_card(case.complaint), earlier=_earlier(case),
        tasks=[(task, STATES.get(task.state, task.state)) for task in case.tasks], problems=problems, place=place,
        typed=typed or {}, asks=asks, accept=evidence_rules.ACCEPT, silent=_silent(parties),
        may_add=found is not None or any(task.state == "platform_intervention" for task in case.tasks), **words,
    )  # fmt: skip


def _card(row: Any) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "row": row, "kind": KINDS.get(row.kind, row.kind), "opener": OPENERS.get(row.opened_by, row.opened_by),
        "outcome": OUTCOMES[row.status], "open": row.status == "open",
    }  # fmt: skip


def _earlier(case: Case) -> list[dict[str, Any]]:
    return [card for row in case.complaints if row is not case.complaint and (card := _card(row))]


def _silent(parties: set[str]) -> str:
    """Who has put nothing on record."""
    missing = [
        word for party, word in (("seller", gettext("卖家")), ("buyer", gettext("买家"))) if party not in parties
    ]
    return gettext("和").join(missing)


@desk
@require_GET
def case(request: PlatformRequest, shop: str, order_id: int) -> HttpResponse:
    """What happened, and who is right?"""
    return _show(request, shop, order_id)


def _picture(request: HttpRequest) -> Picture:
    """What the page showed, as its form sends it back. Refusal `verdict_changed` for anything else."""
    given = request.POST
    try:
        numbers = [int(given.get(name, "")) for name in ("complaint", "points", "evidence")]
        amount = Decimal(given.get("amount", ""))
    except (ValueError, InvalidOperation):
        raise Refusal.of("verdict_changed") from None
    return Picture(numbers[0], Cost(amount, numbers[1]), numbers[2])


@desk
@require_POST
def verdict(request: PlatformRequest, shop: str, order_id: int) -> HttpResponse:
    """Decide: the first time it is shown what that means, the second time (`confirmed`) it is done."""
    about, _ = _found(request, shop, order_id)
    given = {"verdict": request.POST.get("verdict", ""), "statement": request.POST.get("statement", "").strip()}
    try:
        shown = _picture(request)
        if given["verdict"] not in VERDICTS:
            raise Refusal.of("verdict_unknown", verdict=given["verdict"][:40])
        if not given["statement"]:
            raise Refusal.of("statement_missing")
        if len(given["statement"]) > complaints.STATEMENT:
            raise Refusal.of("statement_long", most=complaints.STATEMENT)
        if not request.POST.get("confirmed"):
            complaints.check_picture(about.id, order_id, shown)
            return _show(request, shop, order_id, typed=given, asks=given["verdict"])
        cost = complaints.adjudicate(
            request.platform, about.id, order_id, verdict=given["verdict"], statement=given["statement"], shown=shown,
            now=request.now,
        )  # fmt: skip
    except Refusal as refusal:
        return _show(
            request, shop, order_id, problems=refusal.problems, place="verdict", typed=given, status=422
        )  # fmt: skip
    said = gettext("已裁决：投诉不成立")
    if given["verdict"] == "upheld":
        said = gettext("已裁决：投诉成立，卖家赔付 {amount}，扣 {points} 分")
        said = said.format(amount=yuan(cost.compensation), points=cost.points)
    return toast(request, redirect("platform_case", shop=shop, order_id=order_id), said)


def _too_large(request: HttpRequest, problem: Problem, **parts: Any) -> Any:
    return _refused(request, problem=problem, **parts)


@desk
def _refused(request: PlatformRequest, shop: str, order_id: int, problem: Problem) -> HttpResponse:
    return _show(request, shop, order_id, problems=[problem], place="evidence", status=422)


@desk
@require_POST
def _add_evidence(request: PlatformRequest, shop: str, order_id: int) -> HttpResponse:
    about, _ = _found(request, shop, order_id)
    body = request.POST.get("body", "")
    try:
        file = sheets_of(request)[0] if request.FILES.getlist("file") else None
        evidence.add(request.platform, shop_id=about.id, order_id=order_id, body=body, file=file, now=request.now)
    except Refusal as refusal:
        return _show(
            request, shop, order_id, problems=refusal.problems, place="evidence", typed={"body": body}, status=422
        )  # fmt: skip
    return toast(request, redirect("platform_case", shop=shop, order_id=order_id), gettext("已记录在案"))


add_evidence = takes_files(_too_large)(_add_evidence)


@desk
@require_GET
def evidence_file(request: PlatformRequest, shop: str, order_id: int, evidence_id: int) -> HttpResponse:
    """A file that a party put on record, to be saved, never shown in place."""
    about = boards.shop_by_code(shop)
    if about is None:
        raise Http404(shop)
    try:
        name, body = evidence.file_of(about.id, evidence_id, order_id=order_id)
    except Refusal as refusal:
        raise Http404(evidence_id) from refusal
    return download(name, body)


HERE = "platform/complaints/<slug:shop>/<int:order_id>/"
urlpatterns: list[URLPattern] = [
    path(HERE, case, name="platform_case"),
    path(f"{HERE}verdict/", verdict, name="platform_verdict"),
    path(f"{HERE}evidence/", add_evidence, name="platform_evidence"),
    path(f"{HERE}evidence/<int:evidence_id>/", evidence_file, name="platform_evidence_file"),
]
