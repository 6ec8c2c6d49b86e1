"""A million reminders due in one morning: enqueued by two workers at once, while codes leave.

A quarter of that is enqueued unless `BENCH_REMINDERS` says how many: the time is linear in it. Two processes
enqueue; twice one of them is killed. Then codes are asked for while a worker sends what is due to a gateway.
"""

import os
import random
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from app.kernel import ids
from bench import dataset
from bench.harness import Result, database_server, execute, migrated, python, rows, say
from bench.simulated_gateways import PER_SECOND, gateways

MILLION = 1_000_000
COUNT = int(os.environ.get("BENCH_REMINDERS", str(MILLION // 4)))
LIMIT_SECONDS = 120
"""For a million."""
ENQUEUERS, KILLS = 2, 2
CODES = 40
LIMIT_CODE_SECONDS = 2.0
SENT_UNITS, SENDING_SECONDS, WARM_UP = 10, 12, 40
WAIT_SECONDS = 600
REACHED = 0.95
"""Of what the gateway takes, by two workers."""
_EMAIL = "curp || '@ejemplo.mx'"


def run() -> Result:
    """A million enqueued in two minutes at the most, none twice, 95 of 100 codes within two seconds, and two workers
    send all that a gateway takes."""
    with database_server() as server:
        url = migrated(server)
        _populate(url)
        rate = _enqueue(url)
        wrong = _wrong(url)
        say(f"{COUNT:,} reminders enqueued by {ENQUEUERS} processes, {KILLS} killed: {wrong} wrong")
        execute(url, "TRUNCATE reminder, reminder_progress, procrastinate_jobs CASCADE")
        _progress(url)
        late = _codes(url)
        rates = _sending(url)
    say(f"{rate:,.0f} a second: a million in {MILLION / rate:.0f} s")
    say(f"codes meanwhile: p95 {late:.2f} s")
    return Result(
        "reminders",
        MILLION / rate / LIMIT_SECONDS,
        1.0,
        at_least=False,
        also=not wrong and late <= LIMIT_CODE_SECONDS and min(rates) >= REACHED * PER_SECOND,
    )


def _populate(url: str) -> None:
    """An appointment in three days for each person, at units that wake by the clock of now."""
    dataset.populate(url, COUNT, seats=1)
    # Wherever the benchmark runs, it is noon at the units.
    behind = datetime.now(UTC).hour - 12
    execute(
        url,
        f"UPDATE unit SET timezone = 'Etc/GMT{behind:+d}'",
        "INSERT INTO account (person_id, curp, email, phone, language, created_at, assurance)"
        f" SELECT id, curp, {_EMAIL}, '+52' || (5500000000 + row_number() OVER ()), 'es', now(), 'full' FROM person",
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


def _progress(url: str, units: int = MILLION) -> None:
    """Nothing was looked at yet at some units; at the others all was."""
    execute(
        url,
        "INSERT INTO reminder_progress SELECT id, now() + CASE WHEN row_number() OVER (ORDER BY id) <="
        f" {units} THEN interval '-3 hours' ELSE interval '3 hours' END FROM unit",
    )


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


def _sending(url: str) -> list[float]:
    """Reminders that two workers send in a second, as text messages and as mails, to gateways that take two hundred;
    what one worker sends is only reported."""
    rates = []
    for channel in ("sms", "email"):
        execute(url, f"UPDATE account SET email = {_EMAIL if channel == 'email' else 'NULL'}")
        for workers in (1, 2):
            execute(url, "TRUNCATE reminder, reminder_progress, procrastinate_jobs, message CASCADE")
            _progress(url, units=SENT_UNITS)
            enqueuer = _start(url, "enqueue")
            assert enqueuer.wait(WAIT_SECONDS) == 0
            rates.append(_rate(url, channel, workers))
    return rates[1::2]


def _rate(url: str, channel: str, workers: int) -> float:
    with gateways() as (sms, mail, settings):
        os.environ.update(settings)
        pace = sms if channel == "sms" else mail
        running = [_start(url, "work") for _ in range(workers)]
        deadline = time.perf_counter() + WAIT_SECONDS
        while pace.taken < workers * WARM_UP and time.perf_counter() < deadline:
            time.sleep(0.05)
        began, first = time.perf_counter(), pace.taken
        time.sleep(SENDING_SECONDS)
        rate = (pace.taken - first) / (time.perf_counter() - began)
        for one in running:
            one.send_signal(signal.SIGTERM)
        for one in running:
            one.wait(60)
        assert not pace.repeated, "sent twice"
    say(f"{channel}, {workers} workers: {rate:.0f} a second")
    return rate


def _codes(url: str) -> float:
    """Seconds after which 95 of 100 codes have left while reminders are enqueued and sent."""
    with gateways() as (_sms, _mail, settings):
        os.environ.update(settings)
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
