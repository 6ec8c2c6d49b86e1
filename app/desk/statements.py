"""The statements of the desk: the files in `sql`, and what they may name."""

from app.appointments.rebooking import CHANGEABLE_FOR
from app.appointments.rules import Status as AppointmentStatus
from app.catalog.rules.workflow import OPEN_KINDS, StateKind
from app.desk.rules.tickets import AT_COUNTER, OPEN, LeftBecause, TicketStatus
from app.identity.service.staff import ACTIVE_STAFF_SQL
from app.kernel.bus import notify_sql
from app.kernel.clock import local_day_sql
from app.kernel.events import insert_event_sql
from app.kernel.statements import StatementFiles

NOW = "CAST(:now AS timestamptz)"


def call_order_sql(ticket: str) -> str:
    """`rules.turns.call_order` as SQL, for the name of a ticket's row; by letter where queues are called as one."""
    t = ticket
    return (
        f"{t}.first_at > {NOW}, CASE WHEN {t}.first_at <= {NOW} THEN {t}.first_at ELSE {t}.rank_at END,"
        f" {t}.number, {t}.letter"
    )


def full_name_sql(person: str) -> str:
    """The name of a person, for the name of their row."""
    return f"concat_ws(' ', {person}.given_names, nullif({person}.first_surname, ''), {person}.second_surname)"


def printed_number_sql(ticket: str) -> str:
    """`rules.tickets.printed_number` as SQL, for the name of a ticket's row; `lpad` alone cuts the fourth digit."""
    number = f"{ticket}.number::text"
    return f"{ticket}.letter || '-' || lpad({number}, greatest(3, length({number})), '0')"


STATEMENTS = StatementFiles(
    "app.desk",
    AT_COUNTER=AT_COUNTER,
    OPEN=OPEN,
    OPEN_KINDS=OPEN_KINDS,
    StateKind=StateKind,
    LeftBecause=LeftBecause,
    TicketStatus=TicketStatus,
    AppointmentStatus=AppointmentStatus,
    call_order=call_order_sql,
    changeable_days=CHANGEABLE_FOR.days,
    active_staff=ACTIVE_STAFF_SQL,
    full_name=full_name_sql,
    insert_event=insert_event_sql,
    local_day=local_day_sql,
    notify=notify_sql,
    printed=printed_number_sql,
    now=NOW,
    today=local_day_sql(NOW, "u.timezone"),
)

ADD_TICKET = STATEMENTS.load("add_ticket")
ADD_RESERVED_TICKET = STATEMENTS.load("add_reserved_ticket")
BOARD = STATEMENTS.load("board")
BOARD_UNITS = STATEMENTS.load("board_units")
CALL_NEXT = STATEMENTS.load("call_next")
QUEUE_FOR = STATEMENTS.load("queue_for")
LOCK_UNIT = STATEMENTS.load("lock_unit")
OPEN_QUEUE = STATEMENTS.load("open_queue")
