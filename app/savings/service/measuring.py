"""What was measured here takes the place of what was assumed: waits and attention from the desks' tickets, the share
displaced and the time online from the portal. Written into the draft, for an analyst to look over and publish.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.actor import Staff, System
from app.kernel.i18n import N_
from app.savings import queries
from app.savings.rules.figures import KEYS, Figure, joined
from app.savings.service import baselines

ENOUGH = 30
"""Observations from which a measured row takes the place of an assumed one: the usual size from which a mean's error
is about normal."""
SECONDS = 60.0
BY_TICKETS = N_("Turnos de ventanilla")
BY_SURVEY = N_("Encuesta al final de los trámites")
BY_STEPS = N_("Pasos en el portal")

_WAITS = text(
    """
    SELECT place, service, sum(waited)::bigint AS waited, sum(wait_seconds)::bigint AS wait_seconds,
        sum(wait_seconds_sq)::float8 AS wait_seconds_sq, sum(attended)::bigint AS attended,
        sum(service_seconds)::bigint AS service_seconds, sum(service_seconds_sq)::float8 AS service_seconds_sq
    FROM saving_ticket_cell WHERE period BETWEEN :since AND :until AND place <> '' AND service <> 'unknown'
    GROUP BY place, service
    """
)
_ONLINE = text(
    """
    SELECT service, sum(asked)::bigint AS asked, sum(would_have_gone)::bigint AS would_have_gone,
        sum(observed)::bigint AS observed, sum(seconds)::bigint AS seconds, sum(seconds_sq)::float8 AS seconds_sq
    FROM saving_cell WHERE grain = 'M' AND level = 'R' AND dim = '' AND period BETWEEN :since AND :until
        AND channel IN ('web', 'api')
    GROUP BY service
    """
)


@dataclass(frozen=True, slots=True)
class Measured:
    """The draft measured figures were written to, and how many."""

    version: int
    figures: int


async def measure(session: AsyncSession, actor: Staff | System, since: date, until: date) -> Measured:
    """Write every figure that was measured often enough in these months into the draft, made if there is none.

    Raises:
        WrongRole: not an analyst.
    """
    span = {"since": since, "until": until}
    found = [figure for row in (await session.execute(_WAITS, span)).all() for figure in _of_desks(row, since, until)]
    found += [
        figure for row in (await session.execute(_ONLINE, span)).all() for figure in _of_portal(row, since, until)
    ]
    draft = await queries.draft_of(session)
    if draft is None:
        draft = await baselines.start_draft(session, actor, f"{since:%Y-%m} – {until:%Y-%m}")
    rows = baselines.merged(await queries.figures_of(session, draft.version), found)
    await baselines.replace_figures(session, actor, draft.version, rows)
    return Measured(draft.version, len(found))


def _of_desks(row: Any, since: date, until: date) -> Iterator[Figure]:
    source = joined(BY_TICKETS, f"{since}/{until}")
    if row.waited >= ENOUGH:
        yield mean_figure(
            "wait_minutes", row.service, row.place, source, row.waited, row.wait_seconds, row.wait_seconds_sq
        )
    if row.attended >= ENOUGH:
        sums = (row.attended, row.service_seconds, row.service_seconds_sq)
        yield mean_figure("service_minutes", row.service, row.place, source, *sums)


def _of_portal(row: Any, since: date, until: date) -> Iterator[Figure]:
    if row.asked >= ENOUGH:
        # Jeffreys' prior adds half a yes and half a no: no share is drawn as certain from a finite survey.
        yes, no = row.would_have_gone + 0.5, row.asked - row.would_have_gone + 0.5
        source = joined(BY_SURVEY, f"{since}/{until}")
        yield Figure("displaced", row.service, "", "beta", None, yes, no, "share", None, source, "measured", row.asked)
    if row.observed >= ENOUGH:
        source = joined(BY_STEPS, f"{since}/{until}")
        yield mean_figure("online_minutes", row.service, "", source, row.observed, row.seconds, row.seconds_sq)


def mean_figure(key: str, scope: str, place: str, source: str, n: int, total: float, squares: float) -> Figure:
    """A mean in minutes with its standard error, from sums of seconds."""
    mean = total / n
    variance = max(squares - n * mean * mean, 0.0) / (n - 1)
    error = math.sqrt(variance / n) / SECONDS
    unit = KEYS[key].unit
    return Figure(key, scope, place, "normal", None, mean / SECONDS, error, unit, None, source, "measured", n)
