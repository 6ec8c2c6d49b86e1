"""One-time codes to sign in. The words are made only to be sent, since the code is sealed until then."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.words import hour_of, zone_name
from app.identity.events import CodeRequested
from app.identity.service.sending import code_to_send
from app.kernel import clock
from app.kernel.i18n import gettext as _
from app.kernel.i18n import use_language
from app.notifications import sources
from app.notifications.gsm import one_part
from app.notifications.models import Message
from app.notifications.sources import SMS
from app.notifications.writing.notices import Notice, Written, address_of, for_each

CODE = CodeRequested.type


async def write(session: AsyncSession, challenge_id: UUID) -> list[Notice]:
    """A message without the code, which is added when it leaves; none when the code belongs to nobody."""
    recipient = await sources.code_recipient(session, challenge_id)
    told = [recipient] if recipient is not None else []
    return for_each(told, lambda reader: Notice(reader, subject=_("Su código para entrar")))


async def words_of(session: AsyncSession, message: Message) -> Written | None:
    """The words of a code's message; None when it was used, sent or forgotten, or is too old."""
    code = await code_to_send(session, message.subject_id)
    if code is None or code.expires_at <= clock.now():
        return None
    return about_code(
        code.code,
        link=address_of(message.language, f"/entrar/enlace/{code.link}"),
        expires_at=code.expires_at,
        zone=await sources.zone_of(session, message.person_id),
        channel=message.channel,
        language=message.language,
    )


def about_code(code: str, *, link: str, expires_at: datetime, zone: str, channel: str, language: str) -> Written:
    """The message of a one-time code. The code comes first: telephones show the beginning and can copy it."""
    with use_language(language):
        subject = _("%(code)s es su código para entrar") % {"code": code}
        until = hour_of(expires_at, zone)
        if channel == SMS:
            text = _("%(code)s es su código. No lo comparta: nadie de la agencia se lo pedirá.") % {"code": code}
            return Written(subject, one_part(text, []), link)
        lines = [
            _("Su código: %(code)s") % {"code": code},
            _("Vale hasta las %(hour)s (%(zone)s), una sola vez.") % {"hour": until, "zone": zone_name(zone)},
            "",
            _("O abra este enlace en el mismo teléfono o computadora en que lo pidió:"),
            link,
            "",
            _("No lo comparta: nadie de la agencia se lo pedirá. Si usted no lo pidió, no haga nada."),
        ]
        return Written(subject, "\n".join(lines), link)
