"""面单模板: what do our labels look like? Started from a standard one, changed as text beside a live picture."""

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.printing import lay_out, write
from fahuo.rules.carriers import CARRIERS
from fahuo.rules.labels import (
    DEFAULT_SIZE,
    FIELDS,
    GOODS_FIELDS,
    SIZES,
    masked,
    read_template,
    standard_text,
)
from fahuo.rules.labels.templates import KEYS
from fahuo.rules.print_jobs import DOTS
from fahuo.rules.problems import Problem, Refusal
from fahuo.samples.labels import sample_label
from fahuo.services import label_templates as service
from fahuo.store.boards import printers as boards
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.label_words import SIZE_WORDS, ways
from fahuo.web.session import language_of, toast

SAMPLES: Final = 6
"""Different sample labels that a template can be looked at with: long addresses, rare characters, many goods."""


@shop_page("manage_printers")
@require_GET
def listed(request: ShopRequest) -> HttpResponse:
    """The shop's templates, and the standard ones."""
    rows = boards.templates(request.shop.id)
    return render(request, "label_templates/list.html", {
        "section": "labels", "ways": ways(request, "label-templates"), "rows": rows, "sizes": SIZE_WORDS,
        "own_standard": any(row.standard for row in rows), "default_size": DEFAULT_SIZE,
    })  # fmt: skip


def _form(
    request: ShopRequest, name: str, body: str, problems: Sequence[Problem] = (), template_id: int | None = None
) -> HttpResponse:  # fmt: skip
    english = language_of(request) == "en"
    return render(request, "label_templates/form.html", {
        "section": "labels", "name": name, "body": body, "problems": problems, "template_id": template_id,
        "samples": range(1, SAMPLES + 1), "dots": DOTS,
        "fields": [(field, each.en if english else each.zh) for field, each in FIELDS.items()],
        "goods_fields": [(field, each.en if english else each.zh) for field, each in GOODS_FIELDS.items()],
        "keys": [(kind, [(key, each.en if english else each.zh) for key, each in keys.items()]) for kind, keys in KEYS.items()],
    }, status=422 if problems else 200)  # fmt: skip


@shop_page("manage_printers")
def new(request: ShopRequest) -> HttpResponse:
    """A new template, from the standard one of a size."""
    if request.method != "POST":
        size = request.GET.get("size", DEFAULT_SIZE)
        return _form(request, "", standard_text(size if size in SIZES else DEFAULT_SIZE))
    return _kept(request, None)


def _kept(request: ShopRequest, template_id: int | None) -> HttpResponse:
    name, body = request.POST.get("name", ""), request.POST.get("body", "").replace("\r\n", "\n")
    try:
        kept = service.keep(request.actor, name=name, body=body, template_id=template_id, now=request.now)
    except Refusal as refusal:
        return _form(request, name, body, refusal.problems, template_id)
    return toast(
        request, redirect("label-template", shop=request.shop.code, template_id=kept), gettext("模板已保存，以后打印的面单都照它")
    )  # fmt: skip


@shop_page("manage_printers")
def one(request: ShopRequest, template_id: int) -> HttpResponse:
    """One template, to be changed."""
    found = _found(request, template_id)
    if request.method != "POST":
        return _form(request, found.name, found.body, template_id=template_id)
    return _kept(request, template_id)


def _found(request: ShopRequest, template_id: int) -> Any:
    try:
        return service.of_shop(request.shop.id, template_id)
    except Refusal as refusal:
        raise Http404(template_id) from refusal


@shop_page("manage_printers")
@require_POST
def preview(request: ShopRequest) -> HttpResponse:
    """The text as a thermal printer would print it with a sample label; or what is wrong with the text, beside it (422)."""
    try:
        template = read_template(request.POST.get("body", "").replace("\r\n", "\n"))
    except Refusal as refusal:
        wrong = render(request, "label_templates/problems.html", {"problems": refusal.problems}, status=422)
        wrong.headers["HX-Retarget"] = "#template-problems"
        wrong.headers["HX-Reswap"] = "innerHTML"
        return wrong
    text = request.POST.get("sample", "1")
    place = int(text) - 1 if text in {str(n) for n in range(1, SAMPLES + 1)} else 0
    carriers = [code for code, carrier in CARRIERS.items() if carrier.shapes]
    page = lay_out(template, masked(sample_label(carriers[place % len(carriers)], place)))
    sink = BytesIO()
    write([page], "png", 300 if request.POST.get("dpi") == "300" else DOTS[0], sink)
    return render(request, "label_templates/picture.html", {
        "picture": b64encode(sink.getvalue()).decode(), "warnings": page.warnings, "size": template.size.replace("x", "×"),
        "wide": template.width >= template.height,
    })  # fmt: skip


@shop_page("manage_printers")
@require_POST
def standard(request: ShopRequest, template_id: int) -> HttpResponse:
    """Make it the shop's standard; `on` 0: the 76x130 that every shop has is."""
    _found(request, template_id)
    on = request.POST.get("on") != "0"
    service.set_standard(request.actor, template_id if on else None, now=request.now)
    said = gettext("已设为本店默认模板") if on else gettext("本店默认改回标准 76×130")
    return toast(request, redirect("label-templates", shop=request.shop.code), said)


@shop_page("manage_printers")
@require_POST
def drop(request: ShopRequest, template_id: int) -> HttpResponse:
    """Forget a template."""
    _found(request, template_id)
    service.drop(request.actor, template_id, now=request.now)
    return toast(request, redirect("label-templates", shop=request.shop.code), gettext("模板已删除"))


urlpatterns: list[URLPattern] = [
    path("label-templates/", listed, name="label-templates"),
    path("label-templates/new/", new, name="label-template-new"),
    path("label-templates/preview/", preview, name="label-template-preview"),
    path("label-templates/<int:template_id>/", one, name="label-template"),
    path("label-templates/<int:template_id>/standard/", standard, name="label-template-standard"),
    path("label-templates/<int:template_id>/drop/", drop, name="label-template-drop"),
]
