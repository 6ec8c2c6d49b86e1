"""What became of messages: of a person's, for staff and for the person; of all, for administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.permissions import Action, require
from app.kernel import clock
from app.kernel.actor import Citizen, Staff
from app.notifications.contacts import PUSH, known_contacts
from app.notifications.delivery_rules import DeliveryState
from app.notifications.models import Message
from app.notifications.reports import delivery_state
from app.notifications.rules import TEST

LIMIT, FAILED_LIMIT = 10, 50
SHOWN_FOR = timedelta(days=30)
FAILED_FOR = timedelta(days=14)
OPEN_ENDS = (DeliveryState.DELIVERED, DeliveryState.FAILED)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a message came, and since when. It has neither text nor address."""

    id: UUID
    kind: str
    channel: str
    created_at: datetime
    state: DeliveryState
    at: datetime
    code: str | None


def _delivery(message: Message) -> Delivery:
    state = delivery_state(message)
    times = {
        DeliveryState.SENT: message.sent_at,
        DeliveryState.DELIVERED: message.delivered_at,
        DeliveryState.DELAYED: message.delayed_at,
        DeliveryState.FAILED: message.failed_at,
    }
    at = times.get(state) or message.created_at
    return Delivery(message.id, message.kind, message.channel, message.created_at, state, at, message.failure_code)


async def _latest(session: AsyncSession, person_id: UUID, limit: int) -> Sequence[Message]:
    wanted = (
        select(Message)
        .where(Message.person_id == person_id, Message.kind != TEST, Message.created_at > clock.now() - SHOWN_FOR)
        .order_by(Message.created_at.desc())
        .limit(limit)
    )
    return (await session.scalars(wanted)).all()


async def deliveries_of(session: AsyncSession, actor: Staff, person_id: UUID) -> list[Delivery]:
    """The last messages to a person whom the actor may see, the latest first.

    Raises:
        WrongRole: the actor's role works no requests.
    """
    require(actor, Action.WORK_REQUESTS)
    return [_delivery(one) for one in await _latest(session, person_id, LIMIT)]


async def failed_deliveries(session: AsyncSession, actor: Staff) -> list[tuple[Message, Delivery]]:
    """Messages that were sent and came back in the last two weeks, the latest first; not those to browsers.

    Raises:
        WrongRole: the actor's role doesn't read messages.
    """
    require(actor, Action.READ_MESSAGES)
    wanted = (
        select(Message)
        .where(Message.failed_at > clock.now() - FAILED_FOR, Message.kind != TEST, Message.channel != PUSH)
        .order_by(Message.failed_at.desc())
        .limit(FAILED_LIMIT)
    )
    found = [(message, _delivery(message)) for message in await session.scalars(wanted)]
    return [(message, one) for message, one in found if one.state is DeliveryState.FAILED]


@dataclass(frozen=True, slots=True)
class Unreached:
    """A contact of a person whose last message came back."""

    channel: str
    address: str
    kind: str
    at: datetime


async def unreached_contacts(session: AsyncSession, actor: Citizen) -> list[Unreached]:
    """Of the contacts that the person has now, those whose last message of a known end came back."""
    known = {
        (one.recipient.channel, one.recipient.address)
        for one in await known_contacts(session, actor.person_id, with_former=False)
    }
    ended: dict[tuple[str, str], tuple[Message, Delivery]] = {}
    for message in await _latest(session, actor.person_id, LIMIT * 3):
        one = _delivery(message)
        if one.state in OPEN_ENDS and (message.channel, message.recipient) in known:
            ended.setdefault((message.channel, message.recipient), (message, one))
    return [
        Unreached(message.channel, message.recipient, message.kind, one.at)
        for message, one in ended.values()
        if one.state is DeliveryState.FAILED
    ]
