"""Answer an offer of another time: accept it in one step, by its person or by staff for them on the phone.

Choosing another time or cancelling are the ordinary move and cancellation, which end the offer in their own statement.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import RebookingCallRecorded
from app.appointments.horizon import last_open_day
from app.appointments.models import Appointment, RebookingOffer
from app.appointments.problems import AlreadyBooked, OfferOver
from app.appointments.queries import availability
from app.appointments.queries.own import OwnAppointment, own_appointment
from app.appointments.rebooking import Answer
from app.appointments.schemas import AppointmentOut
from app.appointments.service import booking, reschedule
from app.appointments.service.reschedule import NewTime
from app.appointments.statements import STATEMENTS
from app.kernel import clock, ids
from app.kernel.actor import Actor, Staff, doer_of
from app.kernel.etags import Versions, require_version
from app.kernel.events import record
from app.kernel.idempotency import IdempotencyRequest, IdempotentResult, replay_result

REBOOKED = "rebooked"
"""Why an appointment is cancelled when its person accepts one at another unit."""

_GIVE_SEAT = STATEMENTS.load("rebooking/give_seat")
_RELEASE_OWN_HOLD = STATEMENTS.load("rebooking/release_own_hold")
_LOCK_REGISTER = STATEMENTS.load("rebooking/lock_register")


async def accept(
    session: AsyncSession, actor: Actor, folio: str, once: IdempotencyRequest, *, version: Versions = None
) -> IdempotentResult[AppointmentOut]:
    """Take the offered time: the appointment moves there, or, to another unit, a new one takes its place.

    A problem leaves partial writes: the caller's transaction or savepoint must not commit.

    Raises:
        NotFound: there is no such appointment, or it isn't the actor's. Stale. OfferOver: with the nearest free times.
        AlreadyBooked: the person has booked another since. Problem: the rule that refuses the time.
    """
    own = await own_appointment(session, actor, folio)
    first = await replay_result(session, actor, once, AppointmentOut)
    if first is not None:
        return first
    offer = await lock_offer(session, own)
    require_version(version, own.version)
    now = clock.now()
    if offer is None or offer.to_unit_id is None or offer.to_room is None or offer.to_start_at is None:
        raise await _over(session, own)
    # A booking that takes the place of a past appointment waits here, and then finds this one.
    register = (
        await session.execute(_LOCK_REGISTER, {"person_id": own.person_id, "service": own.service})
    ).one_or_none()
    if register is not None and register.appointment_id != own.id:
        raise AlreadyBooked(extra={"rule": "one-active"})
    names = {"person_id": own.person_id, "service": own.service, "unit_id": offer.to_unit_id}
    await session.execute(_RELEASE_OWN_HOLD, names)
    given = await session.execute(_GIVE_SEAT, {"offer_id": offer.id, "now": now})
    if given.one_or_none() is None:
        raise await _over(session, own)
    offer.answer, offer.answered_at, offer.answered_by = Answer.ACCEPTED.value, now, doer_of(actor).kind
    await session.flush()
    if offer.to_unit_id == own.unit_id:
        to = NewTime(offer.to_room, offer.to_start_at)
        return await reschedule.move(session, actor, folio, to, once, version=own.version)
    # At another unit: who may act here may take what is held there for this person.
    acting = _also_at(actor, offer.to_unit_id)
    secret = IdempotencyRequest(ids.new_secret(16), b"")
    await reschedule.cancel(session, actor, folio, REBOOKED, secret, version=own.version)
    return await booking.book(session, acting, own.person_id, offer.id, once)


def _also_at(actor: Actor, unit_id: UUID) -> Actor:
    if isinstance(actor, Staff) and actor.unit_ids is not None:
        return replace(actor, unit_ids=actor.unit_ids | {unit_id})
    return actor


async def lock_offer(session: AsyncSession, own: OwnAppointment) -> RebookingOffer | None:
    """The open offer of an appointment, locked after it, as moves and closures lock them."""
    at = (Appointment.unit_id == own.unit_id, Appointment.id == own.id)
    await session.execute(select(Appointment.version).where(*at).with_for_update())
    wanted = select(RebookingOffer).where(
        RebookingOffer.unit_id == own.unit_id,
        RebookingOffer.appointment_id == own.id,
        RebookingOffer.answer.is_(None),
    )
    found: RebookingOffer | None = await session.scalar(
        wanted.with_for_update().execution_options(populate_existing=True)
    )
    return found


async def _over(session: AsyncSession, own: OwnAppointment) -> OfferOver:
    nearest: list[dict[str, Any]] = await availability.nearest_free(
        session, own.unit_id, own.service, own.start_at, own.person_id, last=last_open_day(own.timezone)
    )
    return OfferOver(extra={"alternatives": nearest})


async def record_call(session: AsyncSession, actor: Staff, folio: str) -> int:
    """Record that staff rang and got no answer; returns how often that happened.

    Raises:
        NotFound: there is no such appointment, or it isn't the actor's. OfferOver: they answered meanwhile.
    """
    own = await own_appointment(session, actor, folio)
    offer = await lock_offer(session, own)
    if offer is None:
        raise await _over(session, own)
    offer.calls, offer.called_at = offer.calls + 1, clock.now()
    await session.flush()
    event = RebookingCallRecorded(
        subject_id=own.id,
        person_id=own.person_id,
        unit_id=own.unit_id,
        service=own.service,
        folio=own.folio,
        offer_id=offer.id,
        calls=offer.calls,
    )
    await record(session, actor, event)
    return offer.calls
