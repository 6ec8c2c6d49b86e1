"""The statements of the desk: the files in `sql`, and what they may name."""

from app.appointments.rules import Status as AppointmentStatus
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


STATEMENTS = StatementFiles(
    "app.desk",
    AT_COUNTER=AT_COUNTER,
    OPEN=OPEN,
    LeftBecause=LeftBecause,
    TicketStatus=TicketStatus,
    AppointmentStatus=AppointmentStatus,
    call_order=call_order_sql,
    active_staff=ACTIVE_STAFF_SQL,
    insert_event=insert_event_sql,
    local_day=local_day_sql,
    notify=notify_sql,
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
