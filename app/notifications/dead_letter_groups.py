"""Dead-letter messages grouped by kind, channel and reason, retried or resolved in batches, up to the newest one
listed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.permissions import Action, require
from app.kernel import ids
from app.kernel.actor import Actor, Staff
from app.kernel.events import record
from app.kernel.statements import StatementFiles
from app.notifications import service
from app.notifications.composers import codes
from app.notifications.events import MessageGroupResolved, MessageGroupRetried
from app.notifications.models import Message
from app.notifications.problems import CodeNotRetried

BATCH = 1000
"""Batch size of one transaction."""
START = UUID(int=0)

_STATEMENTS = StatementFiles("app.notifications")
_GROUPS = _STATEMENTS.load("dead_letter_groups")
_PICK = _STATEMENTS.load("pick_dead_letters")


@dataclass(frozen=True, slots=True)
class MessageGroup:
    """Dead-letter messages of one kind, channel and reason. `last` is the newest: actions on the group stop there."""

    kind: str
    channel: str
    reason: str
    count: int
    last: UUID

    @property
    def may_retry(self) -> bool:
        return self.kind != codes.CODE


@dataclass(frozen=True, slots=True)
class LockedBatch:
    """The oldest messages of a group, locked, and the number of messages up to its last."""

    ids: list[UUID]
    count: int


async def list_groups(session: AsyncSession) -> list[MessageGroup]:
    """List the groups, largest first."""
    return [MessageGroup(*row) for row in (await session.execute(_GROUPS)).all()]


async def find_groups(
    session: AsyncSession, kind: str | None, channel: str | None, reason: str | None
) -> list[MessageGroup]:
    """List the groups of a kind, a channel and a reason; None matches any."""
    return [
        group
        for group in await list_groups(session)
        if kind in {None, group.kind} and channel in {None, group.channel} and reason in {None, group.reason}
    ]


async def lock_batch(session: AsyncSession, group: MessageGroup, *, after: UUID = START) -> LockedBatch:
    """Lock the next batch of a group after a message, oldest first."""
    asked = {
        "kind": group.kind,
        "channel": group.channel,
        "reason": group.reason,
        "after": after,
        "last": group.last,
        "limit": BATCH,
    }
    rows = (await session.execute(_PICK, asked)).all()
    return LockedBatch([row.id for row in rows], rows[0].total if rows else 0)


async def retry_batch(session: AsyncSession, actor: Actor, group: MessageGroup, picked: LockedBatch) -> None:
    """Requeue a batch, with attempts reset; one event records the number.

    Raises:
        WrongRole: the actor's role doesn't manage messages.
        CodeNotRetried: they were sign-in codes.
    """
    _require_reader(actor)
    if not group.may_retry:
        raise CodeNotRetried
    changed = update(Message).where(Message.id.in_(picked.ids)).returning(Message)
    messages = (await session.scalars(changed.values(status="pending", attempts=0, sending_at=None))).all()
    await service.enqueue_messages(session, messages)
    await record(session, actor, MessageGroupRetried(**_about(group), count=len(messages)))


async def resolve_batch(session: AsyncSession, actor: Actor, group: MessageGroup, picked: LockedBatch) -> None:
    """Resolve a batch without sending; one event records the number.

    Raises:
        WrongRole: the actor's role doesn't manage messages.
    """
    _require_reader(actor)
    await session.execute(update(Message).where(Message.id.in_(picked.ids)).values(status="resolved"))
    await record(session, actor, MessageGroupResolved(**_about(group), count=len(picked.ids)))


def _require_reader(actor: Actor) -> None:
    if isinstance(actor, Staff):
        require(actor, Action.READ_MESSAGES)


def _about(group: MessageGroup) -> dict[str, Any]:
    return {"subject_id": ids.new_id(), "kind": group.kind, "by": group.channel, "reason": group.reason}
