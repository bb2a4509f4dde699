"""打印 from a courier's pages: on the contract's printer or his own phone; then he says what came out."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.problems import Problem, Refusal
from fahuo.services import courier_printing as service
from fahuo.web.access import CourierRequest, courier_page
from fahuo.web.courier import address, frame, picked
from fahuo.web.courier_many import outcome
from fahuo.web.session import toast


@courier_page
@require_POST
def send(request: CourierRequest) -> HttpResponse:
    """Print the ticked orders: `to` is `printer` for the contract's, else his phone."""
    tab = "ship" if request.POST.get("tab") == "ship" else "print"
    by_phone, ids = request.POST.get("to") != "printer", picked(request, tab)
    try:
        sent = service.send(
            request.courier, ids, by_phone=by_phone, reason=request.POST.get("reason", ""), now=request.now
        )
    except Refusal as refusal:
        sent = service.Sent(None, 0, list(refusal.problems))
    there = address(request, "courier-job", job_id=sent.job_id) if sent.job_id is not None else ""
    back = there if by_phone and there else address(request, "courier", f"tab={tab}")
    said = gettext("{n} 张面单在打印") if not by_phone else gettext("{n} 张面单可以打了")
    return outcome(request, sent.count, sent.problems, said, back)


def _job(request: CourierRequest, job_id: int) -> Any:
    try:
        return service.job(request.courier, job_id)
    except Refusal as refusal:
        raise Http404(job_id) from refusal


@courier_page
@require_GET
def job(request: CourierRequest, job_id: int) -> HttpResponse:
    """One of his print jobs: how far it is, and what it asks him."""
    found = _job(request, job_id)
    problem = found.problem and found.problem["code"] not in ("documents_to_confirm", "document_doubtful")
    return render(request, "courier/job.html", {
        **frame(request), "job": found, "by_phone": found.kind == "browser",
        "over": found.status in ("done", "cancelled"),
        "problem": Problem.kept(found.problem) if problem else None,
    })  # fmt: skip


@courier_page
@require_GET
def sheet(request: CourierRequest, job_id: int) -> HttpResponse:
    """The labels that his phone has in hand, as a PDF of their exact size."""
    _job(request, job_id)
    try:
        body = service.sheet(request.courier, job_id, now=request.now)
    except Refusal as refusal:
        raise Http404(job_id) from refusal
    answer = HttpResponse(body, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="labels-{job_id}.pdf"'
    return answer


@courier_page
@require_POST
def answer(request: CourierRequest, job_id: int) -> HttpResponse:
    """He says whether what was sent came out."""
    _job(request, job_id)
    came_out = request.POST.get("out") == "yes"
    service.answer(request.courier, job_id, came_out=came_out, now=request.now)
    found = _job(request, job_id)
    if came_out and found.status == "done":
        answered = redirect(address(request, "courier", "tab=ship"))
        return toast(request, answered, gettext("已记为打印好，取件时点“发货”"))
    here = redirect(address(request, "courier-job", job_id=job_id))
    return toast(request, here, gettext("已记为打印好") if came_out else gettext("没打出来的可以再打一次"))


@courier_page
@require_POST
def cancel(request: CourierRequest, job_id: int) -> HttpResponse:
    """Give the job up."""
    _job(request, job_id)
    try:
        service.cancel(request.courier, job_id, now=request.now)
    except Refusal as refusal:
        if refusal.problems[0].code != "job_over":
            raise
    return toast(request, redirect(address(request, "courier")), gettext("已取消，没打的不再打"))


urlpatterns: list[URLPattern] = [
    path("c/<slug:shop>/print/", send, name="courier-print"),
    path("c/<slug:shop>/print/<int:job_id>/", job, name="courier-job"),
    path("c/<slug:shop>/print/<int:job_id>/labels.pdf", sheet, name="courier-job-pdf"),
    path("c/<slug:shop>/print/<int:job_id>/answer/", answer, name="courier-job-answer"),
    path("c/<slug:shop>/print/<int:job_id>/cancel/", cancel, name="courier-job-cancel"),
]
