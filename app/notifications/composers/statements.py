"""The message about a year's statement, to who asked for it. The figures are on the page, behind the sign-in."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.consumers import Event
from app.kernel.i18n import gettext as _
from app.notifications import contacts
from app.notifications.composers.notices import Notice, address_of, for_each
from app.notifications.contacts import SMS, Recipient
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
        values = {"year": year, "url": url}
        subject = _("Su resumen de %(year)s está listo") % values
        if reader.channel == SMS:
            text = _("Su resumen de %(year)s: cuanto le ahorro el portal. %(url)s")
            return Notice(reader, subject, text % values, url)
        lines = [
            _("Ya puede ver cuánto tiempo y dinero le ahorró el portal en %(year)s, y corregirlo si no fue así:")
            % values,
            "",
            url,
            "",
            _("Usted pidió este aviso. En esa misma página puede dejar de recibirlo."),
        ]
        return Notice(reader, subject, "\n".join(lines), url)

    return for_each(await contacts.find_recipients(session, event.person_id, None, event), to)
