"""Files that come in and go out: the door for uploads, which refuses by size before a byte is read, and downloads.

A form with a file is parsed by whoever asks for the first field of it, and that is the check of the CSRF token. So the
door of an upload stands before that check, looks at the announced length, and runs the check itself afterwards.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import PurePosixPath

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from fahuo.rules.problems import Problem, Refusal
from fahuo.web.access import View
from fahuo.web.given import clean

ACCEPT = ".csv,.xlsx,.xls"
"""The kinds of file a sheet may be, as the browser's file dialog wants them."""

ENVELOPE = 64 * 1024
"""Bytes that the form around the files may take."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {".xlsx": XLSX, ".csv": "text/csv", ".txt": "text/plain"}


def too_large(request: HttpRequest) -> Problem | None:
    """What is wrong with the announced length of a body, if anything."""
    text = request.headers.get("Content-Length", "")
    size = int(text) if text.isascii() and text.isdigit() else 0
    if size <= settings.UPLOAD_LIMIT + ENVELOPE:
        return None
    megabyte = 2**20
    return Problem("file_too_large", {"size": -(-size // megabyte), "limit": settings.UPLOAD_LIMIT // megabyte})


def takes_files(answer: View) -> Callable[[View], View]:
    """The door of a view that takes files. A body that is too large is never read: `answer(request, problem, **parts)`
    is asked for the page instead, through the same door of the shop as the view itself."""

    def around(view: View) -> View:
        checked = csrf_protect(view)

        @wraps(view)
        def door(request: HttpRequest, **parts: object) -> HttpResponseBase:
            problem = too_large(request) if request.method == "POST" else None
            if problem is not None:
                return answer(request, problem=problem, **parts)
            clean(request)
            return checked(request, **parts)

        return csrf_exempt(door)

    return around


def sheets_of(request: HttpRequest, field: str = "file") -> list[tuple[str, bytes]]:
    """The files of a form: (name without folders, body). Raises Refusal `no_file` when there is none, `file_too_large`."""
    files = request.FILES.getlist(field)
    found = []
    for file in files:
        size = file.size or 0
        if size > settings.UPLOAD_LIMIT:
            raise Refusal.of("file_too_large", size=-(-size // 2**20), limit=settings.UPLOAD_LIMIT // 2**20)
        found.append((PurePosixPath((file.name or "").replace("\\", "/")).name[:200], file.read()))
    if not found:
        raise Refusal.of("no_file")
    return found


def download(name: str, body: bytes) -> HttpResponse:
    """A file to be saved under `name`, which may be Chinese."""
    kind = TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")
    disposition = content_disposition_header(True, name)
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": disposition or "attachment"})
