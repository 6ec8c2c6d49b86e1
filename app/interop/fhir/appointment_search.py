"""Search of appointments: of a family, and, by a client with the scope, of a unit's day."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.own import OwnAppointment, own_appointments
from app.clients.rules import ApiScope, sees
from app.desk.queries.day_list import day_list
from app.interop.fhir import identifiers, systems
from app.interop.fhir.booking import facts_of
from app.interop.fhir.dates import Prefix
from app.interop.fhir.people import family_resources, has_identifier
from app.interop.fhir.problems import SearchTooBroad
from app.interop.fhir.resources.appointments import STATUSES, Facts
from app.interop.fhir.search import Search, Term
from app.interop.fhir.slots import is_code_of
from app.kernel import clock
from app.kernel.actor import Citizen, Client
from app.kernel.parsing import storable_text
from app.kernel.problems import NotFound
from app.places.queries import unit_by_id
from app.registry.queries import family_of

PAGE, MAX_LOOKED_AT = 100, 2_000


async def family_appointments(session: AsyncSession, actor: Citizen, search: Search) -> list[Facts]:
    """The appointments of a person and their dependants that a search asks for, latest first."""
    people = await _people_by_identifier(session, actor, search)
    found: list[Facts] = []
    after: tuple[object, object] | None = None
    for _ in range(MAX_LOOKED_AT // PAGE):
        rows: list[OwnAppointment] = await own_appointments(session, actor, limit=PAGE, after=after)  # type: ignore[arg-type] # a row's own values
        found += [facts for facts in map(facts_of, rows) if is_searched(facts, search, people)]
        if len(rows) < PAGE:
            break
        after = (rows[-1].start_at, rows[-1].id)
    return found[::-1] if search.sort == "date" else found


async def _people_by_identifier(session: AsyncSession, actor: Citizen, search: Search) -> set[UUID] | None:
    """The people of a family whom `patient.identifier` names; None when it isn't given."""
    terms = search.of("patient.identifier")
    if not terms:
        return None
    resources = await family_resources(session, actor, await family_of(session, actor))
    return {UUID(one["id"]) for one in resources if all(has_identifier(one, term.tokens()) for term in terms)}


async def unit_appointments(session: AsyncSession, client: Client, search: Search) -> list[Facts]:
    """The appointments of a day at a unit, for a client with the scope; whose they are only with that of people.

    Raises:
        SearchTooBroad: the search isn't of one unit and one day. NotFound: the unit isn't the client's.
    """
    located = search.ids("location", "Location") or search.ids("actor", "Location") or []
    terms = search.dates.get("date", ())
    if len(located) != 1 or len(terms) != 1 or terms[0].prefix is not Prefix.EQ:
        raise SearchTooBroad(names="location, date")
    try:
        unit = await unit_by_id(session, UUID(located[0]))
    except ValueError as error:
        raise NotFound from error
    span = terms[0].span(unit.timezone)
    day = clock.local_day(span.first, unit.timezone)
    if clock.local_day(span.end - timedelta(microseconds=1), unit.timezone) != day:
        raise SearchTooBroad(names="location, date")  # a month or a year
    sees_people = sees(client, ApiScope.APPOINTMENT_PEOPLE)
    rows = await day_list(session, client, unit.id, on_date=day)
    found = [
        Facts(
            id=row.folio,
            status=row.status,
            person_id=row.person_id if sees_people else None,
            unit_id=unit.id,
            unit_name=unit.name,
            service=row.service,
            room=row.room,
            start_at=row.start_at,
            minutes=row.minutes,
            timezone=row.timezone,
            folio=row.folio,
            affected=row.affected,
        )
        for row in rows
    ]
    return [one for one in found if is_searched(one, search, None)]


def is_searched(facts: Facts, search: Search, people: set[UUID] | None) -> bool:
    """Whether an appointment is what every term asks for."""
    if people is not None and facts.person_id not in people:
        return False
    now = clock.now()
    if not all(term.matches(facts.start_at, facts.timezone, now) for term in search.dates.get("date", ())):
        return False
    return all(_matches(facts, term) for term in search.terms)


def _matches(facts: Facts, term: Term) -> bool:
    is_not = term.modifier == "not"
    match term.name:
        case "_id":
            return facts.id in term.values
        case "status":
            return any(token.value == STATUSES[facts.status] for token in term.tokens()) is not is_not
        case "service-type":
            return is_code_of(facts.service, term.tokens()) is not is_not
        case "identifier":
            own = (systems.folio_system(), facts.folio or "")
            return any(token.is_one_of(own) for token in term.tokens()) is not is_not
        case "patient":
            return str(facts.person_id) in term.references("Patient")
        case "location":
            return str(facts.unit_id) in term.references("Location")
        case "slot":
            return identifiers.slot_id(facts.place) in term.references("Slot")
        case "actor":
            service = identifiers.healthcare_service_id(facts.unit_id, facts.service)
            return (
                str(facts.person_id) in term.references("Patient")
                or str(facts.unit_id) in term.references("Location")
                or service in term.references("HealthcareService")
            )
    return True


def page_of(found: Sequence[Facts], count: int, after: str | None) -> tuple[Sequence[Facts], str | None]:
    """A page of what was found, after an appointment; and the last one's folio when there are more."""
    begin = 0
    if after is not None:
        begin = next((place + 1 for place, one in enumerate(found) if one.id == storable_text(after)), len(found))
    shown = found[begin : begin + count]
    return shown, shown[-1].id if shown and begin + count < len(found) else None
