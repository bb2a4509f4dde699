"""The addresses of the whole server: the pages, the doors for machines, and one that says whether the server lives."""

from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from fahuo.api import doors
from fahuo.web.access import public


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """200 "ok" while the server answers and its database too; 503 otherwise. For load balancers; tells nothing else."""
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return HttpResponse("no database\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", include("fahuo.api.top.urls")),
    path("", include("fahuo.api.carrier_push")),
    *doors.urlpatterns,
    path("", include("fahuo.api.push")),
    path("", include("fahuo.web.urls")),
]
handler403 = "fahuo.web.start.forbidden"
handler404 = "fahuo.web.start.not_found"
