"""Delivery of a requested social-security number: to the registry's contact, never to that of an account."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.consumers import Event
from app.kernel.i18n import gettext as _
from app.notifications import contacts
from app.notifications.composers.notices import Notice, for_each
from app.notifications.contacts import SMS, Recipient
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
        values = {"number": number}
        if reader.channel == SMS:
            body = _("Su numero de seguridad social: %(number)s. No lo comparta.") % values
        else:
            lines = [
                _("Alguien con su CURP pidió su número de seguridad social. Es:"),
                "",
                number,
                "",
                _("Lo enviamos sólo al contacto que tiene su clínica. No lo comparta. Si no lo pidió, no haga nada."),
            ]
            body = "\n".join(lines)
        return Notice(reader, _("El número que pidió"), body)

    return for_each([reader], to)
