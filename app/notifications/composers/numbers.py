"""Delivery of a requested social-security number: to the registry's contact, never to that of an account."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.consumers import Event
from app.notifications import contacts
from app.notifications.composers.notices import Notice, for_each, notice_of, say
from app.notifications.contacts import Recipient
from app.registry.events import NumberReminded

KINDS = (NumberReminded.type,)


async def compose(session: AsyncSession, event: Event) -> list[Notice]:
    """Compose one message to the registered e-mail address, else the telephone. It names no one."""
    if event.person_id is None:
        return []
    found = await contacts.registered_nss(session, event.person_id)
    if found is None:
        return []
    reader, number = found

    def to(reader: Recipient) -> Notice:
        return notice_of(reader, say(NumberReminded.type, {"numero": number}, channel=reader.channel))

    return for_each([reader], to)
