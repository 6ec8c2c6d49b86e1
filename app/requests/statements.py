"""The statements of this package: the files in `sql`, and what they may name."""

from app.catalog.rules.workflow import OPEN_KINDS, STOPPED_KINDS, Outcome, StateKind
from app.identity.service.staff import ACTIVE_STAFF_SQL
from app.kernel import clock
from app.kernel.actor import Role
from app.kernel.events import EVENT_INSERT
from app.kernel.statements import StatementFiles
from app.law.current import FINGERPRINT_SQL
from app.registry.dependant_coverage import is_covered_sql
from app.registry.representation import is_minor_sql, registered_sql
from app.registry.rights import rights_sql
from app.requests.rules.kinds import MessageKind, WorkItemKind

_PERSON, _DAY = "CAST(:person_id AS uuid)", "CAST(:day AS date)"


def _local_day(instant: str, unit_id: str) -> str:
    """The day of an instant at a unit; at the centre's clock where there is none."""
    zone = f"(SELECT u.timezone FROM unit u WHERE u.id = {unit_id})"
    return clock.local_day_sql(f"CAST({instant} AS timestamptz)", f"coalesce({zone}, '{clock.DEFAULT_ZONE}')")


STATEMENTS = StatementFiles(
    "app.requests",
    MessageKind=MessageKind,
    OPEN_KINDS=OPEN_KINDS,
    STOPPED_KINDS=STOPPED_KINDS,
    Outcome=Outcome,
    Role=Role,
    StateKind=StateKind,
    WorkItemKind=WorkItemKind,
    active_staff=ACTIVE_STAFF_SQL,
    day=_DAY,
    event_insert=EVENT_INSERT,
    is_covered=lambda dependant: is_covered_sql(dependant, _DAY),
    is_minor=is_minor_sql,
    is_registered=registered_sql,
    law_fingerprint=FINGERPRINT_SQL,
    local_day=_local_day,
    person=_PERSON,
    rights=rights_sql(_PERSON, _DAY),
    zone=f"coalesce(z.timezone, '{clock.DEFAULT_ZONE}')",
)
