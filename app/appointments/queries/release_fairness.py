"""How fairly the seats of a unit were released, for its supervisor: waves and draws, and who got their seats."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.draws import DrawView, draws_of_unit
from app.appointments.queries.wait_list_fairness import DAYS
from app.appointments.small_groups import suppress
from app.appointments.statements import STATEMENTS
from app.identity.permissions import Action, may_at
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.problems import NotFound
from app.places.queries import unit_by_id

_WAVES = STATEMENTS.load("release/fairness_waves")
_GROUPS = STATEMENTS.load("release/fairness_groups")
_DRAW_GROUPS = STATEMENTS.load("draws/fairness_groups")


@dataclass(frozen=True, slots=True)
class WaveFigures:
    """The waves of a number of a service: of how many days, their seats, those that are booked, and those that were
    within an hour."""

    service: str
    wave: int
    days: int
    seats: int
    taken: int
    at_once: int

    @property
    def taken_share(self) -> float | None:
        """Booked seats over seats."""
        return self.taken / self.seats if self.seats else None


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The appointments of a group in seats of waves. Suppressed, its figures are None."""

    dimension: str
    value: str
    people: int | None
    taken: int | None
    at_once: int | None


@dataclass(frozen=True, slots=True)
class DrawGroup:
    """The registrations of a group in draws that were drawn: those that were offered a seat, and those that accepted.
    Suppressed, its figures are None."""

    dimension: str
    value: str
    people: int | None
    registrations: int | None
    offered: int | None
    accepted: int | None


@dataclass(frozen=True, slots=True)
class ReleaseFairness:
    """The releases of a unit between two days."""

    first: date
    last: date
    waves: Sequence[WaveFigures]
    groups: Sequence[GroupFigures]
    draws: Sequence[DrawView]
    draw_groups: Sequence[DrawGroup]


async def release_fairness(session: AsyncSession, actor: Staff, unit_id: UUID) -> ReleaseFairness:
    """Of the last 90 days. Small groups are suppressed, with the next smallest where one alone would be.

    Raises:
        NotFound: no such unit among those that the actor supervises.
    """
    if not may_at(actor, Action.MANAGE_SCHEDULES, unit_id):
        raise NotFound
    unit = await unit_by_id(session, unit_id)
    last = clock.today(unit.timezone)
    first = last - timedelta(days=DAYS)
    params = {"unit_id": unit_id, "first": first, "last": last}
    waves = [WaveFigures(*row) for row in await session.execute(_WAVES, params)]
    groups = [GroupFigures(*row) for row in await session.execute(_GROUPS, params)]
    since = clock.now() - timedelta(days=DAYS)
    rows = await session.execute(_DRAW_GROUPS, {"unit_id": unit_id, "since": since})
    draw_groups = suppress([DrawGroup(*row) for row in rows], "people")
    draws = await draws_of_unit(session, unit_id, since)
    return ReleaseFairness(first, last, waves, suppress(groups, "people"), draws, draw_groups)
