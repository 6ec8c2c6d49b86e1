"""Access-controlled reads of a person's appointments: what loads may be seen."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import rules
from app.appointments.models import Appointment
from app.appointments.statements import STATEMENTS
from app.identity.permissions import Action, may, may_at
from app.kernel import clock, ids
from app.kernel.actor import Actor, Assurance, Citizen, Staff, System
from app.kernel.db import Db
from app.kernel.problems import NotFound
from app.places.models import Unit

MAX_UPCOMING = 200


@dataclass(frozen=True, slots=True)
class OwnAppointment:
    """An appointment the actor may see, with its unit's name and zone."""

    id: UUID
    unit_id: UUID
    folio: str
    person_id: UUID
    service: str
    room: int
    start_at: datetime
    on_date: date
    seat: int
    minutes: int
    status: str
    version: int
    channel: str
    cancel_reason: str | None
    affected: str | None
    created_at: datetime
    changed_at: datetime
    unit_name: str
    clues: str
    timezone: str
    address: str | None
    latitude: float | None
    longitude: float | None
    assigned_unit_id: UUID | None
    """Where the person is attended today."""

    @property
    def is_left_behind(self) -> bool:
        """Whether only the person's own clinic gives the service and that is another one by now: the appointment can be
        cancelled, not moved."""
        return rules.policy_of(self.service).own_unit and self.assigned_unit_id != self.unit_id

    @property
    def subject(self) -> dict[str, Any]:
        """What each event of an appointment says of it."""
        return {
            "subject_id": self.id,
            "person_id": self.person_id,
            "unit_id": self.unit_id,
            "service": self.service,
            "folio": self.folio,
        }


_OF_CITIZEN = STATEMENTS.load("of_citizen")
_OF_FOLIO = STATEMENTS.load("of_folio")
_OF_FOLIO_LOCKED = STATEMENTS.load("of_folio_locked")
_LIST = STATEMENTS.load("list")
_COMING = STATEMENTS.load("coming")
_OF_PERSON = STATEMENTS.load("of_person")
_ACTS_FOR = STATEMENTS.load("acts_for")
_FOLLOW = STATEMENTS.load("follow")
_LIVE_HOLD = STATEMENTS.load("live_hold")
_BUSY = STATEMENTS.load("busy_times")
_HISTORY = STATEMENTS.load("history")


def actor_params(actor: Actor) -> dict[str, UUID | None]:
    """Who acts, and whose dependants they act for: a citizen's own, once it is sure who they are."""
    return {"actor_id": actor.id, "holder_id": actor.holder_id if isinstance(actor, Citizen) else None}


async def may_act_for(db: Db, actor: Actor, person_id: UUID) -> bool:
    """Whether the actor may act for this person: themselves, who depends on them, or who the desk attends."""
    if isinstance(actor, System):
        return True
    params = actor_params(actor) | {"person_id": person_id, "now": clock.now()}
    row = (await db.execute(_ACTS_FOR, params)).one_or_none()
    if row is None:
        return False
    if isinstance(actor, Staff):
        return may_at(actor, Action.ATTEND_PEOPLE, row.unit_id)
    return isinstance(actor, Citizen) and bool(row.is_theirs)


async def own_appointment(db: Db, actor: Actor, folio: str) -> OwnAppointment:
    """The appointment of this folio, if the actor may see it.

    Raises:
        NotFound: there is none, or it isn't theirs: the answer is the same.
    """
    try:
        canonical = ids.parse_folio(folio)
    except ValueError as error:
        raise NotFound from error
    params: dict[str, Any] = {"folio": canonical}
    statement = _OF_FOLIO
    if isinstance(actor, Citizen):
        statement = _OF_CITIZEN
        params |= actor_params(actor) | {"now": clock.now()}
    row = (await db.execute(statement, params)).one_or_none()
    if row is None or not (isinstance(actor, Citizen | System) or may_at(actor, Action.ATTEND_PEOPLE, row.unit_id)):
        raise NotFound
    return OwnAppointment(*row)


async def own_appointments(
    db: Db, actor: Citizen, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[OwnAppointment]:
    """The citizen's appointments and their dependants', latest first, after the given (time, id). At the low level of
    assurance, those of their own that are still to come."""
    after_at, after_id = after or (None, None)
    now = clock.now()
    from_at = None if actor.assurance is Assurance.FULL else now
    params = actor_params(actor) | {
        "now": now,
        "from_at": from_at,
        "after_at": after_at,
        "after_id": after_id,
        "limit": limit,
    }
    return [OwnAppointment(*row) for row in await db.execute(_LIST, params)]


async def upcoming_appointments(db: Db, actor: Citizen) -> list[OwnAppointment]:
    """The citizen's open appointments to come and their dependants', soonest first."""
    params = actor_params(actor) | {"now": clock.now(), "limit": MAX_UPCOMING}
    return [OwnAppointment(*row) for row in await db.execute(_COMING, params)]


async def appointments_of(db: Db, actor: Staff, person_id: UUID, *, limit: int) -> list[OwnAppointment]:
    """A person's appointments at the units of a member of staff, latest first."""
    if not may(actor, Action.ATTEND_PEOPLE):
        return []
    units = None if actor.unit_ids is None else list(actor.unit_ids)
    params = {"person_id": person_id, "units": units, "limit": limit}
    return [OwnAppointment(*row) for row in await db.execute(_OF_PERSON, params)]


@dataclass(frozen=True, slots=True)
class BookedTime:
    """When and where an appointment is, by the clock of its unit."""

    folio: str
    start_at: datetime
    on_date: date
    room: int
    status: str
    unit_name: str
    timezone: str


async def times_of(session: AsyncSession, folios: Collection[str]) -> dict[str, BookedTime]:
    """When and where these appointments are, by folio; for who may see what they are a step of."""
    wanted = (
        select(
            Appointment.folio,
            Appointment.start_at,
            Appointment.on_date,
            Appointment.room,
            Appointment.status,
            Unit.name,
            Unit.timezone,
        )
        .join(Unit, Unit.id == Appointment.unit_id)
        .where(Appointment.folio.in_(folios))
    )
    found = [BookedTime(*row) for row in await session.execute(wanted)] if folios else []
    return {one.folio: one for one in found}


async def follow(db: Db, folio: str, birth_on: date) -> OwnAppointment:
    """An appointment by folio and the person's birth date: for following it without an account.

    Raises:
        NotFound: no such pair.
    """
    try:
        canonical = ids.parse_folio(folio)
    except ValueError as error:
        raise NotFound from error
    row = (await db.execute(_FOLLOW, {"folio": canonical, "birth_on": birth_on})).one_or_none()
    if row is None:
        raise NotFound
    return OwnAppointment(*row)


async def history(db: Db, appointment_id: UUID) -> list[dict[str, Any]]:
    """What happened to an appointment, oldest first: the timeline a person reads."""
    return [dict(row._mapping) for row in await db.execute(_HISTORY, {"id": appointment_id})]


@dataclass(frozen=True, slots=True)
class LiveHold:
    """A time that is held for a person now."""

    id: UUID
    room: int
    start_at: datetime
    on_date: date
    minutes: int
    held_until: datetime


async def live_hold(db: Db, person_id: UUID, service: str, unit_id: UUID) -> LiveHold | None:
    """The time that is held for a person in a service at a unit, as the database has it now."""
    params = {"person_id": person_id, "service": service, "unit_id": unit_id, "now": clock.now()}
    row = (await db.execute(_LIVE_HOLD, params)).one_or_none()
    return LiveHold(*row) if row is not None else None


async def busy_times(db: Db, person_id: UUID, moving: UUID | None = None) -> tuple[tuple[datetime, datetime], ...]:
    """When a person has appointments to come, in any service, but for the one that is being moved."""
    params = {"person_id": person_id, "now": clock.now(), "moving": moving}
    return tuple((row[0], row[1]) for row in await db.execute(_BUSY, params))


async def presented_appointment(db: Db, folio: str) -> OwnAppointment:
    """The appointment whose folio a person shows at a desk, locked: of any unit, for they may stand at the wrong one.

    Raises:
        NotFound: there is none.
    """
    try:
        canonical = ids.parse_folio(folio)
    except ValueError as error:
        raise NotFound from error
    row = (await db.execute(_OF_FOLIO_LOCKED, {"folio": canonical})).one_or_none()
    if row is None:
        raise NotFound
    return OwnAppointment(*row)


async def attended_appointment(db: Db, actor: Staff, folio: str) -> OwnAppointment:
    """The appointment of this folio, locked, if the actor attends people at its unit.

    Raises:
        NotFound: there is none, or it is of another unit: the answer is the same.
    """
    found = await presented_appointment(db, folio)
    if not may_at(actor, Action.ATTEND_PEOPLE, found.unit_id):
        raise NotFound
    return found
