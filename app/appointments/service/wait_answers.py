"""Answer an offer of the wait list: one statement takes the seat, moves the appointment or books the first, and ends
the offer and its entry. Two never accept one seat."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import rules, statements
from app.appointments.events import AppointmentMoved, WaitOfferAccepted
from app.appointments.queries import offer as offer_queries
from app.appointments.queries.own import may_act_for, own_appointment
from app.appointments.queries.wait_list import OfferView, appointment_waited_with, offer_view
from app.appointments.rules import Action
from app.appointments.schemas import AppointmentOut
from app.appointments.service.booking import FOLIO_PREFIX, booked_result, booking_parameters
from app.appointments.service.reschedule import change_parameters, changed_result, require_changeable
from app.appointments.service.situation import load, situation
from app.appointments.service.wait_offers import PORTAL, end_offer, lock_list, look
from app.appointments.wait_list import OfferAnswer
from app.appointments.wait_problems import WaitOfferOver
from app.kernel import clock, ids
from app.kernel.actor import Actor, doer_of
from app.kernel.etags import Versions, require_version
from app.kernel.events import event_params, record
from app.kernel.idempotency import IdempotencyRequest, IdempotentResult, replay_result, write_once
from app.kernel.problems import NotFound


async def offer_for(session: AsyncSession, actor: Actor, offer_id: UUID) -> OfferView:
    """An offer of a person whom the actor acts for.

    Raises:
        NotFound: there is none, or it isn't theirs.
    """
    offer = await offer_view(session, offer_id)
    if not await may_act_for(session, actor, offer.person_id):
        raise NotFound
    return offer


async def accept(
    session: AsyncSession, actor: Actor, offer_id: UUID, once: IdempotencyRequest, *, version: Versions = None
) -> IdempotentResult[AppointmentOut]:
    """Take the offered time. The seat of the appointment that it moves is offered to the next in order at once.

    `version`: of the entry. A problem leaves nothing written if the caller's transaction or savepoint ends.

    Raises:
        NotFound: there is no such offer, or it isn't the actor's. Stale. WaitOfferOver: it was answered, expired, or
        its seat was closed. Problem: a rule of booking that refuses by now.
    """
    offer = await offer_for(session, actor, offer_id)
    await lock_list(session, offer.unit_id)
    first = await replay_result(session, actor, once, AppointmentOut)
    if first is not None:
        return first
    offer = await offer_view(session, offer_id, offer.unit_id)
    require_version(version, offer.entry_version)
    if not offer.is_open(clock.now()):
        raise WaitOfferOver
    found = await appointment_waited_with(session, offer.person_id, offer.service)
    moving = found[1] if found is not None else None
    if offer.draw_id is None and offer.appointment_id not in (None, moving):
        raise WaitOfferOver
    target: dict[str, Any] = {
        "unit_id": offer.unit_id,
        "service": offer.service,
        "room": offer.room,
        "start_at": offer.start_at,
    }
    row, now = await load(session, statements.DECIDE_ON_PLACE, actor, offer.person_id, once, moved_id=moving, **target)
    rules.require_allowed(offer.service, situation(row, now))
    answering = {"offer_id": offer.id, "answered_by": doer_of(actor).kind}
    if found is None:
        appointment_id, done = await _book(session, actor, offer, row, once, answering)
    else:
        appointment_id, done = await _move(session, actor, offer, row, once, answering)
    accepted = WaitOfferAccepted(
        subject_id=offer.id,
        person_id=offer.person_id,
        unit_id=offer.unit_id,
        service=offer.service,
        entry_id=offer.entry_id,
        freed_seat_id=offer.freed_seat_id,
        room=offer.room,
        start_at=offer.start_at,
        appointment_id=appointment_id,
    )
    await record(session, actor, accepted)
    await look(session, offer.unit_id)
    return done


async def _book(
    session: AsyncSession,
    actor: Actor,
    offer: OfferView,
    row: Any,
    once: IdempotencyRequest,
    answering: dict[str, Any],
) -> tuple[UUID, IdempotentResult[AppointmentOut]]:
    appointment_id = ids.new_id()
    done = booked_result(row, offer.person_id, ids.new_folio(FOLIO_PREFIX))
    parameters = booking_parameters(actor, row, done.value, appointment_id, offer.id, clock.now())
    made = await write_once(session, actor, once, statements.BOOK_OFFERED, parameters | answering, done)
    if made is None:
        raise WaitOfferOver
    return appointment_id, made


async def _move(
    session: AsyncSession,
    actor: Actor,
    offer: OfferView,
    row: Any,
    once: IdempotencyRequest,
    answering: dict[str, Any],
) -> tuple[UUID, IdempotentResult[AppointmentOut]]:
    folio = await offer_queries.active_folio(session, offer.person_id, offer.service)
    own = await own_appointment(session, actor, folio or "")
    now = clock.now()
    require_changeable(own, Action.MOVE, doer_of(actor).kind, now)
    if offer.start_at >= own.start_at and own.affected is None:
        raise WaitOfferOver  # they moved to an earlier time meanwhile
    done = changed_result(own, room=offer.room, start_at=offer.start_at, status="booked", minutes=offer.minutes)
    event = AppointmentMoved(
        **own.subject,
        minutes=done.value.minutes,
        room=offer.room,
        start_at=offer.start_at,
        from_room=own.room,
        from_start_at=own.start_at,
        version=own.version + 1,
        hold_id=offer.id,
    )
    parameters = change_parameters(actor, own, now) | answering | event_params(actor, event)
    parameters |= {"person_id": own.person_id, "service": own.service}
    moved = await write_once(session, actor, once, statements.MOVE_TO_OFFERED, parameters, done)
    if moved is None:
        raise WaitOfferOver
    return own.id, moved


async def decline(session: AsyncSession, actor: Actor, offer_id: UUID) -> OfferView:
    """The person doesn't want the time: the next in order is asked at once. Declined again, it changes nothing.

    Raises:
        NotFound: there is no such offer, or it isn't the actor's. WaitOfferOver.
    """
    offer = await offer_for(session, actor, offer_id)
    await lock_list(session, offer.unit_id)
    offer = await offer_view(session, offer_id, offer.unit_id)
    if offer.answer == OfferAnswer.DECLINED:
        return offer
    if not offer.is_open(clock.now()):
        raise WaitOfferOver
    await end_offer(session, actor, offer.unit_id, offer.id, OfferAnswer.DECLINED)
    await look(session, offer.unit_id)
    return await offer_view(session, offer_id, offer.unit_id)


async def note_unreachable(session: AsyncSession, offer_id: UUID) -> None:
    """No message reaches the person of an offer: the next in order is asked, and their entry is paused."""
    try:
        offer = await offer_view(session, offer_id)
    except NotFound:
        return  # deleted since
    await lock_list(session, offer.unit_id)
    if await end_offer(session, PORTAL, offer.unit_id, offer.id, OfferAnswer.UNREACHABLE) is not None:
        await look(session, offer.unit_id)
