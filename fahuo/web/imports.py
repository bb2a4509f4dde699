"""导入订单: files of the marketplace come in here; each becomes a batch that checks itself and waits to be written."""

import re
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from fahuo.rules.problems import Problem, Refusal
from fahuo.services import batches
from fahuo.store import boards
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.batch_screen import Trouble
from fahuo.web.uploads import ACCEPT, sheets_of, takes_files

RECENT = 10
SAMPLES = Path(settings.BASE_DIR).parent / "samples"
KINDS = frozenset({".csv", ".xlsx", ".xls"})
STAMP = re.compile(r"[0-9]{12}")
"""The minute a set of sample files was made, in the names of its files."""


def samples() -> list[str]:
    """The names of the sample files, where this is a demo and has them; of several sets only the newest."""
    if not getattr(settings, "DEMO", False) or not SAMPLES.is_dir():
        return []
    names = sorted(entry.name for entry in SAMPLES.iterdir() if entry.suffix.lower() in KINDS)
    newest = max((found[0] for found in map(STAMP.search, names) if found), default="")
    return [name for name in names if not STAMP.search(name) or newest in name]


def _page(request: ShopRequest, trouble: Trouble) -> HttpResponse:
    recent = boards.batches_page(request.shop.id, kind="orders", limit=RECENT)
    large = any(problem.code == "file_too_large" for problem in trouble.problems)
    received = request.GET.get("received", "")[:3]
    status = 413 if large else 422 if trouble.problems else 200
    return render(request, "imports/page.html", {
        "section": "import", "trouble": trouble, "accept": ACCEPT, "recent": recent.rows, "more": recent.next,
        "received": received if received.isascii() and received.isdigit() else "", "samples": samples(), "limit": settings.UPLOAD_LIMIT // 2**20,
    }, status=status)  # fmt: skip


@shop_page("import_orders")
def _refused(request: ShopRequest, problem: Problem) -> HttpResponseBase:
    return _page(request, Trouble("file", (problem,)))


@takes_files(_refused)
@shop_page("import_orders")
def page(request: ShopRequest) -> HttpResponseBase:
    """Which file? One goes on to its batch; several go to the list of imports, each a batch of its own."""
    if request.method != "POST":
        return _page(request, Trouble())
    try:
        files = sheets_of(request)
    except Refusal as refusal:
        return _page(request, Trouble("file", refusal.problems))
    opened = [batches.open_import(request.actor, name=name, body=body, now=request.now) for name, body in files]
    if len(opened) == 1:
        return redirect("batch", shop=request.shop.code, batch_id=opened[0])
    # In the address, not in a message: a script that follows the redirect would have read the message away.
    return redirect(f"{reverse('import', kwargs={'shop': request.shop.code})}?received={len(opened)}")


@shop_page("import_orders")
@require_GET
def sample(request: ShopRequest, name: str) -> HttpResponseBase:
    """One of the sample files, only where this is a demo."""
    if name not in samples():
        raise Http404(name)
    return FileResponse((SAMPLES / name).open("rb"), as_attachment=True, filename=name)


urlpatterns = [
    path("import/", page, name="import"),
    path("import/samples/<str:name>", sample, name="import_sample"),
]
