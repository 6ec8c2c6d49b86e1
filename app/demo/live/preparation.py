"""What a live day needs of the demonstration: a unit with counters, staff to sit at them, people, and appointments of
today."""

import random
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.service.default_schedules import SERVICE_OF_ROOM
from app.demo import places
from app.demo.live.appointments import book_today, booked_today
from app.demo.live.plan import Booked, Counter
from app.demo.load import PASSWORD, TOTP_SECRET
from app.identity.models import StaffMember
from app.identity.service.staff import add_staff
from app.kernel import db
from app.kernel.actor import Role, Staff, System
from app.kernel.problems import NotFound
from app.places.models import Room, Unit
from app.places.queries import DEMONSTRATION, is_demonstration, unit_by_clues
from app.registry.models import Affiliation, Dependant, Person

RECEPTION = "recepcion"
LIVE = "mostrador-{number}"
FULL_NAME = "Mostrador {number} (demostración)"


class NotDemonstrationError(RuntimeError):
    """The database or the unit isn't the demonstration's. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the day takes place, and with whom. `people`: those who may come without an appointment."""

    unit_id: UUID
    name: str
    timezone: str
    reception: Staff
    counters: list[Counter]
    crew: dict[int, Staff]
    booked: list[Booked]
    people: list[UUID]


async def prepare_stage(clues: str | None, seed: int) -> Stage:
    """Find the unit, hire who is missing and book the day's appointments if it has none.

    Raises:
        NotDemonstrationError: the data is real, or isn't loaded; or the unit, or its staff, isn't the demonstration's.
    """
    async with db.transaction() as session:
        unit = await _unit(session, clues)
        reception = await _staff(session, RECEPTION)
        rooms = select(Room).where(Room.unit_id == unit.id, Room.kind.in_(SERVICE_OF_ROOM)).order_by(Room.number)
        counters = [Counter(r.number, (SERVICE_OF_ROOM[r.kind],)) for r in (await session.scalars(rooms)).all()]
        crew = {counter.number: await _hired(session, place) for place, counter in enumerate(counters, start=1)}
        people = await _people(session, unit.id)
    random.Random(seed).shuffle(people)  # noqa: S311 # the same people for the same seed; nothing secret
    booked = await booked_today(reception, unit.id)
    if not booked:
        people = await book_today(reception, unit, people)
        booked = await booked_today(reception, unit.id)
    return Stage(unit.id, unit.name, unit.timezone, reception, counters, crew, booked, [person.id for person in people])


async def _unit(session: AsyncSession, clues: str | None) -> Unit:
    if not await is_demonstration(session):
        raise NotDemonstrationError(
            "this database has no demonstration data, and the live day acts on nothing else."
            " Start a demonstration in a folder of its own: ventanilla up"
        )
    try:
        unit = await unit_by_clues(session, clues or places.clues_of(0))
    except NotFound as error:
        raise NotDemonstrationError(f"there is no unit {clues or places.clues_of(0)}.") from error
    if not unit.name.endswith(DEMONSTRATION):
        raise NotDemonstrationError(f"{unit.name} isn't a unit of the demonstration: choose one of those.")
    return unit


async def _staff(session: AsyncSession, username: str) -> Staff:
    found = await session.scalar(select(StaffMember).where(StaffMember.username == username))
    if found is None or not found.is_demo or not found.is_active:
        raise NotDemonstrationError(f"the demonstration's account {username} is missing or deactivated.")
    return Staff(found.id, Role(found.role), None)


async def _hired(session: AsyncSession, number: int) -> Staff:
    """Who sits at a counter: accounts of the live day, added once, which sign in like the others."""
    username = LIVE.format(number=number)
    if await session.scalar(select(StaffMember.id).where(StaffMember.username == username)) is None:
        await add_staff(
            session,
            System("demo"),
            username=username,
            full_name=FULL_NAME.format(number=number),
            password=PASSWORD,
            role=Role.RECEPTIONIST,
            unit_ids=None,
            totp_secret=TOTP_SECRET,
            is_demo=True,
        )
    return await _staff(session, username)


async def _people(session: AsyncSession, unit_id: UUID) -> list[Person]:
    """Holders of the unit who work today."""
    working = (
        select(Person)
        .where(
            Person.unit_id == unit_id,
            select(Affiliation).where(Affiliation.person_id == Person.id, Affiliation.ends_on.is_(None)).exists(),
            Person.id.not_in(select(Dependant.person_id)),
        )
        .order_by(Person.curp)
    )
    return list((await session.scalars(working)).all())
