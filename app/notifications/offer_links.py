"""The link in the message of an offer of the wait list: it answers this offer and does nothing else.

Its token is made from the message's id with the portal's key; it names no one and isn't stored with the message. It
expires with the offer, and with the contact that the message was sent to.
"""

import base64
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.wait_list import OfferView, offer_view
from app.identity.service.accounts import account_of
from app.kernel import clock, crypto
from app.kernel.actor import Anonymous, Assurance, Channel, Citizen
from app.kernel.problems import NotFound
from app.notifications.contacts import known_contacts
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
    is_valid: bool
    """Whether the message went to a contact that is still the person's, and no account is frozen."""

    @property
    def is_open(self) -> bool:
        """Whether the offer can be answered by it."""
        return self.is_valid and self.offer.is_open(clock.now())


async def read_offer_link(session: AsyncSession, token: str) -> OfferLink:
    """Return what a link is about.

    Raises:
        NotFound: it isn't ours, was changed, or its message was deleted.
    """
    message = await session.get(Message, parse_offer_link(token))
    if message is None:
        raise NotFound
    offer = await offer_view(session, message.subject_id)
    return OfferLink(message, offer, await _is_valid(session, message, offer.person_id))


async def _is_valid(session: AsyncSession, message: Message, about_id: UUID) -> bool:
    for person_id in {message.person_id, about_id}:
        account = await account_of(session, person_id)
        if account is not None and account.frozen_at is not None:
            return False
    needed = Assurance.LOW if message.person_id == about_id else Assurance.FULL
    known = await known_contacts(session, message.person_id, with_former=False)
    sent_to = (message.channel, message.recipient)
    return any(
        one.assurance.reaches(needed) and (one.recipient.channel, one.recipient.address) == sent_to for one in known
    )


def actor_of(link: OfferLink, anonymous: Anonymous) -> Citizen:
    """The person the message was sent to: reading it proves as much as a code to this contact. For someone else they
    act as at the level that messages about others need."""
    assurance = Assurance.LOW if link.message.person_id == link.offer.person_id else Assurance.FULL
    return Citizen(link.message.person_id, Channel.WEB, device=anonymous.device, assurance=assurance)
