"""`POST /push/carriers/<shop>/<key>/`: where a carrier's service tells scans. The key is the account's own; who tells must
sign as well."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.urls import URLPattern, path

from fahuo.api.push import LONGEST, announced, push_door
from fahuo.rules.problems import Refusal
from fahuo.services import carrier_pushes, moment


@push_door
def push(request: HttpRequest, shop: str, push_key: str) -> HttpResponse:
    """What was told; 404 for an address that is none, 403 for who cannot sign, 400 for what cannot be read."""
    if request.method != "POST":
        return HttpResponse(status=405)
    if announced(request) > LONGEST:
        return HttpResponse(status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = {name: str(request.GET[name]) for name in request.GET}
    try:
        reply = carrier_pushes.receive(
            shop, push_key, headers=headers, query=query, body=request.body, now=moment.now()
        )
    except (UnreadablePostError, RawPostDataException):
        return HttpResponse(status=400)
    except Refusal as refusal:
        if refusal.problems[0].code == "carrier_account_unknown":
            raise Http404 from None
        return HttpResponse(status=503)
    said = json.dumps(reply.body, ensure_ascii=False)
    return HttpResponse(said, content_type="application/json;charset=utf-8", status=reply.status)


urlpatterns: list[URLPattern] = [path("push/carriers/<slug:shop>/<str:push_key>/", push, name="carrier-push")]
