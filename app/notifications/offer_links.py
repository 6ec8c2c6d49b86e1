"""The link in the message of an offer of the wait list: it answers this offer and does nothing else.

Its token is made from the message's id with the portal's key; it names no one and isn't stored with the message. It
expires with the offer, and with the contact that the message was sent to.
"""

import base64
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.own import may_act_for
from app.appointments.queries.wait_list import OfferView, offer_view
from app.kernel import clock, crypto
from app.kernel.actor import Anonymous, Assurance, Channel, Citizen
from app.kernel.problems import NotFound
from app.notifications import contacts
from app.notifications.models import Message

OFFER_PAGE = "/r/h"
"""Short, and below the links of reminders: a proxy that logs none of those logs none of these."""
KEY_PURPOSE = "wait-offer-link"
UUID_BYTES, MAC_BYTES = 16, 11
LENGTH = (UUID_BYTES + MAC_BYTES) // 3 * 4


def sign_offer_link(message_id: UUID) -> str:
    """Return the token of a link."""
    return base64.urlsafe_b64encode(message_id.bytes + _mac(message_id.bytes)).decode()


def _mac(payload: bytes) -> bytes:
    return crypto.hmac_digest(KEY_PURPOSE, payload.hex())[:MAC_BYTES]


def parse_offer_link(token: str) -> UUID:
    """Return the message of a link.

    Raises:
        NotFound: it isn't ours, or was changed.
    """
    if len(token) != LENGTH or not token.isascii():
        raise NotFound
    try:
        whole = base64.b64decode(token, altchars=b"-_", validate=True)
    except ValueError as error:
        raise NotFound from error
    payload, mac = whole[:UUID_BYTES], whole[UUID_BYTES:]
    if not crypto.verify_hmac_digest(KEY_PURPOSE, payload.hex(), mac, length=MAC_BYTES):
        raise NotFound
    return UUID(bytes=payload)


@dataclass(frozen=True, slots=True)
class OfferLink:
    """A link, and its offer as it is."""

    message: Message
    offer: OfferView
    actor: Citizen
    """As whom it acts."""
    is_valid: bool
    """Whether the message went to a contact that is still the person's, they may act still, and no account is
    frozen."""

    @property
    def is_open(self) -> bool:
        """Whether the offer can be answered by it."""
        return self.is_valid and self.offer.is_open(clock.now())


async def read_offer_link(session: AsyncSession, message_id: UUID, anonymous: Anonymous) -> OfferLink:
    """Return what a link is about.

    Raises:
        NotFound: its message was deleted.
    """
    message = await session.get(Message, message_id)
    if message is None:
        raise NotFound
    offer = await offer_view(session, message.subject_id)
    actor = _actor_of(message, offer, anonymous)
    return OfferLink(message, offer, actor, await _is_valid(session, message, offer, actor))


def _actor_of(message: Message, offer: OfferView, anonymous: Anonymous) -> Citizen:
    """The person the message was sent to: reading it proves as much as a code to this contact. For someone else they
    act as at the level that messages about others need."""
    assurance = Assurance.LOW if message.person_id == offer.person_id else Assurance.FULL
    return Citizen(message.person_id, Channel.WEB, device=anonymous.device, assurance=assurance)


async def _is_valid(session: AsyncSession, message: Message, offer: OfferView, actor: Citizen) -> bool:
    reader = contacts.Recipient(message.person_id, message.channel, message.recipient, message.language)
    if await contacts.is_frozen(session, message.person_id, offer.person_id):
        return False
    is_current = await contacts.is_current(session, reader, offer.person_id)
    return is_current and await may_act_for(session, actor, offer.person_id)
