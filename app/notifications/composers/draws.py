"""The message that no seat of a draw was left for a person. Who gets one is asked as the wait list asks."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.release_events import DrawWithoutSeat
from app.kernel.consumers import Event
from app.kernel.i18n import format_day
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

KINDS = (DrawWithoutSeat.type,)
REGISTRATION_PAGE = "/citas/registros"


async def compose(session: AsyncSession, event: Event) -> Sequence[Notice | UnaddressedDraft]:
    """Compose one message, with a link to the registration."""
    if event.person_id is None:
        return []
    readers = await contacts.find_recipients(session, event.person_id, None, event)
    if not readers:
        return await draft_unaddressed(session, event, lambda: _text(event, EMAIL, None))

    def to(reader: Recipient) -> Notice:
        url = address_of(reader.language, f"{REGISTRATION_PAGE}/{event.subject_id}")
        return notice_of(reader, _text(event, reader.channel, url))

    return for_each(readers, to)


def _text(event: Event, channel: str, url: str | None) -> MessageText:
    values = {"dia": format_day(date.fromisoformat(event.payload["on_date"])), "enlace": url or ""}
    return say(DrawWithoutSeat.type, values, channel=channel, link=url)
