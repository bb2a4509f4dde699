"""打印任务: what is printing, what is stuck and what is the next step? A job with its documents, and the questions it asks."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.print_jobs import DOCUMENT_STATES
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import page_printing
from fahuo.services import print_jobs as service
from fahuo.store.boards import print_jobs as boards
from fahuo.web import ui
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.label_words import DOCUMENTS, JOBS, next_step, ways
from fahuo.web.session import toast

ROWS: Final = 100
"""Documents on a page."""
QUESTIONS: Final = ("document_doubtful", "documents_to_confirm")


def _told(request: ShopRequest, job: Any) -> dict[str, Any]:
    """A job with what its card says. `left_alone`: the page that printed it was closed."""
    left_alone = (
        job.kind == "cnprint" and job.status == "printing" and (job.lease_until is None or job.lease_until < request.now)
    )  # fmt: skip
    asks = bool(job.sent) and (job.status in ("held", "cancelled") or left_alone)
    over = job.status in ("done", "cancelled")
    return {
        "job": job, "word": JOBS[job.status], "step": next_step(job.problem), "asks": asks, "left_alone": left_alone,
        "done": job.count - job.waiting - job.sent, "moves": not over and not (job.status == "held" and job.due_at is None),
        "by_page": job.kind in ("browser", "cnprint") and not over, "over": over,
        "loud": job.status == "held" or asks or left_alone,
        "shape": f"{job.status}.{asks:d}.{left_alone:d}.{job.blocked}.{(job.problem or {}).get('code', '')}",
        "stamp": f"{job.printed_count}.{job.sent}.{job.waiting}",
    }  # fmt: skip


@shop_page("view_labels")
@require_GET
def listed(request: ShopRequest) -> HttpResponse:
    """The jobs under way, loud where they are stuck; then those that are over."""
    under_way = [_told(request, job) for job in boards.under_way(request.shop.id)]
    words: dict[str, Any] = {
        "section": "labels", "ways": ways(request, "print-jobs"), "under_way": under_way,
        "may_print": request.actor.may("make_labels"), "moves": any(one["moves"] for one in under_way),
    }  # fmt: skip
    words["stamp"] = "-".join(f"{one['job'].id}.{one['shape']}.{one['stamp']}" for one in under_way)
    if request.htmx and request.htmx.target == "jobs":
        same = request.GET.get("stamp") == words["stamp"]
        return HttpResponse(status=204) if same else render(request, "print/under_way.html", words)
    page = boards.over(request.shop.id, cursor=request.GET.get("cursor", ""))
    return render(
        request, "print/list.html", {**words, "page": page, "rows": [_told(request, row) for row in page.rows]}
    )


def _one(request: ShopRequest, job_id: int) -> Any:
    found = boards.one(request.shop.id, job_id)
    if found is None:
        raise Http404(job_id)
    return found


def show(request: ShopRequest, job_id: int, problems: Sequence[Problem] = ()) -> HttpResponse:
    """The job's page, or its moving part where a script asks for it."""
    job = _one(request, job_id)
    state = request.GET.get("state", "")
    state = state if state in DOCUMENT_STATES else ""
    text = request.GET.get("after", "")
    after = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    documents = boards.documents(request.shop.id, job_id, state=state, after=after, limit=ROWS + 1)
    told = _told(request, job)
    doubts = boards.documents(request.shop.id, job_id, state="sent", limit=2) if told["asks"] else []
    here = reverse("print-job", kwargs={"shop": request.shop.code, "job_id": job_id})
    words = {
        "section": "labels", **told, "one": told, "problems": problems, "rows": [(row, DOCUMENTS[row.state]) for row in documents[:ROWS]],
        "next": documents[ROWS - 1].place if len(documents) > ROWS else None, "state": state, "tabs": _tabs(job, here, state),
        "may_print": request.actor.may("make_labels"), "doubt": doubts[0] if len(doubts) == 1 else None,
        "stuck": boards.documents(request.shop.id, job_id, state="blocked", limit=20) if job.blocked else [],
    }  # fmt: skip
    if request.htmx and request.htmx.target == "job-live":
        return _moved(request, words)
    return render(request, "print/job.html", words, status=422 if problems else 200)


def _moved(request: ShopRequest, words: dict[str, Any]) -> HttpResponse:
    """What an open page asks for every second: nothing where nothing moved, the figures where only they did, so that no
    button is taken from under the hand; else the whole part."""
    if request.GET.get("shape") != words["shape"]:
        whole = render(request, "print/part.html", words)
        whole.headers["HX-Retarget"], whole.headers["HX-Reswap"] = "#job", "outerHTML"
        return whole
    same = request.GET.get("stamp") == words["stamp"]
    return HttpResponse(status=204) if same else render(request, "print/live.html", words)


def _tabs(job: Any, here: str, state: str) -> list[ui.Tab]:
    counts = {
        "waiting": job.waiting, "sent": job.sent, "printed": job.printed_count, "blocked": job.blocked,
        "cancelled": job.cancelled,
    }  # fmt: skip
    tabs = [ui.Tab(gettext("全部"), here, job.count, not state)]
    return tabs + [
        ui.Tab(str(DOCUMENTS[name][0]), f"{here}?state={name}", count, name == state)
        for name, count in counts.items()
        if count or name == state
    ]


@shop_page("view_labels")
@require_GET
def one(request: ShopRequest, job_id: int) -> HttpResponse:
    """One job: how far it is, what it asks, its documents."""
    return show(request, job_id)


def _back(request: ShopRequest, job_id: int, said: str) -> HttpResponse:
    return toast(request, redirect("print-job", shop=request.shop.code, job_id=job_id), said)


def _acting(verb: str, said: Callable[[], str]) -> Callable[..., HttpResponseBase]:
    @shop_page("make_labels")
    @require_POST
    def act(request: ShopRequest, job_id: int) -> HttpResponse:
        _one(request, job_id)
        try:
            getattr(service, verb)(request.actor, job_id, now=request.now)
        except Refusal as refusal:
            return show(request, job_id, refusal.problems)
        return _back(request, job_id, said())

    act.__name__, act.__doc__ = verb, f"Let the job {verb}; see services.print_jobs."
    return act


@shop_page("make_labels")
@require_POST
def answer(request: ShopRequest, job_id: int) -> HttpResponse:
    """Whether what was sent came out: `out` yes, no, or upto (those up to the place `upto` did, the others did not)."""
    job = _one(request, job_id)
    said = request.POST.get("out", "")
    text = request.POST.get("upto", "").strip()
    if said == "upto":
        if not (text.isascii() and text.isdigit() and 0 <= int(text) <= job.count):
            return show(request, job_id, (Problem("document_place", {"value": text[:20], "last": job.count}),))
        service.answer(
            request.actor, job_id, came_out=True, places=range(1, int(text) + 1), now=request.now
        )  # fmt: skip
        service.answer(request.actor, job_id, came_out=False, now=request.now)
        return _back(request, job_id, gettext("已记下，没打出来的可以接着打"))
    service.answer(request.actor, job_id, came_out=said == "yes", now=request.now)
    return _back(request, job_id, gettext("已记为打印好") if said == "yes" else gettext("没打出来的会重新打"))


@shop_page("make_labels")
@require_POST
def browser(request: ShopRequest, job_id: int) -> HttpResponse:
    """Take the next labels for the browser's own print, and show them as a document to print."""
    _one(request, job_id)
    try:
        sent = page_printing.take_some(request.actor, job_id, now=request.now)
    except Refusal as refusal:
        return show(request, job_id, refusal.problems)
    if not sent:
        return _back(request, job_id, gettext("没有要打的面单了"))
    return redirect("print-job-pdf", shop=request.shop.code, job_id=job_id)


@shop_page("make_labels")
@require_GET
def pdf(request: ShopRequest, job_id: int) -> HttpResponse:
    """The labels that a browser has in hand, at their exact size; the same however often it is asked for."""
    job = _one(request, job_id)
    if not job.sent or job.kind != "browser":
        raise Http404(job_id)
    sink = BytesIO()
    page_printing.write_sent(request.shop.id, job_id, "pdf", 203, sink, now=request.now)
    response = HttpResponse(sink.getvalue(), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="labels-{job_id}.pdf"'
    return response


urlpatterns: list[URLPattern] = [
    path("print/", listed, name="print-jobs"),
    path("print/<int:job_id>/", one, name="print-job"),
    path("print/<int:job_id>/hold/", _acting("hold", lambda: gettext("已暂停")), name="print-job-hold"),
    path("print/<int:job_id>/resume/", _acting("resume", lambda: gettext("接着打印")), name="print-job-resume"),
    path("print/<int:job_id>/cancel/", _acting("cancel", lambda: gettext("已取消，没打的不再打")), name="print-job-cancel"),
    path("print/<int:job_id>/answer/", answer, name="print-job-answer"),
    path("print/<int:job_id>/browser/", browser, name="print-job-browser"),
    path("print/<int:job_id>/labels.pdf", pdf, name="print-job-pdf"),
]  # fmt: skip
