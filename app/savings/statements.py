"""The statements of the measurement, kept as files in `sql/`, and what those may name."""

from app.kernel.actor import Channel
from app.kernel.clock import local_day_sql
from app.kernel.statements import StatementFiles
from app.places.rules import DEFAULT_ZONE
from app.savings import transactions
from app.savings.measures import (
    ASSISTED_CHANNELS,
    FOLLOWED,
    MEASURES,
    ONLINE,
    ONLINE_CHANNELS,
    STANDS,
    TICKET_MEASURES,
    WOULD_HAVE_VISITED,
    Attendance,
    Outcome,
)
from app.savings.models import UNKNOWN_PERSON, ServiceTransaction
from app.savings.rules.disclosure import OTHERS
from app.savings.rules.groups import PERIODS, PLACES, SEGMENTS
from app.savings.rules.metric_query import PERIOD_OF
from app.savings.transactions import EventType

SEPARATOR, NOTHING = 31, 30
"""Characters between texts in a column of `group_totals.sql`, and in place of a text that is null."""
LOCAL_DAY = local_day_sql("t.arrived_at", "t.timezone")
"""The day of a ticket `t` by the clock of its unit."""


def column_of(dimension: str) -> str:
    """The column of a transaction that holds a segment, or its channel."""
    return "age_band" if dimension == "age" else dimension


STATEMENTS = StatementFiles(
    "app.savings",
    AFTER_ARRIVAL=transactions.AFTER_ARRIVAL,
    ASSISTED_CHANNELS=ASSISTED_CHANNELS,
    CHANGES=transactions.CHANGES,
    COLUMNS=[column.name for column in ServiceTransaction.__table__.columns],
    DEFAULT_ZONE=DEFAULT_ZONE,
    DUE_RESET=transactions.DUE_RESET,
    ENDED=(Outcome.COMPLETED, Outcome.REFUSED, Outcome.ABANDONED),
    ENDS=transactions.ENDS,
    FEEDBACK=transactions.FEEDBACK,
    FOLLOWED=FOLLOWED,
    LOCAL_DAY=LOCAL_DAY,
    MEASURES=MEASURES,
    NOTHING=NOTHING,
    ONLINE=ONLINE,
    ONLINE_CHANNELS=ONLINE_CHANNELS,
    OTHERS=OTHERS,
    OWN_STEPS=transactions.OWN_STEPS,
    PERIODS=PERIODS,
    PERIOD_OF=PERIOD_OF,
    PLACES=PLACES,
    SEGMENTS=SEGMENTS,
    SEPARATOR=SEPARATOR,
    SERVICE_STEPS=transactions.SERVICE_STEPS,
    STANDS=STANDS,
    TICKETS=transactions.TICKETS,
    TICKET_MEASURES=TICKET_MEASURES,
    UNKNOWN_PERSON=UNKNOWN_PERSON,
    WOULD_HAVE_VISITED=WOULD_HAVE_VISITED,
    Attendance=Attendance,
    Channel=Channel,
    EventType=EventType,
    Outcome=Outcome,
    column_of=column_of,
    local_day=local_day_sql,
)
