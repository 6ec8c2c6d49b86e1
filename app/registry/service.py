"""Effects of approved requests on the registry. Each records an event."""

import secrets
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import exists, or_, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from stdnum import luhn

from app.kernel.actor import Actor
from app.kernel.db import savepoint
from app.kernel.events import record
from app.kernel.problems import NotFound
from app.kernel.statements import StatementFiles
from app.registry.dependant_coverage import last_covered_day
from app.registry.events import PersonChanged
from app.registry.models import Dependant, Pension, Person, VoluntaryEnrolment, Withdrawal
from app.registry.problems import (
    AlreadyDependant,
    AlreadyEnrolled,
    AlreadyPensioner,
    AlreadyWithdrawn,
    CoupleRegistered,
    CourtOrdered,
    CurpAlreadyRegistered,
    NameMissing,
    NotDependant,
    NssAlreadyAssigned,
    NumbersExhausted,
    PanelFull,
)
from app.registry.queries import person_by_curp
from app.registry.rules import COUPLE

# Numbers given here form a block of their own, apart from those of the sub-delegations.
PORTAL_SUBDELEGATION = 97
MAX_ATTEMPTS = 50

_STATEMENTS = StatementFiles("app.registry")
_ASSIGN_ROOM = _STATEMENTS.load("assign_room")
_RELEASE_ROOM = _STATEMENTS.load("release_room")


def new_nss(registered: int, born: int, serial: int) -> str:
    """A number: office, two digits of the years of registration and birth, serial of four, Luhn's digit."""
    head = f"{PORTAL_SUBDELEGATION:02d}{registered % 100:02d}{born % 100:02d}{serial:04d}"
    return head + str(luhn.calc_check_digit(head))


async def _lock_person(session: AsyncSession, person_id: UUID) -> Person:
    found: Person | None = await session.scalar(select(Person).where(Person.id == person_id).with_for_update())
    if found is None:
        raise NotFound
    return found


async def _record_change(session: AsyncSession, actor: Actor, person_id: UUID, what: str) -> None:
    await record(session, actor, PersonChanged(subject_id=person_id, person_id=person_id, what=what))


# Of two at once to make a person of the same CURP, the second waits and sees what the first wrote.
_LOCK_CURP = text("SELECT pg_advisory_xact_lock(hashtextextended('curp ' || :curp, 0))")


async def confirm_declared(session: AsyncSession, actor: Actor, person: Person) -> None:
    """Make a declared person one of the registry, by staff who compared their data with their CURP; nothing for who is
    one already.

    Raises:
        CurpAlreadyRegistered: the registry has a person of that CURP. NameMissing: their name is unknown.
    """
    if person.declared_at is None:
        return
    await session.execute(_LOCK_CURP, {"curp": person.curp})
    if await person_by_curp(session, person.curp) is not None:
        raise CurpAlreadyRegistered
    if not person.given_names:
        raise NameMissing
    person.declared_at = None
    await session.flush()
    await _record_change(session, actor, person.id, "confirmed")


async def assign_nss(session: AsyncSession, actor: Actor, person_id: UUID, today: date) -> str:
    """Give a person the number they keep for life.

    Raises:
        NssAlreadyAssigned: they have one. NumbersExhausted: none is free for these years.
    """
    person = await _lock_person(session, person_id)
    if person.nss is not None:
        raise NssAlreadyAssigned
    for _ in range(MAX_ATTEMPTS):
        number = new_nss(today.year, person.birth_on.year, secrets.randbelow(10_000))
        try:
            async with savepoint(session):
                person.nss = number
                await session.flush()
        except IntegrityError:  # taken: draw another
            await session.refresh(person)
            continue
        await _record_change(session, actor, person_id, "nss")
        return number
    raise NumbersExhausted


@dataclass(frozen=True, slots=True)
class PanelAssignment:
    """Where a person is attended from now on."""

    unit_id: UUID
    shift: str
    room: int | None


async def assign_unit(
    session: AsyncSession, actor: Actor, person_id: UUID, *, unit_id: UUID, shift: str, postal_code: str
) -> PanelAssignment:
    """Attend the person at this unit and shift, in the room with most place; their old room gets its place back.

    Raises:
        PanelFull: no room of that shift takes more people.
    """
    person = await _lock_person(session, person_id)
    asked = {"unit_id": unit_id, "shift": shift}
    room: int | None = (await session.execute(_ASSIGN_ROOM, asked)).scalar_one_or_none()
    if room is None and await _has_panel(session, unit_id, shift):
        raise PanelFull
    if person.unit_id is not None and person.room is not None and person.shift is not None:
        left = {"unit_id": person.unit_id, "shift": person.shift, "room": person.room}
        await session.execute(_RELEASE_ROOM, left)
    person.unit_id, person.shift, person.room, person.postal_code = unit_id, shift, room, postal_code
    await _record_change(session, actor, person_id, "unit")
    return PanelAssignment(unit_id, shift, room)


async def _has_panel(session: AsyncSession, unit_id: UUID, shift: str) -> bool:
    known = text("SELECT EXISTS (SELECT 1 FROM panel WHERE unit_id = CAST(:unit_id AS uuid) AND shift = :shift)")
    return bool((await session.execute(known, {"unit_id": unit_id, "shift": shift})).scalar_one())


async def add_dependant(
    session: AsyncSession,
    actor: Actor,
    holder_id: UUID,
    person_id: UUID,
    *,
    kinship: str,
    starts_on: date,
    situation: str | None = None,
    studies_until: date | None = None,
) -> date | None:
    """Register a dependant; one who isn't covered any more begins again. Returns the last day that they are covered,
    None for no end known. The holder is locked: two couples registered at the same moment would not see each other.

    Raises:
        AlreadyDependant: the registration is in force. CoupleRegistered: there is another spouse or partner.
    """
    await _lock_person(session, holder_id)
    known = await session.get(Dependant, (holder_id, person_id), with_for_update=True)
    person = await session.get_one(Person, person_id)
    if known is not None and (last_covered_day(known, person, starts_on) or starts_on) >= starts_on:
        raise AlreadyDependant
    if kinship in COUPLE and await _has_couple(session, holder_id, person_id, starts_on):
        raise CoupleRegistered
    if known is None:
        known = Dependant(holder_id=holder_id, person_id=person_id)
        session.add(known)
    known.kinship, known.starts_on, known.ends_on, known.is_protected = kinship, starts_on, None, False
    known.situation, known.studies_until = situation, studies_until
    await session.flush()
    await _record_change(session, actor, person_id, "dependant-added")
    return last_covered_day(known, person, starts_on)


async def _has_couple(session: AsyncSession, holder_id: UUID, person_id: UUID, day: date) -> bool:
    """Whether another spouse or partner is registered on a day or later."""
    couple = exists().where(
        Dependant.holder_id == holder_id,
        Dependant.person_id != person_id,
        Dependant.kinship.in_(COUPLE),
        or_(Dependant.ends_on.is_(None), Dependant.ends_on >= day),
    )
    return bool(await session.scalar(select(couple)))


async def end_dependant(
    session: AsyncSession, actor: Actor, holder_id: UUID, person_id: UUID, *, today: date, ends_on: date
) -> date:
    """End a registration on a day, not before it began; returns the day.

    Raises:
        NotDependant: that person isn't the holder's dependant today. CourtOrdered: the holder alone can't end it.
    """
    known = await session.get(Dependant, (holder_id, person_id), with_for_update=True, populate_existing=True)
    if known is None or (last_covered_day(known, await session.get_one(Person, person_id), today) or today) < today:
        raise NotDependant
    if known.is_protected:
        raise CourtOrdered
    known.ends_on = max(ends_on, known.starts_on)
    await _record_change(session, actor, person_id, "dependant-ended")
    return known.ends_on


async def grant_pension(session: AsyncSession, actor: Actor, person_id: UUID, *, kind: str, starts_on: date) -> None:
    """Make a person a pensioner from a day on. The person is locked: of two at the same moment, one is refused.

    Raises:
        AlreadyPensioner: they have a pension of this kind that day or later.
    """
    await _lock_person(session, person_id)
    same = exists().where(
        Pension.person_id == person_id,
        Pension.kind == kind,
        or_(Pension.ends_on.is_(None), Pension.ends_on >= starts_on),
    )
    if await session.scalar(select(same)):
        raise AlreadyPensioner
    session.add(Pension(person_id=person_id, kind=kind, starts_on=starts_on))
    await session.flush()
    await _record_change(session, actor, person_id, "pension")


async def record_withdrawal(session: AsyncSession, actor: Actor, person_id: UUID, *, on_date: date, weeks: int) -> None:
    """Record that the pension fund paid a partial withdrawal on a day, and how many weeks it cost (LSS arts. 191 II and
    198): from then on they are taken off, and another one has to wait.

    Raises:
        AlreadyWithdrawn: one was recorded that day.
    """
    await _lock_person(session, person_id)
    if await session.get(Withdrawal, (person_id, on_date)) is not None:
        raise AlreadyWithdrawn
    session.add(Withdrawal(person_id=person_id, on_date=on_date, weeks=weeks))
    await session.flush()
    await _record_change(session, actor, person_id, "withdrawal")


async def enrol_voluntarily(
    session: AsyncSession,
    actor: Actor,
    person_id: UUID,
    *,
    scheme: str,
    starts_on: date,
    fee: Decimal,
    daily_wage: Decimal | None = None,
) -> str:
    """Enrol a person in an insurance they pay; returns the payment line (digits, the last by Luhn).

    Raises:
        AlreadyEnrolled: there is an enrolment from the same day.
    """
    await _lock_person(session, person_id)
    if await session.get(VoluntaryEnrolment, (person_id, scheme, starts_on)) is not None:
        raise AlreadyEnrolled
    head = f"{starts_on:%y%m}" + "".join(str(secrets.randbelow(10)) for _ in range(15))
    line = head + str(luhn.calc_check_digit(head))
    session.add(
        VoluntaryEnrolment(
            person_id=person_id,
            scheme=scheme,
            starts_on=starts_on,
            daily_wage=daily_wage,
            fee=fee,
            payment_line=line,
        )
    )
    await session.flush()
    await _record_change(session, actor, person_id, scheme)
    return line
