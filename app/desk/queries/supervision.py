"""What a supervisor sees of a unit: who serves, who waits and how long, and the rates of its appointments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.horizon import last_open_day
from app.appointments.queries.availability import third_next
from app.appointments.queries.offer import services_at
from app.appointments.rules import policy_of
from app.desk.statements import STATEMENTS
from app.identity.permissions import Action, may_at
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.problems import NotFound
from app.places.models import Unit
from app.places.queries import unit_by_id

_COUNTERS = STATEMENTS.load("supervision/counters")
_QUEUES = STATEMENTS.load("supervision/queues")
_UTILISATION = STATEMENTS.load("supervision/utilisation")
_ATTENDANCE = STATEMENTS.load("supervision/attendance")
MAX_ROWS = 2_000
RATE_WEEKS = 4


@dataclass(frozen=True, slots=True)
class CounterNow:
    """Who sits at a counter since when, the ticket they have, and how many they attended today."""

    counter: int
    kind: str
    name: str
    staff_id: UUID
    staff_name: str
    services: list[str]
    status: str
    opened_at: datetime
    changed_at: datetime
    ticket_number: str | None
    ticket_status: str | None
    ticket_since: datetime | None
    attended: int


@dataclass(frozen=True, slots=True)
class QueueNow:
    """A queue on a day. `called`: the tickets whose waits the median and the 90th percentile are of; both are in
    seconds, from arrival to service, or to the last call where service isn't recorded. `unserved`: the day ended
    before they were called."""

    letter: str
    service: str
    waiting: int
    at_counter: int
    coming_back: int
    waiting_since: datetime | None
    attended: int
    called: int
    median_seconds: float | None
    p90_seconds: float | None
    no_answers: int
    gave_up: int
    unserved: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A unit at an instant."""

    unit_id: UUID
    unit_name: str
    timezone: str
    at: datetime
    on_date: date
    counters: Sequence[CounterNow]
    queues: Sequence[QueueNow]


async def supervised(session: AsyncSession, actor: Staff, unit_id: UUID) -> Unit:
    """A unit that the actor supervises.

    Raises:
        NotFound: it isn't theirs, or there is none.
    """
    if not may_at(actor, Action.MANAGE_SCHEDULES, unit_id):
        raise NotFound
    return await unit_by_id(session, unit_id)


async def overview_of(session: AsyncSession, actor: Staff, unit_id: UUID) -> Overview:
    """Who serves and who waits at a unit now.

    Raises:
        NotFound: no such unit among those that the actor supervises.
    """
    unit = await supervised(session, actor, unit_id)
    now = clock.now()
    given = {"unit_id": unit_id, "now": now, "on_date": None}
    return Overview(
        unit.id,
        unit.name,
        unit.timezone,
        now,
        clock.local_day(now, unit.timezone),
        [CounterNow(*row) for row in await session.execute(_COUNTERS, given)],
        [QueueNow(*row) for row in await session.execute(_QUEUES, given)],
    )


@dataclass(frozen=True, slots=True)
class RoomWeek:
    """A room in a week: the open seats, the appointments on them that weren't cancelled, and the attended ones."""

    room: int
    service: str
    week: date
    seats: int
    booked: int
    attended: int

    @property
    def booked_share(self) -> float | None:
        """Appointments over open seats; None without seats."""
        return self.booked / self.seats if self.seats else None

    @property
    def attended_share(self) -> float | None:
        """Attended appointments over open seats; None without seats."""
        return self.attended / self.seats if self.seats else None


@dataclass(frozen=True, slots=True)
class Attendance:
    """How the appointments of a service ended. Cancelled ones, and those that the unit didn't serve, are no part of the
    no-show rate."""

    service: str
    attended: int
    missed: int
    cancelled: int
    unserved: int

    @property
    def expected(self) -> int:
        """The denominator: attended and missed."""
        return self.attended + self.missed

    @property
    def no_show_rate(self) -> float | None:
        """Missed over attended and missed; None without either."""
        return self.missed / self.expected if self.expected else None


@dataclass(frozen=True, slots=True)
class ServiceAccess:
    """The third next available time of a service; None when there aren't three free times."""

    service: str
    third_next_at: datetime | None
    days: int | None


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of a unit's appointments between two days: of rooms by week, and of services."""

    first: date
    last: date
    rooms: Sequence[RoomWeek]
    attendance: Sequence[Attendance]
    access: Sequence[ServiceAccess]


async def rates_of(session: AsyncSession, actor: Staff, unit_id: UUID) -> Rates:
    """Utilisation of the last weeks, the present one included; attendance of the days of them that are over; and how
    far off the third free time of each service is now.

    Raises:
        NotFound: no such unit among those that the actor supervises.
    """
    unit = await supervised(session, actor, unit_id)
    today = clock.today(unit.timezone)
    monday = today - timedelta(days=today.weekday())
    first, last = monday - timedelta(weeks=RATE_WEEKS), monday + timedelta(days=6)
    weeks = {"unit_id": unit_id, "first": first, "last": last, "limit": MAX_ROWS}
    ended = {"unit_id": unit_id, "first": first, "last": today - timedelta(days=1)}
    return Rates(
        first,
        last,
        [RoomWeek(*row) for row in await session.execute(_UTILISATION, weeks)],
        [Attendance(*row) for row in await session.execute(_ATTENDANCE, ended)],
        [await _access(session, unit, service) for service in sorted(await services_at(session, unit.id, today))],
    )


async def _access(session: AsyncSession, unit: Unit, service: str) -> ServiceAccess:
    now = clock.now()
    today = clock.local_day(now, unit.timezone)
    earliest = now + timedelta(minutes=policy_of(service).min_ahead_minutes)
    found = await third_next(
        session, unit.id, service, today=today, last=last_open_day(unit.timezone), earliest=earliest
    )
    return ServiceAccess(service, found, (clock.local_day(found, unit.timezone) - today).days if found else None)
