"""What people must be told and no message can tell them: the staff of the unit see it, tell them, and say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.dependencies import require_role
from app.kernel import clock, ids
from app.kernel.actor import Role, Staff
from app.kernel.events import record
from app.kernel.problems import NotFound
from app.notifications.composers import appointments
from app.notifications.composers.notices import UnaddressedDraft
from app.notifications.events import UnaddressedNoticeResolved
from app.notifications.models import UnaddressedNotice
from app.places.models import Unit
from app.registry.models import Person

NOTIFIER_ROLES = (Role.RECEPTIONIST, Role.OFFICER, Role.SUPERVISOR, Role.ADMIN)
LIST_LIMIT = 200


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """A notice that nobody gave yet, whom to tell, and where they are attended."""

    notice: UnaddressedNotice
    person: Person
    unit: Unit | None


async def add(session: AsyncSession, found: Sequence[UnaddressedDraft]) -> None:
    """Store them, once per event and person."""
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
            "created_at": clock.now(),
        }
        for one in found
    ]
    await session.execute(insert(UnaddressedNotice).on_conflict_do_nothing(), rows)


def _visible_to(actor: Staff) -> ColumnElement[bool]:
    """Those of the actor's units; of no unit, for who works at every one. What was decided of a request isn't for
    reception."""
    where = true() if actor.unit_ids is None else UnaddressedNotice.unit_id.in_(actor.unit_ids)
    what = UnaddressedNotice.kind.in_(appointments.KINDS) if actor.role is Role.RECEPTIONIST else true()
    return and_(where, what)


async def open_notices(session: AsyncSession, actor: Staff) -> list[OpenNotice]:
    """What the actor may see of it, oldest first.

    Raises:
        WrongRole: the actor's role attends nobody.
    """
    require_role(actor, NOTIFIER_ROLES)
    wanted = (
        select(UnaddressedNotice, Person, Unit)
        .join(Person, Person.id == UnaddressedNotice.person_id)
        .outerjoin(Unit, Unit.id == UnaddressedNotice.unit_id)
        .where(UnaddressedNotice.resolved_at.is_(None), _visible_to(actor))
        .order_by(UnaddressedNotice.id)
        .limit(LIST_LIMIT)
    )
    return [OpenNotice(*row) for row in (await session.execute(wanted)).all()]


async def count_open(session: AsyncSession, actor: Staff) -> int:
    """How many the actor may see."""
    wanted = select(func.count()).where(UnaddressedNotice.resolved_at.is_(None), _visible_to(actor))
    return int(await session.scalar(wanted) or 0)


@dataclass(frozen=True, slots=True)
class NoticeSummary:
    """How far staff are with whom no message reaches: notices still to be given, and when the last one was."""

    open: int
    last_given_at: datetime | None


async def notice_summary(
    session: AsyncSession, actor: Staff, *, folio: str | None = None, person_id: UUID | None = None
) -> NoticeSummary:
    """The same of one request, or of all that the actor may see about a person.

    Raises:
        WrongRole: the actor's role attends nobody.
    """
    require_role(actor, NOTIFIER_ROLES)
    open_ones = func.count().filter(UnaddressedNotice.resolved_at.is_(None))
    wanted = select(open_ones, func.max(UnaddressedNotice.resolved_at)).where(_visible_to(actor))
    if folio is not None:
        wanted = wanted.where(UnaddressedNotice.folio == folio)
    if person_id is not None:
        wanted = wanted.where(UnaddressedNotice.person_id == person_id)
    return NoticeSummary(*(await session.execute(wanted)).one())


async def lock_notice(session: AsyncSession, actor: Staff, notice_id: UUID) -> UnaddressedNotice:
    """One of them, locked.

    Raises:
        WrongRole: the actor's role attends nobody.
        NotFound: there is none, or it isn't the actor's to see.
    """
    require_role(actor, NOTIFIER_ROLES)
    wanted = select(UnaddressedNotice).where(UnaddressedNotice.id == notice_id, _visible_to(actor)).with_for_update()
    found: UnaddressedNotice | None = await session.scalar(wanted)
    if found is None:
        raise NotFound
    return found


async def resolve(session: AsyncSession, actor: Staff, notice_id: UUID) -> None:
    """The actor told the person. What somebody resolved before stays as it is.

    Raises:
        WrongRole, NotFound: as `lock_notice`.
    """
    notice = await lock_notice(session, actor, notice_id)
    if notice.resolved_at is not None:
        return
    notice.resolved_at, notice.resolved_by = clock.now(), actor.staff_id
    told = UnaddressedNoticeResolved(
        subject_id=notice.id,
        person_id=notice.person_id,
        unit_id=notice.unit_id,
        kind=notice.kind,
        event_id=notice.event_id,
    )
    await record(session, actor, told)


async def delete_before(session: AsyncSession, before: datetime) -> None:
    """Delete what was told before an instant; what nobody told stays."""
    await session.execute(delete(UnaddressedNotice).where(UnaddressedNotice.resolved_at < before))
