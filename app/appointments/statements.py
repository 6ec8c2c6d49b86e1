"""The statements of this package: the files in `sql`, what they may name, and those that write.

A writing statement is a whole transaction: it guards, takes or frees the seat, writes the appointment, records the
event and stores the response for the idempotency key. Each part selects from the one before, so either all of it
happens or nothing: when the guard finds no row there is nothing to insert, and when a unique index refuses, the
statement fails as a whole.
"""

from app.appointments.draw import DrawStatus
from app.appointments.horizon import last_open_day_sql
from app.appointments.rebooking import Answer
from app.appointments.release import STEP
from app.appointments.rules import COUNTED, OFFERED, SPECIALIST_PREFIX, SeatState, Status
from app.appointments.wait_list import EndReason, EntryStatus, OfferAnswer, Outcome
from app.identity.service.revocation import IS_REVOKED_SQL
from app.kernel.actor import Assurance
from app.kernel.bus import notify_sql
from app.kernel.clock import local_day_sql
from app.kernel.events import EVENT_INSERT, EVENT_SELECT
from app.kernel.idempotency import KEY_INSERT, KEY_SELECT
from app.kernel.statements import StatementFiles
from app.places.rules import DEFAULT_ZONE
from app.registry.representation import is_minor_sql, registered_sql
from app.registry.rights import rights_sql

NOW = "CAST(:now AS timestamptz)"


def end_hour_sql(ends: str) -> str:
    """Return an expression for an hour at which a schedule ends, to compare and to calculate with: a schedule that
    ends with its day stores 00:00, which is before all its hours; this is 24:00, after them. `rules.Pattern.minutes`
    says the same in Python."""
    return f"coalesce(nullif(CAST({ends} AS time), '00:00'), '24:00')"


STATEMENTS = StatementFiles(
    "app.appointments",
    Answer=Answer,
    Assurance=Assurance,
    COUNTED=COUNTED,
    DrawStatus=DrawStatus,
    EndReason=EndReason,
    EntryStatus=EntryStatus,
    OFFERED=OFFERED,
    OfferAnswer=OfferAnswer,
    Outcome=Outcome,
    SPECIALIST_PREFIX=SPECIALIST_PREFIX,
    SeatState=SeatState,
    Status=Status,
    default_zone=f"'{DEFAULT_ZONE}'",
    end_hour=end_hour_sql,
    is_minor=is_minor_sql,
    is_revoked=IS_REVOKED_SQL,
    is_registered=registered_sql,
    last_open_day=last_open_day_sql(NOW, "u.timezone"),
    local_day=local_day_sql,
    notify=notify_sql,
    now=NOW,
    percent_step=STEP,
    record_event=EVENT_INSERT + EVENT_SELECT,
    rights=rights_sql,
    store_response=KEY_INSERT + KEY_SELECT,
    today=local_day_sql(NOW, "u.timezone"),
)

DECIDE_ON_PLACE = STATEMENTS.load("decision", variant="place", target="place_asked_for", finds_hold=False)
DECIDE_ON_MOVE = STATEMENTS.load("decision", variant="move", target="place_asked_for", finds_hold=True)
DECIDE_ON_HOLD = STATEMENTS.load("decision", variant="hold", target="seat_held", finds_hold=False)

HOLD = STATEMENTS.load("hold")
RELEASE_HOLD = STATEMENTS.load("release_hold")
BOOK = STATEMENTS.load("book", accepts=False)
BOOK_OFFERED = STATEMENTS.load("book", variant="offered", accepts=True)
STAY = STATEMENTS.load("stay")
MOVE = STATEMENTS.load("move", accepts=False)
MOVE_TO_OFFERED = STATEMENTS.load("move", variant="offered", accepts=True)
CANCEL = STATEMENTS.load("cancel")
