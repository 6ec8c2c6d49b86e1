"""What operations watch, in Prometheus's format. Routes are labelled by template, never by address."""

import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Counter("ventanilla_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "ventanilla_request_seconds",
    "Time to answer a request, in seconds.",
    ["route"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
PROBLEMS = Counter("ventanilla_problems_total", "Refusals and faults, by problem.", ["slug"])
IN_FLIGHT = Gauge("ventanilla_requests_in_flight", "Requests being answered.", multiprocess_mode="livesum")


def render() -> bytes:
    """All metrics as text; of every process when PROMETHEUS_MULTIPROC_DIR is set."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    joined = CollectorRegistry()
    MultiProcessCollector(joined)  # type: ignore[no-untyped-call]
    return generate_latest(joined)
