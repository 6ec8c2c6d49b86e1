"""A million reminders due in one morning: enqueued by two workers at once, while codes leave.

A quarter of that is enqueued unless `BENCH_REMINDERS` says how many: the time is linear in it. Two processes
enqueue; twice one of them is killed. Then codes are asked for while a worker sends what is due to a gateway.
"""

import asyncio
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from aiosmtpd.controller import Controller

from app.kernel import ids
from bench import dataset
from bench.harness import Result, database_server, execute, free_port, migrated, python, rows, say

MILLION = 1_000_000
COUNT = int(os.environ.get("BENCH_REMINDERS", str(MILLION // 4)))
LIMIT_SECONDS = 120
"""For a million."""
ENQUEUERS, KILLS = 2, 2
CODES = 40
LIMIT_CODE_SECONDS = 2.0
GATEWAY_PER_SECOND = 200
WAIT_SECONDS = 600


def run() -> Result:
    """A million in two minutes at the most, none twice, and 95 of 100 codes within two seconds."""
    with database_server() as server:
        url = migrated(server)
        _populate(url)
        rate = _enqueue(url)
        wrong = _wrong(url)
        say(f"{COUNT:,} reminders enqueued by {ENQUEUERS} processes, {KILLS} killed: {wrong} wrong")
        execute(url, "TRUNCATE reminder, reminder_progress, procrastinate_jobs CASCADE")
        _progress(url)
        late = _codes(url)
    say(f"{rate:,.0f} a second: a million in {MILLION / rate:.0f} s")
    say(f"codes meanwhile: p95 {late:.2f} s")
    return Result(
        "reminders", MILLION / rate / LIMIT_SECONDS, 1.0, at_least=False, also=not wrong and late <= LIMIT_CODE_SECONDS
    )


def _populate(url: str) -> None:
    """An appointment in three days for each person, at units that wake by the clock of now."""
    dataset.populate(url, COUNT, seats=1)
    # Wherever the benchmark runs, it is noon at the units.
    behind = datetime.now(UTC).hour - 12
    execute(
        url,
        f"UPDATE unit SET timezone = 'Etc/GMT{behind:+d}'",
        "INSERT INTO account (person_id, curp, email, language, created_at, assurance)"
        " SELECT id, curp, curp || '@ejemplo.mx', 'es', now(), 'full' FROM person",
        "CREATE TABLE bench_folio (n integer PRIMARY KEY, folio text)",
    )
    with (
        psycopg.connect(url) as connection,
        connection.cursor() as cursor,
        cursor.copy("COPY bench_folio FROM STDIN") as copy,
    ):
        for number in range(COUNT):
            copy.write_row((number, ids.new_folio("C")))
    execute(
        url,
        "INSERT INTO appointment (unit_id, id, folio, person_id, service, room, start_at, on_date, seat, minutes,"
        " channel, booked_by_kind, booked_by_id, created_at, changed_at) SELECT p.unit_id, p.id, f.folio, p.id,"
        f" '{dataset.SERVICE}', 1,"
        " date_trunc('minute', now()) + interval '3 days' - interval '1 minute' * (p.n % 120 + 1),"
        " current_date + 3, (p.n / 120 + 1)::int, 15, 'web', 'citizen', p.id, now() - interval '20 days',"
        " now() - interval '20 days' FROM (SELECT *, row_number() OVER () AS n FROM person) p"
        " JOIN bench_folio f ON f.n = p.n - 1",
    )
    _progress(url)
    dataset.analyze(url)
    execute(url, "ANALYZE appointment, account, reminder_progress")


def _progress(url: str) -> None:
    execute(url, "INSERT INTO reminder_progress SELECT id, now() - interval '3 hours' FROM unit")


def _start(url: str, what: str) -> subprocess.Popen[bytes]:
    output = Path(os.environ.get("BENCH_LOG", os.devnull)).open("ab")  # noqa: SIM115 # as long as the process
    return subprocess.Popen([python(), "-m", "bench.remind", what, url], stdout=output, stderr=output)


def _enqueue(url: str) -> float:
    """Reminders a second, from the first transaction to the last: starting Python isn't counted. Processes that are
    killed on the way are started again."""
    rng = random.Random(15)
    running = [_start(url, "enqueue") for _ in range(ENQUEUERS)]
    units = _left(url)
    first, began, killed = units, 0.0, 0
    deadline = time.perf_counter() + WAIT_SECONDS
    while time.perf_counter() < deadline:
        left, now = _left(url), time.perf_counter()
        if left < units and not began:
            first, began = left, now
        if began and killed < KILLS and left < first * (KILLS + 1 - killed) / (KILLS + 2):
            killed += 1
            victim = running.pop(rng.randrange(len(running)))
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            running.append(_start(url, "enqueue"))
        if left == 0:
            break
        time.sleep(0.05)
    for one in running:
        one.wait(60)
    return COUNT * first / units / (now - began)


def _left(url: str) -> int:
    return int(rows(url, "SELECT count(*) FROM reminder_progress WHERE until < now() - interval '1 hour'")[0][0])


def _wrong(url: str) -> int:
    """Appointments without exactly one row, and rows without exactly one job."""
    rows_of = (
        "SELECT count(*) FROM (SELECT a.id FROM appointment a LEFT JOIN reminder r ON r.appointment_id = a.id"
        " GROUP BY a.id HAVING count(r.id) <> 1) x"
    )
    jobs_of = (
        "SELECT count(*) FROM (SELECT r.id FROM reminder r LEFT JOIN (SELECT jsonb_array_elements_text("
        "args->'reminder_ids')::uuid AS id FROM procrastinate_jobs WHERE task_name = 'notifications.remind') j"
        " ON j.id = r.id GROUP BY r.id HAVING count(j.id) <> 1) x"
    )
    return int(rows(url, rows_of)[0][0]) + int(rows(url, jobs_of)[0][0])


class Gateway:
    """Takes two hundred mails a second."""

    def __init__(self) -> None:
        self.pace = asyncio.Lock()

    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:  # noqa: N802
        async with self.pace:
            await asyncio.sleep(1 / GATEWAY_PER_SECOND)
        return "250 OK"


@contextmanager
def _gateway() -> Iterator[None]:
    port = free_port()
    controller = Controller(Gateway(), hostname="127.0.0.1", port=port)
    controller.start()
    os.environ.update(VENTANILLA_SMTP_HOST="127.0.0.1", VENTANILLA_SMTP_PORT=str(port), VENTANILLA_SMTP_SECURITY="none")
    try:
        yield
    finally:
        controller.stop()


def _codes(url: str) -> float:
    """Seconds after which 95 of 100 codes have left while reminders are enqueued and sent."""
    with _gateway():
        worker, enqueuer = _start(url, "work"), _start(url, "enqueue")
        try:
            asked = subprocess.run(
                [python(), "-m", "bench.remind", "codes", url, str(CODES)],
                stdout=subprocess.PIPE,
                timeout=WAIT_SECONDS,
                check=True,
                text=True,
            )
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(60)
            enqueuer.wait(WAIT_SECONDS)
    sent = rows(url, "SELECT count(*) FROM message WHERE status = 'sent' AND kind = 'appointment.reminder'")[0][0]
    say(f"{sent:,} reminders sent to a gateway meanwhile")
    return sorted(float(one) for one in asked.stdout.split())[int(CODES * 0.95) - 1]
