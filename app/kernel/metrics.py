"""What operations watch, in Prometheus's format. Routes are labelled by template, never by address."""

import os
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

REQUESTS = Counter("ventanilla_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "ventanilla_request_seconds",
    "Time to answer a request, in seconds.",
    ["route"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
PROBLEMS = Counter("ventanilla_problems_total", "Refusals and faults, by problem.", ["slug"])
STORAGE_ORPHANS = Gauge(
    "ventanilla_storage_orphans",
    "Stored files that no row names, where they were too many for the nightly cleanup to move.",
    ["package"],
    multiprocess_mode="livemostrecent",
)
STREAMS = Gauge("ventanilla_streams", "Streams of server-sent events that are open.", multiprocess_mode="livesum")
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
WEBHOOK_ATTEMPTS = Counter(
    "ventanilla_webhook_attempts_total",
    "Calls of webhooks: delivered, refused (another status), unanswered.",
    ["result"],
)
SCHEDULED_SKIPPED = Counter(
    "ventanilla_scheduled_skipped_total", "Scheduled work not done because the clock can't be trusted.", ["task"]
)
WORKER_HEARTBEAT = Gauge(
    "ventanilla_worker_heartbeat_timestamp_seconds",
    "When the database last took this worker's heartbeat.",
    multiprocess_mode="livemostrecent",
)
CLOCK_SKEW = Gauge(
    "ventanilla_clock_skew_seconds",
    "How far the worker's clock is from the database's, either way.",
    multiprocess_mode="livemax",
)
CLOCK_PAUSE = Gauge(
    "ventanilla_clock_pause_seconds",
    "How long sweeps still wait after the database's clock jumped.",
    multiprocess_mode="livemax",
)


POOL_IN_USE = Gauge(
    "ventanilla_db_connections_in_use", "Database connections in use, by pool.", ["pool"], multiprocess_mode="livesum"
)
POOL_SIZE = Gauge(
    "ventanilla_db_connections_limit", "Database connections at most, by pool.", ["pool"], multiprocess_mode="livesum"
)


def render(more: Iterable[Metric] = ()) -> bytes:
    """All metrics as text, and these; of every process of this machine when PROMETHEUS_MULTIPROC_DIR is set."""
    joined = CollectorRegistry()
    joined.register(_StaticCollector(more))
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder is None:
        return generate_latest(REGISTRY) + generate_latest(joined)
    _remove_dead_processes(Path(folder))
    MultiProcessCollector(joined)  # type: ignore[no-untyped-call]
    return generate_latest(joined)


class _StaticCollector(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


def _remove_dead_processes(folder: Path) -> None:
    """What a killed process held is no longer in use; its counters stay."""
    pids = {path.stem.rpartition("_")[2] for path in folder.glob("gauge_live*_[0-9]*.db")}
    for pid in pids:
        if not Path(f"/proc/{pid}").exists():
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
