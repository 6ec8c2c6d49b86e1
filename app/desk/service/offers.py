"""Freed appointments offered to those who wait without one, in the order in which they are called; every offer and its
answer is recorded. One change of a unit's offers at a time: no time goes to two tickets, no ticket gets two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.own import presented_appointment
from app.appointments.service import booking, holds
from app.appointments.service.eligibility import may_have_here
from app.appointments.service.holds import Place
from app.desk.events import OfferAccepted, OfferDeclined, OfferEvent, OfferLapsed, OfferMade, desk_topic
from app.desk.models import DeskOffer, DeskTicket
from app.desk.problems import OfferOver
from app.desk.queries.offers import OfferView, freed_at, offer_view, open_offers, walk_ins_at
from app.desk.rules.offers import (
    Freed,
    FreedTime,
    OfferStatus,
    WalkIn,
    in_order,
    next_offers,
    to_identify,
    turn_taking,
)
from app.desk.service.tickets import TicketRef, ticket_at
from app.identity.permissions import Action, may_at
from app.kernel import clock, ids
from app.kernel.actor import Staff
from app.kernel.bus import notify
from app.kernel.events import record
from app.kernel.idempotency import IdempotencyRequest
from app.kernel.problems import NotFound

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('desk offers ' || :unit_id, 0))")
TODAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OffersNow:
    """What is offered at a unit now. `to_identify`: numbers of tickets that would be offered a time if it were known
    whose they are."""

    offers: list[OfferView]
    to_identify: list[str]


@dataclass(frozen=True, slots=True)
class _State:
    """What offers are made from, and those of today that count."""

    times: dict[tuple[int, datetime, int], FreedTime]
    tickets: dict[UUID, WalkIn]
    numbers: dict[UUID, str]
    people: dict[UUID, UUID]
    rows: Sequence[DeskOffer]

    def with_status(self, status: OfferStatus) -> list[DeskOffer]:
        return [one for one in self.rows if one.status == status]


async def offers_now(session: AsyncSession, actor: Staff, unit_id: UUID) -> OffersNow:
    """The open offers of a unit: those that stand, and those that can be made now, which are recorded as made. One
    whose time passed or was taken, whose ticket waits no more, or whose person can't have it, lapses.

    Raises:
        NotFound: the actor doesn't attend people there.
    """
    await _lock(session, actor, unit_id)
    state = await _state_of(session, unit_id)
    now = clock.now()
    valid = []
    for one in state.with_status(OfferStatus.OPEN):
        time = state.times.get((one.room, one.start_at, one.seat))
        person_id = state.people.get(one.ticket_id)
        if time and _stands(state, one) and await _is_allowed(session, actor, person_id, unit_id, time):
            valid.append(one)
        else:
            await _answered(session, actor, one, OfferStatus.LAPSED, OfferLapsed)
    taken = {(one.room, one.start_at, one.seat) for one in valid} | {
        (one.room, one.start_at, one.seat)
        for one in state.with_status(OfferStatus.ACCEPTED)
        if one.freed == Freed.MISSED
    }
    times = [one for key, one in state.times.items() if key not in taken]
    busy = {one.ticket_id for one in valid}
    tickets = [one for one in state.tickets.values() if one.id not in busy]
    declined = {(one.ticket_id, one.start_at) for one in state.with_status(OfferStatus.DECLINED)}
    places: dict[str, list[UUID]] = {}
    for ticket in in_order(state.tickets.values(), now):
        places.setdefault(ticket.service, []).append(ticket.id)
    for time, ticket in await _allowed(session, actor, state, unit_id, times, tickets, declined):
        await _make(session, actor, unit_id, time, ticket, places[ticket.service].index(ticket.id) + 1)
    unknown = [state.numbers[one.id] for one in to_identify(times, tickets, declined, now)]
    return OffersNow(await open_offers(session, unit_id), unknown)


async def accept(
    session: AsyncSession, actor: Staff, unit_id: UUID, ticket_id: UUID, once: IdempotencyRequest
) -> OfferView:
    """The ticket takes the time that it was offered. One that was given back is booked for the ticket's person, and the
    ticket is theirs for that appointment; of an absent person only the place in the queue is taken: they may still
    come, and their appointment isn't anyone else's.

    Raises:
        NotFound: no such ticket, or the actor doesn't attend people there. OfferOver. SlotTaken and the other
        rules of appointments, the time ahead apart.
    """
    await _lock(session, actor, unit_id)
    ticket = await ticket_at(session, actor, TicketRef(unit_id, ticket_id))  # so that no counter calls it meanwhile
    state = await _state_of(session, unit_id)
    offer = _open_offer(state, ticket_id)
    waiting = state.tickets.get(ticket_id)
    if waiting is None or not _stands(state, offer):
        raise OfferOver
    appointment_id = None
    if offer.freed != Freed.MISSED:
        if ticket.person_id is None:
            raise OfferOver
        folio = await _book(session, actor, offer, ticket.person_id, once)
        own = await presented_appointment(session, folio)
        appointment_id = own.id
        ticket.appointment_folio = offer.appointment_folio = folio
    turn = turn_taking(waiting, offer.start_at)
    ticket.due_at, ticket.rank_at, ticket.first_at = offer.start_at, turn.rank_at, turn.first_at
    ticket.version += 1
    await _answered(session, actor, offer, OfferStatus.ACCEPTED, OfferAccepted, appointment_id=appointment_id)
    await notify(session, desk_topic(unit_id))
    return await offer_view(session, unit_id, offer.id)


async def decline(session: AsyncSession, actor: Staff, unit_id: UUID, ticket_id: UUID) -> OfferView:
    """The person doesn't want the time, or can't have it: the ticket keeps its place, isn't offered that hour again,
    and the next in order is.

    Raises:
        NotFound: the actor doesn't attend people there. OfferOver.
    """
    await _lock(session, actor, unit_id)
    offer = _open_offer(await _state_of(session, unit_id), ticket_id)
    await _answered(session, actor, offer, OfferStatus.DECLINED, OfferDeclined)
    return await offer_view(session, unit_id, offer.id)


async def _lock(session: AsyncSession, actor: Staff, unit_id: UUID) -> None:
    """Only this transaction changes the offers of the unit until it ends.

    Raises:
        NotFound: the actor doesn't attend people there.
    """
    if not may_at(actor, Action.ATTEND_PEOPLE, unit_id):
        raise NotFound
    await session.execute(_LOCK, {"unit_id": str(unit_id)})


async def _state_of(session: AsyncSession, unit_id: UUID) -> _State:
    since = clock.now() - TODAY
    of_today = (
        select(DeskOffer)
        .where(DeskOffer.unit_id == unit_id)
        .where(or_(DeskOffer.start_at >= since, DeskOffer.status == OfferStatus.OPEN))
        .execution_options(populate_existing=True)
    )
    rows = (await session.scalars(of_today)).all()
    tickets, numbers, people = await walk_ins_at(session, unit_id)
    times = {one.key: one for one in await freed_at(session, unit_id)}
    return _State(times, {one.id: one for one in tickets}, numbers, people, rows)


def _stands(state: _State, offer: DeskOffer) -> bool:
    """Whether the time is still free for that reason, and the ticket still waits without an appointment."""
    time = state.times.get((offer.room, offer.start_at, offer.seat))
    ticket = state.tickets.get(offer.ticket_id)
    is_free = time is not None and time.freed == offer.freed
    return is_free and ticket is not None and not ticket.has_appointment


async def _allowed(
    session: AsyncSession,
    actor: Staff,
    state: _State,
    unit_id: UUID,
    times: Sequence[FreedTime],
    tickets: Sequence[WalkIn],
    declined: set[tuple[UUID, datetime]],
) -> list[tuple[FreedTime, WalkIn]]:
    """The next offers, each to the first whom the rules of appointments let have it; who can't joins `declined`."""
    while True:
        found = next_offers(times, tickets, declined, clock.now())
        refused = {
            (ticket.id, time.start_at)
            for time, ticket in found
            if not await _is_allowed(session, actor, state.people.get(ticket.id), unit_id, time)
        }
        if not refused:
            return found
        declined |= refused


async def _is_allowed(
    session: AsyncSession, actor: Staff, person_id: UUID | None, unit_id: UUID, time: FreedTime
) -> bool:
    """Whether the rules let a person have a time. For the place of an absent one nothing is booked."""
    if time.freed is Freed.MISSED:
        return True
    if person_id is None:
        return False
    place = {"unit_id": unit_id, "service": time.service, "room": time.room, "start_at": time.start_at}
    return await may_have_here(session, actor, person_id, **place)


def _open_offer(state: _State, ticket_id: UUID) -> DeskOffer:
    for one in state.with_status(OfferStatus.OPEN):
        if one.ticket_id == ticket_id:
            return one
    raise OfferOver


async def _make(
    session: AsyncSession, actor: Staff, unit_id: UUID, time: FreedTime, ticket: WalkIn, place: int
) -> None:
    made = DeskOffer(
        unit_id=unit_id,
        id=ids.new_id(),
        ticket_id=ticket.id,
        service=time.service,
        room=time.room,
        start_at=time.start_at,
        seat=time.seat,
        minutes=time.minutes,
        freed=time.freed.value,
        place=place,
        status=OfferStatus.OPEN.value,
        made_at=clock.now(),
        made_by=actor.staff_id,
    )
    session.add(made)
    await session.flush()
    await _record(session, actor, made, OfferMade, freed=time.freed.value, place=place)


async def _book(
    session: AsyncSession, actor: Staff, offer: DeskOffer, person_id: UUID, once: IdempotencyRequest
) -> str:
    place = Place(offer.unit_id, offer.service, offer.room, offer.start_at)
    hold_once = IdempotencyRequest(f"{once.key}:hold", once.fingerprint)
    held = await holds.hold(session, actor, person_id, place, hold_once, is_here=True)
    book_once = IdempotencyRequest(f"{once.key}:book", once.fingerprint)
    return (await booking.book(session, actor, person_id, held.value.id, book_once, is_here=True)).value.folio


async def _answered(
    session: AsyncSession,
    actor: Staff,
    offer: DeskOffer,
    status: OfferStatus,
    event: type[OfferEvent],
    **more: Any,
) -> None:
    offer.status, offer.answered_at, offer.answered_by = status.value, clock.now(), actor.staff_id
    await session.flush()
    await _record(session, actor, offer, event, **more)


async def _record(session: AsyncSession, actor: Staff, offer: DeskOffer, event: type[OfferEvent], **more: Any) -> None:
    ticket = await session.get_one(DeskTicket, (offer.unit_id, offer.ticket_id))
    happened = event(
        subject_id=offer.id,
        person_id=ticket.person_id,
        unit_id=offer.unit_id,
        service=offer.service,
        ticket_id=offer.ticket_id,
        room=offer.room,
        start_at=offer.start_at,
        **more,
    )
    await record(session, actor, happened)
