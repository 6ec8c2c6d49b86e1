"""Search of one unit over 30 days with 10 and with 1,000,000 appointments in the tables, in turns.

The times are a client's, one request after another: server time and a little more.
"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

from bench import dataset
from bench.harness import Result, database_server, execute, migrated, say, web_server
from bench.load import HttpRequest, drive
from bench.write_benchmark import token_of

PEOPLE = 10_000
DAYS = 30
SEATS = dataset.UNITS * dataset.ROOMS * dataset.SLOTS_A_DAY * DAYS
FEW, MANY = 10, 1_000_000
ROUNDS = 4
REQUESTS = 250
MOST_SECONDS = 0.020
TARGET = 2.0


def add_appointments(url: str, count: int) -> None:
    """Insert appointments: four tenths book seats of the coming month, all over it; the rest are history."""
    ahead = count * 4 // 10
    # Every step-th seat, so that each unit, room and day has its share of booked ones.
    step = SEATS // ahead
    seat = f"(n * {step})"
    person = dataset.sql_uuid(dataset.PERSON, f"n % {PEOPLE}")
    rows = (
        "INSERT INTO appointment (unit_id, id, folio, person_id, service, room, start_at, on_date, seat, minutes,"
        " status, channel, booked_by_kind, created_at, changed_at)"
    )
    execute(
        url,
        f"{rows} SELECT {dataset.sql_unit(seat)}, {dataset.sql_uuid(dataset.HOLD, 'n')}, 'A-' || n, {person},"
        f" '{dataset.SERVICE}', {dataset.sql_room(seat)}, {dataset.sql_start(seat)}, {dataset.sql_date(seat)}, 1, 15,"
        " 'booked',"
        f" 'web', 'citizen', now(), now() FROM generate_series(0, {ahead - 1}) n",
        f"{rows} SELECT {dataset.sql_unit('n')}, {dataset.sql_uuid(dataset.HOLD, f'n + {ahead}')}, 'P-' || n, {person},"
        f" '{dataset.SERVICE}', {dataset.sql_room('n')}, now() - n * interval '1 minute', current_date - n / 1440,"
        " 1, 15,"
        f" 'attended', 'web', 'citizen', now(), now() FROM generate_series(1, {count - ahead}) n",
        "UPDATE seat s SET state = 'booked', holder_id = a.person_id, appointment_id = a.id FROM appointment a"
        " WHERE a.status = 'booked' AND (s.unit_id, s.room, s.start_at, s.seat)"
        " = (a.unit_id, a.room, a.start_at, a.seat)",
    )


def days(n: int) -> HttpRequest:
    """The days with free times at the person's own unit."""
    return HttpRequest("GET", f"/api/v1/availability?service={dataset.SERVICE}&days=30", token=token_of(n))


def times(n: int) -> HttpRequest:
    """The free times of one of those days."""
    day = (dataset.first_day() + timedelta(days=n % 20)).date()
    return HttpRequest("GET", f"/api/v1/availability/{day}?service={dataset.SERVICE}", token=token_of(n))


def _asks(round_number: int) -> Iterator[HttpRequest]:
    for n in range(round_number * REQUESTS, (round_number + 1) * REQUESTS):
        yield days(n * 7 % PEOPLE)
        yield times(n * 7 % PEOPLE)


async def _round(port: int, number: int) -> list[float]:
    asks = list(_asks(number))
    load = await drive(port, iter(asks), connections=1, seconds=120)
    if set(load.statuses) != {200}:
        raise RuntimeError(f"not every search was answered 200: {dict(load.statuses)} {load.first_fault!r}")
    return load.times


def run() -> Result:
    """At most twice the time with a hundred thousand times the appointments, and under 20 ms (p95)."""
    with database_server() as server:
        urls = {}
        for count in (FEW, MANY):
            urls[count] = url = migrated(server, f"search_{count}")
            dataset.populate(url, PEOPLE, seats=SEATS)
            add_appointments(url, count)
            dataset.analyze(url)
        taken: dict[int, list[float]] = {count: [] for count in urls}
        with web_server(urls[FEW]) as few, web_server(urls[MANY]) as many:
            for number in range(ROUNDS + 1):
                for count, web in ((FEW, few), (MANY, many)):
                    found = asyncio.run(_round(web.port, number))
                    if number:  # the first round warms up
                        taken[count] += found
    slowest = {}
    for count, seconds in taken.items():
        ordered = sorted(seconds)
        p50, p95 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        slowest[count] = p95
        say(f"search with {count:,} appointments: p50 {p50 * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms")
    quick = slowest[MANY] < MOST_SECONDS
    return Result("search", slowest[MANY] / slowest[FEW], TARGET, at_least=False, also=quick)
