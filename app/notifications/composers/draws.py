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
    Values,
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


def about_missed(day: date) -> MessageText:
    """That a seat was the person's, whom no message reaches: for staff to pass on."""
    flags = {"sin_lugar": False, "retirado": False, "sin_contacto": True}
    values: Values = {"dia": format_day(day), "enlace": None, **flags}
    return say(DrawWithoutSeat.type, values, channel=EMAIL, link=None)


def _text(event: Event, channel: str, url: str | None) -> MessageText:
    day = format_day(date.fromisoformat(event.payload["on_date"]))
    # An event of before this was recorded doesn't say whether the draw was withdrawn: it wasn't.
    is_withdrawn = bool(event.payload.get("is_withdrawn"))
    values: Values = {
        "dia": day,
        "sin_lugar": not is_withdrawn,
        "retirado": is_withdrawn,
        "sin_contacto": False,
        "enlace": url,
    }
    return say(DrawWithoutSeat.type, values, channel=channel, link=url)
