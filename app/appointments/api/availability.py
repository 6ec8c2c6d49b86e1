"""What is free: by day for a month, and the times of a day."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.appointments import queries
from app.appointments.problems import UnknownService
from app.appointments.rules import policy_of
from app.appointments.schemas import Availability, DayTimes, FreeDay, FreeTime, NothingFree, Service
from app.identity.access import LowCitizenApi
from app.kernel import clock
from app.kernel.db import Read
from app.kernel.http.openapi import problem_responses
from app.kernel.problems import NotFound, Unauthorized
from app.kernel.terms import booking_terms
from app.places.queries import unit_by_id
from app.registry.models import Person
from app.registry.queries import own_person

router = APIRouter(prefix="/api/v1", tags=["appointments"])
ANSWERS = problem_responses(Unauthorized, NotFound, UnknownService)

ForWhom = Annotated[UUID | None, Query(description="Whom it is for: you, when left out, or a dependant.")]
AtUnit = Annotated[UUID | None, Query(description="The unit; the person's own, when left out.")]


@router.get("/availability", operation_id="list_free_days", summary="Days with free times", responses=ANSWERS)
async def list_free_days(
    actor: LowCitizenApi,
    read: Read,
    service: Annotated[Service, Query()],
    unit: AtUnit = None,
    person: ForWhom = None,
    days: Annotated[int, Query(ge=1, le=60)] = 30,
) -> Availability:
    """For each day with something free: how many, the first, and the first in their own room and shift. When there is
    nothing, `nothing` says why and what else can be done."""
    policy = policy_of(service)
    who = await own_person(read, actor, person)
    place = await unit_by_id(read, unit or _assigned(who.unit_id))
    today = clock.today(place.timezone)
    earliest = clock.now() + timedelta(minutes=policy.min_ahead_minutes)
    found = await queries.free_days(
        read, place.id, service, own=_own(who, place.id), first=today, days=days + 1, earliest=earliest
    )
    nothing = None
    if not found:
        horizon = booking_terms().horizon_days
        nothing = NothingFree.model_validate(
            await queries.why_nothing(read, place.id, service, today=today, horizon_days=horizon, shift=who.shift)
        )
    return Availability(
        unit_id=place.id,
        service=service,
        timezone=place.timezone,
        days=[FreeDay.model_validate(day) for day in found],
        third_next_at=await queries.third_next(read, place.id, service, today=today, earliest=earliest),
        nothing=nothing,
    )


@router.get("/availability/{day}", operation_id="list_free_times", summary="Free times of a day", responses=ANSWERS)
async def list_free_times(
    actor: LowCitizenApi,
    read: Read,
    day: date,
    service: Annotated[Service, Query()],
    unit: AtUnit = None,
    person: ForWhom = None,
) -> DayTimes:
    """One row a time, in the person's own room and shift where that is free."""
    policy = policy_of(service)
    who = await own_person(read, actor, person)
    place = await unit_by_id(read, unit or _assigned(who.unit_id))
    earliest = clock.now() + timedelta(minutes=policy.min_ahead_minutes)
    found = await queries.free_times(read, place.id, service, day, own=_own(who, place.id), earliest=earliest)
    return DayTimes(
        unit_id=place.id,
        service=service,
        timezone=place.timezone,
        day=day,
        times=[FreeTime.model_validate(time) for time in found],
    )


def _own(who: Person, unit_id: UUID) -> queries.Own:
    return queries.Own(who.room, who.shift, who.id) if who.unit_id == unit_id else queries.Own(person_id=who.id)


def _assigned(unit_id: UUID | None) -> UUID:
    if unit_id is None:
        raise NotFound
    return unit_id
