"""The page for a failure that no view caught: the disk is full (507), the database is away (503), or a mistake of ours (500).

It asks the database nothing, neither who looks nor in which language: both languages stand on it.
"""

import json
import sys
from typing import Final

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from django.views.defaults import server_error

from fahuo.rules.problems import Problem
from fahuo.store import sql

STATUS: Final = {"disk_full": 507, "database_away": 503}
AGAIN: Final = {"disk_full": "10", "database_away": "2"}
"""Seconds after which it is worth trying again."""
PAGE: Final = (
    '<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{status}</title></head>'
    '<body><main><h1>{zh}</h1><p lang="en">{en}</p></main></body></html>'
)


def failed(request: HttpRequest) -> HttpResponse:
    """The answer to a failure that is being handled."""
    code = code_of(sys.exc_info()[1])
    if code is None:
        return server_error(request)
    problem = Problem(code)
    zh, en = problem.sentence("zh"), problem.sentence("en")
    headers = {"Retry-After": AGAIN[code]}
    if request.headers.get("HX-Request"):
        toast = json.dumps({"toast": {"text": f"{zh}\n{en}", "tone": "bad"}})
        return HttpResponse(status=STATUS[code], headers={**headers, "HX-Reswap": "none", "HX-Trigger": toast})
    page = PAGE.format(status=STATUS[code], zh=escape(zh), en=escape(en))
    return HttpResponse(page, status=STATUS[code], headers=headers)


def code_of(error: BaseException | None) -> str | None:
    """What a failure is called, if it is the surroundings' and will pass: `disk_full`, `database_away`."""
    if error is None:
        return None
    if sql.is_full(error):
        return "disk_full"
    return "database_away" if isinstance(error, OperationalError) else None
