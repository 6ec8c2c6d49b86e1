"""Turn a hold into an appointment."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.appointments import rules, statements
from app.appointments.events import AppointmentBooked
from app.appointments.horizon import last_open_day
from app.appointments.problems import HoldExpired
from app.appointments.queries import availability
from app.appointments.schemas import AppointmentOut
from app.appointments.service.situation import load, situation
from app.kernel import ids
from app.kernel.actor import Actor, doer_of
from app.kernel.db import Db
from app.kernel.etags import etag
from app.kernel.events import event_params
from app.kernel.idempotency import IdempotencyRequest, IdempotentResult, first_result, stored_result, write_once

FOLIO_PREFIX = "C"


async def book(
    db: Db,
    actor: Actor,
    person_id: UUID,
    hold_id: UUID,
    once: IdempotencyRequest,
    *,
    is_here: bool = False,
    token_issued_at: datetime | None = None,
) -> IdempotentResult[AppointmentOut]:
    """Make the appointment the person's: seat booked, event recorded, response stored, in one statement.

    `is_here`: they wait at the unit already, so that a time which begins soon can be had.
    `token_issued_at`: of a token that may have been revoked since.

    Raises:
        TokenExpired: it has been revoked.
        NotFound: the actor may not act for the person.
        HoldExpired: with the nearest free slots.
        AlreadyBooked: they have an appointment open in this service.
        Problem: another rule that refuses.
    """
    row, now = await load(
        db, statements.DECIDE_ON_HOLD, actor, person_id, once, token_issued_at=token_issued_at, hold_id=hold_id
    )
    first = stored_result(row, once, AppointmentOut)
    if first is not None:
        return first
    if row.unit_id is None or not row.is_live:
        raise await _expired(db, row, person_id)
    rules.require_allowed(row.service, situation(row, now, is_here=is_here))
    appointment_id = ids.new_id()
    done = booked_result(row, person_id, ids.new_folio(FOLIO_PREFIX))
    parameters = booking_parameters(actor, row, done.value, appointment_id, hold_id, now)
    booked = await write_once(db, actor, once, statements.BOOK, parameters, done)
    if booked is None:
        raise await _expired(db, row, person_id)
    return booked


def booked_result(row: Any, person_id: UUID, folio: str) -> IdempotentResult[AppointmentOut]:
    made = AppointmentOut(
        folio=folio,
        person_id=person_id,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        clues=row.clues,
        service=row.service,
        room=row.room,
        start_at=row.start_at,
        minutes=row.minutes,
        timezone=row.timezone,
        status="booked",
        version=1,
    )
    return first_result(made, 201, {"etag": etag(1), "location": f"/api/v1/appointments/{folio}"})


def booking_parameters(
    actor: Actor, row: Any, made: AppointmentOut, appointment_id: UUID, hold_id: UUID, now: datetime
) -> dict[str, Any]:
    event = AppointmentBooked(
        subject_id=appointment_id,
        person_id=made.person_id,
        unit_id=made.unit_id,
        service=made.service,
        folio=made.folio,
        room=made.room,
        start_at=made.start_at,
        minutes=made.minutes,
        hold_id=hold_id,
    )
    doer = doer_of(actor)
    return event_params(actor, event) | {
        "appointment_id": appointment_id,
        "folio": made.folio,
        "person_id": made.person_id,
        "service": made.service,
        "unit_id": row.unit_id,
        "hold_id": hold_id,
        "channel": actor.channel.value,
        "actor_kind": doer.kind,
        "actor_id": doer.id,
        "now": now,
        "call": None,
    }


async def _expired(db: Db, row: Any, person_id: UUID) -> HoldExpired:
    if row.unit_id is None:
        return HoldExpired()
    last = last_open_day(row.timezone)
    nearest = await availability.nearest_free(db, row.unit_id, row.service, row.start_at, person_id, last=last)
    return HoldExpired(extra={"alternatives": nearest})


_LINK = statements.STATEMENTS.load("link_to_request")


async def link_to_request(db: Db, unit_id: UUID, folio: str, request_id: UUID) -> None:
    """Record which request an appointment is a step of."""
    await db.execute(_LINK, {"unit_id": unit_id, "folio": folio, "request_id": request_id})
