"""A world whose n-th person, unit, seat and hold follow from n alone: the same for HTTP, pgbench and SQL."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from bench.harness import execute

UNITS = 100
ROOMS = 10
SLOTS_A_DAY = 32
SERVICE = "family-medicine"
ZONE = "America/Mexico_City"
OPENS = time(14, tzinfo=UTC)  # 8 in the morning by the unit's clock
PERSON, UNIT, HOLD = "00000000-0000-7000-8000-", "00000000-0000-7000-9000-", "00000000-0000-7000-a000-"


def person_id(n: int) -> UUID:
    return UUID(f"{PERSON}{n:012x}")


def unit_id(n: int) -> UUID:
    return UUID(f"{UNIT}{n % UNITS:012x}")


def hold_id(n: int) -> UUID:
    return UUID(f"{HOLD}{n:012x}")


def room(n: int) -> int:
    return n // UNITS % ROOMS + 1


def first_day() -> datetime:
    """The morning of tomorrow."""
    return datetime.combine(datetime.now(UTC).date() + timedelta(days=1), OPENS)


def start_at(n: int) -> datetime:
    k = n // (UNITS * ROOMS)
    return first_day() + timedelta(days=k // SLOTS_A_DAY, minutes=15 * (k % SLOTS_A_DAY))


def sql_uuid(prefix: str, n: str) -> str:
    """The n-th id as an expression; `n` is itself an expression."""
    return f"CAST('{prefix}' || lpad(to_hex({n}), 12, '0') AS uuid)"


def sql_unit(n: str) -> str:
    return sql_uuid(UNIT, f"{n} % {UNITS}")


def sql_room(n: str) -> str:
    return f"({n} / {UNITS} % {ROOMS} + 1)"


def sql_start(n: str) -> str:
    k = f"({n} / {UNITS * ROOMS})"
    return (
        f"(timestamptz '{first_day().isoformat()}' + ({k} / {SLOTS_A_DAY}) * interval '1 day'"
        f" + ({k} % {SLOTS_A_DAY}) * interval '15 minutes')"
    )


def sql_date(n: str) -> str:
    return f"({sql_start(n)} AT TIME ZONE '{ZONE}')::date"


_SEATS = (
    "INSERT INTO seat (unit_id, room, start_at, seat, service, shift, on_date, minutes)"
    f" SELECT {{unit}}, {{room}}, {{start}}, 1, '{SERVICE}', 'M', {{date}}, 15 FROM generate_series(0, {{last}}) n"
)


def add_units(url: str) -> None:
    """The units, all in one zone."""
    n = "n"
    execute(
        url,
        "INSERT INTO unit (id, clues, name, kind, institution, state_code, state, municipality, timezone, level,"
        " is_operating, imported_at) SELECT "
        f"{sql_uuid(UNIT, n)}, 'DFIMS' || lpad(n::text, 6, '0'), 'UMF ' || n, 'umf', 'IMSS', 'DF', 'CIUDAD DE MÉXICO',"
        f" 'CUAUHTÉMOC', '{ZONE}', 1, true, now() FROM generate_series(0, {UNITS - 1}) n",
    )


def populate(url: str, people: int, *, seats: int | None = None, slots: int | None = None) -> None:
    """Insert people with rights, each assigned to the unit of the seat with their number; the seats all free.

    There are as many seats as people, or `seats`. With `slots` there are that many instead, all in the first unit,
    which is everybody's.
    """
    n = "n"
    add_units(url)
    execute(
        url,
        "INSERT INTO person (id, curp, nss, given_names, first_surname, birth_on, sex, unit_id, room, shift)"
        f" SELECT {sql_uuid(PERSON, n)}, lpad(n::text, 18, '0'), lpad(n::text, 11, '0'), 'ANA', 'PÉREZ',"
        f" date '1990-05-17', 'M', {sql_unit(n)}, {sql_room(n)}, 'M' FROM generate_series(0, {people - 1}) n",
        "INSERT INTO affiliation (person_id, starts_on, employer)"
        f" SELECT {sql_uuid(PERSON, n)}, date '2020-01-01', 'Y6051234567' FROM generate_series(0, {people - 1}) n",
    )
    if slots is None:
        place = {"unit": sql_unit(n), "room": sql_room(n), "start": sql_start(n), "date": sql_date(n)}
        execute(url, _SEATS.format(**place, last=(seats or people) - 1))
        return
    few = f"(n * {UNITS * ROOMS} / 2)"  # two rooms, consecutive times
    room = "(n % 2 + 1)"
    unit = sql_uuid(UNIT, "0")
    execute(
        url,
        f"UPDATE person SET unit_id = {unit}",
        _SEATS.format(unit=unit, room=room, start=sql_start(few), date=sql_date(few), last=slots - 1),
    )


def add_idempotency_keys(url: str, people: int) -> None:
    """A past visit, a dependant and a referral for some, as in a portal that has been open for a while.

    Tables that were empty when they were analysed would get plans that no real one has.
    """
    n = "n"
    execute(
        url,
        "INSERT INTO appointment (unit_id, id, folio, person_id, service, room, start_at, on_date, seat, minutes,"
        " status, channel, booked_by_kind, created_at, changed_at)"
        f" SELECT {sql_unit(n)}, {sql_uuid(HOLD, n)}, 'P-' || n, {sql_uuid(PERSON, n)}, '{SERVICE}', {sql_room(n)},"
        f" {sql_start(n)} - interval '200 days', {sql_date(n)} - 200, 1, 15, 'attended', 'web', 'citizen', now(), now()"
        f" FROM generate_series(0, {people - 1}, 2) n",
        "INSERT INTO active_appointment (person_id, service, unit_id, appointment_id, start_at)"
        f" SELECT {sql_uuid(PERSON, n)}, 'dental', {sql_unit(n)}, {sql_uuid(HOLD, n)}, now()"
        f" FROM generate_series(0, {people - 1}, 10) n",
        "INSERT INTO dependant (holder_id, person_id, kinship, starts_on)"
        f" SELECT {sql_uuid(PERSON, n)}, {sql_uuid(PERSON, 'n + 1')}, 'child', date '2020-01-01'"
        f" FROM generate_series(0, {people - 2}, 4) n",
        "INSERT INTO referral (id, person_id, unit_id, service, starts_on, ends_on, created_at)"
        f" SELECT {sql_uuid(HOLD, n)}, {sql_uuid(PERSON, n)}, {sql_unit(n)}, 'specialist-cardiology',"
        f" date '2026-01-01', date '2026-12-31', now() FROM generate_series(0, {people - 1}, 10) n",
    )


def hold_all(url: str, people: int) -> None:
    """Every person holds the seat with their number for two hours."""
    execute(
        url,
        f"UPDATE seat SET state = 'held', holder_id = {sql_uuid(PERSON, 'n')}, hold_id = {sql_uuid(HOLD, 'n')},"
        f" held_until = now() + interval '2 hours' FROM generate_series(0, {people - 1}) n"
        f" WHERE seat.unit_id = {sql_unit('n')} AND room = {sql_room('n')} AND start_at = {sql_start('n')}",
    )


def analyze(url: str) -> None:
    """Fresh statistics and a quiet disk before measuring."""
    execute(url, "VACUUM ANALYZE", "CHECKPOINT")
