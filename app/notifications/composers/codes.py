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
from app.kernel.i18n import use_language
from app.notifications import contacts
from app.notifications.composers.notices import (
    MessageText,
    Notice,
    Values,
    address_of,
    for_each,
    notice_of,
    say,
    template_name,
)
from app.notifications.contacts import Recipient
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
            return notice_of(reader, about_frozen(masked_name, channel=reader.channel))
        if goes.purpose is Purpose.ASSIST:
            return Notice(reader, subject=template_name("code.assist"))
        return Notice(reader, subject=template_name("code.sign-in"))

    return for_each([goes.recipient], to)


def about_frozen(masked_name: str, *, channel: str) -> MessageText:
    """Render the message sent instead of a code that a frozen account couldn't use, in the current language."""
    return say("code.frozen", {"persona": masked_name}, channel=channel)


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
    """Render the message of a one-time code."""
    template = "code.contact" if sent.link is None else "code.sign-in"
    return say(template, _values(sent), channel=channel, link=sent.link)


def about_assistance(sent: CodeText, *, channel: str) -> MessageText:
    """Render the message of a code that the person reads out to staff who act for them. It opens nothing else."""
    return say("code.assist", _values(sent), channel=channel)


def _values(sent: CodeText) -> Values:
    return {
        "codigo": sent.code,
        "persona": sent.masked_name,
        "hora": until_of(sent.expires_at, sent.zone),
        "zona": zone_name(sent.zone),
        "enlace": sent.link,
    }
