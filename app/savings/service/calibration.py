"""Calibration: what was measured here takes the place of what was assumed. Waits and attention come from the desks'
tickets, the share that would have visited and the time online from the portal; all is written into the draft, for an
analyst to look over and publish.

What is measured at a desk is the transaction that the portal spares, and nothing else: the queue of people who came
without an appointment, and the attention at the reception. So appointments are left out: people who have one wait for
the consultation, and tickets don't tell the reception from the consultation, nor the queue for a ticket from the wait
for the doctor. Both stay as the baseline assumes them until they are measured.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.actor import Staff, System
from app.kernel.i18n import N_
from app.savings.problems import unsupported
from app.savings.queries import versions
from app.savings.rules.parameters import KEYS, Parameter, joined
from app.savings.rules.uncertainty import standard_error
from app.savings.service import baselines
from app.savings.statements import STATEMENTS
from app.savings.transactions import APPOINTMENTS, services_of

MIN_SAMPLE = 30
"""Observations from which a measured row takes the place of an assumed one: the usual size from which a mean's error
is about normal."""
SECONDS = 60.0
BY_TICKETS = N_("Turnos de ventanilla")
BY_SURVEY = N_("Encuesta al final de los trámites")
BY_STEPS = N_("Pasos en el portal")

AT_A_DESK = ("wait_minutes", "service_minutes")
_WAITS = STATEMENTS.load("measured_waits")
_ONLINE = STATEMENTS.load("measured_online")


@dataclass(frozen=True, slots=True)
class Measured:
    """The draft measured parameters were written to, and how many."""

    version: int
    parameters: int


async def measure(session: AsyncSession, actor: Staff | System, since: date, until: date) -> Measured:
    """Write every parameter that was measured often enough in these months into the draft, made if there is none.

    Raises:
        WrongRole: not an analyst. Invalid: the last day is before the first.
    """
    if until < since:
        raise unsupported("until", "dates-in-order")
    span = {"since": since, "until": until}
    appointments = services_of(*APPOINTMENTS)
    waits = (await session.execute(_WAITS, span | {"appointments": appointments})).all()
    found = [parameter for row in waits if row.place for parameter in _of_desks(row, since, until)]
    found += [
        parameter for row in (await session.execute(_ONLINE, span)).all() for parameter in _of_portal(row, since, until)
    ]
    draft = await versions.draft_of(session)
    if draft is None:
        draft = await baselines.start_draft(session, actor, f"{since:%Y-%m} – {until:%Y-%m}")
    before = [
        row
        for row in await versions.parameters_of(session, draft.version)
        if not _is_of_appointments(row, appointments)
    ]
    rows = baselines.merged(before, found)
    await baselines.replace_parameters(session, actor, draft.version, rows)
    return Measured(draft.version, len(found))


def _is_of_appointments(parameter: Parameter, appointments: Container[str]) -> bool:
    """Return whether a row claims to have measured what no ticket records: the assumption counts in its place."""
    return parameter.confidence == "measured" and parameter.key in AT_A_DESK and parameter.scope in appointments


def _of_desks(row: Any, since: date, until: date) -> Iterator[Parameter]:
    source = joined(BY_TICKETS, f"{since}/{until}")
    waits = (int(row.waited), int(row.wait_seconds), int(row.wait_seconds_sq))
    attentions = (int(row.attended), int(row.service_seconds), int(row.service_seconds_sq))
    for key, sums in zip(AT_A_DESK, (waits, attentions), strict=True):
        if sums[0] >= MIN_SAMPLE:
            yield mean_parameter(key, row.service, row.place, source, *sums)


def _of_portal(row: Any, since: date, until: date) -> Iterator[Parameter]:
    if row.asked >= MIN_SAMPLE:
        # Jeffreys' prior adds half a yes and half a no: no share is drawn as certain from a finite survey.
        yes, no = row.would_have_visited + 0.5, row.asked - row.would_have_visited + 0.5
        source = joined(BY_SURVEY, f"{since}/{until}")
        yield Parameter(
            "would_have_visited", row.service, "", "beta", None, yes, no, "share", None, source, "measured", row.asked
        )
    if row.observed >= MIN_SAMPLE:
        source = joined(BY_STEPS, f"{since}/{until}")
        yield mean_parameter("online_minutes", row.service, "", source, row.observed, row.seconds, int(row.seconds_sq))


def mean_parameter(key: str, scope: str, place: str, source: str, n: int, total: int, squares: int) -> Parameter:
    """A mean in minutes with its standard error, from sums of seconds.

    Raises:
        SumsDisagree: the squares are not those of the observations.
    """
    error = standard_error(n, total, squares) / SECONDS
    unit = KEYS[key].unit
    return Parameter(key, scope, place, "normal", None, total / n / SECONDS, error, unit, None, source, "measured", n)
