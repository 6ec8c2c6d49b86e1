"""Offer freed seats to the wait list: one person at a time, in the published order, until one accepts or none is left.

One transaction at a time works a unit's list. A seat that no one looks at returns to the public by itself: its release
delay, or the hold of its last offer, ends (`LOOK_WITHIN`).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import rules
from app.appointments.events import (
    FreedSeatReleased,
    WaitEntryEnded,
    WaitEntryPaused,
    WaitOfferDeclined,
    WaitOfferEvent,
    WaitOfferExpired,
    WaitOfferMade,
    WaitOfferUnreachable,
    WaitOfferWithdrawn,
)
from app.appointments.queries.wait_list import appointment_waited_with, candidates_of
from app.appointments.service.draw_seats import draw_step, enter, look_at_others
from app.appointments.service.eligibility import is_eligible_now, offer_refusal
from app.appointments.settings import booking_settings
from app.appointments.statements import STATEMENTS
from app.appointments.wait_list import (
    LASTS,
    LOOK_WITHIN,
    MIN_NOTICE,
    MIN_OFFER_LIFE,
    Ask,
    EndReason,
    EntryStatus,
    FreedTime,
    OfferAnswer,
    Outcome,
    Release,
    Wait,
    Waiting,
    after_answer,
    expiry_of,
    next_step,
)
from app.appointments.wait_models import FreedSeat, HoldCount, WaitEntry, WaitOffer
from app.kernel import clock, ids
from app.kernel.actor import Actor, System, doer_of
from app.kernel.events import record
from app.places.queries import zone_of

PORTAL = System("wait-list")
SOON = LOOK_WITHIN / 5
MOST_ENDED, MOST_OFFERED = 100, 20
"""Freed seats of a unit in one transaction: offers that end, and seats that are offered."""
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('wait list ' || :unit_id, 0))")
_DUE_UNITS = STATEMENTS.load("wait_list/due_units")
_DUE_SEATS = STATEMENTS.load("wait_list/due_seats")
_HOLD = STATEMENTS.load("wait_list/hold_for_offer")
_RELEASE = STATEMENTS.load("wait_list/release_seat")
_OVER = STATEMENTS.load("wait_list/entries_over")
_LINK = STATEMENTS.load("wait_list/link_appointments")
_LIST_MISSED = STATEMENTS.load("wait_list/list_missed")
_WORKED = STATEMENTS.load("wait_list/worked_units")
_STALE = STATEMENTS.load("wait_list/stale_offers")
ANSWERED: dict[OfferAnswer, type[WaitOfferEvent]] = {
    OfferAnswer.DECLINED: WaitOfferDeclined,
    OfferAnswer.EXPIRED: WaitOfferExpired,
    OfferAnswer.UNREACHABLE: WaitOfferUnreachable,
    OfferAnswer.WITHDRAWN: WaitOfferWithdrawn,
}


async def lock_list(session: AsyncSession, unit_id: UUID) -> None:
    """Let only this transaction work the wait list of the unit until it ends."""
    await session.execute(_LOCK, {"unit_id": str(unit_id)})


async def due_units(session: AsyncSession) -> Sequence[UUID]:
    """The units with freed seats that are due to be looked at."""
    return (await session.scalars(_DUE_UNITS, {"now": clock.now()})).all()


async def look(session: AsyncSession, unit_id: UUID) -> bool:
    """Bring the wait list of a unit up to date: entries that are over end, offers that expired are answered, and every
    freed seat that no one is asked about is offered to the next in order, reserved until the morning, or released.
    Of many, some at a time: others wait for the list of this unit. Returns whether there may be more. Idempotent."""
    await lock_list(session, unit_id)
    await update_entries(session, unit_id)
    await session.execute(_STALE, {"unit_id": unit_id, "now": clock.now()})
    zone = await zone_of(session, unit_id)
    # Offers end first: who is asked about no seat any more can be asked about each of these.
    for row in await _due(session, unit_id, MOST_ENDED):
        await _end_if_over(session, unit_id, row)
    due = await _due(session, unit_id, MOST_OFFERED)
    for row in due:
        await _look_at(session, unit_id, row, zone)
    return len(due) == MOST_OFFERED


async def _due(session: AsyncSession, unit_id: UUID, most: int) -> Sequence[Any]:
    return (await session.execute(_DUE_SEATS, {"unit_id": unit_id, "now": clock.now(), "most": most})).all()


async def worked_units(session: AsyncSession, units: Iterable[UUID]) -> Sequence[UUID]:
    """Those of these units, in order, where someone waits or a freed seat is the list's."""
    return (await session.scalars(_WORKED, {"units": list(units)})).all()


async def look_for(session: AsyncSession, unit_id: UUID, services: Iterable[str]) -> None:
    """As `look`, after what was freed a moment ago and is in its release delay still became the list's: someone may
    have asked for it just then."""
    await lock_list(session, unit_id)
    now = clock.now()
    given = {
        "unit_id": unit_id,
        "today": clock.today(await zone_of(session, unit_id)),
        "list_from": now + MIN_NOTICE + MIN_OFFER_LIFE,
        "reserved_until": now + LOOK_WITHIN,
        "now": now,
    }
    for service in services:
        await session.execute(_LIST_MISSED, given | {"service": service})
    await look(session, unit_id)


async def update_entries(session: AsyncSession, unit_id: UUID) -> None:
    """End the entries of a unit whose appointment took place or was cancelled, or that no one renewed; and note which
    appointment those have who booked one meanwhile."""
    now = clock.now()
    await session.execute(_LINK, {"unit_id": unit_id, "now": now})
    over = {"unit_id": unit_id, "now": now, "renewed_after": now - LASTS}
    for row in (await session.execute(_OVER, over)).all():
        ended = WaitEntryEnded(
            subject_id=row.id, person_id=row.person_id, unit_id=unit_id, service=row.service, reason=row.end_reason
        )
        await record(session, PORTAL, ended)


async def units_waited_at(session: AsyncSession) -> Sequence[UUID]:
    """The units where someone waits."""
    waits = select(WaitEntry.unit_id).where(WaitEntry.status != EntryStatus.ENDED).distinct()
    return (await session.scalars(waits.order_by(WaitEntry.unit_id))).all()


async def leave_all(session: AsyncSession, person_id: UUID) -> None:
    """Take a person off every list: they closed their account."""
    mine = select(WaitEntry.unit_id, WaitEntry.id).where(
        WaitEntry.person_id == person_id, WaitEntry.status != EntryStatus.ENDED
    )
    for row in (await session.execute(mine.order_by(WaitEntry.unit_id))).all():
        await lock_list(session, row.unit_id)
        await end_entry(session, PORTAL, row.unit_id, row.id, EndReason.LEFT)
        await look(session, row.unit_id)


async def delete_ended(session: AsyncSession, before: datetime, *, holds_before: date) -> None:
    """Delete what ended before an instant: offers, then the entries and freed seats that no offer names; and the counts
    of holds of days before one."""
    await session.execute(delete(WaitOffer).where(WaitOffer.answered_at < before))
    for row in (WaitEntry, FreedSeat):
        named = exists().where(
            WaitOffer.unit_id == row.unit_id,
            (WaitOffer.entry_id if row is WaitEntry else WaitOffer.freed_seat_id) == row.id,
        )
        await session.execute(delete(row).where(row.ended_at < before, ~named))
    await session.execute(delete(HoldCount).where(HoldCount.on_date < holds_before))


async def _end_if_over(session: AsyncSession, unit_id: UUID, row: Any) -> bool:
    """End the open offer of a freed seat if it expired, its entry isn't active, the seat isn't held for it, or its
    person has an appointment that is no later. Returns whether no one is being asked about the seat."""
    if row.offer_id is None:
        return True
    entry = await session.get(WaitEntry, (unit_id, row.entry_id), populate_existing=True)
    is_active = entry is not None and entry.status == EntryStatus.ACTIVE
    if row.hold_id != row.offer_id or not is_active or row.is_no_earlier:
        await end_offer(session, PORTAL, unit_id, row.offer_id, OfferAnswer.WITHDRAWN)
    elif row.expires_at <= clock.now():
        await end_offer(session, PORTAL, unit_id, row.offer_id, OfferAnswer.EXPIRED)
    else:
        await _look_again(session, unit_id, row.id, row.expires_at)
        return False
    return True


async def _look_at(session: AsyncSession, unit_id: UUID, row: Any, zone: str) -> None:
    """What becomes of a freed seat. One that was freed again meanwhile may have an offer of before."""
    if not await _end_if_over(session, unit_id, row):
        return
    is_held = row.state == rules.SeatState.HELD
    is_free = row.state == rules.SeatState.FREE or (is_held and row.held_until <= clock.now())
    if is_free or (is_held and row.is_ours):
        await _offer_next(session, unit_id, row, row.hold_id if is_held and row.is_ours else None, zone)
    else:
        await _end(session, unit_id, row, Outcome.TAKEN)


async def _offer_next(session: AsyncSession, unit_id: UUID, row: Any, before_id: UUID | None, zone: str) -> None:
    """Offer a seat that no one is asked about to the next in order, reserve it until the morning, or release it."""
    now = clock.now()
    freed = FreedTime(row.start_at, row.on_date, row.shift, row.room, row.freed_by)
    if row.draw_id is not None:
        step = await draw_step(session, unit_id, row, freed, zone)
    else:
        step = next_step(await candidates_of(session, unit_id, row.service), freed, now, zone)
    if isinstance(step, Ask):
        if await _ask_first(session, unit_id, row, before_id, step, zone):
            return
        step = Wait(row.public_at) if row.draw_id is not None else Release()
    if isinstance(step, Wait):
        if await _set_free(session, unit_id, row, before_id, row.public_at or step.until + LOOK_WITHIN):
            await _look_again(session, unit_id, row.id, step.until)
        return
    if isinstance(step, Release):
        seat_key = f"{unit_id}{row.room}{row.start_at.isoformat()}{row.seat}"
        delayed = rules.seat_release_at(row.freed_at, booking_settings().release_delay_seconds, seat_key)
        if await _set_free(session, unit_id, row, before_id, row.public_at or max(now, delayed)):
            await _end(session, unit_id, row, Outcome.RETURNED)


async def _ask_first(
    session: AsyncSession, unit_id: UUID, row: Any, before_id: UUID | None, step: Ask, zone: str
) -> bool:
    """Ask the first whom the rules of booking let have the seat; who may have the service no more leaves the list.
    Returns False when there is none."""
    for place, entry in enumerate(step.order, start=1):
        found = await appointment_waited_with(session, entry.person_id, row.service)
        moving = found[1] if found is not None else None
        where = {"unit_id": unit_id, "service": row.service, "room": row.room, "start_at": row.start_at}
        if await offer_refusal(session, entry.person_id, moving, **where) is None:
            if row.draw_id is not None:
                await enter(session, unit_id, row, entry.id, moving)
            order = (entry.place, entry.of) if row.draw_id is not None else (place, len(step.order))
            return await _make(session, unit_id, row, before_id, entry, order, zone)
        if row.draw_id is None and not await is_eligible_now(session, entry.person_id, unit_id, row.service, moving):
            await end_entry(session, PORTAL, unit_id, entry.id, EndReason.NOT_ELIGIBLE)
    return False


async def _make(
    session: AsyncSession,
    unit_id: UUID,
    row: Any,
    before_id: UUID | None,
    entry: Waiting,
    order: tuple[int, int],
    zone: str,
) -> bool:
    """Hold the seat for an offer and record it. When another request is taking the seat, look again."""
    now = clock.now()
    expires_at = expiry_of(row.start_at, entry.wish.notice, now, zone)
    if expires_at is None:
        return False
    offer_id = ids.new_id()
    seat = {"unit_id": unit_id, "room": row.room, "start_at": row.start_at, "seat": row.seat}
    held_until = max(expires_at + LOOK_WITHIN, row.public_at or expires_at)
    wanted = seat | {"before_id": before_id, "offer_id": offer_id, "held_until": held_until, "now": now}
    if (await session.execute(_HOLD, wanted)).one_or_none() is None:
        await _look_again(session, unit_id, row.id, now + SOON)
        return True
    place, candidates = order
    made = WaitOffer(
        **seat,
        id=offer_id,
        entry_id=entry.id,
        freed_seat_id=row.id,
        person_id=entry.person_id,
        service=row.service,
        need=entry.need.value,
        place=place,
        candidates=candidates,
        had_start_at=entry.has,
        made_at=now,
        expires_at=expires_at,
    )
    session.add(made)
    await session.flush()
    event = WaitOfferMade(**_about(made), need=made.need, place=place, candidates=candidates, expires_at=expires_at)
    await record(session, PORTAL, event)
    await _look_again(session, unit_id, row.id, expires_at)
    return True


async def end_offer(
    session: AsyncSession, actor: Actor, unit_id: UUID, offer_id: UUID, answer: OfferAnswer
) -> WaitOffer | None:
    """End an open offer without acceptance: its entry goes on or is paused, and its seat is looked at next. None: it
    was answered before."""
    now = clock.now()
    ended = (
        update(WaitOffer)
        .where(WaitOffer.unit_id == unit_id, WaitOffer.id == offer_id, WaitOffer.answer.is_(None))
        .values(answer=answer.value, answered_at=now, answered_by=doer_of(actor).kind)
        .returning(WaitOffer)
        .execution_options(populate_existing=True)
    )
    offer: WaitOffer | None = await session.scalar(ended)
    if offer is None:
        return None
    await record(session, actor, ANSWERED[answer](**_about(offer)))
    await _look_again(session, unit_id, offer.freed_seat_id, now)
    entry = await lock_entry(session, unit_id, offer.entry_id)
    if entry is not None and entry.draw_id is not None:
        if answer is not OfferAnswer.WITHDRAWN:  # a draw asks each once
            await end_entry(session, PORTAL, unit_id, entry.id, EndReason.DRAW_OVER)
        await look_at_others(session, unit_id, entry.draw_id)
    elif entry is not None and entry.status == EntryStatus.ACTIVE:
        after = after_answer(entry.ignored, answer, offer.made_at, await zone_of(session, unit_id))
        entry.ignored = after.ignored
        if after.is_paused:
            entry.status, entry.version = EntryStatus.PAUSED.value, entry.version + 1
            reason = "unreachable" if answer is OfferAnswer.UNREACHABLE else "ignored"
            await record(session, PORTAL, WaitEntryPaused(**about_entry(entry), reason=reason))
        await session.flush()
    return offer


async def end_entry(session: AsyncSession, actor: Actor, unit_id: UUID, entry_id: UUID, reason: EndReason) -> None:
    """End an entry that is in the list still."""
    entry = await lock_entry(session, unit_id, entry_id)
    if entry is None or entry.status == EntryStatus.ENDED:
        return
    entry.status, entry.end_reason, entry.ended_at = EntryStatus.ENDED.value, reason.value, clock.now()
    entry.version += 1
    await session.flush()
    await record(session, actor, WaitEntryEnded(**about_entry(entry), reason=reason.value))


async def lock_entry(session: AsyncSession, unit_id: UUID, entry_id: UUID) -> WaitEntry | None:
    """An entry as it is now, locked."""
    wanted = select(WaitEntry).where(WaitEntry.unit_id == unit_id, WaitEntry.id == entry_id)
    found: WaitEntry | None = await session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    return found


def about_entry(entry: WaitEntry) -> dict[str, Any]:
    """What each event of an entry says of it."""
    return {
        "subject_id": entry.id,
        "person_id": entry.person_id,
        "unit_id": entry.unit_id,
        "service": entry.service,
    }


def _about(offer: WaitOffer) -> dict[str, Any]:
    return {
        "subject_id": offer.id,
        "person_id": offer.person_id,
        "unit_id": offer.unit_id,
        "service": offer.service,
        "entry_id": offer.entry_id,
        "freed_seat_id": offer.freed_seat_id,
        "room": offer.room,
        "start_at": offer.start_at,
    }


async def _look_again(session: AsyncSession, unit_id: UUID, freed_seat_id: UUID, at: datetime) -> None:
    place = (FreedSeat.unit_id == unit_id, FreedSeat.id == freed_seat_id, FreedSeat.outcome.is_(None))
    await session.execute(update(FreedSeat).where(*place).values(look_at=at))


async def _set_free(session: AsyncSession, unit_id: UUID, row: Any, before_id: UUID | None, at: datetime) -> bool:
    """Let the seat be free from an instant on. False: another request has it just now, so it is looked at soon."""
    seat = {"unit_id": unit_id, "room": row.room, "start_at": row.start_at, "seat": row.seat}
    given = seat | {"before_id": before_id, "free_from": at, "now": clock.now()}
    is_free = (await session.execute(_RELEASE, given)).one_or_none() is not None
    if not is_free:
        await _look_again(session, unit_id, row.id, clock.now() + SOON)
    return is_free


async def _end(session: AsyncSession, unit_id: UUID, row: Any, outcome: Outcome) -> None:
    place = (FreedSeat.unit_id == unit_id, FreedSeat.id == row.id, FreedSeat.outcome.is_(None))
    await session.execute(update(FreedSeat).where(*place).values(outcome=outcome.value, ended_at=clock.now()))
    ended = FreedSeatReleased(
        subject_id=row.id,
        unit_id=unit_id,
        service=row.service,
        room=row.room,
        start_at=row.start_at,
        outcome=outcome.value,
    )
    await record(session, PORTAL, ended)
