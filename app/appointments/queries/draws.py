"""Reads of draws: those that people can register for, one with its drawn order, and a family's registrations."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.draw import DrawResult, Facts, offers_nothing, result_of
from app.appointments.queries.own import may_act_for
from app.appointments.release_models import DrawRegistration
from app.appointments.statements import STATEMENTS
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.problems import NotFound

_BY_ID = STATEMENTS.load("draws/views", variant="id", by="id")
_OPEN = STATEMENTS.load("draws/views", variant="open", by="open")
_OF_UNIT = STATEMENTS.load("draws/views", variant="unit", by="unit")
_REGISTRATIONS = STATEMENTS.load("draws/registrations", one=False)
_APPOINTMENT = STATEMENTS.load("draws/appointment_before")
_REGISTRATION = STATEMENTS.load("draws/registrations", variant="one", one=True)


@dataclass(frozen=True, slots=True)
class DrawView:
    """A draw as everyone sees it: seats against registrations, and the seed once it is published."""

    unit_id: UUID
    id: UUID
    schedule_id: UUID
    room: int
    shift: str
    service: str
    on_date: date
    opens_at: datetime
    closes_at: datetime
    public_at: datetime
    seed_digest: str
    seed: str | None
    status: str
    drawn_at: datetime | None
    unit_name: str
    timezone: str
    seats: int
    registrations: int
    taken: int
    seats_left: int
    """Those that can be had from it now: neither accepted nor closed."""
    ended_at: datetime | None

    @property
    def was_withdrawn(self) -> bool:
        """Whether it ended because its seats were taken out of the agenda: others end when those are the public's."""
        return self.ended_at is not None and self.ended_at < self.public_at

    def is_open(self, now: datetime) -> bool:
        """Whether people can register."""
        return self.status == "open" and now < self.closes_at

    @property
    def odds(self) -> float | None:
        """The share of registrations for which there is a seat; None while there is none."""
        return min(1.0, self.seats / self.registrations) if self.registrations else None


async def draw_view(session: AsyncSession, draw_id: UUID) -> DrawView:
    """One draw.

    Raises:
        NotFound: there is none.
    """
    row = (await session.execute(_BY_ID, {"draw_id": draw_id})).one_or_none()
    if row is None:
        raise NotFound
    return DrawView(*row)


async def open_draws(session: AsyncSession, unit_id: UUID, service: str) -> list[DrawView]:
    """The draws of a service at a unit that people can register for, by day."""
    rows = await session.execute(_OPEN, {"unit_id": unit_id, "service": service, "now": clock.now()})
    return [DrawView(*row) for row in rows]


async def draws_of_unit(session: AsyncSession, unit_id: UUID, since: datetime) -> list[DrawView]:
    """The draws of a unit whose registration opened since an instant, the latest day first."""
    return [DrawView(*row) for row in await session.execute(_OF_UNIT, {"unit_id": unit_id, "since": since})]


async def appointment_before(session: AsyncSession, draw_id: UUID, person_id: UUID) -> datetime | None:
    """When the appointment begins that a person has in the service of a draw, if no seat of the draw is earlier: none
    would be offered to them. The caller has checked who asks."""
    params = {"draw_id": draw_id, "person_id": person_id, "now": clock.now()}
    row = (await session.execute(_APPOINTMENT, params)).one_or_none()
    return row.has if row is not None and offers_nothing(row.has, row.earliest) else None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A code and its position: no personal data."""

    code: str
    position: int


async def drawn_order(session: AsyncSession, draw: DrawView) -> list[Drawn]:
    """The codes that were drawn, in the drawn order; none before."""
    wanted = select(DrawRegistration.code, DrawRegistration.position).where(
        DrawRegistration.unit_id == draw.unit_id,
        DrawRegistration.draw_id == draw.id,
        DrawRegistration.position.is_not(None),
    )
    rows = await session.execute(wanted.order_by(DrawRegistration.position))
    return [Drawn(row.code, row.position or 0) for row in rows]


@dataclass(frozen=True, slots=True)
class RegistrationView:
    """A registration as its person sees it."""

    unit_id: UUID
    id: UUID
    draw_id: UUID
    person_id: UUID
    code: str
    registered_at: datetime
    position: int | None
    version: int
    is_cancelled: bool
    service: str
    room: int
    shift: str
    on_date: date
    closes_at: datetime
    public_at: datetime
    status: str
    unit_name: str
    timezone: str
    end_reason: str | None
    is_offered: bool

    @property
    def result(self) -> DrawResult:
        """What became of it."""
        return result_of(Facts(self.status, self.is_cancelled, self.end_reason, self.is_offered))

    @property
    def can_be_cancelled(self) -> bool:
        """Whether it takes part still."""
        return self.result in (DrawResult.REGISTERED, DrawResult.WAITING, DrawResult.OFFERED)


async def registrations_of(session: AsyncSession, people: Collection[UUID]) -> list[RegistrationView]:
    """The registrations of these people for days to come. The caller has checked who asks."""
    params = {"people": list(people), "since": clock.dates_in_progress()[0], "now": clock.now()}
    return [RegistrationView(*row) for row in await session.execute(_REGISTRATIONS, params)]


async def registration_view(session: AsyncSession, actor: Actor, registration_id: UUID) -> RegistrationView:
    """One registration of a person whom the actor acts for.

    Raises:
        NotFound: there is none, or it isn't theirs.
    """
    params = {"registration_id": registration_id, "now": clock.now()}
    row = (await session.execute(_REGISTRATION, params)).one_or_none()
    if row is None or not await may_act_for(session, actor, row.person_id):
        raise NotFound
    return RegistrationView(*row)
