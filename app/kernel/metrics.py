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

JOBS = Counter("ventanilla_jobs_total", "Jobs run, by task and how they ended.", ["task", "result"])
JOB_SECONDS = Histogram(
    "ventanilla_job_seconds", "Time a job ran, in seconds.", ["task"], buckets=(0.05, 0.2, 1, 5, 20, 60, 300)
)
MESSAGE_ATTEMPTS = Counter(
    "ventanilla_message_attempts_total",
    "Attempts to send: sent, shown (development), failed (tried again), refused, uncertain, expired.",
    ["channel", "kind", "result"],
)
SCHEDULED_SKIPPED = Counter(
    "ventanilla_scheduled_skipped_total", "Scheduled work not done because the clock can't be trusted.", ["task"]
)
WORKER_BEAT = Gauge(
    "ventanilla_worker_heartbeat_timestamp_seconds",
    "When the database last took this worker's heartbeat.",
    multiprocess_mode="livemostrecent",
)
CLOCK_SKEW = Gauge(
    "ventanilla_clock_skew_seconds",
    "How far the worker's clock is from the database's, either way.",
    multiprocess_mode="livemax",
)
CLOCK_HOLD = Gauge(
    "ventanilla_clock_hold_seconds",
    "How long sweeps still wait after the database's clock jumped.",
    multiprocess_mode="livemax",
)


def render() -> bytes:
    """All metrics as text; of every process when PROMETHEUS_MULTIPROC_DIR is set."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    joined = CollectorRegistry()
    MultiProcessCollector(joined)  # type: ignore[no-untyped-call]
    return generate_latest(joined)
