"""Assistance: a member of staff acts for a person at the counter or on the telephone. Found again with each step; it
ends when staff end it, or after half an hour without one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import AssistanceEnded, AssistanceStarted
from app.identity.models import Assistance
from app.identity.permissions import Action, may_at
from app.kernel import clock, ids
from app.kernel.actor import Actor, Assurance, Channel, Citizen, Helper, Staff, System
from app.kernel.db import Db
from app.kernel.events import record
from app.kernel.problems import Conflict

IDLE = timedelta(minutes=30)
TOUCH_INTERVAL = timedelta(minutes=1)
"""Minimum interval between writes of the last page view, as of a web session."""
BATCH = 200
ATTEMPTS = 3
"""How often it is begun again when another tab began one at the same moment."""
CHANNELS = (Channel.DESK, Channel.PHONE)
_START = (
    insert(Assistance)
    .on_conflict_do_nothing(index_elements=["staff_id", "person_id"], index_where=text("ended_at IS NULL"))
    .returning(Assistance)
)
_USE = text(
    "UPDATE assistance SET seen_at = :now WHERE id = CAST(:id AS uuid) AND staff_id = CAST(:staff AS uuid)"
    " AND ended_at IS NULL AND seen_at > :idle_since AND assurance IS NOT NULL"
    " RETURNING person_id, unit_id, channel, assurance"
)


@dataclass(frozen=True, slots=True)
class Served:
    """An assistance as the person reads of it: who helped by role and unit, how, from when until when."""

    channel: str
    role: str
    unit_id: UUID
    identity: str | None
    document: str | None
    started_at: datetime
    until: datetime | None
    """None while it goes on."""
    ended_by: str | None
    """`staff`, `idle`, or `access`: the account, role, units or sessions of the clerk ended. None while it goes on."""
    id: UUID


async def open_assistance(
    session: AsyncSession, staff: Staff, person_id: UUID, *, lock: bool = False
) -> Assistance | None:
    """The assistance of this person that the member of staff has open, if they still may attend people there."""
    wanted = select(Assistance).where(
        Assistance.staff_id == staff.staff_id, Assistance.person_id == person_id, Assistance.ended_at.is_(None)
    )
    if lock:
        wanted = wanted.with_for_update()
    found = await session.scalar(wanted.execution_options(populate_existing=lock))
    return found if found is not None and is_live(found) and _may(staff, found.unit_id) else None


def is_live(row: Assistance) -> bool:
    """Whether it goes on: it was neither ended nor idle."""
    return row.ended_at is None and row.seen_at + IDLE > clock.now()


def _may(staff: Staff, unit_id: UUID) -> bool:
    return may_at(staff, Action.ATTEND_PEOPLE, unit_id)


async def open_assistances(session: AsyncSession, staff: Staff) -> Sequence[Assistance]:
    """Those that the member of staff has open, the latest first."""
    wanted = select(Assistance).where(Assistance.staff_id == staff.staff_id, Assistance.ended_at.is_(None))
    return [row for row in await session.scalars(wanted.order_by(Assistance.started_at.desc())) if is_live(row)]


async def start(session: AsyncSession, staff: Staff, person_id: UUID, unit_id: UUID, channel: Channel) -> Assistance:
    """Begin to act for a person. The one that is open is ended first, if it is on the other channel; else it goes on.

    Whether the member of staff may is decided before.
    """
    for _ in range(ATTEMPTS):
        found = await _open_row(session, staff, person_id)
        if found is not None:
            if found.channel == channel and is_live(found) and _may(staff, found.unit_id):
                return found
            await end(session, staff, found)
        made = (await session.scalars(_START, _new(staff, person_id, unit_id, channel))).one_or_none()
        if made is not None:
            event = AssistanceStarted(subject_id=made.id, person_id=person_id, unit_id=unit_id)
            await record(session, on_channel(staff, made), event)
            return made
    raise Conflict


def _new(staff: Staff, person_id: UUID, unit_id: UUID, channel: Channel) -> dict[str, Any]:
    now = clock.now()
    return {
        "id": ids.new_id(),
        "person_id": person_id,
        "staff_id": staff.staff_id,
        "unit_id": unit_id,
        "role": staff.role.value,
        "channel": channel.value,
        "asked": [],
        "answers": {},
        "started_at": now,
        "seen_at": now,
    }


async def _open_row(session: AsyncSession, staff: Staff, person_id: UUID) -> Assistance | None:
    """The one that isn't ended, locked: there is one at most. Asked for once in each attempt, so that none is ended
    that another tab began in between."""
    return await session.scalar(
        select(Assistance)
        .where(Assistance.staff_id == staff.staff_id, Assistance.person_id == person_id, Assistance.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def touch(row: Assistance) -> None:
    """Reset the idle time-out, at most once a minute."""
    now = clock.now()
    if row.seen_at + TOUCH_INTERVAL <= now:
        row.seen_at = now


def on_channel(staff: Staff, row: Assistance) -> Staff:
    """The member of staff, on the channel of the assistance."""
    return replace(staff, channel=Channel(row.channel))


def citizen_of(staff: Staff, row: Assistance) -> Citizen | None:
    """The person as an actor whom the member of staff acts for; None until their identity was checked."""
    if row.assurance is None:
        return None
    helper = Helper(on_channel(staff, row), row.id)
    return Citizen(row.person_id, Channel(row.channel), assurance=Assurance(row.assurance), helper=helper)


async def use_assistance(db: Db, staff: Staff, assistance_id: UUID) -> Citizen | None:
    """The person as an actor, by the id of an assistance, which this keeps alive; None when it isn't open for this
    member of staff."""
    now = clock.now()
    asked = {"id": assistance_id, "staff": staff.staff_id, "now": now, "idle_since": now - IDLE}
    row = (await db.execute(_USE, asked)).one_or_none()
    if row is None or not _may(staff, row.unit_id):
        return None
    channel = Channel(row.channel)
    helper = Helper(replace(staff, channel=channel), assistance_id)
    return Citizen(row.person_id, channel, assurance=Assurance(row.assurance), helper=helper)


async def end(session: AsyncSession, staff: Staff, row: Assistance) -> None:
    """End it: nothing more can be done in it, and what was typed is deleted. Ending it again changes nothing."""
    if row.ended_at is not None:
        return
    is_idle = not is_live(row)
    await _end(session, on_channel(staff, row), row, "idle" if is_idle else "staff")


async def _end(session: AsyncSession, actor: Actor, row: Assistance, because: str) -> None:
    row.ended_at = row.seen_at + IDLE if because == "idle" else clock.now()
    row.ended_by, row.answers = because, {}
    await session.flush()
    event = AssistanceEnded(subject_id=row.id, person_id=row.person_id, unit_id=row.unit_id, because=because)
    await record(session, actor, event)


async def end_all_of(session: AsyncSession, actor: Actor, staff_id: UUID) -> None:
    """End every assistance that a member of staff has open: with their account, role, units or sessions, what they had
    begun ends too, and doesn't go on when they have them again."""
    rows = select(Assistance).where(Assistance.staff_id == staff_id, Assistance.ended_at.is_(None))
    for row in (await session.scalars(rows.order_by(Assistance.id).with_for_update())).all():
        await _end(session, actor, row, "access" if is_live(row) else "idle")


async def end_idle(session: AsyncSession) -> int:
    """End a batch of those that were idle; return how many."""
    idle = (
        select(Assistance)
        .where(Assistance.ended_at.is_(None), Assistance.seen_at <= clock.now() - IDLE)
        .order_by(Assistance.seen_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = (await session.scalars(idle)).all()
    for row in rows:
        await _end(session, System("idle-assistances"), row, "idle")
    return len(rows)


async def delete_before(session: AsyncSession, before: datetime) -> int:
    """Delete a batch of those that ended before an instant; return how many."""
    old = select(Assistance).where(Assistance.ended_at < before).order_by(Assistance.id).limit(BATCH)
    rows = (await session.scalars(old)).all()
    for row in rows:
        await session.delete(row)
    await session.flush()
    return len(rows)


async def served_of(session: AsyncSession, person_id: UUID, *, limit: int, after: UUID | None = None) -> list[Served]:
    """Who acted for the person, the latest first, after the one of this id."""
    rows = select(Assistance).where(Assistance.person_id == person_id).order_by(Assistance.id.desc()).limit(limit)
    if after is not None:
        rows = rows.where(Assistance.id < after)
    return [
        Served(
            row.channel,
            row.role,
            row.unit_id,
            row.identity,
            row.document,
            row.started_at,
            row.ended_at or (None if is_live(row) else row.seen_at + IDLE),
            row.ended_by or (None if is_live(row) else "idle"),
            row.id,
        )
        for row in await session.scalars(rows)
    ]
