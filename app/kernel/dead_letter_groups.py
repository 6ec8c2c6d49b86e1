"""Groups of dead letters: those of one consumer or task with the same reason are retried or discarded together."""

from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import ids
from app.kernel.actor import Actor
from app.kernel.dead_letters import Kind
from app.kernel.events import DomainEvent, record
from app.kernel.problems import NotFound


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


# The exception class, before the colon; the message may differ between events.
_REASON = "split_part(reason, ':', 1)"
_WHEN = "CAST(extract(epoch FROM failed_at) * 1000000 AS bigint)"
_GROUPS = text(
    f"""
    SELECT 'event' AS kind, consumer AS name, {_REASON} AS reason, count(*) AS count,
        CAST(max({_WHEN}) AS text) AS last
    FROM dead_letter_event WHERE NOT retry_requested GROUP BY consumer, {_REASON}
    UNION ALL
    SELECT 'job', task_name, '', count(*), CAST(max(id) AS text)
    FROM procrastinate_jobs WHERE status = 'failed' GROUP BY task_name
    ORDER BY 1, 4 DESC, 2, 3
    """
)
_THESE_EVENTS = (
    f"consumer = :name AND {_REASON} = :reason AND NOT retry_requested"
    f" AND {_WHEN} <= CAST(CAST(:last AS text) AS bigint)"
)
_THESE_JOBS = "task_name = :name AND :reason = '' AND status = 'failed' AND id <= CAST(CAST(:last AS text) AS bigint)"
_RETRY = {
    "event": text(f"UPDATE dead_letter_event SET retry_requested = true WHERE {_THESE_EVENTS}"),
    "job": text(
        f"UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL WHERE {_THESE_JOBS}"
    ),
}
_DISCARD = {
    "event": text(f"DELETE FROM dead_letter_event WHERE {_THESE_EVENTS}"),
    "job": text(f"UPDATE procrastinate_jobs SET status = 'cancelled' WHERE {_THESE_JOBS}"),
}


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
    changed: Any = await session.execute(statement, given)
    count = int(changed.rowcount)
    if count == 0:
        raise NotFound
    return count


def _about(group: DeadLetterGroup) -> dict[str, Any]:
    return {"subject_id": ids.new_id(), "kind": group.kind, "name": group.name, "reason": group.reason}
