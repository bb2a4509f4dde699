"""What the server says of itself: to a load balancer (/healthz, /readyz) and to Prometheus (/metrics)."""

import hmac
import ipaddress
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, cast

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fahuo import figures
from fahuo.services import moment
from fahuo.store import upgrades
from fahuo.store.boards import health
from fahuo.web.access import PageRequest, public

log = logging.getLogger(__name__)
SLOW: Final = 1.0
"""Seconds after which an answer is worth a line in the log."""
LATE: Final = 120.0
"""Seconds without a round of any clock after which the installation is not ready."""
ROOM: Final = 200 * 2**20
"""Bytes that must be free in the data folder."""


class Measured:
    """Middleware, the outermost: how long each page took, by its name; a line in the log for a slow one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        took = time.perf_counter() - began
        route = (request.resolver_match.view_name if request.resolver_match else "") or ""
        figures.answered("pages", route, response.status_code, took)
        slow = took > SLOW
        log.log(
            logging.WARNING if slow else logging.DEBUG, "slow page" if slow else "page",
            extra={"facts": {
                "route": route, "method": request.method, "status": response.status_code, "seconds": round(took, 3),
            }},
        )  # fmt: skip
        return response


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


def wanting(now: datetime) -> dict[str, bool]:
    """What an installation needs to do its work, and whether it has it: database, tables, clock, room on the disk."""
    found = dict.fromkeys(("database", "tables", "clock", "room"), False)
    found["room"] = shutil.disk_usage(settings.DATA).free > ROOM
    try:
        lacking = upgrades.pending()
        found["database"] = True
        found["tables"] = not upgrades.needed(lacking)
        ticked = health.state(now).ticked if found["tables"] else None
        found["clock"] = ticked is not None and (now - ticked).total_seconds() < LATE
    except DatabaseError:
        log.exception("not ready: the database")
    return found


@public
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when everything that work needs is here, else 503; a JSON object says what is (database, tables, clock, room)."""
    found = wanting(cast(PageRequest, request).now)
    return JsonResponse(found, status=200 if all(found.values()) else 503)


class Installation(Collector):
    """What the database says of all shops together, as Prometheus wants it; asked anew at every look."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        state = health.state(self.now)
        rows = GaugeMetricFamily("fahuo_due_rows", "Rows that are due and not done, by kind.", labels=["lane"])
        late = GaugeMetricFamily("fahuo_due_late_seconds", "How late the oldest of them is.", labels=["lane"])
        for lane in state.lanes:
            rows.add_metric([lane.name], lane.rows)
            late.add_metric([lane.name], lane.late(self.now))
        yield rows
        yield late
        ages = {
            "fahuo_clock_age_seconds": ("Seconds since any clock did a round.", state.ticked),
            "fahuo_channel_age_seconds": ("Seconds since the marketplace pulled longest ago was pulled.", state.pulled),
        }
        for name, (words, at) in ages.items():
            if at is not None:
                yield GaugeMetricFamily(name, words, value=(self.now - at).total_seconds())
        counts = {
            "fahuo_clocks": ("Clocks that did a round in the last minute.", state.clocks),
            "fahuo_orders_waiting": ("Orders that wait to be shipped.", state.waiting),
            "fahuo_orders_overdue": ("Of them, those whose deadline is over.", state.overdue),
            "fahuo_print_jobs_held": ("Print jobs that wait for a person.", state.held),
            "fahuo_database_bytes": ("Size of the database.", state.size),
            "fahuo_room_bytes": ("Free room in the data folder.", shutil.disk_usage(settings.DATA).free),
        }
        for name, (words, value) in counts.items():
            yield GaugeMetricFamily(name, words, value=value)


def _may_look(request: HttpRequest) -> bool:
    token: str = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    if "X-Forwarded-For" in request.headers:
        return False  # a proxy of this machine speaks for somebody else
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


@public
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of this process and of the installation. 404 for whoever may not look: without FAHUO_METRICS_TOKEN only
    this machine itself, with it whoever sends it (`Authorization: Bearer …`)."""
    if not _may_look(request):
        raise Http404
    installation = CollectorRegistry()
    installation.register(Installation(moment.now()))
    text = generate_latest(figures.REGISTRY) + generate_latest(installation)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)
