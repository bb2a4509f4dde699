"""What every answer carries: a strict content policy, no caching of pages; and what becomes of a refusal."""

import json
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from fahuo.rules.problems import Refusal
from fahuo.web.access import PageRequest
from fahuo.web.session import language_of

POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "manifest-src 'self'", "frame-src 'self'", "worker-src 'self'", "media-src 'self'",
    "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
))  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(self), display-capture=(), geolocation=(), microphone=(), payment=(), publickey-credentials-create=(self), "
    "publickey-credentials-get=(self), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}

Answer = Callable[[HttpRequest], HttpResponse]


class SecurityHeaders:
    """Middleware: the headers above on every answer; pages (not static files) are kept in no cache."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith(settings.STATIC_URL or "/static/"):
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class Refusals:
    """Middleware: a Refusal that no view caught becomes a page (403 or 422), or a toast where a part was asked for."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        if exception.problems[0].code == "second_factor_needed":
            messages.info(request, exception.problems[0].sentence(language_of(request)), extra_tags="bad")
            address = reverse("account")
            return HttpResponseClientRedirect(address) if cast(PageRequest, request).htmx else redirect(address)
        status = 403 if exception.problems[0].code == "not_permitted" else 422
        page = cast(PageRequest, request)
        if page.htmx and page.htmx.target != "drawer-body":
            language = language_of(request)
            text = "\n".join(problem.sentence(language) for problem in exception.problems)
            toast = json.dumps({"toast": {"text": text, "tone": "bad"}})
            return HttpResponse(status=status, headers={"HX-Reswap": "none", "HX-Trigger": toast})
        template = "components/problems.html" if page.htmx else "refused.html"
        return render(request, template, {"problems": exception.problems, "status": status}, status=status)
