"""Events that become messages and their jobs: through one worker, through two, and by bare SQL, in turns.

Each event is an appointment booked by a person with a proved contact: one message with a calendar file and one job.
Bare SQL does the same two hundred events at a time, with words of the same length put together by PostgreSQL.
"""

import os
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.engine import make_url

from app.kernel.postgres import DATABASE_USER, EmbeddedServer, account
from bench import dataset
from bench.harness import Result, database_server, execute, migrated, python, rows, say

PEOPLE = 10_000
EVENTS = 8_000
ROUNDS = 3
BATCH = 200
LEAST = 400.0
TARGET = 0.03
WAIT_SECONDS = 180
BODY, CALENDAR = 420, 900
"""Characters of a message and of its calendar file."""

_BARE = f"""
\\set i :i + 1
\\set first :base + (:i * :clients + :client_id) * {BATCH}
WITH e AS (SELECT e.* FROM event_position p JOIN event e ON e.id = p.event_id
    WHERE p.position > :first AND p.position <= :first + {BATCH} AND e.type = 'appointment.booked'),
m AS (INSERT INTO message (id, event_id, kind, subject_id, person_id, channel, recipient, language, subject, body, link,
        calendar, created_at)
    SELECT uuidv7(), e.id, e.type, e.subject_id, e.person_id, 'email', a.email, a.language,
        'Cita confirmada: ' || (e.payload->>'start_at'),
        rpad(format('La cita quedó reservada. Para: %s. Lugar: %s. Folio %s', p.given_names, u.name,
            e.payload->>'folio'), {BODY}, '.'),
        'http://127.0.0.1:8000/citas/' || (e.payload->>'folio'), rpad('VCALENDAR', {CALENDAR}, '.'), now()
    FROM e JOIN account a ON a.person_id = e.person_id JOIN person p ON p.id = e.person_id
        JOIN unit u ON u.id = e.unit_id
    ON CONFLICT DO NOTHING RETURNING id)
SELECT procrastinate_defer_jobs_v1(array_agg(ROW('default', 'notifications.send', 0, 'message' || ':' || id, NULL,
    jsonb_build_object('message_id', id), NULL)::procrastinate_job_to_defer_v1)) FROM m;
"""


def run() -> Result:
    """400 events a second through two workers, and at least three hundredths of bare SQL, which formats no words."""
    with database_server() as server, tempfile.TemporaryDirectory(prefix="vt-bench-") as folder:
        Path(folder).chmod(0o755)
        url = migrated(server)
        dataset.populate(url, PEOPLE, seats=1)
        execute(
            url,
            "INSERT INTO account (person_id, curp, email, language, created_at)"
            " SELECT id, curp, curp || '@ejemplo.mx', 'es', now() FROM person",
        )
        dataset.analyze(url)
        through: dict[str, Callable[[], float]] = {
            "one worker": lambda: _workers(url, 1),
            "two workers": lambda: _workers(url, 2),
            "bare SQL": lambda: _bare(server, url, Path(folder)),
        }
        for once in through.values():
            once()  # plans and caches are warm after it
        reached: dict[str, list[float]] = {how: [] for how in through}
        for _ in range(ROUNDS):
            for how, once in through.items():
                reached[how].append(once())
                say(f"{how}: {reached[how][-1]:,.0f} events/s")
        wrong = _lost_or_repeated(url)
    if wrong:
        say(f"WRONG {wrong} events without exactly one message and one job")
    two, bare = statistics.median(reached["two workers"]), statistics.median(reached["bare SQL"])
    return Result("consumers", two / bare, TARGET, also=two >= LEAST and not wrong)


def book(url: str, count: int = EVENTS) -> int:
    """Insert the events of booked appointments, as the log has them; returns how many messages there must be then."""
    before = int(rows(url, "SELECT count(*) FROM message")[0][0])
    who = dataset.sql_uuid(dataset.PERSON, f"n % {PEOPLE}")
    execute(
        url,
        "INSERT INTO event (id, at, type, subject_id, person_id, unit_id, actor_kind, actor_id, channel, service,"
        f" payload) SELECT uuidv7(), now(), 'appointment.booked', uuidv7(), {who}, {dataset.sql_unit('n')}, 'citizen',"
        f" {who}, 'web', '{dataset.SERVICE}', jsonb_build_object('folio', 'C-7K3M9-QXT2F-R', 'room', 1, 'minutes', 15,"
        " 'start_at', now() + interval '3 days', 'hold_id', uuidv7())"
        f" FROM generate_series(1, {count}) n",
    )
    return before + count


def _workers(url: str, count: int) -> float:
    """Events a second, from the first message of this round to the last: starting Python isn't counted."""
    wanted = book(url)
    command = [python(), "-m", "bench.consume", url]
    output = Path(os.environ.get("BENCH_LOG", os.devnull)).open("ab")  # noqa: SIM115 # as long as its workers
    workers = [subprocess.Popen(command, stdout=output, stderr=output) for _ in range(count)]
    try:
        return _rate(url, wanted)
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            worker.wait(30)
        output.close()


def _rate(url: str, wanted: int) -> float:
    began, first = 0.0, 0
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        there, now = int(rows(url, "SELECT count(*) FROM message")[0][0]), time.perf_counter()
        if there > wanted - EVENTS and not began:
            began, first = now, there
        if there == wanted:
            return (there - first) / (now - began)
        time.sleep(0.02)
    raise RuntimeError("the workers did not write every message")


def _bare(server: EmbeddedServer, url: str, folder: Path) -> float:
    """The same by two clients of pgbench."""
    book(url)
    _number(url)
    base = rows(url, "SELECT position FROM event_sequencer")[0][0] - EVENTS
    file = folder / "bare.sql"
    file.write_text(_BARE)
    file.chmod(0o644)
    began = time.perf_counter()
    subprocess.run(
        [
            *(str(server.bin("pgbench")), "-h", str(server.socket_folder), "-U", DATABASE_USER, "-n", "-M", "prepared"),
            *("-c", "2", "-j", "2", "-t", str(EVENTS // BATCH // 2), "-f", str(file), "-D", "i=-1"),
            *("-D", f"base={base}", "-D", "clients=2", str(make_url(url).database)),
        ],
        check=True,
        capture_output=True,
        **account().for_subprocess(),
    )
    taken = time.perf_counter() - began
    execute(url, "UPDATE event_consumer SET position = s.position FROM event_sequencer s")
    return EVENTS / taken


def _number(url: str) -> None:
    """Have the round's events numbered before the clock starts."""
    command = [python(), "-c", _NUMBER, url]
    subprocess.run(command, check=True, capture_output=True)


_NUMBER = """
import asyncio, sys
from app.kernel import db, positions
db.configure(sys.argv[1], driver="psycopg")
asyncio.run(positions.sequence_waiting())
"""


def _lost_or_repeated(url: str) -> int:
    question = (
        "SELECT count(*) FROM event e WHERE e.type = 'appointment.booked' AND ((SELECT count(*) FROM message m"
        " WHERE m.event_id = e.id) <> 1 OR (SELECT count(*) FROM procrastinate_jobs j JOIN message m"
        " ON j.args->>'message_id' = m.id::text WHERE m.event_id = e.id) <> 1)"
    )
    execute(url, "CREATE INDEX ON procrastinate_jobs ((args->>'message_id'))", "ANALYZE procrastinate_jobs")
    return int(rows(url, question)[0][0])
