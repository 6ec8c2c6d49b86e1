"""Notifications to the holder about a registration requested by a dependant."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.actor import Assurance
from app.kernel.consumers import Event
from app.kernel.i18n import N_
from app.kernel.i18n import gettext as _
from app.notifications import contacts
from app.notifications.composers.notices import (
    MessageText,
    Notice,
    UnaddressedDraft,
    address_of,
    draft_unaddressed,
    for_each,
)
from app.notifications.contacts import EMAIL, SMS, Recipient
from app.notifications.gsm import one_part
from app.registry.events import RegistrationUndone, RelativeRegistered

REGISTERED = (
    N_(
        "Una persona quedó registrada como beneficiaria suya. Lo pidió ella misma, y el personal revisó los documentos"
        " que comprueban el parentesco."
    ),
    N_(
        "Si no corresponde, dígalo en la ventanilla de su clínica, o pida su baja con el trámite «Dar de baja a un"
        " beneficiario»."
    ),
)
UNDONE = (
    N_(
        "El registro de la persona que pidió ser beneficiaria suya se deshizo: el personal revisa otra vez lo que"
        " pidió."
    ),
    N_("No tiene que hacer nada. Si se aprueba, le avisamos."),
)
TEXTS = {RelativeRegistered.type: REGISTERED, RegistrationUndone.type: UNDONE}
KINDS = tuple(TEXTS)
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
        text = about_registration(event.type, reader.channel, address_of(reader.language, PAGE))
        return Notice(reader, text.subject, text.body, text.link)

    return for_each(readers, to)


def about_registration(kind: str, channel: str, url: str | None) -> MessageText:
    """The message, in the current language."""
    subject = _("Cambió su registro de beneficiarios")
    if channel == SMS:
        text = _("Hay un cambio en su familia registrada. Véalo en %(url)s") % {"url": url}
        return MessageText(subject, one_part(text, []), url)
    happened, to_do = TEXTS[kind]
    lines = [_(happened), "", _(to_do)]
    if url is not None:
        lines += ["", _("Sus beneficiarios registrados:"), url]
    return MessageText(subject, "\n".join(lines), url)
