"""Import of a million people against a bare COPY of the same file into a table with the same unique indexes.

The import is the whole command in a process of its own, start included; its memory is that process's peak.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

import psycopg

from app.demo import places
from app.demo.people import write_people
from app.kernel import db
from bench.harness import Result, database_server, execute, migrated, rows, say

PEOPLE, FEWER = 1_000_000, 100_000
ROUNDS = 4
TARGET = 0.5
MOST_MEMORY_RATIO = 1.25
CHUNK = 1 << 20
COLUMNS = (
    "curp, nss, given_names, first_surname, second_surname, birth_on, sex, clues, room, shift, email, phone,"
    " postal_code, language"
)
BARE = (
    'CREATE TABLE bare (id uuid DEFAULT uuidv7() PRIMARY KEY, curp text COLLATE "C" NOT NULL UNIQUE,'
    ' nss text COLLATE "C" UNIQUE, given_names text NOT NULL, first_surname text NOT NULL, second_surname text,'
    " birth_on date NOT NULL, sex text NOT NULL, clues text, room integer, shift text, email text, phone text,"
    " postal_code text, language text)"
)


def copy_bare(url: str, path: Path) -> float:
    """Seconds of the bare COPY."""
    execute(url, "TRUNCATE bare", "CHECKPOINT")
    began = time.perf_counter()
    statement = f"COPY bare ({COLUMNS}) FROM STDIN (FORMAT csv, HEADER)".encode()
    with (
        psycopg.connect(url) as connection,
        connection.cursor() as cursor,
        cursor.copy(statement) as copy,
        path.open("rb") as file,
    ):
        while chunk := file.read(CHUNK):
            copy.write(chunk)
    return time.perf_counter() - began


def import_file(url: str, path: Path) -> tuple[float, int]:
    """Seconds of the import command, and its peak memory in MiB."""
    execute(url, "TRUNCATE person CASCADE", "CHECKPOINT")
    environment = os.environ | {"VENTANILLA_DATABASE_URL": url}
    began = time.perf_counter()
    command = [sys.executable, "-m", "app.cli", "import", "insured", str(path)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        raise RuntimeError("the import failed")
    return time.perf_counter() - began, usage.ru_maxrss // 1024


async def _add_units(url: str) -> None:
    db.configure(url)
    async with db.transaction() as session:
        session.add_all(unit for unit, _furniture in places.units())
    await db.disconnect()


def run() -> Result:
    """At least half the rate of the bare COPY, in memory that doesn't grow with the file."""
    with database_server() as server, tempfile.TemporaryDirectory(prefix="vt-bench-") as folder:
        url = migrated(server)
        asyncio.run(_add_units(url))
        execute(url, BARE)
        files = {count: _made(Path(folder) / str(count), count) for count in (FEWER, PEOPLE)}
        memory = {FEWER: import_file(url, files[FEWER])[1]}
        ours, theirs = [], []
        for _ in range(ROUNDS):
            theirs.append(copy_bare(url, files[PEOPLE]))
            seconds, memory[PEOPLE] = import_file(url, files[PEOPLE])
            ours.append(seconds)
            say(f"import: {PEOPLE / seconds:,.0f} rows/s, bare COPY {PEOPLE / theirs[-1]:,.0f} rows/s")
        found = rows(url, "SELECT count(*) FROM person")[0][0]
        if found != PEOPLE:
            raise RuntimeError(f"{found} people arrived")
    growth = memory[PEOPLE] / memory[FEWER]
    say(f"peak memory: {memory[FEWER]} MiB for {FEWER:,} rows, {memory[PEOPLE]} MiB for {PEOPLE:,} (x{growth:.2f})")
    ratio = statistics.median(theirs) / statistics.median(ours)
    return Result("import", ratio, TARGET, also=growth <= MOST_MEMORY_RATIO)


def _made(folder: Path, count: int) -> Path:
    """The file, made by a process of its own: a child's peak memory begins with its parent's."""
    folder.mkdir()
    maker = get_context("spawn").Process(target=write_people, args=(folder, count, 3))
    maker.start()
    maker.join()
    if maker.exitcode:
        raise RuntimeError("the file could not be made")
    return folder / "people.csv"
