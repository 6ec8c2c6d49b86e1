"""What is free: by day for a month, and the times of a day."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.horizon import last_open_day
from app.appointments.problems import ServiceUnknown
from app.appointments.queries import availability, unavailability
from app.appointments.queries.own import busy_times, may_act_for, own_appointment
from app.appointments.rules import has_own_doctor, policy_of
from app.appointments.schemas import Availability, DayTimes, FreeDay, FreeTime, Service, Unavailability
from app.appointments.service import eligibility
from app.identity.dependencies import ASSISTED, LowPersonApi
from app.kernel import clock
from app.kernel.actor import Citizen, Staff
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import Read
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid, NotFound, Problem, Unauthorized
from app.places.models import Unit
from app.places.queries import unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.models import Person
from app.registry.queries import own_person, person_by_id
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1", tags=["appointments"], dependencies=[RECORDS_VIEWS])
ANSWERS = problem_responses(Unauthorized, NotFound, ServiceUnknown, Invalid)

ForWhom = Annotated[
    UUID | None, Query(description="Whom it is for: you, when left out, or a dependant. Staff name the person.")
]
AtUnit = Annotated[UUID | None, Query(description="The unit; the person's own, when left out.")]
Moving = Annotated[
    str | None,
    Query(max_length=20, description="The folio of the appointment that moves: it is in the way of no time."),
]


@router.get(
    "/availability",
    operation_id="list_free_days",
    summary="Days with free times",
    responses=ANSWERS,
    openapi_extra=ASSISTED,
)
async def list_free_days(
    actor: LowPersonApi,
    read: Read,
    service: Annotated[Service, Query()],
    unit: AtUnit = None,
    person: ForWhom = None,
    moving: Moving = None,
    days: Annotated[int, Query(ge=1, le=60)] = 30,
) -> Availability:
    """For each day with something free: how many, the first, and the first with their own doctor. Days on which the
    person may have no time (one a day, rights that end) aren't listed. When there is nothing, `nothing` says why and
    what else can be done."""
    asked = await resolve_asked(read, actor, service, unit, person, moving)
    place, today = asked.place, clock.today(asked.place.timezone)
    open_until = last_open_day(place.timezone)
    found, refusal = await eligibility.bookable_days(
        read,
        asked.who.id,
        place.id,
        service,
        await availability.free_days(
            read,
            place.id,
            service,
            own=asked.own,
            first=today,
            last=min(today + timedelta(days=days), open_until),
            earliest=asked.earliest,
        ),
        moving=asked.moving,
    )
    return Availability(
        unit_id=place.id,
        service=service,
        timezone=place.timezone,
        days=[FreeDay.model_validate(day) for day in found],
        third_next_at=await availability.third_next(
            read, place.id, service, today=today, last=open_until, earliest=asked.earliest
        ),
        nothing=None if found else await _nothing(read, place, service, today, open_until, refusal),
    )


async def _nothing(
    read: AsyncSession, place: Unit, service: str, today: date, open_until: date, refusal: Problem | None
) -> Unavailability:
    others = [one.id for one in await eligibility.other_units(read, place, service)]
    why = await unavailability.explain_unavailability(
        read, place.id, service, today=today, last=open_until, others=others
    )
    if refusal is not None:
        why = replace(why, reason="refused", refusal=refusal.sentence())
    return Unavailability.model_validate(why)


@router.get(
    "/availability/{day}",
    operation_id="list_free_times",
    summary="Free times of a day",
    responses=ANSWERS,
    openapi_extra=ASSISTED,
)
async def list_free_times(
    actor: LowPersonApi,
    read: Read,
    day: date,
    service: Annotated[Service, Query()],
    unit: AtUnit = None,
    person: ForWhom = None,
    moving: Moving = None,
) -> DayTimes:
    """One row a time, with the person's own doctor where that is free."""
    asked = await resolve_asked(read, actor, service, unit, person, moving)
    place = asked.place
    last = last_open_day(place.timezone)
    found = await availability.free_times(
        read, place.id, service, day, own=asked.own, last=last, earliest=asked.earliest
    )
    return DayTimes(
        unit_id=place.id,
        service=service,
        timezone=place.timezone,
        day=day,
        times=[FreeTime.model_validate(time) for time in found],
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom free times are asked for, at which unit, from when on, and whose doctor comes first."""

    who: Person
    place: Unit
    own: availability.Own
    moving: UUID | None
    earliest: datetime


async def resolve_asked(
    read: AsyncSession, actor: Citizen | Staff, service: str, unit: UUID | None, person: UUID | None, moving: str | None
) -> Asked:
    """Look at who asks for whom, and record that it is seen.

    Raises:
        NotFound: the actor may not act for them, or there is no such unit. Invalid: staff named no one. ServiceUnknown.
    """
    policy = policy_of(service)
    who = await _whom(read, actor, person)
    # What is free for a person tells when they have other appointments.
    record_views(actor, ViewContext.APPOINTMENT, {who.id: who.unit_id})
    place = await unit_by_id(read, unit or _assigned(who.unit_id))
    moves = (await own_appointment(read, actor, moving)).id if moving is not None else None
    busy = await busy_times(read, who.id, moves)
    own = availability.Own(person_id=who.id, busy=busy)
    if who.unit_id == place.id and has_own_doctor(service):
        own = availability.Own(who.room, who.shift, who.id, busy)
    return Asked(who, place, own, moves, clock.now() + timedelta(minutes=policy.min_ahead_minutes))


async def _whom(read: AsyncSession, actor: Citizen | Staff, person_id: UUID | None) -> Person:
    """Whom it is for: of the citizen's family, or a person whom staff may book for.

    Raises:
        NotFound: the actor may not act for them. Invalid: staff named no one.
    """
    if isinstance(actor, Citizen):
        return await own_person(read, actor, person_id)
    if person_id is None:
        raise Invalid(fields=[FieldError("person", N_("Diga para qué persona es."), "missing")])
    if not await may_act_for(read, actor, person_id):
        raise NotFound
    return await person_by_id(read, person_id)


def _assigned(unit_id: UUID | None) -> UUID:
    if unit_id is None:
        raise NotFound
    return unit_id
