"""Hold a slot for a person while they confirm; release it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.appointments import rules, statements
from app.appointments.events import HoldReleased, SeatHeld
from app.appointments.problems import SlotTaken
from app.appointments.queries import availability, own
from app.appointments.schemas import HoldOut
from app.appointments.service.situation import load, situation
from app.appointments.settings import booking_settings
from app.appointments.wait_problems import HoldLimit
from app.kernel import ids
from app.kernel.actor import Actor, doer_of
from app.kernel.db import Db
from app.kernel.events import consume_active_time, event_params
from app.kernel.idempotency import IdempotencyRequest, IdempotentResult, first_result, stored_result, write_once
from app.kernel.problems import NotFound

_HOLDS_TODAY = text("SELECT holds FROM hold_count WHERE person_id = :person_id AND on_date = :today")
NO_LIMIT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when: a room of a unit at a time, for a service."""

    unit_id: UUID
    service: str
    room: int
    start_at: datetime


async def hold(
    db: Db,
    actor: Actor,
    person_id: UUID,
    place: Place,
    once: IdempotencyRequest,
    *,
    moving: UUID | None = None,
    is_here: bool = False,
    token_issued_at: datetime | None = None,
) -> IdempotentResult[HoldOut]:
    """Hold a seat at this place for the person for a few minutes, releasing another hold of theirs.

    `moving`: the id of the appointment of theirs in this service whose new time they are choosing.
    `is_here`: they wait at the unit already, so that a time which begins soon can be had.
    `token_issued_at`: of a token that may have been revoked since.

    Raises:
        TokenExpired: it has been revoked.
        NotFound: the actor may not act for the person, or there is no such unit.
        HoldLimit: they held as often as they may today.
        Problem: the rule that refuses, or SlotTaken with the nearest free times.
    """
    target = {"unit_id": place.unit_id, "service": place.service, "room": place.room, "start_at": place.start_at}
    row, now = await load(
        db,
        statements.DECIDE_ON_PLACE,
        actor,
        person_id,
        once,
        moved_id=moving,
        token_issued_at=token_issued_at,
        **target,
    )
    first = stored_result(row, once, HoldOut)
    if first is not None:
        return first
    rules.require_allowed(place.service, facts := situation(row, now, is_here=is_here))
    done = first_result(
        HoldOut(
            id=ids.new_id(),
            person_id=person_id,
            held_until=now + timedelta(minutes=booking_settings().hold_minutes),
            unit_id=place.unit_id,
            service=place.service,
            room=place.room,
            start_at=place.start_at,
        ),
        201,
    )
    limit = _limit_of(actor)
    parameters = _hold_parameters(actor, done, facts, limit)
    held = await write_once(db, actor, once, statements.HOLD, parameters, done)
    if held is not None:
        return held
    if await _is_exhausted(db, person_id, facts.today, limit):
        raise HoldLimit.of(limit)
    nearest = await availability.nearest_free(
        db, place.unit_id, place.service, place.start_at, person_id, last=facts.last_day
    )
    raise SlotTaken(extra={"alternatives": nearest})


def _limit_of(actor: Actor) -> int:
    """How many holds a person may have on a day. Staff who act for them go on: they keep nothing for themselves."""
    return booking_settings().holds_per_day if doer_of(actor).kind == "citizen" else NO_LIMIT


async def _is_exhausted(db: Db, person_id: UUID, today: date, limit: int) -> bool:
    row = (await db.execute(_HOLDS_TODAY, {"person_id": person_id, "today": today})).one_or_none()
    return row is not None and row.holds >= limit


def _hold_parameters(
    actor: Actor, done: IdempotentResult[HoldOut], facts: rules.Situation, limit: int
) -> dict[str, Any]:
    held = done.value
    event = SeatHeld(
        subject_id=held.id,
        person_id=held.person_id,
        unit_id=held.unit_id,
        service=held.service,
        room=held.room,
        start_at=held.start_at,
        held_until=held.held_until,
    )
    return event_params(actor, event) | {
        "unit_id": held.unit_id,
        "service": held.service,
        "room": held.room,
        "start_at": held.start_at,
        "on_date": facts.on_date,
        "person_id": held.person_id,
        "hold_id": held.id,
        "held_until": held.held_until,
        "today": facts.today,
        "most": limit,
        "now": facts.now,
        "call": None,
    }


async def release(db: Db, actor: Actor, person_id: UUID, hold_id: UUID) -> None:
    """Release a hold of the person. Releasing an expired one changes nothing.

    Raises:
        NotFound: the actor may not act for the person.
    """
    if not await own.may_act_for(db, actor, person_id):
        raise NotFound
    event = HoldReleased(subject_id=hold_id, person_id=person_id)
    parameters = event_params(actor, event) | {"person_id": person_id, "hold_id": hold_id}
    if (await db.execute(statements.RELEASE_HOLD, parameters)).one_or_none() is not None:
        await consume_active_time(db, actor)
