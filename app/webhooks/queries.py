"""Reads of webhooks for administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.permissions import Action, require
from app.kernel.actor import Staff, System
from app.kernel.problems import NotFound
from app.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery
from app.webhooks.rules import DisabledBecause, Status

LIST_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Counts:
    """Deliveries of a webhook that aren't taken yet, and those that won't be."""

    pending: int = 0
    dead_letters: int = 0


async def list_webhooks(session: AsyncSession, actor: Staff | System) -> Sequence[Webhook]:
    """Return all webhooks, those that are enabled first, then by name.

    Raises:
        WrongRole.
    """
    _require(actor)
    chosen = select(Webhook).order_by(Webhook.disabled_at.is_not(None), Webhook.name, Webhook.id).limit(LIST_LIMIT)
    return (await session.scalars(chosen)).all()


async def find_webhook(session: AsyncSession, actor: Staff | System, webhook_id: UUID) -> Webhook:
    """Return a webhook.

    Raises:
        WrongRole; NotFound.
    """
    _require(actor)
    found = await session.get(Webhook, webhook_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def counts_of(session: AsyncSession, webhook_ids: Sequence[UUID]) -> dict[UUID, Counts]:
    """Return the counts of some webhooks."""
    chosen = (
        select(WebhookDelivery.webhook_id, WebhookDelivery.status, func.count())
        .where(WebhookDelivery.webhook_id.in_(webhook_ids), WebhookDelivery.status != Status.DELIVERED)
        .group_by(WebhookDelivery.webhook_id, WebhookDelivery.status)
    )
    found = {(row[0], row[1]): row[2] for row in (await session.execute(chosen)).all()}
    return {
        one: Counts(found.get((one, Status.PENDING.value), 0), found.get((one, Status.DEAD_LETTER.value), 0))
        for one in webhook_ids
    }


async def count_stopped(session: AsyncSession) -> int:
    """Return how many webhooks are disabled because of their endpoints."""
    stopped = select(func.count()).where(
        Webhook.disabled_because.in_((DisabledBecause.FAILING, DisabledBecause.REFUSED))
    )
    return await session.scalar(stopped) or 0


async def list_attempts(
    session: AsyncSession, webhook_id: UUID, *, limit: int, after: UUID | None = None
) -> Sequence[WebhookAttempt]:
    """Return the attempts of a webhook, the latest first."""
    chosen = select(WebhookAttempt).where(WebhookAttempt.webhook_id == webhook_id)
    if after is not None:
        chosen = chosen.where(WebhookAttempt.id < after)
    return (await session.scalars(chosen.order_by(WebhookAttempt.id.desc()).limit(limit))).all()


def _require(actor: Staff | System) -> None:
    if isinstance(actor, Staff):
        require(actor, Action.MANAGE_WEBHOOKS)
