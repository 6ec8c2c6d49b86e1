"""Dead letters: events that a consumer could not process and jobs that used up their attempts. They are stored until an
administrator retries or discards them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Delete, TextClause, Update, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock, ids
from app.kernel.actor import Actor
from app.kernel.db import Base, rows_written
from app.kernel.events import DomainEvent, record
from app.kernel.parsing import whole_number
from app.kernel.problems import NotFound
from app.kernel.statements import KERNEL

log = structlog.get_logger(__name__)

LIST_LIMIT = 200

Kind = Literal["event", "job"]


class DeadLetterEvent(Base):
    """An event that a consumer could not process, and why. `retry_requested`: it is retried at the next step."""

    __tablename__ = "dead_letter_event"

    consumer: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str]
    failed_at: Mapped[datetime]
    retry_requested: Mapped[bool] = mapped_column(server_default=text("false"))


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter. `key` identifies it within its kind; `name` is the consumer or the task."""

    kind: Kind
    key: str
    name: str
    reason: str | None
    failed_at: datetime | None
    retry_requested: bool = False


@dataclass(frozen=True, kw_only=True)
class WorkRetried(DomainEvent):
    """An administrator retried a dead letter. The subject is the event, or the job's number."""

    type: ClassVar[str] = "work.retried"
    kind: str
    name: str


@dataclass(frozen=True, kw_only=True)
class WorkDiscarded(DomainEvent):
    """An administrator discarded a dead letter. The subject is the event, or the job's number."""

    type: ClassVar[str] = "work.discarded"
    kind: str
    name: str


_JOBS = KERNEL.load("dead_letters/jobs")
_RETRY_JOB = KERNEL.load("dead_letters/retry_job")
_DISCARD_JOB = KERNEL.load("dead_letters/discard_job")


async def add(session: AsyncSession, consumer: str, event_id: UUID, reason: str) -> None:
    """Add an event with its reason, or update the reason."""
    log.error("event_dead_lettered", consumer=consumer, event_id=str(event_id))
    values = {"reason": reason, "failed_at": clock.now(), "retry_requested": False}
    row = insert(DeadLetterEvent).values(consumer=consumer, event_id=event_id, **values)
    await session.execute(row.on_conflict_do_update(index_elements=["consumer", "event_id"], set_=values))


async def remove(session: AsyncSession, consumer: str, event_id: UUID) -> None:
    """Remove an event that was processed after all."""
    await session.execute(delete(DeadLetterEvent).where(*_one(consumer, event_id)))


async def list_dead_letters(session: AsyncSession) -> list[DeadLetter]:
    """List dead letters, events first, each kind oldest first."""
    rows = await session.scalars(select(DeadLetterEvent).order_by(DeadLetterEvent.failed_at).limit(LIST_LIMIT))
    events = [
        DeadLetter(
            "event", f"{row.consumer}:{row.event_id}", row.consumer, row.reason, row.failed_at, row.retry_requested
        )
        for row in rows
    ]
    jobs = await session.execute(_JOBS, {"limit": LIST_LIMIT})
    return events + [DeadLetter("job", str(row.id), row.task_name, None, row.at) for row in jobs]


async def retry(session: AsyncSession, actor: Actor, kind: Kind, key: str) -> None:
    """Retry a dead letter, with its attempts reset.

    Raises:
        NotFound: there is no such dead letter.
    """
    again = update(DeadLetterEvent).values(retry_requested=True)
    name, subject = await _apply(session, kind, key, again, _RETRY_JOB)
    await record(session, actor, WorkRetried(subject_id=subject, kind=kind, name=name))


async def discard(session: AsyncSession, actor: Actor, kind: Kind, key: str) -> None:
    """Discard a dead letter.

    Raises:
        NotFound: there is no such dead letter.
    """
    name, subject = await _apply(session, kind, key, delete(DeadLetterEvent), _DISCARD_JOB)
    await record(session, actor, WorkDiscarded(subject_id=subject, kind=kind, name=name))


async def _apply(
    session: AsyncSession, kind: Kind, key: str, of_event: Update | Delete, of_job: TextClause
) -> tuple[str, UUID]:
    """Apply a statement to one dead letter; return its name and the event's subject id."""
    if kind == "event":
        consumer, event_id = _parts(key)
        one = of_event.where(*_one(consumer, event_id)).returning(DeadLetterEvent.consumer)
        name, subject = await session.scalar(one), event_id
    else:
        number = _number(key)
        name, subject = await session.scalar(of_job, {"id": number}), UUID(int=number)
    if name is None:
        raise NotFound
    return name, subject


def _one(consumer: str, event_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return DeadLetterEvent.consumer == consumer, DeadLetterEvent.event_id == event_id


def _parts(key: str) -> tuple[str, UUID]:
    consumer, _colon, event_id = key.rpartition(":")
    try:
        return consumer, UUID(event_id)
    except ValueError as error:
        raise NotFound from error


def _number(key: str) -> int:
    try:
        return whole_number(key)
    except ValueError as error:
        raise NotFound from error


@dataclass(frozen=True, slots=True)
class DeadLetterGroup:
    """Dead letters of a consumer or task (`name`) with the same `reason`: the exception class (empty for jobs, whose
    errors are in the log). `last` identifies the newest: actions apply up to it, so to what was shown."""

    kind: Kind
    name: str
    reason: str
    count: int
    last: str


@dataclass(frozen=True, kw_only=True)
class WorkGroupRetried(DomainEvent):
    """An administrator retried a group of dead letters. The subject is a new id for each action."""

    type: ClassVar[str] = "work.group-retried"
    kind: str
    name: str
    reason: str
    count: int


@dataclass(frozen=True, kw_only=True)
class WorkGroupDiscarded(DomainEvent):
    """An administrator discarded a group of dead letters. The subject is a new id for each action."""

    type: ClassVar[str] = "work.group-discarded"
    kind: str
    name: str
    reason: str
    count: int


_GROUPS = KERNEL.load("dead_letters/groups")
_RETRY = {kind: KERNEL.load(f"dead_letters/retry_{kind}s") for kind in ("event", "job")}
_DISCARD = {kind: KERNEL.load(f"dead_letters/discard_{kind}s") for kind in ("event", "job")}


async def groups(session: AsyncSession) -> list[DeadLetterGroup]:
    """List the groups by kind, name and reason, the largest of each kind first."""
    return [DeadLetterGroup(*row) for row in (await session.execute(_GROUPS)).all()]


async def retry_group(session: AsyncSession, actor: Actor, group: DeadLetterGroup) -> int:
    """Retry a whole group, each with its attempts reset; return how many.

    Raises:
        NotFound: the group no longer exists.
    """
    count = await _change(session, _RETRY[group.kind], group)
    await record(session, actor, WorkGroupRetried(**_about(group), count=count))
    return count


async def discard_group(session: AsyncSession, actor: Actor, group: DeadLetterGroup) -> int:
    """Discard a whole group; return how many.

    Raises:
        NotFound: the group no longer exists.
    """
    count = await _change(session, _DISCARD[group.kind], group)
    await record(session, actor, WorkGroupDiscarded(**_about(group), count=count))
    return count


async def find_groups(session: AsyncSession, kind: Kind, name: str, reason: str | None) -> list[DeadLetterGroup]:
    """Find the groups of a consumer or task, of one reason or of any.

    Raises:
        NotFound: there is none.
    """
    found = [
        group
        for group in await groups(session)
        if (group.kind, group.name) == (kind, name) and reason in {None, group.reason}
    ]
    if not found:
        raise NotFound
    return found


async def _change(session: AsyncSession, statement: TextClause, group: DeadLetterGroup) -> int:
    given = {"name": group.name, "reason": group.reason, "last": group.last}
    count = await rows_written(session, statement, given)
    if count == 0:
        raise NotFound
    return count


def _about(group: DeadLetterGroup) -> dict[str, Any]:
    return {"subject_id": ids.new_id(), "kind": group.kind, "name": group.name, "reason": group.reason}
