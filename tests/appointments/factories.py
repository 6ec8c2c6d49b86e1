"""A unit with a room and seats, people with rights, and the shortest way to a booking."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Schedule, Seat
from app.appointments.schemas import AppointmentOut, HoldOut
from app.appointments.service import booking, holds, schedules
from app.appointments.service.holds import Place
from app.kernel import clock, ids
from app.kernel.actor import Actor, Assurance, Channel, Citizen, Role, Staff, System
from app.kernel.idempotency import IdempotencyRequest, IdempotentResult
from app.places.models import Room, Shift, Unit
from app.registry.models import Affiliation, Dependant, Person

ZONE = "America/Mexico_City"
_serial = iter(range(1, 10_000_000))


async def unit(session: AsyncSession, *, timezone: str = ZONE, name: str = "UMF 1 Prueba") -> Unit:
    """A family-medicine unit with two shifts."""
    made = Unit(
        id=ids.new_id(),
        clues=f"DFIMS{next(_serial):06d}",
        name=name,
        kind="umf",
        institution="IMSS",
        state_code="DF",
        state="CIUDAD DE MÉXICO",
        municipality="CUAUHTÉMOC",
        timezone=timezone,
        level=1,
        is_operating=True,
        imported_at=clock.now(),
    )
    session.add(made)
    await session.flush()
    session.add_all(
        [
            Shift(unit_id=made.id, code="M", starts=time(8), ends=time(14)),
            Shift(unit_id=made.id, code="V", starts=time(14), ends=time(20)),
        ]
    )
    await session.flush()
    return made


async def person(
    session: AsyncSession,
    at: Unit | None = None,
    *,
    insured: bool = True,
    birth_on: date = date(1990, 5, 17),
    room: int | None = 1,
) -> Person:
    """Someone assigned to that unit; `insured` people have worked there since 2020."""
    number = next(_serial)
    made = Person(
        id=ids.new_id(),
        curp=f"TEST{number:014d}",
        nss=f"{number:011d}",
        given_names="Ana",
        first_surname="Núñez",
        second_surname="Peña",
        birth_on=birth_on,
        sex="M",
        unit_id=at.id if at else None,
        room=room if at else None,
        shift="M" if at else None,
        language="es",
    )
    session.add(made)
    await session.flush()
    if insured:
        await affiliate(session, made, starts_on=date(2020, 1, 1))
    return made


async def affiliate(
    session: AsyncSession, who: Person, *, starts_on: date, ends_on: date | None = None, employer: str = "A1"
) -> None:
    session.add(Affiliation(person_id=who.id, employer=employer, starts_on=starts_on, ends_on=ends_on))
    await session.flush()


CHILD_BORN = date(2018, 3, 4)


async def depend(
    session: AsyncSession,
    holder: Person,
    who: Person,
    *,
    ends_on: date | None = None,
    kinship: str = "child",
    situation: str | None = None,
) -> None:
    if kinship == "child":  # someone who doesn't decide for themselves yet
        who.birth_on = CHILD_BORN
        await session.execute(update(Person).where(Person.id == who.id).values(birth_on=CHILD_BORN))
    session.add(
        Dependant(
            holder_id=holder.id,
            person_id=who.id,
            kinship=kinship,
            starts_on=date(2020, 1, 1),
            ends_on=ends_on,
            situation=situation,
        )
    )
    await session.flush()


def citizen(who: Person, channel: Channel = Channel.API) -> Citizen:
    return Citizen(who.id, channel, assurance=Assurance.FULL)


def staff(role: Role, *units: Unit) -> Staff:
    return Staff(ids.new_id(), role, frozenset(unit.id for unit in units))


async def seats(
    session: AsyncSession,
    at: Unit,
    *,
    room: int = 1,
    count: int = 1,
    capacity: int = 1,
    service: str = "family-medicine",
    start_at: datetime | None = None,
) -> list[datetime]:
    """Consecutive free slots of 15 minutes in a room, from tomorrow at 9 UTC-6 on; returns their times."""
    first = start_at or tomorrow()
    times = [first + timedelta(minutes=15 * step) for step in range(count)]
    for moment in times:
        for number in range(1, capacity + 1):
            session.add(
                Seat(
                    unit_id=at.id,
                    room=room,
                    start_at=moment,
                    seat=number,
                    service=service,
                    shift="M",
                    on_date=(moment - timedelta(hours=6)).date(),
                    minutes=15,
                )
            )
    await session.flush()
    return times


def tomorrow(hour: int = 15) -> datetime:
    """Tomorrow by the units' days, at that hour UTC (15 is nine in the morning in Mexico City)."""
    return datetime.combine(clock.today(ZONE) + timedelta(days=1), time(hour), UTC)


def once(key: str | None = None, body: bytes = b"") -> IdempotencyRequest:
    return IdempotencyRequest(key or str(ids.new_id()), body or b"same")


def place(at: Unit, start_at: datetime, *, room: int = 1, service: str = "family-medicine") -> Place:
    return Place(at.id, service, room, start_at)


async def held(
    session: AsyncSession, actor: Actor, who: Person, where: Place, *, moving: UUID | None = None
) -> IdempotentResult[HoldOut]:
    return await holds.hold(session, actor, who.id, where, once(), moving=moving)


async def booked(session: AsyncSession, who: Person, where: Place, actor: Actor | None = None) -> AppointmentOut:
    """An appointment of this person at this place."""
    acting = actor or citizen(who)
    stored = await held(session, acting, who, where)
    return (await booking.book(session, acting, who.id, stored.value.id, once())).value


async def schedule(
    session: AsyncSession,
    at: Unit,
    *,
    room: int = 1,
    starts: time = time(8),
    ends: time = time(10),
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7),
    slot_minutes: int = 30,
    capacity: int = 1,
    valid_from: date | None = None,
    horizon_days: int = 3,
    actor: Actor | None = None,
) -> tuple[Schedule, int]:
    """A schedule opened through its use case, and how many seats it made."""
    await room_of(session, at, room)
    made = Schedule(
        id=ids.new_id(),
        unit_id=at.id,
        room=room,
        shift="M",
        service="family-medicine",
        weekdays=list(weekdays),
        starts=starts,
        ends=ends,
        slot_minutes=slot_minutes,
        capacity=capacity,
        valid_from=valid_from or clock.today(at.timezone),
    )
    count = await schedules.open_schedule(session, actor or System("test"), made, horizon_days=horizon_days)
    return made, count


async def room_of(session: AsyncSession, at: Unit, number: int = 1) -> None:
    """The unit has that consulting room."""
    await session.merge(Room(unit_id=at.id, number=number, kind="consulting", name=f"Consultorio {number}"))
    await session.flush()


def unknown_id() -> UUID:
    return ids.new_id()
