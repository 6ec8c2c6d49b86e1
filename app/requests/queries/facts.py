"""What the rules decide on, loaded: the person on a day, their family, whom and which unit the answers name."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.catalog.rules.eligibility.facts import Facts, Kin, PersonFacts, Withdrawal
from app.catalog.rules.workflow import OPEN_KINDS
from app.kernel import clock
from app.kernel.clock import local_day
from app.kernel.i18n import N_
from app.kernel.problems import FieldError
from app.law.current import count_on, law, refresh
from app.law.rules import Law
from app.places.calendar import federal_holidays
from app.places.models import Holiday
from app.places.rules import DEFAULT_ZONE
from app.registry.identifiers import birth_date_of
from app.registry.models import FormerCurp, Person
from app.registry.queries import person_by_curp
from app.registry.rights import rights_from, rights_without_policies
from app.registry.rules import Job, Period, last_wage
from app.registry.sign_in import find_person_in_constant_time
from app.registry.voluntary import continuation_cover
from app.requests.models import Request
from app.requests.rules.checks import needs_registry
from app.requests.rules.forms import applicable
from app.requests.rules.kinship import ASKED_BY, BY_HOLDER, HOLDER, RELATIVE, is_asked_by_relative
from app.requests.statements import STATEMENTS

YEARS_AROUND = timedelta(days=550)
UNKNOWN_UNIT = N_("No hay una unidad con esa clave. Búsquela por nombre, CLUES o municipio.")
CLOSED_UNIT = N_("Esa unidad no está en operación. Elija otra.")
_OF_PERSON = STATEMENTS.load("facts_of_person")
_OF_REQUEST = STATEMENTS.load("facts_of_request")
_UNITS = text("SELECT id, is_operating FROM unit WHERE id = ANY(CAST(:ids AS uuid[]))")


async def load_facts(
    session: AsyncSession, service: Service, person: Person, answers: Mapping[str, Any], today: date
) -> Facts:
    """The facts of a request on a day; of the answers, those to questions that are asked.

    The registry is asked in one statement, one more for another person whom the answers name, and not at all for a
    service none of whose rules looks at it.
    """
    answers = applicable(service, answers)
    if not needs_registry(service):
        return Facts(today=today, person=PersonFacts(**_identity(person)), answers=dict(answers), law=law())
    by_relative = is_asked_by_relative(answers)
    named = person.curp if by_relative else answers.get(RELATIVE)
    other = await other_named(session, answers)
    relative = person if by_relative else other
    is_holder_named = by_relative and bool(answers.get(HOLDER))
    # The same is read whether or not the registry has the holder: how long an answer takes must not show it.
    read = other or (person if is_holder_named else None)
    asked = _place_asked(answers)
    await session.flush()  # a plain statement doesn't write what is pending
    row = (await session.execute(_OF_REQUEST, _params(person, today) | asked | _about(service, person))).one()
    figures = await refresh(session, row.law_fingerprint)
    own = _person_facts(person, row, today, figures)
    postal_code = asked["postal_code"]
    facts = Facts(
        today=today,
        person=own,
        answers=dict(answers),
        relative=own if by_relative else None,
        relative_birth_on=_birth_on(named),
        family=_family(row),
        last_approved_on=local_day(row.last_approved_at, row.timezone or DEFAULT_ZONE)
        if row.last_approved_at
        else None,
        is_operating=None if asked["unit_id"] is None else bool(row.is_operating),
        is_served=row.is_served,
        has_place=row.has_place,
        address_changed=bool(postal_code) and person.postal_code is not None and postal_code != person.postal_code,
        other_id=other.id if other else None,
        other_folio=await _folio_of_other(session, service, person, read, by_relative=by_relative) if read else None,
        law=figures,
    )
    if relative is not None and not by_relative:
        facts = replace(facts, relative=await person_facts(session, relative, today))
    side = await _as_holder(session, facts, read) if by_relative and read is not None else None
    return replace(facts, holder_side=side) if other is not None else replace(facts, other_folio=None)


def _params(person: Person, today: date) -> dict[str, Any]:
    return {"person_id": person.id, "day": today}


def _about(service: Service, person: Person) -> dict[str, Any]:
    return {"service": service.id, "home_id": person.unit_id}


def _place_asked(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The unit, shift and postal code that the answers ask for."""
    postal_code, shift = answers.get("postal_code"), answers.get("shift")
    return {
        "unit_id": _unit_asked(answers),
        "shift": str(shift) if shift else None,
        "postal_code": str(postal_code) if postal_code else None,
    }


async def other_named(session: AsyncSession, answers: Mapping[str, Any]) -> Person | None:
    """The other person whom the answers name: the holder, where the relative asks to be registered."""
    if is_asked_by_relative(answers):
        return await find_person_in_constant_time(session, str(answers[HOLDER])) if answers.get(HOLDER) else None
    return await person_by_curp(session, str(answers[RELATIVE])) if answers.get(RELATIVE) else None


async def _as_holder(session: AsyncSession, facts: Facts, holder: Person) -> Facts:
    """The request of a relative as if the holder had filed it."""
    row = (await session.execute(_OF_PERSON, _params(holder, facts.today))).one()
    return replace(
        facts,
        person=_person_facts(holder, row, facts.today, facts.law),
        family=_family(row),
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
        Request.kind.in_(OPEN_KINDS),
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


async def person_facts(session: AsyncSession, person: Person, today: date) -> PersonFacts:
    """A person as the rules see them on a day."""
    await session.flush()
    row = (await session.execute(_OF_PERSON, _params(person, today))).one()
    return _person_facts(person, row, today, await refresh(session, row.law_fingerprint))


def _identity(person: Person) -> dict[str, Any]:
    """What the registry's row says of who a person is."""
    return {
        "birth_on": person.birth_on,
        "curp": person.curp,
        "nss": person.nss,
        "is_declared": person.declared_at is not None,
        "postal_code": person.postal_code,
        "given_names": person.given_names,
        "first_surname": person.first_surname,
        "second_surname": person.second_surname or "",
        "sex": person.sex,
    }


def _person_facts(person: Person, row: Any, today: date, figures: Law) -> PersonFacts:
    jobs = [
        Job(_period(first, last), Decimal(wage) if wage is not None else None, is_casual)
        for first, last, wage, is_casual in row.work or ()
    ]
    periods = tuple(job.period for job in jobs)
    continuation = [_period(*dates) for dates in row.continuation or ()]
    for first, months in row.paid_months or ():
        starts_on = date.fromisoformat(first)
        unpaid = count_on("modality-40-unpaid-months", starts_on)
        continuation += continuation_cover(starts_on, map(date.fromisoformat, months), periods, unpaid)
    return PersonFacts(
        **_identity(person),
        periods=periods,
        continuation=tuple(sorted(continuation)),
        last_daily_wage=last_wage(jobs, today, is_sum=figures.count("concurrent-wages", today) == 1),
        withdrawals=tuple(Withdrawal(date.fromisoformat(on), weeks) for on, weeks in row.withdrawals or ()),
        in_force=rights_from(row.rights, today).is_in_force,
        covered_by_others=row.covered_by_others,
        in_force_without_policies=rights_without_policies(row.rights, today).is_in_force,
        is_pensioner=row.is_pensioner,
    )


def _period(first: str, last: str | None) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last) if last else None)


def _family(row: Any) -> tuple[Kin, ...]:
    return tuple(Kin(*one) for one in row.family or ())


async def invalid_units(session: AsyncSession, service: Service, answers: Mapping[str, Any]) -> list[FieldError]:
    """The answers that should name a unit and don't: one there is, and in operation unless any may be named."""
    return not_units(service, answers, await units_named(session, service, answers))


async def units_named(session: AsyncSession, service: Service, *answers: Mapping[str, Any]) -> dict[UUID, bool]:
    """Whether each unit that these answers name is in operation; those that don't exist are left out."""
    named = {unit_id for some in answers for unit_id in _units_named(service, some).values()}
    if not named:
        return {}
    return {row.id: row.is_operating for row in await session.execute(_UNITS, {"ids": list(named)})}


def not_units(service: Service, answers: Mapping[str, Any], operating: Mapping[UUID, bool]) -> list[FieldError]:
    """`invalid_units`, by what was read before."""
    wrong = []
    for name, unit_id in _units_named(service, answers).items():
        if unit_id not in operating:
            wrong.append(FieldError(name, UNKNOWN_UNIT, "unknown_unit"))
        elif service.form.fields[name].widget == "unit" and not operating[unit_id]:
            wrong.append(FieldError(name, CLOSED_UNIT, "closed_unit"))
    return wrong


def _units_named(service: Service, answers: Mapping[str, Any]) -> dict[str, UUID]:
    """The units that these answers name, by field; what is no id is for the form's schema to say."""
    named = {}
    for name, view in service.form.fields.items():
        if view.widget in ("unit", "any-unit") and answers.get(name):
            with suppress(ValueError):
                named[name] = UUID(str(answers[name]))
    return named


def _unit_asked(answers: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(str(answers["unit_id"]))
    except (KeyError, ValueError):
        return None


@lru_cache(maxsize=16)
def _federal_days(first: date, last: date) -> frozenset[date]:
    return frozenset(federal_holidays(first, last))


def days_around() -> tuple[date, date]:
    """The first and the last day of which the days off are read: around today, wherever that is."""
    dates = clock.dates_in_progress()
    return dates[0] - YEARS_AROUND, dates[-1] + YEARS_AROUND


def with_federal(days_off: Iterable[date] | None) -> frozenset[date]:
    """These days off of the agency or a unit, with the federal ones around today."""
    return _federal_days(*days_around()) | frozenset(days_off or ())


async def non_working_days(session: AsyncSession, unit_id: UUID | None) -> frozenset[date]:
    """Days off around today: federal, of the agency, of the unit."""
    own = select(Holiday.on_date).where(
        Holiday.on_date.between(*days_around()), or_(Holiday.unit_id.is_(None), Holiday.unit_id == unit_id)
    )
    return with_federal((await session.scalars(own)).all())
