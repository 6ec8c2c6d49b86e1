"""Move an appointment in one step, or cancel it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.appointments import rules, statements
from app.appointments.events import AppointmentCancelled, AppointmentMoved
from app.appointments.problems import SlotTaken
from app.appointments.queries import availability
from app.appointments.queries.own import OwnAppointment, own_appointment
from app.appointments.rules import Action
from app.appointments.schemas import AppointmentOut
from app.appointments.service.situation import load, situation
from app.appointments.settings import booking_settings
from app.appointments.wait_list import LOOK_WITHIN, MIN_NOTICE, MIN_OFFER_LIFE
from app.kernel import clock, ids
from app.kernel.actor import Actor, doer_of
from app.kernel.db import Db
from app.kernel.etags import Versions, etag, require_version
from app.kernel.events import event_params
from app.kernel.idempotency import (
    IdempotencyRequest,
    IdempotentResult,
    first_result,
    replay_result,
    stored_result,
    write_once,
)
from app.kernel.problems import Stale


@dataclass(frozen=True, slots=True)
class NewTime:
    """The room and time an appointment moves to, in its own unit and service."""

    room: int
    start_at: datetime


async def move(
    db: Db, actor: Actor, folio: str, to: NewTime, once: IdempotencyRequest, *, version: Versions = None
) -> IdempotentResult[AppointmentOut]:
    """Take the new seat and free the old one in the same instant; the old one stays when the new one is unavailable.

    The rules are those of booking, as if the person didn't have this appointment. To the room and time that it has
    already, nothing changes: no new version, no event.

    Raises:
        NotFound: there is no such appointment, or it isn't the actor's to change.
        Stale: it isn't at `version` any more.
        CancelTooLate, AppointmentEnded, SlotTaken (with the nearest free times), or another rule's Problem.
    """
    own = await own_appointment(db, actor, folio)
    target: dict[str, Any] = {"unit_id": own.unit_id, "service": own.service, "room": to.room, "start_at": to.start_at}
    row, now = await load(db, statements.DECIDE_ON_MOVE, actor, own.person_id, once, moved_id=own.id, **target)
    first = stored_result(row, once, AppointmentOut)
    if first is not None:
        return first
    require_version(version, own.version)
    require_changeable(own, Action.MOVE, doer_of(actor).kind, now)
    if (to.room, to.start_at) == (own.room, own.start_at):
        return await _stay(db, actor, own, once)
    rules.require_allowed(own.service, facts := situation(row, now))
    done = changed_result(own, room=to.room, start_at=to.start_at, status="booked", minutes=row.minutes)
    parameters = target | change_parameters(actor, own, now) | {"person_id": own.person_id, "on_date": facts.on_date}
    event = AppointmentMoved(
        **own.subject,
        minutes=own.minutes,
        room=to.room,
        start_at=to.start_at,
        from_room=own.room,
        from_start_at=own.start_at,
        version=own.version + 1,
        hold_id=row.hold_id,
    )
    moved = await write_once(db, actor, once, statements.MOVE, parameters | event_params(actor, event), done)
    if moved is not None:
        return moved
    nearest = await availability.nearest_free(
        db, own.unit_id, own.service, to.start_at, own.person_id, last=facts.last_day
    )
    raise SlotTaken(extra={"alternatives": nearest})


async def _stay(
    db: Db, actor: Actor, own: OwnAppointment, once: IdempotencyRequest
) -> IdempotentResult[AppointmentOut]:
    """Return the appointment as it is, and store the response for the key."""
    done = changed_result(
        own, room=own.room, start_at=own.start_at, status="booked", minutes=own.minutes, version=own.version
    )
    parameters = {"person_id": own.person_id, "service": own.service, "unit_id": own.unit_id}
    return await write_once(db, actor, once, statements.STAY, parameters, done) or done


async def cancel(
    db: Db, actor: Actor, folio: str, reason: str, once: IdempotencyRequest, *, version: Versions = None
) -> IdempotentResult[AppointmentOut]:
    """Cancel the appointment; its seat is offered again after the release delay.

    Raises:
        NotFound: there is no such appointment, or it isn't the actor's to change.
        Stale: it isn't at `version` any more.
        CancelTooLate, AppointmentEnded.
    """
    own = await own_appointment(db, actor, folio)
    again = await replay_result(db, actor, once, AppointmentOut)
    if again is not None:
        return again
    require_version(version, own.version)
    now = clock.now()
    after = require_changeable(own, Action.CANCEL, doer_of(actor).kind, now)
    done = changed_result(own, room=own.room, start_at=own.start_at, status=after.value, minutes=own.minutes)
    event = AppointmentCancelled(
        **own.subject,
        minutes=own.minutes,
        room=own.room,
        start_at=own.start_at,
        reason=reason,
        version=own.version + 1,
    )
    parameters = change_parameters(actor, own, now) | {"reason": reason} | event_params(actor, event)
    cancelled = await write_once(db, actor, once, statements.CANCEL, parameters, done)
    if cancelled is not None:
        return cancelled
    raise Stale


def require_changeable(own: OwnAppointment, action: Action, who: str, now: datetime) -> rules.Status:
    """As `rules.require_changeable`, of an appointment as it was loaded. `who`: for whom staff help, staff."""
    return rules.require_changeable(
        own.service,
        own.status,
        action,
        who,
        start_at=own.start_at,
        now=now,
        is_affected=own.affected is not None,
    )


def change_parameters(actor: Actor, own: OwnAppointment, now: datetime) -> dict[str, Any]:
    seat_key = f"{own.unit_id}{own.room}{own.start_at.isoformat()}{own.seat}"
    return {
        "unit_id": own.unit_id,
        "appointment_id": own.id,
        "version": own.version,
        "free_from": rules.seat_release_at(now, booking_settings().release_delay_seconds, seat_key),
        "freed_seat_id": ids.new_id(),
        "list_from": now + MIN_NOTICE + MIN_OFFER_LIFE,
        "reserved_until": now + LOOK_WITHIN,
        "now": now,
        "answered_by": doer_of(actor).kind,
    }


def changed_result(
    own: OwnAppointment,
    *,
    room: int,
    start_at: datetime,
    status: Any,
    minutes: int | None,
    version: int | None = None,
) -> IdempotentResult[AppointmentOut]:
    version = version or own.version + 1
    changed = AppointmentOut(
        folio=own.folio,
        person_id=own.person_id,
        unit_id=own.unit_id,
        unit_name=own.unit_name,
        clues=own.clues,
        service=own.service,
        room=room,
        start_at=start_at,
        minutes=minutes or own.minutes,
        timezone=own.timezone,
        status=status,
        version=version,
    )
    return first_result(changed, 200, {"etag": etag(version)})
