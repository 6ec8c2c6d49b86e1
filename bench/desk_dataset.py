"""Counters that are open and tickets that wait, as SQL: more than use cases could make in the time of a benchmark."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bench import dataset, officers

COUNTERS = 100
TICKET = "00000000-0000-7000-d000-"


def sessions_sql(unit: str, counter: str) -> str:
    """Open counters, one for each of the first officers."""
    staff = dataset.sql_uuid(officers.STAFF_MEMBER, "n")
    return (
        "INSERT INTO counter_session (id, unit_id, counter, staff_id, services, status, opened_at, changed_at)"
        f" SELECT {staff}, {unit}, {counter}, {staff}, ARRAY['window'], 'open', now(), now()"
        f" FROM generate_series(0, {COUNTERS - 1}) n"
    )


def tickets_sql(place: str, people: int, first: int) -> str:
    """Tickets of today that wait, in the order of their numbers."""
    today = datetime.now(UTC).astimezone(ZoneInfo(dataset.ZONE)).date()
    ticket = dataset.sql_uuid(TICKET, f"n + {first}")
    return (
        "INSERT INTO desk_ticket (unit_id, id, on_date, letter, number, service, is_protected, arrived_at, rank_at,"
        f" first_at, status) SELECT {dataset.sql_uuid(dataset.UNIT, place)}, {ticket},"
        f" date '{today}', 'A', n + 1, 'window', false, now(), now() + n * interval '1 second',"
        f" now() + interval '3 hours', 'waiting' FROM generate_series(0, {people - 1}) n"
    )
