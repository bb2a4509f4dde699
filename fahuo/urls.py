"""The addresses of the whole server: the pages, the doors for machines, and what it says of itself."""

from django.urls import include, path

from fahuo.api import doors
from fahuo.web import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics-text"),
    path("", include("fahuo.api.top.urls")),
    path("", include("fahuo.api.carrier_push")),
    *doors.urlpatterns,
    path("", include("fahuo.api.push")),
    path("", include("fahuo.web.urls")),
]
handler403 = "fahuo.web.start.forbidden"
handler404 = "fahuo.web.start.not_found"
handler500 = "fahuo.web.outage.failed"
