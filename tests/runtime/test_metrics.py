"""Health and metrics of a worker, and metrics of several web processes as one."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.portal import Portal, free_port
from tests.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

SECONDS = 60


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def sample(text: str, name: str) -> float:
    """The sum of a metric's samples."""
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE))


def metrics_folder_of(port: int) -> Path:
    return Path(tempfile.gettempdir()) / f"ventanilla-metrics-{os.getuid()}-{port}"


async def test_a_worker_says_how_it_is(db: Database, tmp_path: Path) -> None:
    port = free_port()
    portal = Portal(db.url, tmp_path / "log", given={"WORKER_PORT": str(port)})
    portal.start_jobs()
    try:
        until(lambda: get(port, "/health/ready")[0] == 200, "the worker is not ready")
        assert json.loads(get(port, "/health/ready")[1]) == {"status": "ok", "clock": "ok", "wrong": []}
        assert get(port, "/health/live") == (200, '{"status":"ok"}')
        text = get(port, "/metrics")[1]
        assert (sample(text, "ventanilla_database_up"), sample(text, "ventanilla_workers_alive")) == (1, 1)
        assert sample(text, "ventanilla_worker_heartbeat_timestamp_seconds") > time.time() - 60
        assert sample(text, "ventanilla_db_connections_limit") > 0
        assert portal.jobs is not None
        portal.jobs.terminate()
        assert portal.jobs.wait(SECONDS) == 0
    finally:
        portal.stop()


async def test_a_port_in_use_does_not_stop_a_worker(db: Database, tmp_path: Path) -> None:
    portal = Portal(db.url, tmp_path / "log", given={"WORKER_PORT": str(free_port())})
    duplicate = Portal(db.url, tmp_path / "twin", given=portal.given)
    portal.start_jobs()
    try:
        until(lambda: get(int(portal.given["WORKER_PORT"]), "/health/live")[0] == 200, "no worker")
        duplicate.start_jobs()
        until(lambda: "worker_port_unavailable" in duplicate.log.read_text(), "nothing was said")
        assert duplicate.jobs is not None
        assert duplicate.jobs.poll() is None
    finally:
        portal.stop()
        duplicate.stop()


async def test_several_web_processes_count_as_one_and_a_killed_one_holds_nothing(db: Database, tmp_path: Path) -> None:
    port = free_port()
    given = {"DATABASE_URL": db.url.render_as_string(hide_password=False), "PORT": str(port), "WEB_WORKERS": "2"}
    environment = os.environ | {f"VENTANILLA_{name}": value for name, value in given.items()}
    with (tmp_path / "log").open("ab") as log:
        web = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve"], env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        until(lambda: get(port, "/health/ready")[0] == 200, "not ready")

        def pools() -> float:
            return sample(get(port, "/metrics")[1], "ventanilla_db_connections_limit")

        until(lambda: pools() > 0 and pools() == pools(), "no pools")
        for _ in range(40):
            assert get(port, "/health/live")[0] == 200

        def counted() -> float:
            lines = re.findall(r"(?m)^.*health/live.*$", get(port, "/metrics")[1])
            return sample("\n".join(lines), "ventanilla_requests_total")

        until(lambda: counted() >= 40, "a request is not counted")  # each is counted after its answer has left
        assert {counted() for _ in range(10)} == {40.0}  # whichever process answers
        both = 0.0

        def all_there() -> bool:
            nonlocal both
            both = pools()
            return both == 2 * (8 + 3 + 8)

        until(all_there, "the second process is not counted")

        def servers() -> set[str]:
            children = Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()
            return {pid for pid in children if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()}

        first = servers()
        assert len(first) == 2
        os.kill(int(min(first)), signal.SIGKILL)
        until(lambda: len(servers() - {min(first)}) == 2, "it was not replaced")
        (made,) = servers() - first
        counted_in = metrics_folder_of(port) / f"gauge_livesum_{made}.db"

        def has_pools() -> bool:
            return counted_in.exists() and counted_in.read_bytes().count(b"ventanilla_db_connections_limit") >= 3

        until(has_pools, "the new one does not count")

        def holds_nothing() -> bool:
            text = get(port, "/metrics")[1]
            counts = sample(text, "ventanilla_db_connections_limit"), sample(text, "ventanilla_requests_in_flight")
            return counts == (both, 1)

        until(holds_nothing, "what the killed one held is still counted")
    finally:
        os.killpg(web.pid, signal.SIGKILL)
        web.wait()
