"""Notifications to the holder about a registration requested by a dependant."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.actor import Assurance
from app.kernel.consumers import Event
from app.notifications import contacts
from app.notifications.composers.notices import (
    MessageText,
    Notice,
    UnaddressedDraft,
    address_of,
    draft_unaddressed,
    for_each,
    notice_of,
    say,
)
from app.notifications.contacts import EMAIL, Recipient
from app.registry.events import RegistrationUndone, RelativeRegistered

KINDS = (RelativeRegistered.type, RegistrationUndone.type)
PAGE = "/mi"


async def compose(session: AsyncSession, event: Event) -> Sequence[Notice | UnaddressedDraft]:
    """Notify the holder once the registration is approved, and if that is undone: their record changed without their
    request. Nothing is sent on request or refusal, which would disclose whether a number belongs to an insured person.
    The message names no one; the page shows who it is at the full level of assurance."""
    if event.person_id is None:
        return []
    readers = await contacts.find_recipients(session, event.person_id, None, event, Assurance.FULL)
    if not readers:
        return await draft_unaddressed(session, event, lambda: about_registration(event.type, EMAIL, None))

    def to(reader: Recipient) -> Notice:
        url = address_of(reader.language, PAGE)
        return notice_of(reader, about_registration(event.type, reader.channel, url))

    return for_each(readers, to)


def about_registration(kind: str, channel: str, url: str | None) -> MessageText:
    """The message, in the current language."""
    return say(kind, {"enlace_familia": url}, channel=channel, link=url)
