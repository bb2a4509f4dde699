"""揽收交接: when couriers come, what they take, their signature by count; and what was left behind."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.pickups import CALL_AHEAD, LIVING, split_numbers
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import pickup_calls, rounds
from fahuo.services import pickups as service
from fahuo.services.pickups import Added
from fahuo.store.boards import pickups as board
from fahuo.store.boards.pages import Count
from fahuo.web import ui
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.order_forms import address, moment
from fahuo.web.session import toast
from fahuo.web.station import ASKED

STATES: Final[dict[str, tuple[str | Promise, str, str]]] = {
    "coming": (gettext_lazy("还没来"), "quiet", "clock"), "missed": (gettext_lazy("没有交接"), "quiet", "circle-dashed"),
    "late": (gettext_lazy("过点了还没签收"), "warn", "clock-alert"), "called": (gettext_lazy("已约"), "plain", "phone-call"),
    "open": (gettext_lazy("清点中"), "plain", "list-checks"), "signed": (gettext_lazy("已交接"), "good", "signature"),
    "cancelled": (gettext_lazy("已取消"), "quiet", "ban"),
}  # fmt: skip
CALLS: Final[dict[str, tuple[str | Promise, str, str]]] = {
    "waiting": (gettext_lazy("正在通知快递"), "plain", "phone-outgoing"),
    "unknown": (gettext_lazy("通知了，还没有回音"), "warn", "phone-outgoing"),
    "refused": (gettext_lazy("快递没有接"), "bad", "phone-off"), "done": (gettext_lazy("快递已接单"), "good", "phone-call"),
    "cancelling": (gettext_lazy("正在通知快递别来"), "warn", "phone-outgoing"),
    "cancelled": (gettext_lazy("快递知道不用来"), "quiet", "phone-off"), "dropped": (gettext_lazy("没有通知快递"), "quiet", "phone-off"),
}  # fmt: skip
"""How a pickup stands with the carrier's service -> word, tone, drawing."""
TABS: Final = {
    "printed": gettext_lazy("打印了没打包"), "packed": gettext_lazy("打包了没交接"), "unscanned": gettext_lazy("交接了没揽收记录"),
}  # fmt: skip
NEWEST: Final = 50
"""Numbers of a manifest that stand on its page; the rest on the paper, or with all=1."""
ALL: Final = 5000


@shop_page("view_labels")
@require_GET
def listed(request: ShopRequest) -> HttpResponse:
    """The rounds of today, the form to call a courier, and the pickups that are over."""
    return _list(request)


def _list(request: ShopRequest, problems: Sequence[Problem] = ()) -> HttpResponse:
    day = rounds.day(request.shop.id, now=request.now)
    soon = timezone.localtime(request.now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    recent = board.recent(request.shop.id, cursor=request.GET.get("cursor", ""))
    ids = [one.pickup.id for one in day.rounds if one.pickup] + [row.id for row in recent.rows]
    calls = pickup_calls.standing(request.shop.id, ids)
    return render(request, "pickups/list.html", {
        "section": "station", "day": day, "rounds": [(one, STATES[one.state], _call_of(calls, one.pickup)) for one in day.rounds],
        "contracts": [contract for contract in day.contracts if contract.active], "at": f"{soon:%Y-%m-%dT%H:%M}",
        "page": recent, "rows": [(row, STATES[row.status], _call_of(calls, row)) for row in recent.rows], "problems": problems,
        "may": request.actor.may("hand_over"), "form": request.POST,
    }, status=422 if problems else 200)  # fmt: skip


def _call_of(calls: Mapping[int, Any], pickup: Any) -> dict[str, Any] | None:
    """How a pickup stands with the service; None where none was asked."""
    row = calls.get(pickup.id) if pickup else None
    if row is None:
        return None
    waits = row.due_at is None and row.state in ("waiting", "unknown", "refused", "cancelling")
    return {
        "row": row,
        "word": CALLS[row.state],
        "waits": waits,
        "settles": waits and row.state in ("refused", "cancelling"),
    }


def _to(request: ShopRequest, pickup_id: int) -> HttpResponse:
    return redirect(address("pickup", request.shop.code, pickup_id=pickup_id))


@shop_page("hand_over")
@require_POST
def call(request: ShopRequest) -> HttpResponse:
    """Call a contract's courier for a time (`at`), or (`now`) note that he is here, and begin his manifest."""
    contract_id = _id(request.POST.get("contract", ""))
    try:
        at = request.now if request.POST.get("now") else moment(request, "at")
        if at is None:
            raise Refusal.of("pickup_when", days=CALL_AHEAD.days)
        made = service.call(request.actor, contract_id, at=at, note=request.POST.get("note", ""), now=request.now)
        if request.POST.get("now"):
            service.begin(request.actor, made, now=request.now)
            return _to(request, made)
    except Refusal as refusal:
        return _list(request, refusal.problems)
    said = gettext("已记下，到点会出现在首页。请自己打电话或在快递的小程序里约")
    if made in pickup_calls.standing(request.shop.id, [made]):
        said = gettext("已记下，正在通知快递公司派人来；这一页会说它接没接")
    return toast(request, redirect(address("pickups", request.shop.code)), said)


@shop_page("hand_over")
@require_POST
def begin(request: ShopRequest) -> HttpResponse:
    """Begin a manifest: of a daily time (`contract`, `at` in seconds since 1970), or of a pickup that was called for."""
    called = request.POST.get("pickup", "")
    try:
        if called:
            service.begin(request.actor, _id(called), now=request.now)
            return _to(request, _id(called))
        at = datetime.fromtimestamp(_id(request.POST.get("at", ""), 10), tz=UTC)
        contract_id = _id(request.POST.get("contract", ""))
        return _to(request, service.open_daily(request.actor, contract_id, at=at, now=request.now))
    except Refusal as refusal:
        return _list(request, refusal.problems)


def _id(text: str, most: int = 18) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most else 0


# ---- one pickup and its manifest --------------------------------------------------------------------------------


def _one(request: ShopRequest, pickup_id: int) -> Any:
    row = board.pickup(request.shop.id, pickup_id)
    if row is None:
        raise Http404(pickup_id)
    return row


def _parts(request: ShopRequest, pickup_id: int, **more: Any) -> dict[str, Any]:
    row = _one(request, pickup_id)
    everything = bool(request.GET.get("all") or more.get("missing"))
    rows = board.manifest(request.shop.id, pickup_id, newest=ALL if everything else NEWEST)
    late = row.status in LIVING and row.expected_at < request.now
    whole = row.status in LIVING and not request.headers.get(ASKED)
    stuck = service.stuck(request.shop.id, row) if whole else {}
    return {
        "section": "station", "row": row, "word": STATES["late" if late else row.status],
        "rows": [(each, stuck.get(each.waybill)) for each in rows], "stuck": list(stuck.values())[: service.SHOWN],
        "living": row.status in LIVING, "may": request.actor.may("hand_over") and row.status in LIVING,
        "more": row.listed - len(rows), "call": _call_of(pickup_calls.standing(request.shop.id, [row.id]), row),
        "may_call": request.actor.may("hand_over"), **more,
    }  # fmt: skip


def _show(request: ShopRequest, pickup_id: int, problems: Sequence[Problem] = (), **more: Any) -> HttpResponse:
    parts = _parts(request, pickup_id, problems=problems, **more)
    if parts["may"]:
        waits = {contract.id: contract for contract in board.waiting(request.shop.id, now=request.now)}
        parts["waits"] = waits.get(parts["row"].contract_id)
        parts["couriers"] = board.couriers(request.shop.id, parts["row"].contract_id)
    return render(request, "pickups/pickup.html", parts, status=422 if problems else 200)


@shop_page("view_labels")
@require_GET
def pickup(request: ShopRequest, pickup_id: int) -> HttpResponse:
    """A pickup: its manifest while it grows, the courier's signature, or how it ended."""
    return _show(request, pickup_id)


@shop_page("hand_over")
@require_POST
def add(request: ShopRequest, pickup_id: int) -> HttpResponse:
    """Put numbers on the manifest: one `scan`, a pasted list (`numbers`), or (`packed`) everything that is packed."""
    _one(request, pickup_id)
    if request.POST.get("packed"):
        return _fill(request, pickup_id)
    text = request.POST.get("scan", "")
    numbers = split_numbers(text or request.POST.get("numbers", "")[:400_000])
    try:
        found = service.add(request.actor, pickup_id, numbers, now=request.now)
    except Refusal as refusal:
        return _scanned(request, pickup_id, (), refusal.problems)
    if "numbers" in request.POST and not text:
        new, wrong = sum(one.new for one in found), [one.problem for one in found if one.problem]
        if wrong:
            return _show(request, pickup_id, wrong[: service.SHOWN], added=new)
        return toast(request, _to(request, pickup_id), gettext("加了 {n} 件").format(n=new))
    return _scanned(request, pickup_id, found, [one.problem for one in found if one.problem])


def _fill(request: ShopRequest, pickup_id: int) -> HttpResponse:
    try:
        filled = service.add_packed(request.actor, pickup_id, now=request.now)
    except Refusal as refusal:
        return _show(request, pickup_id, refusal.problems)
    if filled.problems:
        return _show(request, pickup_id, filled.problems, added=filled.count)
    return toast(request, _to(request, pickup_id), gettext("加了 {n} 件").format(n=filled.count))


def _scanned(request: ShopRequest, pickup_id: int, found: Sequence[Added], problems: Sequence[Problem]) -> HttpResponse:
    """The answer to a scan: what came of it, and the list as it stands."""
    last = found[-1] if found else None
    sound = "bad" if problems else "" if last is None else "look" if last.warning or not last.new else "good"
    more: dict[str, Any] = {"last": last, "sound": sound, "bad": list(problems)[: service.SHOWN]}
    if request.POST.get("recount"):
        more["missing"] = True
    if request.headers.get(ASKED):
        return render(request, "pickups/now.html", _parts(request, pickup_id, **more))
    return _show(request, pickup_id, **more)


@shop_page("hand_over")
@require_POST
def remove(request: ShopRequest, pickup_id: int) -> HttpResponse:
    """Take `number` off the manifest."""
    _one(request, pickup_id)
    number = "".join(split_numbers(request.POST.get("number", "")[:64]))
    try:
        service.remove(request.actor, pickup_id, [number], now=request.now)
    except Refusal as refusal:
        return _show(request, pickup_id, refusal.problems)
    return toast(request, _to(request, pickup_id), gettext("{waybill} 已从交接单上去掉").format(waybill=number))


@shop_page("hand_over")
@require_POST
def sign(request: ShopRequest, pickup_id: int) -> HttpResponse:
    """The courier signs for `count` parcels; `missing` names those of the list that stayed here."""
    _one(request, pickup_id)
    count, missing = (
        request.POST.get("count", "").strip(),
        split_numbers(" ".join(request.POST.getlist("missing")[:ALL])),
    )
    try:
        if not (count.isascii() and count.isdigit() and len(count) < 7):
            raise Refusal.of("manifest_count_missing")
        done = service.sign(
            request.actor, pickup_id, count=int(count), courier=request.POST.get("courier", ""), missing=missing,
            now=request.now,
        )  # fmt: skip
    except Refusal as refusal:
        short = any(problem.code == "manifest_count_short" for problem in refusal.problems)
        return _show(
            request, pickup_id, refusal.problems, missing=short or bool(missing), ticked=set(missing), signing=True,
            count=count, courier=request.POST.get("courier", ""),
        )  # fmt: skip
    said = gettext("{n} 件已交给快递").format(n=done.count)
    if done.shipped:
        said = gettext("{n} 件已交给快递，其中 {m} 件现在发货").format(n=done.count, m=done.shipped)
    return toast(request, _to(request, pickup_id), said)


@shop_page("hand_over")
@require_POST
def cancel(request: ShopRequest, pickup_id: int) -> HttpResponse:
    """Nobody comes; what stood on the manifest is free for another."""
    _one(request, pickup_id)
    try:
        service.cancel(request.actor, pickup_id, now=request.now)
    except Refusal as refusal:
        return _show(request, pickup_id, refusal.problems)
    return toast(request, redirect(address("pickups", request.shop.code)), gettext("这次揽收已取消"))


@shop_page("hand_over")
@require_POST
def again(request: ShopRequest, pickup_id: int) -> HttpResponse:
    """Ask the carrier's service again now."""
    return _with_service(request, pickup_id, pickup_calls.again, gettext("马上再通知快递"))


@shop_page("hand_over")
@require_POST
def settled(request: ShopRequest, pickup_id: int) -> HttpResponse:
    """A person has called the courier, or called him off, by himself."""
    return _with_service(request, pickup_id, pickup_calls.settled, gettext("已记下，不再通知快递"))


def _with_service(
    request: ShopRequest, pickup_id: int, act: Callable[..., bool], said: str
) -> HttpResponse:  # fmt: skip
    try:
        moved = act(request.actor, pickup_id, now=request.now)
    except Refusal as refusal:
        if refusal.problems[0].code == "pickup_unknown":
            raise Http404(pickup_id) from refusal
        raise
    told = said if moved else gettext("没有变化")
    return toast(request, redirect(address("pickups", request.shop.code)), told, tone="good" if moved else "quiet")


@shop_page("view_labels")
@require_GET
def paper(request: ShopRequest, pickup_id: int) -> HttpResponse:
    """The manifest as a paper: every number, the count, and where both sides sign."""
    row = _one(request, pickup_id)
    rows = board.manifest(request.shop.id, pickup_id, newest=None)
    return render(request, "pickups/paper.html", {
        "row": row, "rows": rows, "word": STATES[row.status], "printed_by": request.actor.name,
    })  # fmt: skip


@shop_page("view_labels")
@require_GET
def left_behind(request: ShopRequest) -> HttpResponse:
    """The rows behind the counts: printed, packed, handed over without a scan."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "printed"
    day = rounds.day(request.shop.id, now=request.now)
    counts: dict[str, int | Count] = {"printed": day.printed, "packed": day.packed, "unscanned": day.unscanned}
    here = reverse("pickups-left", kwargs={"shop": request.shop.code})
    if tab == "unscanned":
        rows = board.unscanned(request.shop.id, within=day.within, now=request.now)
    else:
        contract = _id(request.GET.get("contract", "")) or None
        rows = board.left_here(request.shop.id, packed=tab == "packed", contract_id=contract, now=request.now)
    return render(request, "pickups/left.html", {
        "section": "station", "tab": tab, "rows": rows[: board.ROWS], "more": len(rows) > board.ROWS, "day": day,
        "hours": int(day.within / timedelta(hours=1)),
        "tabs": [ui.Tab(str(word), f"{here}?tab={name}", counts[name], name == tab) for name, word in TABS.items()],
    })  # fmt: skip


urlpatterns: list[URLPattern] = [
    path("pickups/", listed, name="pickups"),
    path("pickups/left/", left_behind, name="pickups-left"),
    path("pickups/call/", call, name="pickup-call"),
    path("pickups/begin/", begin, name="pickup-begin"),
    path("pickups/<int:pickup_id>/", pickup, name="pickup"),
    path("pickups/<int:pickup_id>/add/", add, name="pickup-add"),
    path("pickups/<int:pickup_id>/remove/", remove, name="pickup-remove"),
    path("pickups/<int:pickup_id>/sign/", sign, name="pickup-sign"),
    path("pickups/<int:pickup_id>/cancel/", cancel, name="pickup-cancel"),
    path("pickups/<int:pickup_id>/again/", again, name="pickup-again"),
    path("pickups/<int:pickup_id>/settled/", settled, name="pickup-settled"),
    path("pickups/<int:pickup_id>/paper/", paper, name="pickup-paper"),
]
