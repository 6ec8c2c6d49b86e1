"""`$find` of IHE ITI-115: the times that a person may have, as proposed appointments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.api.availability import Asked, resolve_asked
from app.appointments.horizon import last_open_day
from app.appointments.queries import availability
from app.appointments.queries.availability import FreeTime
from app.appointments.rules import SPECIALIST_PREFIX
from app.appointments.service import eligibility
from app.appointments.slot_codes import SlotPlace
from app.interop.fhir.dates import DateTerm, parse_date_term
from app.interop.fhir.identifiers import Proposal, parse_healthcare_service_id, proposal_id
from app.interop.fhir.parameters import OperationParameters, reference_id
from app.interop.fhir.queries import service_at
from app.interop.fhir.resources.appointments import Facts
from app.interop.fhir.resources.places import SERVICE_TYPES
from app.interop.fhir.search import Term
from app.interop.fhir.slots import is_code_of
from app.interop.fhir.systems import CURP
from app.kernel import clock
from app.kernel.actor import Citizen, Staff
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid, NotFound, Problem
from app.registry.queries import family_of

DEFAULT_SERVICE = "family-medicine"
UNDERSTOOD = frozenset(
    {"start", "end", "specialty", "visit-type", "location-reference", "patient-reference", "_count", "_format"}
)


@dataclass(frozen=True, slots=True)
class Found:
    """The proposed times by time; `refusal`: why there is none that the person may have, where a rule says so."""

    times: Sequence[Facts]
    refusal: Problem | None
    ignored: Sequence[str]


async def find_times(session: AsyncSession, actor: Citizen | Staff, given: OperationParameters) -> Found:
    """The times between `start` and `end` that the person may have.

    Raises:
        Invalid: a parameter is missing or can't be. NotFound: the actor may not act for the person, or there is no such
        unit. ServiceUnknown.
    """
    first, last = _instants(given)
    service = await _service(session, given)
    person_id = await _person(session, actor, given)
    asked = await resolve_asked(session, actor, service, _unit(given), person_id, None)
    zone = asked.place.timezone
    start, end = first.span(zone).first, last.span(zone).first
    open_until = last_open_day(zone)
    days, refusal = await eligibility.bookable_days(
        session,
        asked.who.id,
        asked.place.id,
        service,
        await availability.free_days(
            session,
            asked.place.id,
            service,
            own=asked.own,
            first=max(clock.today(zone), clock.local_day(start, zone)),
            last=min(open_until, clock.local_day(end, zone)),
            earliest=asked.earliest,
        ),
    )
    times = await availability.free_times_of_days(
        session,
        asked.place.id,
        service,
        [one.day for one in days],
        own=asked.own,
        last=open_until,
        earliest=asked.earliest,
    )
    proposed = [_proposed(asked, service, one) for one in times if start <= one.start_at < end]
    return Found(proposed, None if proposed else refusal, sorted(given.names - UNDERSTOOD))


def _proposed(asked: Asked, service: str, time: FreeTime) -> Facts:
    place = SlotPlace(asked.place.id, time.room, time.start_at.astimezone(UTC))
    return Facts(
        id=proposal_id(Proposal(place, asked.who.id)),
        status="proposed",
        person_id=asked.who.id,
        unit_id=asked.place.id,
        unit_name=asked.place.name,
        service=service,
        room=time.room,
        start_at=time.start_at,
        minutes=time.minutes,
        timezone=asked.place.timezone,
    )


def _instants(given: OperationParameters) -> tuple[DateTerm, DateTerm]:
    found, wrong = [], []
    for name in ("start", "end"):
        texts = given.texts(name)
        try:
            found.append(parse_date_term(texts[0]))
        except IndexError:
            wrong.append(FieldError(name, N_("Falta este dato."), "missing"))
        except ValueError:
            wrong.append(
                FieldError(name, N_("Escriba la fecha y hora como 2026-11-24T08:20:00-06:00."), "datetime_parsing")
            )
    if wrong:
        raise Invalid(fields=wrong)
    return found[0], found[1]


async def _service(session: AsyncSession, given: OperationParameters) -> str:
    """The service that codes of `visit-type` or `specialty` name, in the order in which they were given; the first that
    is known. Without any, family medicine."""
    texts = [*given.texts("visit-type"), *given.texts("specialty")]
    for text in texts:
        tokens = Term("visit-type", "", (text,)).tokens()
        for service in (*SERVICE_TYPES, "preventive", "window"):
            if is_code_of(service, tokens):
                return service
        if tokens[0].value.startswith(SPECIALIST_PREFIX):
            return tokens[0].value
    if texts:
        raise Invalid(fields=[FieldError("visit-type", N_("Elija uno de los servicios de la lista."), "enum")])
    for one in given.references("location-reference"):
        id_ = reference_id(one, "HealthcareService")
        if id_ is not None:
            try:
                return await service_at(session, parse_healthcare_service_id(id_))
            except ValueError as error:
                raise NotFound from error
    return DEFAULT_SERVICE


def _unit(given: OperationParameters) -> UUID | None:
    for one in given.references("location-reference"):
        id_ = reference_id(one, "Location")
        if id_ is not None:
            return _uuid(id_)
    return None


async def _person(session: AsyncSession, actor: Citizen | Staff, given: OperationParameters) -> UUID | None:
    """The person of `patient-reference`: by id, or, of one's family, by CURP."""
    references = given.references("patient-reference")
    if len(references) > 1:
        raise Invalid(fields=[FieldError("patient-reference", N_("Sobran elementos: como mucho 1."), "too_long")])
    for one in references:
        id_ = reference_id(one, "Patient")
        if id_ is not None:
            return _uuid(id_)
        identifier = one.get("identifier")
        if isinstance(identifier, dict) and identifier.get("system") == CURP and isinstance(actor, Citizen):
            for member in await family_of(session, actor):
                if member.person.curp == identifier.get("value"):
                    return member.person.id
        raise NotFound
    return None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error
