"""What the rules decide on, loaded: the person on a day, their family, whom and which unit the answers name."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.catalog.rules.eligibility.facts import Facts, Kin, PersonFacts, Withdrawal
from app.kernel.i18n import N_
from app.kernel.problems import FieldError
from app.law.current import refresh
from app.law.rules import Law
from app.places.calendar import federal_holidays
from app.places.models import Holiday, Unit
from app.places.queries import zone_of
from app.registry.dependant_coverage import is_covered
from app.registry.identifiers import birth_date_of
from app.registry.models import Coverage, Dependant, FormerCurp, Panel, Pension, Person
from app.registry.models import Withdrawal as WithdrawalRow
from app.registry.queries import (
    continuation_of,
    jobs_of,
    person_by_curp,
    rights_of,
    rights_without_policies_of,
    work_of,
)
from app.registry.rules import last_wage
from app.registry.sign_in import find_person_in_constant_time
from app.requests.models import Request
from app.requests.queries.own import last_approved_on
from app.requests.rules.forms import applicable
from app.requests.rules.kinship import ASKED_BY, BY_HOLDER, HOLDER, RELATIVE, is_asked_by_relative

YEARS_AROUND = timedelta(days=550)
UNKNOWN_UNIT = N_("No hay una unidad con esa clave. Búsquela por nombre, CLUES o municipio.")
CLOSED_UNIT = N_("Esa unidad no está en operación. Elija otra.")


async def load_facts(
    session: AsyncSession, service: Service, person: Person, answers: Mapping[str, Any], today: date
) -> Facts:
    """The facts of a request on a day; of the answers, those to questions that are asked."""
    answers = applicable(service, answers)
    by_relative = is_asked_by_relative(answers)
    named = person.curp if by_relative else answers.get(RELATIVE)
    other = await other_named(session, answers)
    relative = person if by_relative else other
    is_holder_named = by_relative and bool(answers.get(HOLDER))
    # The same is read whether or not the registry has the holder: how long an answer takes must not show it.
    read = other or (person if is_holder_named else None)
    law = await refresh(session)
    unit_id, shift, postal_code = _unit_asked(answers), answers.get("shift"), answers.get("postal_code")
    facts = Facts(
        today=today,
        person=await person_facts(session, person, today, law),
        answers=dict(answers),
        relative=await person_facts(session, relative, today, law) if relative else None,
        relative_birth_on=_birth_on(named),
        family=await _family(session, person.id, today),
        last_approved_on=await last_approved_on(session, person.id, service.id, await zone_of(session, person.unit_id)),
        is_operating=await _is_operating(session, unit_id),
        is_served=await _is_served(session, unit_id, postal_code),
        has_place=await _has_place(session, unit_id, shift),
        address_changed=bool(postal_code) and person.postal_code is not None and postal_code != person.postal_code,
        other_id=other.id if other else None,
        other_folio=await _folio_of_other(session, service, person, read, by_relative=by_relative) if read else None,
        law=law,
    )
    side = await _as_holder(session, facts, read) if by_relative and read is not None else None
    return replace(facts, holder_side=side) if other is not None else replace(facts, other_folio=None)


async def other_named(session: AsyncSession, answers: Mapping[str, Any]) -> Person | None:
    """The other person whom the answers name: the holder, where the relative asks to be registered."""
    if is_asked_by_relative(answers):
        return await find_person_in_constant_time(session, str(answers[HOLDER])) if answers.get(HOLDER) else None
    return await person_by_curp(session, str(answers[RELATIVE])) if answers.get(RELATIVE) else None


async def _as_holder(session: AsyncSession, facts: Facts, holder: Person) -> Facts:
    """The request of a relative as if the holder had filed it."""
    return replace(
        facts,
        person=await person_facts(session, holder, facts.today, facts.law),
        family=await _family(session, holder.id, facts.today),
        answers={**facts.answers, ASKED_BY: BY_HOLDER, RELATIVE: facts.person.curp},
    )


async def _folio_of_other(
    session: AsyncSession, service: Service, person: Person, other: Person, *, by_relative: bool
) -> str | None:
    """The open request by which the other asks for the same registration of the two."""
    if ASKED_BY not in service.form.fields:
        return None
    former = await session.scalars(select(FormerCurp.curp).where(FormerCurp.person_id == person.id))
    numbers = [one for one in (person.curp, person.nss, *former) if one]
    theirs = select(Request.folio).where(
        Request.person_id == other.id,
        Request.service == service.id,
        Request.kind.not_in(("draft", "final")),
        Request.answers[RELATIVE if by_relative else HOLDER].astext.in_(numbers),
    )
    found: str | None = await session.scalar(theirs.order_by(Request.submitted_at).limit(1))
    return found


def _birth_on(curp: object) -> date | None:
    """The birth date that a CURP says, whether or not its person is in the registry."""
    try:
        return birth_date_of(str(curp)) if curp else None
    except ValueError:
        return None


async def person_facts(session: AsyncSession, person: Person, today: date, law: Law) -> PersonFacts:
    """A person as the rules see them on a day."""
    rows = await work_of(session, person.id)
    jobs = jobs_of(rows)
    periods = tuple(job.period for job in jobs)
    taken = (await session.scalars(select(WithdrawalRow).where(WithdrawalRow.person_id == person.id))).all()
    covered = await session.scalar(
        select(
            exists().where(
                Dependant.person_id == person.id,
                is_covered(today),
            )
        )
    )
    pension = exists().where(
        Pension.person_id == person.id,
        Pension.starts_on <= today,
        or_(Pension.ends_on.is_(None), Pension.ends_on >= today),
    )
    pensioner = await session.scalar(select(pension))
    return PersonFacts(
        birth_on=person.birth_on,
        curp=person.curp,
        nss=person.nss,
        periods=periods,
        continuation=tuple(await continuation_of(session, person.id, periods)),
        last_daily_wage=last_wage(
            jobs,
            today,
            is_sum=law.count("concurrent-wages", today) == 1,
        ),
        withdrawals=tuple(Withdrawal(row.on_date, row.weeks) for row in taken),
        in_force=(await rights_of(session, person.id, today)).is_in_force,
        covered_by_others=bool(covered),
        in_force_without_policies=(await rights_without_policies_of(session, person.id, today)).is_in_force,
        is_pensioner=bool(pensioner),
        is_declared=person.declared_at is not None,
        postal_code=person.postal_code,
        given_names=person.given_names,
        first_surname=person.first_surname,
        second_surname=person.second_surname or "",
        sex=person.sex,
    )


async def _family(session: AsyncSession, holder_id: UUID, today: date) -> tuple[Kin, ...]:
    kin = (
        select(Person.curp, Dependant.kinship, Dependant.is_protected)
        .join(Dependant, Dependant.person_id == Person.id)
        .where(
            Dependant.holder_id == holder_id,
            is_covered(today),
        )
        .order_by(Person.birth_on)
    )
    return tuple(Kin(*row) for row in await session.execute(kin))


async def invalid_units(session: AsyncSession, service: Service, answers: Mapping[str, Any]) -> list[FieldError]:
    """The answers that should name a unit and don't: one there is, and in operation unless any may be named."""
    wrong = []
    for name, view in service.form.fields.items():
        if view.widget not in ("unit", "any-unit") or not answers.get(name):
            continue
        try:
            unit = await session.get(Unit, UUID(str(answers[name])))
        except ValueError:  # said by the form's schema
            continue
        if unit is None:
            wrong.append(FieldError(name, UNKNOWN_UNIT))
        elif view.widget == "unit" and not unit.is_operating:
            wrong.append(FieldError(name, CLOSED_UNIT))
    return wrong


def _unit_asked(answers: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(str(answers["unit_id"]))
    except (KeyError, ValueError):
        return None


async def _is_operating(session: AsyncSession, unit_id: UUID | None) -> bool | None:
    """Whether there is such a unit, and it attends."""
    if unit_id is None:
        return None
    unit = await session.get(Unit, unit_id)
    return unit is not None and unit.is_operating


async def _is_served(session: AsyncSession, unit_id: UUID | None, postal_code: Any) -> bool | None:
    """Whether the unit serves the postal code; None where it isn't known which unit does."""
    if unit_id is None or not postal_code:
        return None
    units = (await session.scalars(select(Coverage.unit_id).where(Coverage.postal_code == str(postal_code)))).all()
    return unit_id in units if units else None


async def _has_place(session: AsyncSession, unit_id: UUID | None, shift: Any) -> bool | None:
    """Whether a room of the unit and shift takes more people; None where its capacity isn't known."""
    if unit_id is None or not shift:
        return None
    left = select(func.max(Panel.capacity - Panel.assigned)).where(Panel.unit_id == unit_id, Panel.shift == str(shift))
    most: int | None = await session.scalar(left)
    return None if most is None else most > 0


async def non_working_days(session: AsyncSession, unit_id: UUID | None, today: date) -> frozenset[date]:
    """Days off around a day: federal, of the agency, of the unit."""
    first, last = today - YEARS_AROUND, today + YEARS_AROUND
    own = select(Holiday.on_date).where(
        Holiday.on_date.between(first, last), or_(Holiday.unit_id.is_(None), Holiday.unit_id == unit_id)
    )
    return frozenset(federal_holidays(first, last)) | frozenset((await session.scalars(own)).all())
