"""`POST /push/<shop>/<key>/`: where a marketplace tells a connected shop what happened. The key is the shop's own; who tells
must sign as well."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from fahuo.rules.problems import Refusal
from fahuo.services import marketplace_push, moment

LONGEST: Final = 2**20
"""Bytes of a push."""
View = Callable[..., HttpResponse]


def push_door(view: View) -> View:
    """The door for marketplaces: the key in the address and the signature say who it is."""

    @csrf_exempt
    @wraps(view)
    def door(request: HttpRequest, **parts: str) -> HttpResponse:
        return view(request, **parts)

    door.access = "push"  # type: ignore[attr-defined]  # the mark the test of all addresses reads
    return door


def announced(request: HttpRequest) -> int:
    """Bytes that a push says it has; more than LONGEST for what is no length."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else LONGEST + 1


@push_door
def push(request: HttpRequest, shop: str, push_key: str) -> HttpResponse:
    """What was told; 404 for an address that is none, 403 for who cannot sign."""
    if request.method != "POST":
        return HttpResponse(status=405)
    if announced(request) > LONGEST:
        return HttpResponse(status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = {name: str(request.GET[name]) for name in request.GET}
    try:
        answer = marketplace_push.receive(
            shop, push_key, headers=headers, query=query, body=request.body, now=moment.now()
        )  # fmt: skip
    except Refusal as refusal:
        problem = refusal.problems[0]
        if problem.code == "marketplace_unknown":
            raise Http404 from None
        status = 403 if problem.data.get("what") == "sign" else 400
        said = {"rsp": "fail", "error_code": "PARAM_ERROR", "retry": False, "message": problem.sentence("en")}
        return JsonResponse(said, status=status)
    return HttpResponse(json.dumps(answer, ensure_ascii=False), content_type="application/json;charset=utf-8")


urlpatterns: list[URLPattern] = [path("push/<slug:shop>/<str:push_key>/", push, name="marketplace-push")]
