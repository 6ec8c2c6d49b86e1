"""Counters: who sits where and for which services; opened, paused, resumed and closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.rules import policy_of
from app.desk.events import CounterClosed as Closed
from app.desk.events import CounterOpened, CounterPaused, CounterResumed, desk_topic
from app.desk.models import CounterSession, DeskTicket
from app.desk.problems import CounterBusy, CounterClosed, CounterTaken
from app.identity.permissions import Action, may_at
from app.identity.problems import WrongRole
from app.kernel import clock, ids
from app.kernel.actor import Staff
from app.kernel.bus import notify
from app.kernel.db import savepoint
from app.kernel.db_errors import constraint_of
from app.kernel.events import record
from app.kernel.problems import NotFound
from app.places.models import Room

ONE_OPEN = ("uq_counter_session_counter", "uq_counter_session_staff")


@dataclass(frozen=True, slots=True)
class Seat:
    """A counter: a window or a room of a unit."""

    unit_id: UUID
    counter: int


async def open_counter(session: AsyncSession, actor: Staff, at: Seat, services: Sequence[str]) -> CounterSession:
    """Sit down at a counter and attend these services.

    Raises:
        WrongRole: the actor doesn't attend people there. NotFound: no such window or room. ServiceUnknown.
        CounterTaken: someone sits there, or the actor sits elsewhere.
    """
    if not may_at(actor, Action.ATTEND_PEOPLE, at.unit_id):
        raise WrongRole
    for service in services:
        policy_of(service)
    if await session.get(Room, (at.unit_id, at.counter)) is None:
        raise NotFound
    now = clock.now()
    opened = CounterSession(
        id=ids.new_id(),
        unit_id=at.unit_id,
        counter=at.counter,
        staff_id=actor.staff_id,
        services=sorted(set(services)),
        status="open",
        opened_at=now,
        changed_at=now,
    )
    try:
        async with savepoint(session):
            session.add(opened)
            await session.flush()
    except IntegrityError as error:
        if constraint_of(error) not in ONE_OPEN:
            raise
        raise CounterTaken from error
    await record(session, actor, CounterOpened(**_of(opened), services=opened.services))
    await notify(session, desk_topic(opened.unit_id))
    return opened


async def pause_counter(session: AsyncSession, actor: Staff) -> CounterSession:
    """Stop calling for a while; the ticket at the counter stays.

    Raises:
        CounterClosed: the actor sits at no counter.
    """
    return await _change(session, actor, "paused", CounterPaused)


async def resume_counter(session: AsyncSession, actor: Staff) -> CounterSession:
    """Go on calling.

    Raises:
        CounterClosed: the actor sits at no counter.
    """
    return await _change(session, actor, "open", CounterResumed)


async def close_counter(session: AsyncSession, actor: Staff) -> CounterSession:
    """Leave the counter.

    Raises:
        CounterClosed: the actor sits at no counter. CounterBusy: with a ticket that isn't ended.
    """
    return await _change(session, actor, "closed", Closed)


async def _change(
    session: AsyncSession,
    actor: Staff,
    status: str,
    event: type[CounterPaused] | type[CounterResumed] | type[Closed],
) -> CounterSession:
    held = await sitting(session, actor)
    if held.status == status:
        return held
    if status == "closed":
        has_ticket = exists().where(DeskTicket.unit_id == held.unit_id, DeskTicket.counter == held.counter)
        if await session.scalar(select(has_ticket)):
            raise CounterBusy
        held.closed_at = clock.now()
    held.status, held.changed_at = status, clock.now()
    await session.flush()
    await record(session, actor, event(**_of(held)))
    await notify(session, desk_topic(held.unit_id))
    return held


async def sitting(session: AsyncSession, actor: Staff) -> CounterSession:
    """Return where the actor sits, locked.

    Raises:
        CounterClosed: nowhere.
    """
    mine = select(CounterSession).where(CounterSession.staff_id == actor.staff_id, CounterSession.status != "closed")
    found: CounterSession | None = await session.scalar(mine.with_for_update())
    if found is None:
        raise CounterClosed
    return found


def _of(held: CounterSession) -> dict[str, Any]:
    return {"subject_id": held.id, "unit_id": held.unit_id, "counter": held.counter}
