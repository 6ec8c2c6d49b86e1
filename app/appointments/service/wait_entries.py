"""A person's entry of the wait list: ask to be offered freed times, change which, resume, leave."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import WaitEntryAdded, WaitEntryChanged, WaitEntryResumed
from app.appointments.problems import AlreadyBooked
from app.appointments.queries.own import may_act_for
from app.appointments.queries.wait_list import appointment_waited_with
from app.appointments.service.eligibility import require_eligible
from app.appointments.service.wait_offers import (
    about_entry,
    end_entry,
    end_offer,
    lock_entry,
    lock_list,
    look,
    look_for,
)
from app.appointments.wait_list import EndReason, EntryStatus, OfferAnswer, Wish
from app.appointments.wait_models import WaitEntry, WaitOffer
from app.appointments.wait_problems import WaitEntryOver
from app.kernel import clock, ids
from app.kernel.actor import Actor, doer_of
from app.kernel.db_errors import translate_errors
from app.kernel.etags import Versions, require_version
from app.kernel.events import record
from app.kernel.problems import NotFound

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is waited for: a freed time of a service at a unit, for a person."""

    person_id: UUID
    unit_id: UUID
    service: str


async def add(session: AsyncSession, actor: Actor, asked: Asked, wish: Wish) -> WaitEntry:
    """Put the person on the wait list. If they have an appointment of the service there, an accepted offer moves it;
    else it books their first. A seat that was freed a moment ago is offered at once.

    Raises:
        NotFound: the actor may not act for the person, or there is no such unit. AlreadyWaiting. AlreadyBooked: their
        appointment is at another unit. Problem: the first rule about the person that refuses.
    """
    if not await may_act_for(session, actor, asked.person_id):
        raise NotFound
    found = await appointment_waited_with(session, asked.person_id, asked.service)
    if found is not None and found[0] != asked.unit_id:
        raise AlreadyBooked(extra={"rule": "one-active"})
    moving = found[1] if found is not None else None
    await require_eligible(session, actor, asked.person_id, asked.unit_id, asked.service, moving=moving)
    now = clock.now()
    doer = doer_of(actor)
    entry = WaitEntry(
        unit_id=asked.unit_id,
        id=ids.new_id(),
        person_id=asked.person_id,
        service=asked.service,
        appointment_id=moving,
        weekdays=sorted(wish.weekdays),
        shift=wish.shift,
        room=wish.room,
        notice_hours=wish.notice // HOUR,
        asked_at=now,
        renewed_at=now,
        asked_by_kind=doer.kind,
        asked_by_id=doer.id,
        channel=actor.channel.value,
        status=EntryStatus.ACTIVE.value,
        ignored=0,
        version=1,
    )
    session.add(entry)
    with translate_errors():
        await session.flush()
    await record(session, actor, WaitEntryAdded(**about_entry(entry), appointment_id=moving))
    await look_for(session, entry.unit_id, [entry.service])
    return entry


async def change(
    session: AsyncSession, actor: Actor, entry_id: UUID, wish: Wish, *, version: Versions = None
) -> WaitEntry:
    """Change which times the person would take; their place in the order is as it was. An open offer goes to the
    next in order: else a person could keep its seat from everyone by changing again and again.

    Raises:
        NotFound: there is no such entry, or it isn't the actor's. Stale. WaitEntryOver.
    """
    entry = await _own_open(session, actor, entry_id, version)
    if entry.draw_id is not None:
        raise WaitEntryOver  # whom a draw asks waits for no other time
    entry.weekdays, entry.shift, entry.room = sorted(wish.weekdays), wish.shift, wish.room
    entry.notice_hours = wish.notice // HOUR
    entry.renewed_at, entry.version = clock.now(), entry.version + 1
    await session.flush()
    await record(session, actor, WaitEntryChanged(**about_entry(entry)))
    await _give_up_offer(session, actor, entry)
    await look_for(session, entry.unit_id, [entry.service])
    return entry


async def resume(session: AsyncSession, actor: Actor, entry_id: UUID, *, version: Versions = None) -> WaitEntry:
    """Let a paused entry be offered times again, from its place in the order; one that is active stays as it is.

    Raises:
        NotFound: there is no such entry, or it isn't the actor's. Stale. WaitEntryOver.
    """
    entry = await _own_open(session, actor, entry_id, version)
    if entry.status == EntryStatus.PAUSED:
        entry.status, entry.ignored = EntryStatus.ACTIVE.value, 0
        entry.renewed_at, entry.version = clock.now(), entry.version + 1
        await session.flush()
        await record(session, actor, WaitEntryResumed(**about_entry(entry)))
        await look_for(session, entry.unit_id, [entry.service])
    return entry


async def leave(session: AsyncSession, actor: Actor, entry_id: UUID, *, version: Versions = None) -> None:
    """Take the person off the list. What they were being offered goes to the next in order; their appointment stays.

    Raises:
        NotFound: there is no such entry, or it isn't the actor's. Stale. WaitEntryOver.
    """
    entry = await _own_open(session, actor, entry_id, version)
    await _give_up_offer(session, actor, entry)
    await end_entry(session, actor, entry.unit_id, entry.id, EndReason.LEFT)
    await look(session, entry.unit_id)


async def _own_open(session: AsyncSession, actor: Actor, entry_id: UUID, version: Versions) -> WaitEntry:
    found = await session.scalar(select(WaitEntry).where(WaitEntry.id == entry_id))
    if found is None or not await may_act_for(session, actor, found.person_id):
        raise NotFound
    await lock_list(session, found.unit_id)
    entry = await lock_entry(session, found.unit_id, entry_id)
    if entry is None:
        raise NotFound
    require_version(version, entry.version)
    if entry.status == EntryStatus.ENDED:
        raise WaitEntryOver
    return entry


async def _give_up_offer(session: AsyncSession, actor: Actor, entry: WaitEntry) -> None:
    wanted = select(WaitOffer.id).where(
        WaitOffer.unit_id == entry.unit_id, WaitOffer.entry_id == entry.id, WaitOffer.answer.is_(None)
    )
    offer_id = await session.scalar(wanted)
    if offer_id is not None:
        await end_offer(session, actor, entry.unit_id, offer_id, OfferAnswer.DECLINED)
