"""The message about a year's statement, to who asked for it. The figures are on the page, behind the sign-in."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.consumers import Event
from app.notifications import contacts
from app.notifications.composers.notices import Notice, address_of, for_each, notice_of, say
from app.notifications.contacts import Recipient
from app.notifications.events import YearlyStatementDue

KINDS = (YearlyStatementDue.type,)
STATEMENT_PAGE = "/mi/ahorro"


async def compose(session: AsyncSession, event: Event) -> list[Notice]:
    """Compose one message, with a link to the page."""
    if event.person_id is None:
        return []
    year = int(event.payload["year"])

    def to(reader: Recipient) -> Notice:
        url = address_of(reader.language, f"{STATEMENT_PAGE}?anio={year}")
        text = say(YearlyStatementDue.type, {"anio": str(year), "enlace": url}, channel=reader.channel, link=url)
        return notice_of(reader, text)

    return for_each(await contacts.find_recipients(session, event.person_id, None, event), to)
