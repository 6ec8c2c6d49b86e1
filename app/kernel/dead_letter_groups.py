"""Dead letters by the group: what stopped in one consumer or task for one reason is retried or discarded at once."""

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
    """How many of a kind stopped in `name` for one reason. `reason` is the kind of error; jobs have theirs in the log.
    `last` is the newest of them: what is done to the group is done up to it, so to what was shown."""

    kind: Kind
    name: str
    reason: str
    count: int
    last: str


@dataclass(frozen=True, kw_only=True)
class WorkGroupRetried(DomainEvent):
    """An administrator had all work that stopped for one reason tried again. The subject is new for each time."""

    type: ClassVar[str] = "work.group-retried"
    kind: str
    name: str
    reason: str
    count: int


@dataclass(frozen=True, kw_only=True)
class WorkGroupDiscarded(DomainEvent):
    """An administrator discarded all work that stopped for one reason. The subject is new for each time."""

    type: ClassVar[str] = "work.group-discarded"
    kind: str
    name: str
    reason: str
    count: int


# The class of the error before the colon: what follows may differ from one event to the next.
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
    """What stopped, by kind, name and reason; the largest groups of a kind first."""
    return [DeadLetterGroup(*row) for row in (await session.execute(_GROUPS)).all()]


async def retry_group(session: AsyncSession, actor: Actor, group: DeadLetterGroup) -> int:
    """Have all of it tried again, each with a fresh set of tries; returns how many.

    Raises:
        NotFound: none of it is there any more.
    """
    count = await _change(session, _RETRY[group.kind], group)
    await record(session, actor, WorkGroupRetried(**_about(group), count=count))
    return count


async def discard_group(session: AsyncSession, actor: Actor, group: DeadLetterGroup) -> int:
    """Discard all of it: it was dealt with in another way; returns how many.

    Raises:
        NotFound: none of it is there any more.
    """
    count = await _change(session, _DISCARD[group.kind], group)
    await record(session, actor, WorkGroupDiscarded(**_about(group), count=count))
    return count


async def find_groups(session: AsyncSession, kind: Kind, name: str, reason: str | None) -> list[DeadLetterGroup]:
    """The groups of a name, of one reason or of any.

    Raises:
        NotFound: nothing stopped there.
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
