"""What a process counts of itself, for Prometheus. What the installation as a whole counts is asked of the database when
somebody looks (store/boards/health.py).

Labels are names of ours only: never an address, a shop, or anything that a person typed.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # theirs has no types
REGISTRY: Final = CollectorRegistry()
STEPS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

ANSWERED: Final = Histogram(
    "fahuo_request_seconds", "How long answers took, once a thread had begun them.", ("face", "route", "status"),
    buckets=STEPS, registry=REGISTRY,
)  # fmt: skip
WAITED: Final = Histogram(
    "fahuo_request_wait_seconds", "How long requests waited for a thread.", ("face",), buckets=STEPS, registry=REGISTRY
)
WAITING: Final = Gauge("fahuo_requests_waiting", "Requests that wait for a thread now.", ("face",), registry=REGISTRY)
REFUSED: Final = Counter(
    "fahuo_requests_refused", "Requests refused because the server was busy (503).", ("face",), registry=REGISTRY
)
FAILED: Final = Counter("fahuo_requests_failed", "Answers of the kind 5xx.", ("face",), registry=REGISTRY)


def answered(face: str, route: str, status: int, seconds: float) -> None:
    """Count one answer. `route` is the name of a page or of an operation; "" for an address that is none."""
    ANSWERED.labels(face, route, f"{status // 100}xx").observe(seconds)
    if status >= 500:
        FAILED.labels(face).inc()
