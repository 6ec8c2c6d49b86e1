"""Corrections of a person's data: each is stored with the previous values and can be undone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import Account, Mandate
from app.kernel import clock, ids
from app.kernel.actor import Actor
from app.kernel.crypto import decrypt, encrypt
from app.kernel.events import record
from app.kernel.parsing import iso_date
from app.kernel.problems import NotFound
from app.registry.events import CorrectionUndone, PersonCorrected
from app.registry.models import CORRECTION, FormerCurp, Person, PersonCorrection
from app.registry.problems import CorrectedSince, CurpOfAnother

CORRECTABLE = ("given_names", "first_surname", "second_surname", "birth_on", "sex", "curp")
OWN_FORMER = "was_own_curp"
"""Beside the values before: the new CURP was one that the person had had already."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction that stands: the values of its fields before and after, as text."""

    id: UUID
    before: Mapping[str, str]
    after: Mapping[str, str]
    corrected_at: datetime


async def lock_person(session: AsyncSession, person_id: UUID) -> Person:
    """The person as they are now, locked until the transaction ends.

    Raises:
        NotFound.
    """
    wanted = select(Person).where(Person.id == person_id).with_for_update().execution_options(populate_existing=True)
    found: Person | None = await session.scalar(wanted)
    if found is None:
        raise NotFound
    return found


async def correct_person(
    session: AsyncSession, actor: Actor, person_id: UUID, request_id: UUID, values: Mapping[str, str]
) -> UUID | None:
    """Write these values (dates as 1990-05-17, an empty surname for none) and store what was there before, encrypted;
    returns the correction's id, None when the registry says all of it already.

    Raises:
        CurpOfAnother: another person has the new CURP, or had it.
    """
    unknown = set(values) - set(CORRECTABLE)
    if unknown:
        raise ValueError(f"{sorted(unknown)} can't be corrected by a request")
    person = await lock_person(session, person_id)
    now = {name: text_value(person, name) for name in values}
    after = {name: value for name, value in values.items() if value != now[name]}
    if not after:
        return None
    before: dict[str, Any] = {name: now[name] for name in after}
    if "curp" in after:
        before[OWN_FORMER] = await _replace_curp(session, person, after["curp"])
    _write(person, after)
    made = PersonCorrection(
        person_id=person_id,
        id=ids.new_id(),
        request_id=request_id,
        fields=sorted(after),
        before=encrypt(CORRECTION, json.dumps(before)),
        after=encrypt(CORRECTION, json.dumps(after)),
        corrected_at=clock.now(),
    )
    session.add(made)
    await session.flush()
    await record(
        session,
        actor,
        PersonCorrected(subject_id=person_id, person_id=person_id, correction_id=made.id, fields=made.fields),
    )
    return made.id


async def undo_correction(session: AsyncSession, actor: Actor, person_id: UUID, correction: Correction) -> None:
    """Restore the previous values.

    Raises:
        CorrectedSince: it doesn't say what the correction wrote any more, or another has touched the same data.
    """
    person = await lock_person(session, person_id)
    row = await session.get(PersonCorrection, (person_id, correction.id), with_for_update=True, populate_existing=True)
    if row is None or not await _is_undoable(session, person, row, correction):
        raise CorrectedSince
    before = {name: value for name, value in correction.before.items() if name in correction.after}
    if "curp" in before:
        await _restore_curp(session, person, before["curp"], was_own=bool(correction.before.get(OWN_FORMER)))
    _write(person, before)
    row.undone_at = clock.now()
    await session.flush()
    await record(
        session,
        actor,
        CorrectionUndone(subject_id=person_id, person_id=person_id, correction_id=row.id, fields=row.fields),
    )


async def is_correction_undoable(session: AsyncSession, person: Person, correction: Correction) -> bool:
    """Whether the registry still says what a correction wrote, so that it could be undone."""
    row = await session.get(PersonCorrection, (person.id, correction.id))
    return row is not None and await _is_undoable(session, person, row, correction)


async def _is_undoable(session: AsyncSession, person: Person, row: PersonCorrection, correction: Correction) -> bool:
    if row.undone_at is not None or await _corrected_again(session, row):
        return False
    return all(text_value(person, name) == value for name, value in correction.after.items())


async def correction_of(session: AsyncSession, person_id: UUID, request_id: UUID) -> Correction | None:
    """The correction of a request that stands, decrypted."""
    wanted = select(PersonCorrection).where(
        PersonCorrection.person_id == person_id,
        PersonCorrection.request_id == request_id,
        PersonCorrection.undone_at.is_(None),
    )
    row: PersonCorrection | None = await session.scalar(wanted)
    if row is None:
        return None
    before, after = (json.loads(decrypt(CORRECTION, bytes(ciphertext))) for ciphertext in (row.before, row.after))
    return Correction(row.id, before, after, row.corrected_at)


def text_value(person: Person, field: str) -> str:
    """A value of the registry as text."""
    value = getattr(person, field)
    return value.isoformat() if field == "birth_on" else value or ""


def _write(person: Person, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        if name == "birth_on":
            person.birth_on = iso_date(value)
        else:
            setattr(person, name, value or None if name == "second_surname" else value)


async def _corrected_again(session: AsyncSession, row: PersonCorrection) -> bool:
    later = select(
        exists().where(
            PersonCorrection.person_id == row.person_id,
            PersonCorrection.id > row.id,
            PersonCorrection.undone_at.is_(None),
            PersonCorrection.fields.overlap(row.fields),
        )
    )
    return bool(await session.scalar(later))


# Of two corrections to the same CURP at once, the second waits and sees what the first wrote.
_LOCK_CURP = text("SELECT pg_advisory_xact_lock(hashtextextended('curp ' || :curp, 0))")


async def _replace_curp(session: AsyncSession, person: Person, curp: str) -> bool:
    """Note the old CURP as a former one; returns whether the new one had been theirs before."""
    await session.execute(_LOCK_CURP, {"curp": curp})
    another = exists().where(Person.curp == curp, Person.declared_at.is_(None), Person.id != person.id)
    taken = await session.scalar(select(another))
    former = await session.get(FormerCurp, curp)
    if taken or (former is not None and former.person_id != person.id):
        raise CurpOfAnother
    if former is not None:
        await session.delete(former)
    session.add(FormerCurp(curp=person.curp, person_id=person.id, replaced_at=clock.now()))
    await session.flush()
    await _rename(session, person.id, person.curp, curp)
    return former is not None


async def _restore_curp(session: AsyncSession, person: Person, curp: str, *, was_own: bool) -> None:
    await session.execute(delete(FormerCurp).where(FormerCurp.curp == curp, FormerCurp.person_id == person.id))
    if was_own:
        session.add(FormerCurp(curp=person.curp, person_id=person.id, replaced_at=clock.now()))
    await session.flush()
    await _rename(session, person.id, person.curp, curp)


async def _rename(session: AsyncSession, person_id: UUID, old: str, new: str) -> None:
    """Sign-in and consents go by the CURP too."""
    await session.execute(update(Account).where(Account.person_id == person_id).values(curp=new))
    await session.execute(update(Mandate).where(Mandate.delegate_curp == old).values(delegate_curp=new))
