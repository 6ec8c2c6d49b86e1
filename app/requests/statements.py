"""The statements of this package: the files in `sql`, and what they may name."""

from app.catalog.rules.workflow import OPEN_KINDS, STOPPED_KINDS, Outcome, StateKind
from app.identity.service.staff import ACTIVE_STAFF_SQL
from app.kernel import clock
from app.kernel.bus import notify_sql
from app.kernel.events import insert_event_sql
from app.kernel.statements import StatementFiles
from app.law.current import FINGERPRINT_SQL
from app.places.rules import DEFAULT_ZONE
from app.registry.dependant_coverage import is_covered_sql
from app.registry.representation import is_minor_sql, registered_sql
from app.registry.rights import rights_sql
from app.requests.models import NO_UNIT
from app.requests.rules.kinds import MessageKind, Queue, WorkItemKind

_PERSON, _DAY = "CAST(:person_id AS uuid)", "CAST(:day AS date)"


ZONE = f"coalesce(z.timezone, '{DEFAULT_ZONE}')"
"""The clock of `z`, the unit that attends a request; none is the centre's."""
TODAY = clock.local_day_sql("CAST(:now AS timestamptz)", ZONE)
MAX_CHOICES = 100
"""Units and holders to choose from in a list, those with most work first."""


def _is_near(day: str, service: str) -> str:
    """Whether a deadline is near: within the working days that its service's file says."""
    last = f"CAST(CAST(:near AS jsonb) -> CAST({TODAY} AS text) ->> {service} AS date)"
    return f"{day} > {TODAY} AND {day} <= {last}"


def mandate_in_force(mandate: str, day: str, last: str | None = None) -> str:
    """Whether a consent is in force on a day, or on one up to a last one: a condition for a statement, where the table
    has the name `mandate`."""
    dates = f"{mandate}.starts_on <= {last or day} AND {mandate}.ends_on >= {day}"
    return f"({mandate}.revoked_at IS NULL AND {dates})"


def local_day(instant: str, unit_id: str) -> str:
    """The day of an instant at a unit; at the centre's clock where there is none."""
    zone = f"(SELECT u.timezone FROM unit u WHERE u.id = {unit_id})"
    return clock.local_day_sql(f"CAST({instant} AS timestamptz)", f"coalesce({zone}, '{DEFAULT_ZONE}')")


STATEMENTS = StatementFiles(
    "app.requests",
    MessageKind=MessageKind,
    OPEN_KINDS=OPEN_KINDS,
    STOPPED_KINDS=STOPPED_KINDS,
    MAX_CHOICES=MAX_CHOICES,
    NO_UNIT=NO_UNIT,
    Outcome=Outcome,
    Queue=Queue,
    StateKind=StateKind,
    WorkItemKind=WorkItemKind,
    active_staff=ACTIVE_STAFF_SQL,
    day=_DAY,
    insert_event=insert_event_sql,
    # An appeal is nothing for who took part in the refusal.
    may_take="(CAST(:me AS uuid) <> ALL (w.excluded_ids))",
    is_held="(w.holder_id IS NOT NULL AND (w.lease_until IS NULL OR w.lease_until > :now))",
    is_near=_is_near,
    is_covered=lambda dependant: is_covered_sql(dependant, _DAY),
    is_minor=is_minor_sql,
    is_registered=registered_sql,
    mandate_in_force=mandate_in_force,
    notify=notify_sql,
    law_fingerprint=FINGERPRINT_SQL,
    local_day=local_day,
    person=_PERSON,
    rights=rights_sql(_PERSON, _DAY),
    today=TODAY,
    zone=ZONE,
)
