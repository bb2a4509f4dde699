"""平台售后任务: answer by when, with what? The list by state, one task, and answers to one or many."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules import tasks as rules
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import complaints, evidence, explain, refunds, saved_texts, stakes, urges
from fahuo.services import tasks as service
from fahuo.store import boards
from fahuo.store.boards import TaskFilter, TaskRow
from fahuo.web import task_words as words
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.order_forms import address, moment
from fahuo.web.session import back, toast
from fahuo.web.ui import chosen
from fahuo.web.uploads import sheets_of, takes_files

LIMIT: Final = 100
MOST: Final = 10_000


def asked(request: ShopRequest) -> TaskFilter:
    """The filter that the address asks for; what makes no sense is left out."""
    tab, within = request.GET.get("tab", "open"), request.GET.get("within", "")
    kind, plan = request.GET.get("kind", ""), request.GET.get("plan", "")
    plans = {name for each in rules.KINDS.values() for name in each.plans}
    return TaskFilter(
        tab=tab if tab in boards.TASK_TABS else "open",
        within=int(within) if within.isascii() and within.isdigit() and 0 < int(within[:4]) < 1000 else None,
        kind=kind if kind in rules.KINDS else "", plan=plan if plan in plans else "",
        aside=request.GET.get("aside") == "1",
    )  # fmt: skip


@shop_page("view_tasks")
@require_GET
def tasks(request: ShopRequest) -> HttpResponse:
    """The list: what costs most comes first."""
    wish = asked(request)
    rates = stakes.rates(request.shop.id)
    page = boards.tasks_page(
        request.shop.id, wish, rates, now=request.now, cursor=request.GET.get("cursor", ""), limit=LIMIT
    )  # fmt: skip
    counts = boards.task_counts(request.shop.id)
    return render(request, "tasks/list.html", {
        "section": "tasks", "page": page, "rows": page.rows, "wish": wish, "counts": counts,
        "tabs": words.tabs(request.shop.code, counts, wish.tab), "columns": words.COLUMNS, "fields": words.fields(wish),
        "chips": words.chips(wish), "keep": {"tab": wish.tab}, "empty": words.EMPTY_WORDS[wish.tab],
        "stakes": boards.task_stakes(request.shop.id, rates, until=tonight(request.now), now=request.now),
        "tasks_here": request.shop.tasks_here, "may": may(request), "texts": saved_texts.of_shop(request.shop.id),
        "plans": words.plans_of(rules.URGE_SHIPMENT), "answerable": wish.tab in ("open", "awaiting_seller_reply"),
    })  # fmt: skip


def tonight(now: datetime) -> datetime:
    """The end of the shop's calendar day."""
    local = timezone.localtime(now)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def may(request: ShopRequest) -> dict[str, bool]:
    """What this account may do with tasks."""
    acts = (
        "answer_tasks", "settle_complaints", "refund", "ship", "send_messages", "give_evidence", "report_delays",
        "enter_urges",
    )  # fmt: skip
    return {act: request.actor.may(act) for act in acts}


def found(request: ShopRequest, task_id: int) -> TaskRow:
    """The task, or Http404 where the shop has none such."""
    row = boards.task_row(request.shop.id, task_id, stakes.rates(request.shop.id), now=request.now)
    if row is None:
        raise Http404(task_id)
    return row


def show(
    request: ShopRequest, task_id: int, *, place: str = "", problems: tuple[Problem, ...] = (),
    typed: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """The task: a part for the drawer or after an act there, else a whole page. 422 when something went wrong."""
    row = found(request, task_id)
    told = explain.explain(request.actor, row.number, now=request.now)
    dispute = next((each for each in told.complaints if each.status == "open"), None)
    template = "tasks/part.html" if request.htmx else "tasks/task.html"
    context = {
        "section": "tasks", "row": row, "told": told, "may": may(request), "place": place, "problems": problems,
        "typed": typed or {}, "plans": words.plans_of(row.kind) if row.kind in rules.KINDS else [],
        "history": [words.entry(each) for each in told.events if each.task_id == row.id],
        "ahead": [words.ahead(step) for step in told.next], "kind": words.kind_word(row.kind),
        "plan": words.plan_word(row.kind, row.plan), "texts": saved_texts.of_shop(request.shop.id), "dispute": dispute,
        "evidence": evidence.of_order(request.shop.id, row.order_id), "complaints": told.complaints,
        "settling": complaints.cost_of(request.shop.id, row.order_id, verdict="settled", now=request.now) if dispute else None,
        "answerable": row.state == "awaiting_seller_reply", "days": service.longest_wait(request.shop.id, row.rulebook),
        "outside": urges.from_outside(request.shop.id, row.order_id),
        "by_marketplace": any(each.id == row.id and each.marketplace_due_at == row.due_at for each in told.tasks),
        "waiting": row.order_status in ("awaiting_shipment", "part_shipped"),
    }  # fmt: skip
    return render(request, template, context, status=422 if problems else 200)


@shop_page("view_tasks")
@require_GET
def task(request: ShopRequest, task_id: int) -> HttpResponse:
    """One task: what happened, what comes next, and the answer."""
    return show(request, task_id)


def done(request: ShopRequest, task_id: int, text: str, tone: str = "good") -> HttpResponse:
    """Say what happened and show the task as it is now."""
    if request.htmx:
        return toast(request, show(request, task_id), text, tone=tone)
    return toast(request, redirect("task", shop=request.shop.code, task_id=task_id), text, tone=tone)


def _refused(request: ShopRequest, task_id: int, place: str, refusal: Refusal) -> HttpResponse:
    if refusal.problems[0].code == "not_permitted":
        raise refusal
    return show(request, task_id, place=place, problems=refusal.problems, typed=request.POST.dict())


def _plan(request: ShopRequest) -> dict[str, Any]:
    """What the form says of a plan. Refusal `moment_unreadable`."""
    plan = request.POST.get("plan", "")
    return {
        "plan": plan, "until": moment(request, "until") if plan == "ship_later" else None,
        "reason": request.POST.get("reason") or None if plan == "cannot_ship" else None,
        "text": request.POST.get("text", ""),
    }  # fmt: skip


@shop_page("answer_tasks")
@require_POST
def reply(request: ShopRequest, task_id: int) -> HttpResponse:
    """Answer one task."""
    row = found(request, task_id)
    try:
        service.reply(request.actor, row.order_id, **_plan(request), now=request.now, kind=row.kind)
    except Refusal as refusal:
        return _refused(request, task_id, "reply", refusal)
    return done(
        request, task_id, gettext("已回复：{plan}").format(plan=words.plan_word(row.kind, request.POST["plan"]))
    )


@shop_page("answer_tasks")
@require_POST
def reply_many(request: ShopRequest) -> HttpResponse:
    """One answer for the picked tasks; those that could not be answered are named with their reasons."""
    rows = picked(request)
    plan = _plan(request)
    outcomes: list[tuple[TaskRow, Problem | None]] = []
    for kind in dict.fromkeys(row.kind for row in rows):
        same = [row for row in rows if row.kind == kind]
        told = service.reply_many(
            request.actor, [row.order_id for row in same], **plan, now=request.now, kind=kind
        )  # fmt: skip
        outcomes += zip(same, told, strict=True)
    bad = [(row, problem) for row, problem in outcomes if problem is not None]
    said = gettext("已回复 {n} 个任务").format(n=len(outcomes) - len(bad))
    home = reverse("tasks", kwargs={"shop": request.shop.code})
    if not bad:
        return toast(request, redirect(back(request, home)), said)
    words_ = {"section": "tasks", "good": len(outcomes) - len(bad), "bad": bad, "home": back(request, home)}
    return render(request, "tasks/answered.html", words_, status=200 if len(bad) < len(outcomes) else 422)


def picked(request: ShopRequest) -> list[TaskRow]:
    """The tasks that were chosen in the list, in its order. Refusal `no_tasks_chosen` or `too_many_tasks`."""
    ids = chosen(request).ids
    if not ids:
        raise Refusal.of("no_tasks_chosen")
    if len(ids) > MOST:
        raise Refusal.of("too_many_tasks", most=MOST)
    return boards.task_rows(request.shop.id, ids, stakes.rates(request.shop.id), now=request.now)


@shop_page("answer_tasks")
@require_POST
def buyer_answer(request: ShopRequest, task_id: int) -> HttpResponse:
    """Note what the buyer of an outside marketplace said there to the plan."""
    row = found(request, task_id)
    accept = request.POST.get("answer") == "accept"
    try:
        if not urges.from_outside(request.shop.id, row.order_id):
            raise Refusal.of("buyer_answers_here")
        service.buyer_answer(request.actor, row.order_id, accept=accept, now=request.now, kind=row.kind)
    except Refusal as refusal:
        return _refused(request, task_id, "answer", refusal)
    return done(request, task_id, gettext("已记下：买家同意方案") if accept else gettext("已记下：买家不同意方案"))


@shop_page("settle_complaints")
@require_POST
def settle(request: ShopRequest, task_id: int) -> HttpResponse:
    """Settle the complaint of the task's order before the verdict; the page has shown what it pays."""
    row = found(request, task_id)
    try:
        cost = complaints.settle(request.actor, row.order_id, now=request.now)
    except Refusal as refusal:
        return _refused(request, task_id, "complaint", refusal)
    text = gettext("已赔付 ¥{amount}，扣 {points} 分，投诉已结束").format(amount=cost.compensation, points=cost.points)
    return done(request, task_id, text)


@shop_page("refund")
@require_POST
def refund(request: ShopRequest, task_id: int) -> HttpResponse:
    """Note that the whole order was refunded."""
    row = found(request, task_id)
    try:
        refunds.succeed(request.actor, row.order_id, now=request.now)
    except Refusal as refusal:
        return _refused(request, task_id, "refund", refusal)
    return done(request, task_id, gettext("已记为全额退款"))


@shop_page("give_evidence")
@require_POST
def _too_large(request: ShopRequest, task_id: int, problem: Problem) -> HttpResponse:
    return show(request, task_id, place="evidence", problems=(problem,))


@takes_files(_too_large)
@shop_page("give_evidence")
@require_POST
def give_evidence(request: ShopRequest, task_id: int) -> HttpResponse:
    """Put words or a file on record over the order."""
    row = found(request, task_id)
    try:
        file = sheets_of(request)[0] if request.FILES.get("file") else None
        evidence.add(
            request.actor, order_id=row.order_id, body=request.POST.get("body", ""), file=file, now=request.now
        )  # fmt: skip
    except Refusal as refusal:
        return _refused(request, task_id, "evidence", refusal)
    return done(request, task_id, gettext("举证已提交"))


@shop_page("answer_tasks")
@require_POST
def take_up(request: ShopRequest, task_id: int) -> HttpResponse:
    """Let a task that was set aside be timed again."""
    found(request, task_id)
    moved = service.take_up(request.actor, task_id, now=request.now)
    return done(request, task_id, gettext("已重新计时") if moved else gettext("这个任务本来就在计时"))


@shop_page("send_messages")
def texts(request: ShopRequest) -> HttpResponse:
    """常用回复: the texts that the shop keeps."""
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        try:
            saved_texts.keep(
                request.actor, title=request.POST.get("title", ""), body=request.POST.get("body", ""), now=request.now
            )  # fmt: skip
            return toast(request, redirect(address("texts", request.shop.code)), gettext("已存为常用回复"))
        except Refusal as refusal:
            problems = refusal.problems
    words_ = {
        "section": "tasks",
        "texts": saved_texts.of_shop(request.shop.id),
        "problems": problems,
        "typed": request.POST,
    }
    return render(request, "tasks/texts.html", words_, status=422 if problems else 200)


@shop_page("send_messages")
@require_POST
def drop_text(request: ShopRequest, text_id: int) -> HttpResponse:
    """Forget a saved text."""
    saved_texts.drop(request.actor, text_id, now=request.now)
    return toast(request, redirect(address("texts", request.shop.code)), gettext("已删除"))


urlpatterns: list[URLPattern] = [
    path("tasks/", tasks, name="tasks"),
    path("tasks/reply/", reply_many, name="tasks-reply"),
    path("tasks/texts/", texts, name="texts"),
    path("tasks/texts/<int:text_id>/drop/", drop_text, name="text-drop"),
    path("tasks/<int:task_id>/", task, name="task"),
    path("tasks/<int:task_id>/reply/", reply, name="task-reply"),
    path("tasks/<int:task_id>/answer/", buyer_answer, name="task-buyer-answer"),
    path("tasks/<int:task_id>/settle/", settle, name="task-settle"),
    path("tasks/<int:task_id>/refund/", refund, name="task-refund"),
    path("tasks/<int:task_id>/evidence/", give_evidence, name="task-evidence"),
    path("tasks/<int:task_id>/take-up/", take_up, name="task-take-up"),
]
