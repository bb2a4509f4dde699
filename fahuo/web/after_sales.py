"""One order's after-sales: its tasks and complaints, why an urge would or would not make a task, what comes next if
nobody acts; and the seller's answer to a refund."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from fahuo.rules import urges
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import complaints, evidence, refunds
from fahuo.services.explain import explain
from fahuo.store.boards import ledger as boards
from fahuo.web import task_words as words
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.ledger import lines_of
from fahuo.web.order import Told, Trouble, act, detail_of, show
from fahuo.web.uploads import sheets_of, takes_files


def urge_word(found: urges.Urge) -> str:
    """What an urge would come to now."""
    if found.reason == "open_task":
        return gettext("已经有任务，只增加催促次数")
    return {
        "task": gettext("会生成平台任务，24 小时计时"), "flagged": gettext("只标记催促，不生成任务"),
        "exempt": gettext("属于例外，不生成任务"), "refused": gettext("这一单不能催发货"),
    }[found.outcome]  # fmt: skip


def context(request: ShopRequest, order_id: int) -> dict[str, Any]:
    """Everything the page says."""
    detail = detail_of(request, order_id)
    told = explain(request.actor, detail.order.number, now=request.now)
    english = words.english()
    return {
        "section": "orders", "order": detail.order, "told": told, "urge": urge_word(told.urge),
        "reason": urges.NAMES[told.urge.reason][english],
        "asked": [(each.en if english else each.zh, each.applies, each.clause) for each in told.urge.asked],
        "tasks": [
            (task, words.kind_word(task.kind), [words.entry(each) for each in told.events if each.task_id == task.id])
            for task in told.tasks
        ],
        "complaints": lines_of(boards.ledger_of(request.shop.id, order_id), request.shop.id)
        if request.actor.may("view_ledger") else [],
        "settling": complaints.cost_of(request.shop.id, order_id, verdict="settled", now=request.now)
        if any(each.status == "open" for each in told.complaints) else None,
        "may_settle": request.actor.may("settle_complaints"), "may_give": request.actor.may("give_evidence"),
        "evidence": evidence.of_order(request.shop.id, order_id),
        "ahead": [words.ahead(step) for step in told.next], "may_tasks": request.actor.may("view_tasks"),
    }  # fmt: skip


@shop_page("view_orders")
@require_GET
def after_sales(request: ShopRequest, order_id: int) -> HttpResponse:
    """A part of the order's page, which asks for it when it is opened; a page of its own otherwise."""
    template = "orders/after_sales.html" if request.htmx else "orders/after_sales_page.html"
    return render(request, template, context(request, order_id))


@act("refund", "refund")
def agree(request: ShopRequest, order_id: int) -> Told:
    """Agree to what the buyer asked for."""
    refunds.agree(request.actor, order_id, now=request.now)
    return Told(gettext("已同意退款；把钱退给买家后，再记“已退款”"))


@act("refund", "refund")
def refuse(request: ShopRequest, order_id: int) -> Told:
    """Refuse, saying why; the buyer reads it in the conversation."""
    refunds.refuse(request.actor, order_id, reason=request.POST.get("reason", ""), now=request.now)
    return Told(gettext("已拒绝退款，理由已发给买家；订单可以继续发货"))


@act("refund", "refund")
def succeed(request: ShopRequest, order_id: int) -> Told:
    """The money went back: all of it, or the amount that was typed."""
    typed = request.POST.get("amount", "").strip()
    try:
        amount = Decimal(typed) if typed else None
    except InvalidOperation:
        raise Refusal.of("refund_amount", most=str(detail_of(request, order_id).order.paid_amount)) from None
    done = refunds.succeed(request.actor, order_id, amount=amount, now=request.now)
    return Told(gettext("退款已记下") if done else gettext("之前已经全额退过了"), tone="good" if done else "quiet")


@act("settle_complaints", "complaint")
def settle(request: ShopRequest, order_id: int) -> Told:
    """Settle the order's complaint before the verdict; the page has shown what it pays."""
    cost = complaints.settle(request.actor, order_id, now=request.now)
    return Told(
        gettext("已赔付 ¥{amount}，扣 {points} 分，投诉已结束").format(amount=cost.compensation, points=cost.points)
    )


def _too_large(request: ShopRequest, order_id: int, problem: Problem) -> HttpResponse:
    return show(request, order_id, Trouble("complaint", (problem,)))


@takes_files(shop_page("give_evidence")(_too_large))
@act("give_evidence", "complaint")
def give_evidence(request: ShopRequest, order_id: int) -> Told:
    """Put words or a file on record over the order."""
    file = sheets_of(request)[0] if request.FILES.get("file") else None
    evidence.add(request.actor, order_id=order_id, body=request.POST.get("body", ""), file=file, now=request.now)
    return Told(gettext("举证已提交"))


urlpatterns: list[URLPattern] = [
    path("orders/<int:order_id>/complaint/settle/", settle, name="complaint-settle"),
    path("orders/<int:order_id>/complaint/evidence/", give_evidence, name="complaint-evidence"),
    path("orders/<int:order_id>/after-sales/", after_sales, name="order-after-sales"),
    path("orders/<int:order_id>/refund/agree/", agree, name="refund-agree"),
    path("orders/<int:order_id>/refund/refuse/", refuse, name="refund-refuse"),
    path("orders/<int:order_id>/refund/succeed/", succeed, name="refund-succeed"),
]
