"""A link to one time, from programs that list free times of many places: the booking pages open with it chosen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request, Response

from app.appointments.horizon import last_open_day
from app.appointments.problems import SlotTaken
from app.appointments.queries import availability
from app.appointments.queries.own import live_hold
from app.appointments.queries.slots import slot_now
from app.appointments.rules import policy_of
from app.appointments.service import eligibility
from app.appointments.slot_codes import SlotPlace, parse_slot_code
from app.kernel import clock
from app.kernel.http.parameters import Tx
from app.kernel.problems import NotFound, Problem
from app.registry.queries import own_person
from app.web.browser import BrowserSessionWeb, LowCitizenWeb
from app.web.citizen.booking_flow import booking_flow_of, clear, store_answer
from app.web.citizen.booking_times import BookingContext, booking_context_of, show_times

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.ext.asyncio import AsyncSession

    from app.kernel.actor import Citizen
    from app.registry.models import Person

router = APIRouter()


@router.get("/citas/horario/{code}")
async def booking_link_page(
    request: Request,
    browser: BrowserSessionWeb,
    actor: LowCitizenWeb,
    tx: Tx,
    code: Annotated[str, Path(max_length=64)],
) -> Response:
    """The times of its day with this one chosen, for the person of the booking under way, or oneself. A rule that
    refuses the person says so; when the time can't be had any more, the others of the day can."""
    try:
        place = parse_slot_code(code)
    except ValueError as error:
        raise NotFound from error
    now = await slot_now(tx, place)
    if now is None or place.start_at < clock.now() - timedelta(days=1):
        raise NotFound
    policy_of(now.service)
    person = await _person(tx, actor, booking_flow_of(browser).person)
    await eligibility.require_eligible(tx, actor, person.id, place.unit_id, now.service)
    clear(browser)
    day = clock.local_day(place.start_at, now.timezone)
    answers = {"person": person.id, "service": now.service, "unit": place.unit_id, "day": day}
    for step, value in answers.items():
        store_answer(browser, step, str(value))
    booking = await booking_context_of(tx, actor, booking_flow_of(browser))
    chosen, problem = await _chosen(tx, booking, place)
    return await show_times(request, browser, tx, booking, chosen=chosen, problem=problem)


async def _chosen(tx: AsyncSession, booking: BookingContext, place: SlotPlace) -> tuple[str, Problem | None]:
    """The time as the page names it, in the room in which the person would be attended; or that it can't be had, with
    the nearest that can."""
    held = await live_hold(tx, booking.person.id, booking.service, booking.unit.id)
    if held is not None and held.start_at == place.start_at:
        return "", None
    last = last_open_day(booking.unit.timezone)
    assert booking.journey.day is not None
    times = await availability.free_times(
        tx,
        booking.unit.id,
        booking.service,
        booking.journey.day,
        own=booking.own,
        last=last,
        earliest=booking.earliest,
    )
    for one in times:
        if one.start_at == place.start_at:
            return f"{one.start_at.isoformat()}|{one.room}", None
    nearest = await availability.nearest_free(
        tx, booking.unit.id, booking.service, place.start_at, booking.person.id, last=last
    )
    return "", SlotTaken(extra={"alternatives": nearest})


async def _person(tx: AsyncSession, actor: Citizen, chosen: UUID | None) -> Person:
    """Whom the booking under way is for, if the citizen acts for them still; otherwise themselves."""
    try:
        return await own_person(tx, actor, chosen)
    except NotFound:
        return await own_person(tx, actor)
