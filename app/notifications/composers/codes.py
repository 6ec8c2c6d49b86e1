"""One-time sign-in codes. The text is rendered only for sending, since the code is encrypted until then."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.labels import until_of, zone_name
from app.identity.events import CodeRequested
from app.identity.rules import Purpose
from app.identity.service.code_delivery import find_code_to_send
from app.kernel import clock
from app.kernel.i18n import gettext as _
from app.kernel.i18n import use_language
from app.notifications import contacts
from app.notifications.composers.notices import MessageText, Notice, address_of, for_each
from app.notifications.contacts import SMS, Recipient
from app.notifications.gsm import one_part
from app.notifications.models import Message

CODE = CodeRequested.type
CHANGING = (Purpose.CONTACT, Purpose.CONFIRM)
NO_LINK = (*CHANGING, Purpose.ASSIST)


async def compose(session: AsyncSession, challenge_id: UUID) -> list[Notice]:
    """Compose a message without its code, which is added at delivery; None if the code belongs to no one."""
    goes = await contacts.code_recipient(session, challenge_id)
    if goes is None:
        return []
    masked_name = await contacts.masked_name_of(session, goes.recipient.person_id, goes.recipient.channel)

    def to(reader: Recipient) -> Notice:
        if goes.is_frozen:
            text = about_frozen(masked_name, channel=reader.channel)
            return Notice(reader, text.subject, text.body)
        if goes.purpose is Purpose.ASSIST:
            return Notice(reader, subject=_("Su código para quien lo atiende"))
        return Notice(reader, subject=_("Su código para entrar"))

    return for_each([goes.recipient], to)


def about_frozen(masked_name: str, *, channel: str) -> MessageText:
    """Render the message sent instead of a code that a frozen account couldn't use, in the current language."""
    subject = _("Su cuenta está detenida")
    if channel == SMS:
        text = _("La cuenta de %(whose)s está detenida. Pida un código en la recepción de su clínica.")
        return MessageText(subject, one_part(text % {"whose": masked_name}, [masked_name]))
    lines = [
        _("La cuenta de %(whose)s está detenida: alguien avisó que no fue usted quien la usó o cambió.")
        % {"whose": masked_name},
        "",
        _("Lleve una identificación a la recepción de su clínica y pida un código. Con él vuelve a entrar."),
        _("Sus citas y trámites siguen en pie."),
    ]
    return MessageText(subject, "\n".join(lines))


async def text_of(session: AsyncSession, message: Message) -> MessageText | None:
    """Render a code's message; None if the code was used, sent, deleted or has expired."""
    code = await find_code_to_send(session, message.subject_id)
    if code is None or code.expires_at <= clock.now():
        return None
    code_for = CodeText(
        code=code.code,
        link=None if code.purpose in NO_LINK else address_of(message.language, f"/entrar/enlace/{code.link}"),
        masked_name=await contacts.masked_name_of(session, message.person_id, message.channel),
        expires_at=code.expires_at,
        zone=await contacts.zone_of(session, message.person_id),
    )
    with use_language(message.language):
        if code.purpose is Purpose.ASSIST:
            return about_assistance(code_for, channel=message.channel)
        return about_code(code_for, channel=message.channel)


@dataclass(frozen=True, slots=True)
class CodeText:
    """A code, its owner (masked) and its expiry. A code that changes a contact has no link, since it signs no one
    in."""

    code: str
    link: str | None
    masked_name: str
    expires_at: datetime
    zone: str


def about_code(sent: CodeText, *, channel: str) -> MessageText:
    """Render the message of a one-time code. The code comes first, where telephones preview and copy it. Families may
    share an address, so the message says whose code it is."""
    values = {"code": sent.code, "whose": sent.masked_name}
    is_change = sent.link is None
    if channel == SMS:
        text = _("%(code)s es el código de %(whose)s. No lo comparta: nadie de la agencia se lo pedirá.") % values
        if is_change:
            text = _("%(code)s es el código de %(whose)s para cambiar su contacto. No lo comparta.") % values
        subject = _("%(code)s es su código para entrar")
        return MessageText(subject % values, one_part(text, [sent.masked_name]), sent.link)
    until = {"hour": until_of(sent.expires_at, sent.zone), "zone": zone_name(sent.zone)}
    lines = [
        _("Su código: %(code)s") % values,
        _("Es de %(whose)s.") % values,
        _("Es válido hasta %(hour)s (%(zone)s), una sola vez.") % until,
        "",
    ]
    if sent.link is not None:
        lines += [_("O abra este enlace en el mismo teléfono o computadora en que lo pidió:"), sent.link, ""]
    else:
        lines += [_("Es para cambiar el correo o teléfono de su cuenta."), ""]
    lines += [_("No lo comparta: nadie de la agencia se lo pedirá. Si usted no lo pidió, no haga nada.")]
    subject = (
        _("%(code)s es su código para cambiar su contacto") if is_change else _("%(code)s es su código para entrar")
    )
    return MessageText(subject % values, "\n".join(lines), sent.link)


def about_assistance(sent: CodeText, *, channel: str) -> MessageText:
    """Render the message of a code that the person reads out to staff who act for them. It opens nothing else."""
    values = {"code": sent.code, "whose": sent.masked_name}
    subject = _("%(code)s es el código para quien lo atiende") % values
    if channel == SMS:
        text = _("%(code)s: dígalo a quien lo atiende ahora en la clínica o por teléfono (%(whose)s).") % values
        return MessageText(subject, one_part(text, [sent.masked_name]))
    until = {"hour": until_of(sent.expires_at, sent.zone), "zone": zone_name(sent.zone)}
    lines = [
        _("Su código: %(code)s") % values,
        _("Es de %(whose)s.") % values,
        _("Es válido hasta %(hour)s (%(zone)s), una sola vez.") % until,
        "",
        _("Dígalo a la persona de la clínica que lo atiende ahora, en la ventanilla o por teléfono."),
        _("Si nadie lo atiende en este momento, no lo diga."),
    ]
    return MessageText(subject, "\n".join(lines))
