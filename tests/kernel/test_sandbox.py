"""A child process gets its file, its limits and nothing else; whatever it does, it ends and the next one works."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from io import FileIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest

from app.kernel.sandbox import client
from app.kernel.sandbox.client import CostLimitExceeded, register
from app.kernel.sandbox.server import Limits
from tests.kernel import sandboxed

MEGABYTE = 1 << 20
SMALL = Limits(memory=512 * MEGABYTE, cpu=5, wall=60.0, written=MEGABYTE)
BRIEF = replace(SMALL, wall=0.7)
register(sandboxed.__name__)

Files = tuple[FileIO, FileIO]


@pytest.fixture
async def files() -> AsyncIterator[Files]:
    with TemporaryFile(buffering=0) as source, TemporaryFile(buffering=0) as target:
        source.write(b"what it reads")
        yield source, target


async def run(name: str, files: Files, limits: Limits = SMALL, **arguments: Any) -> Any:
    return await client.run(f"{sandboxed.__name__}:{name}", *files, limits, **arguments)


async def test_it_reads_writes_and_answers(files: Files) -> None:
    assert await run("copy", files, times=2) == 26
    files[1].seek(0)
    assert files[1].read() == b"what it reads" * 2


async def test_what_it_sees_of_us_is_no_setting(files: Files) -> None:
    assert os.environ["VENTANILLA_SECRET_KEY"]
    assert [name for name in await run("environment", files) if "VENTANILLA" in name or "AWS" in name] == []


@pytest.mark.parametrize("name", ["burn", "sleep", "hold_the_lock"])
async def test_it_ends_in_time(files: Files, name: str) -> None:
    began = time.monotonic()
    with pytest.raises(CostLimitExceeded):
        await run(name, files, BRIEF)
    assert time.monotonic() - began < 30


async def test_it_ends_when_its_processor_time_is_over(files: Files) -> None:
    began = time.monotonic()
    with pytest.raises(CostLimitExceeded):
        await run("burn", files, replace(SMALL, cpu=1))
    assert time.monotonic() - began < 30


async def test_it_gets_no_more_memory_than_its_limit(files: Files) -> None:
    with pytest.raises(CostLimitExceeded, match="memory"):
        await run("take", files, megabytes=1_000)
    assert await run("take", files, megabytes=50) == 50


async def test_it_writes_no_more_than_its_limit(files: Files) -> None:
    with pytest.raises(CostLimitExceeded, match="written"):
        await run("copy", files, times=200_000)
    with pytest.raises(CostLimitExceeded, match="written"):
        await run("trickle", files, kilobytes=1_025)


@pytest.mark.parametrize("name", ["fail", "crash"])
async def test_after_one_that_fails_the_next_works(files: Files, name: str) -> None:
    with pytest.raises((RuntimeError, CostLimitExceeded)):
        await run(name, files)
    assert await run("copy", files, times=1) == 13


async def test_only_functions_of_registered_modules_run(files: Files) -> None:
    with pytest.raises(RuntimeError, match="KeyError"):
        await client.run("os:system", *files, SMALL, command="true")


@pytest.mark.faults
async def test_when_its_server_is_killed_the_next_one_starts_another(files: Files) -> None:
    os.kill(await run("parent", files), signal.SIGKILL)
    assert await run("copy", files, times=1) == 13


async def test_others_do_not_wait_for_one_that_takes_long(files: Files) -> None:
    await run("copy", files, times=1)
    hostile = [asyncio.create_task(run("burn", files, replace(SMALL, cpu=60))) for _ in range(4)]
    await asyncio.sleep(0.1)
    for _ in range(5):
        with TemporaryFile(buffering=0) as source, TemporaryFile(buffering=0) as target:
            await run("copy", (source, target), times=1)
    assert not any(task.done() for task in hostile)
    for task in hostile:
        task.cancel()
    await asyncio.wait(hostile)
    await asyncio.to_thread(client._server.restart)  # their children end with it


@pytest.mark.faults
def test_when_we_are_killed_the_server_and_its_children_end() -> None:
    program = (
        "import sys, tempfile\n"
        "from app.kernel.sandbox.client import register, run_blocking\n"
        "from app.kernel.sandbox.server import Limits\n"
        "from tests.kernel import sandboxed\n"
        "register(sandboxed.__name__)\n"
        "limits = Limits(1 << 29, 60, 60.0, 1 << 20)\n"
        "with tempfile.TemporaryFile(buffering=0) as a, tempfile.TemporaryFile(buffering=0) as b:\n"
        "    print(run_blocking('tests.kernel.sandboxed:parent', a, b, limits), flush=True)\n"
        "    run_blocking('tests.kernel.sandboxed:burn', a, b, limits)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        server = int(process.stdout.readline())
    time.sleep(0.2)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    while _in_session(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _in_session(server) == []


def _in_session(leader: int) -> list[int]:
    """The living processes of a session: the server is the leader of its own."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, _group, session = stat.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(session) == leader and state != "Z":
            found.append(int(stat.parent.name))
    return found
