"""People who wait at a unit whose counters all serve someone: the line that a forecast reads."""

from bench.dataset import SERVICE, UNIT, ZONE, add_units, sql_uuid
from bench.harness import execute

HERE, MEMBER = sql_uuid(UNIT, "0"), sql_uuid("00000000-0000-7000-b000-", "n")
TICKET = sql_uuid("00000000-0000-7000-f000-", "n")
COLUMNS = (
    "unit_id, id, on_date, letter, number, service, is_protected, arrived_at, rank_at, first_at, status, counter,"
    " called_at"
)


def fill(url: str, *, counters: int, people: int) -> None:
    """Open counters that are a few minutes into a service, and people behind them."""
    add_units(url)
    staff = (
        "INSERT INTO staff (id, username, full_name, role, password_hash, totp_secret_encrypted, all_units, is_active,"
        f" created_at) SELECT {MEMBER}, 'desk-' || n, 'Rosa Díaz', 'receptionist', '-', '', true, true, now()"
        f" FROM generate_series(1, {counters}) n"
    )
    rooms = (
        f"INSERT INTO room (unit_id, number, kind, name) SELECT {HERE}, n, 'window', 'V' || n"
        f" FROM generate_series(1, {counters}) n"
    )
    sessions = (
        "INSERT INTO counter_session (id, unit_id, counter, staff_id, services, status, opened_at, changed_at)"
        f" SELECT {MEMBER}, {HERE}, n, {MEMBER}, ARRAY['{SERVICE}'], 'open', now(), now()"
        f" FROM generate_series(1, {counters}) n"
    )
    served = _tickets("'serving', n, now() - n * interval '1 min'", 1, counters)
    waiting = _tickets("'waiting', NULL, NULL", counters + 1, counters + people)
    execute(url, staff, rooms, sessions, served, waiting, "ANALYZE")


def _tickets(state: str, first: int, last: int) -> str:
    return (
        f"INSERT INTO desk_ticket ({COLUMNS}) SELECT {HERE}, {TICKET}, (now() AT TIME ZONE '{ZONE}')::date, 'A', n,"
        f" '{SERVICE}', false, now(), now() + n * interval '1 s', now() + interval '3 h', {state}"
        f" FROM generate_series({first}, {last}) n"
    )
