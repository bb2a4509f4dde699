"""What a request may bring to a page: no id beyond all ids, and no character that no text of the database can hold."""

from collections.abc import Callable
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.request import RawPostDataException, UnreadablePostError

ID_MOST: Final = 2**63 - 1
NUL: Final = "\0"


class Given:
    """Middleware: an address with a part that can name nothing is none (404); NUL is left out of what was typed. Forms with
    files are parsed by their own door (uploads.takes_files), which leaves it out itself; machines have doors of their own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: tuple[Any, ...], parts: dict[str, Any]) -> None:
        if any(value > ID_MOST if isinstance(value, int) else NUL in str(value) for value in parts.values()):
            raise Http404
        if not getattr(view, "csrf_exempt", False):
            clean(request)


def clean(request: HttpRequest) -> None:
    """Leave NUL out of the query and of the fields of the form."""
    if any(NUL in text for pair in request.GET.lists() for text in (pair[0], *pair[1])):
        request.GET = without_nul(request.GET)
    if request.method == "POST" and any(NUL in text for pair in request.POST.lists() for text in (pair[0], *pair[1])):
        request.POST = without_nul(request.POST)


def without_nul(given: QueryDict) -> Any:
    """The same fields in the same order, as unchangeable as Django makes them."""
    found = QueryDict(mutable=True)
    for name, texts in given.lists():
        for text in texts:
            found.appendlist(name.replace(NUL, ""), text.replace(NUL, ""))
    found._mutable = False
    return found


def body_of(request: HttpRequest) -> bytes:
    """What a script said; b"" where it was sent as a form with parts, which is read already."""
    try:
        return request.body
    except (RawPostDataException, UnreadablePostError):
        return b""
