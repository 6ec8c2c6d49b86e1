"""Notices to people whom no message can reach: staff of the unit tell them and record it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.permissions import Action, may, require
from app.kernel import clock, ids
from app.kernel.actor import Staff
from app.kernel.consumers import Event
from app.kernel.events import record
from app.kernel.problems import NotFound
from app.notifications.composers import appointments
from app.notifications.composers.notices import Notice, UnaddressedDraft, is_seen_immediately
from app.notifications.events import UnaddressedNoticeResolved
from app.notifications.models import UnaddressedNotice
from app.places.models import Unit
from app.registry.models import Person

LIST_LIMIT = 200


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """An open notice, whom it is for, and the unit that serves them."""

    notice: UnaddressedNotice
    person: Person
    unit: Unit | None


async def add(session: AsyncSession, found: Sequence[UnaddressedDraft], now: datetime) -> None:
    """Store notices, once per event and person."""
    if not found:
        return
    rows = [
        {
            "id": ids.new_id(),
            "event_id": one.event.id,
            "kind": one.event.type,
            "subject_id": one.event.subject_id,
            "person_id": one.person_id,
            "unit_id": one.unit_id,
            "folio": one.event.payload.get("folio"),
            "reason": one.reason.value,
            "subject": one.subject,
            "body": one.body,
            "created_at": now,
        }
        for one in found
    ]
    await session.execute(insert(UnaddressedNotice).on_conflict_do_nothing(), rows)


def whom_it_is_for(
    events: Sequence[Event], written: Sequence[tuple[Event, Notice | UnaddressedDraft]]
) -> list[tuple[Event, UUID]]:
    """The people who learn of each event: by a message, by a notice, or because they did it themselves."""
    learnt = [one for one in events if is_seen_immediately(one)] + [event for event, _one in written]
    found = {(event.id, event.person_id): event for event in learnt}
    found |= {(event.id, one.person_id): event for event, one in written if isinstance(one, UnaddressedDraft)}
    return [(event, person_id) for (_id, person_id), event in found.items() if person_id is not None]


async def supersede(session: AsyncSession, news: Sequence[tuple[Event, UUID]], now: datetime) -> None:
    """What no one has passed on yet about an appointment or a request is outdated once there is later news about it for
    them (the event, and whom it is for): it is marked, and stays in the record."""
    for event, person_id in news:
        if event.payload.get("folio") is None:
            continue
        outdated = (
            update(UnaddressedNotice)
            .where(UnaddressedNotice.subject_id == event.subject_id, UnaddressedNotice.person_id == person_id)
            .where(UnaddressedNotice.event_id < event.id, _OPEN)
        )
        await session.execute(outdated.values(superseded_at=now))


async def take_back(session: AsyncSession, found: Sequence[UnaddressedDraft], now: datetime) -> None:
    """Who was to learn that their time was closed, and to whom no one had passed that on when it was opened again,
    needn't learn of either. What the first had replaced is to be passed on again."""
    for one in found:
        if one.event.type != appointments.REINSTATED:
            continue
        of_them = select(UnaddressedNotice).where(
            UnaddressedNotice.subject_id == one.event.subject_id, UnaddressedNotice.person_id == one.person_id
        )
        earlier = of_them.where(UnaddressedNotice.resolved_at.is_(None)).order_by(UnaddressedNotice.event_id.desc())
        closed = await session.scalar(
            earlier.where(
                UnaddressedNotice.kind == appointments.AFFECTED,
                UnaddressedNotice.event_id < one.event.id,
                UnaddressedNotice.superseded_at == now,
            ).limit(1)
        )
        opened = await session.scalar(of_them.where(UnaddressedNotice.event_id == one.event.id, _OPEN))
        if closed is None or opened is None:
            continue
        opened.superseded_at = now
        before = await session.scalar(
            earlier.where(
                UnaddressedNotice.event_id < closed.event_id,
                UnaddressedNotice.superseded_at == closed.created_at,
                or_(
                    UnaddressedNotice.kind != appointments.REINSTATED,
                    UnaddressedNotice.created_at != UnaddressedNotice.superseded_at,
                ),
            ).limit(1)
        )
        if before is not None:
            before.superseded_at = None
        await session.flush()


_OPEN = and_(UnaddressedNotice.resolved_at.is_(None), UnaddressedNotice.superseded_at.is_(None))


def _visible_to(actor: Staff) -> ColumnElement[bool]:
    """Restrict to the actor's units; notices without a unit are for those who work at all. Decisions on requests aren't
    shown to receptionists."""
    where = true() if actor.unit_ids is None else UnaddressedNotice.unit_id.in_(actor.unit_ids)
    what = UnaddressedNotice.kind.in_(appointments.KINDS) if not may(actor, Action.WORK_REQUESTS) else true()
    return and_(where, what)


async def open_notices(session: AsyncSession, actor: Staff) -> list[OpenNotice]:
    """List those visible to the actor, oldest first.

    Raises:
        WrongRole: the actor's role serves no citizens.
    """
    require(actor, Action.NOTIFY_PEOPLE)
    wanted = (
        select(UnaddressedNotice, Person, Unit)
        .join(Person, Person.id == UnaddressedNotice.person_id)
        .outerjoin(Unit, Unit.id == UnaddressedNotice.unit_id)
        .where(_OPEN, _visible_to(actor))
        .order_by(UnaddressedNotice.id)
        .limit(LIST_LIMIT)
    )
    return [OpenNotice(*row) for row in (await session.execute(wanted)).all()]


async def unaware(session: AsyncSession, unit_id: UUID, folios: Collection[str]) -> set[str]:
    """Those of these appointments at a unit whose time was closed, which no one has passed on to who has no contact."""
    wanted = select(UnaddressedNotice.folio).where(
        UnaddressedNotice.unit_id == unit_id, UnaddressedNotice.kind == appointments.AFFECTED, _OPEN
    )
    found = await session.scalars(wanted.where(UnaddressedNotice.folio.in_(folios)))
    return {folio for folio in found if folio is not None}


async def count_open(session: AsyncSession, actor: Staff) -> int:
    """Count those visible to the actor."""
    wanted = select(func.count()).where(_OPEN, _visible_to(actor))
    return int(await session.scalar(wanted) or 0)


@dataclass(frozen=True, slots=True)
class NoticeSummary:
    """Progress of staff with notices: how many are open, and when the last one was resolved."""

    open: int
    last_given_at: datetime | None


async def notice_summary(
    session: AsyncSession, actor: Staff, *, folio: str | None = None, person_id: UUID | None = None
) -> NoticeSummary:
    """Summarise the notices of one request, or all about a person visible to the actor.

    Raises:
        WrongRole: the actor's role serves no citizens.
    """
    require(actor, Action.NOTIFY_PEOPLE)
    open_ones = func.count().filter(_OPEN)
    wanted = select(open_ones, func.max(UnaddressedNotice.resolved_at)).where(_visible_to(actor))
    if folio is not None:
        wanted = wanted.where(UnaddressedNotice.folio == folio)
    if person_id is not None:
        wanted = wanted.where(UnaddressedNotice.person_id == person_id)
    return NoticeSummary(*(await session.execute(wanted)).one())


async def lock_notice(session: AsyncSession, actor: Staff, notice_id: UUID) -> UnaddressedNotice:
    """Return a notice, locked.

    Raises:
        WrongRole: the actor's role serves no citizens.
        NotFound: there is none, or it isn't the actor's to see.
    """
    require(actor, Action.NOTIFY_PEOPLE)
    wanted = select(UnaddressedNotice).where(UnaddressedNotice.id == notice_id, _visible_to(actor)).with_for_update()
    found: UnaddressedNotice | None = await session.scalar(wanted)
    if found is None:
        raise NotFound
    return found


async def resolve(session: AsyncSession, actor: Staff, notice_id: UUID) -> None:
    """Record that the actor notified the person. Idempotent: an earlier resolution stays. One that later news replaced
    is left: those are to be passed on.

    Raises:
        WrongRole, NotFound: as `lock_notice`.
    """
    notice = await lock_notice(session, actor, notice_id)
    if notice.resolved_at is not None or notice.superseded_at is not None:
        return
    notice.resolved_at, notice.resolved_by = clock.now(), actor.staff_id
    resolved = UnaddressedNoticeResolved(
        subject_id=notice.id,
        person_id=notice.person_id,
        unit_id=notice.unit_id,
        kind=notice.kind,
        event_id=notice.event_id,
    )
    await record(session, actor, resolved)


async def delete_before(session: AsyncSession, before: datetime) -> None:
    """Delete notices resolved or replaced before an instant; open ones stay."""
    ended = or_(UnaddressedNotice.resolved_at < before, UnaddressedNotice.superseded_at < before)
    await session.execute(delete(UnaddressedNotice).where(ended))
