"""`/router/rest` over HTTP: GET and POST, parameters from query and body alike, answers always 200.

Clients differ in where they put which parameter, so all are merged before anything is checked: official Python SDKs put
the public ones into the query and the rest into the body, one sends a body with a GET.
"""

import logging
import secrets
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from functools import wraps
from typing import Any, Final
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException
from django.views.decorators.csrf import csrf_exempt

from fahuo.api.top import gate, methods  # noqa: F401  # the methods declare themselves
from fahuo.api.top.refusals import as_top
from fahuo.rules.problems import Refusal
from fahuo.rules.top.envelope import as_json, as_xml, error_body, root_of
from fahuo.rules.top.errors import TopError
from fahuo.services import moment, walls

log = logging.getLogger(__name__)
LONGEST: Final = 4 * 2**20
"""Bytes of a body."""
MOST: Final = 500
"""Parameters of a call."""
FORM: Final = "application/x-www-form-urlencoded"

View = Callable[[HttpRequest], HttpResponse]


def top_door(view: View) -> View:
    """The door of the gateway: who calls is asked of the call itself, by app key, signature and session."""

    @csrf_exempt
    @wraps(view)
    def door(request: HttpRequest) -> HttpResponse:
        return view(request)

    door.access = "top"  # type: ignore[attr-defined]  # the mark the test of all addresses reads
    return door


def plain(given: QueryDict) -> dict[str, str]:
    """Each parameter's last value."""
    return {name: str(given[name]) for name in given}


def given_of(request: HttpRequest) -> dict[str, str]:
    """All parameters, those of the body last. TopError when there are too many, or the body is none."""
    found = plain(request.GET)
    try:
        if request.content_type == "multipart/form-data":
            found |= plain(request.POST)
        elif request.content_type in (FORM, ""):
            pairs = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=MOST)
            found |= dict(pairs)
    except (MultiPartParserError, RawPostDataException, UnicodeDecodeError, ValueError, OSError):
        raise TopError(43, "isv.invalid-body", "请求体读不出来") from None
    except Exception as error:
        if type(error).__name__ in ("RequestDataTooBig", "TooManyFieldsSent", "TooManyFilesSent"):
            raise TopError(43, "isv.body-too-large", "请求体太大") from None
        raise
    if len(found) > MOST or any("\0" in value for value in found.values()):
        raise TopError(43, "isv.invalid-body", "请求体读不出来")
    return found


@top_door
def rest(request: HttpRequest) -> HttpResponse:
    """One call. HEAD says that the gateway stands; anything but GET and POST is no call."""
    if request.method == "HEAD":
        return HttpResponse(content_type="text/plain")
    request_id = secrets.token_hex(6)
    given = plain(request.GET)
    try:
        if request.method not in ("GET", "POST"):
            raise TopError(9)
        given = given_of(request)
        root, body = called(given, request_id)
    except TopError as error:
        root, body = "error_response", error_body(error, request_id)
    return written(given, root, body)


def called(given: dict[str, str], request_id: str) -> tuple[str, dict[str, Any]]:
    """(root, body) of the answer. TopError; a failure of our own is one too, and is logged without parameters."""
    real, now = _moments()
    method, call = gate.enter(given, real_now=real, now=now)
    try:
        with nullcontext() if call.caller is None else walls.inside(call.caller.actor.shop_id):
            body = method.handler(call)
    except Refusal as refusal:
        raise as_top(refusal, method.refused_as) from None
    except TopError:
        raise
    except Exception:
        log.exception("call failed", extra={"facts": {"method": method.name, "request": request_id}})
        raise TopError(15, "isp.service-error", "服务暂时出错，请稍后重试") from None
    return root_of(method.name), {**body, "request_id": request_id}


def _moments() -> tuple[datetime, datetime]:
    return moment.real(), moment.now()


def written(given: dict[str, str], root: str, body: dict[str, Any]) -> HttpResponse:
    """The answer in the format that was asked for: XML unless it says JSON."""
    if given.get("format", "xml").lower() == "json":
        simplify = given.get("simplify", "").lower() == "true"
        return HttpResponse(as_json(root, body, simplify=simplify), content_type="application/json;charset=utf-8")
    return HttpResponse(as_xml(root, body), content_type="text/xml;charset=utf-8")
