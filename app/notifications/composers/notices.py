"""Messages before they are stored: recipient and text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.consumers import Event
from app.kernel.i18n import language, use_language
from app.notifications import contacts
from app.notifications.contacts import SMS, Recipient
from app.notifications.rules import UnreachedReason
from app.notifications.settings import messaging_settings
from app.notifications.templates import rendering
from app.notifications.templates.defaults import PRESENT, templates
from app.notifications.templates.rendering import Compiled
from app.notifications.templates.store import compiled_in_force

Values = Mapping[str, str | bool | None]
"""What a template is rendered with: words, lists as lines, addresses; True for a fact that holds. None, False, empty:
no value."""


@dataclass(frozen=True, slots=True)
class MessageText:
    """Subject and body of a message, and what it was written with: template, version, values. `html` is the same mail
    for programs that show HTML; None for text messages. Only functions of this module make one: every text that
    a person gets is a template's."""

    subject: str
    body: str
    template: str
    version: int | None = None
    data: Mapping[str, str] | None = None
    link: str | None = None
    html: str | None = None


def say(template: str, values: Values, *, channel: str, link: str | None = None) -> MessageText:
    """Render a template as it is now, in the current language."""
    version, compiled = compiled_in_force(template)
    data = {name: _value(one) for name, one in values.items() if one}
    return replace(written(template, compiled, data, channel=channel), version=version, link=link)


def written(template: str, compiled: Compiled, data: Mapping[str, str], *, channel: str) -> MessageText:
    """Render a text of a template with its values, in the current language."""
    subject = rendering.subject_of(compiled, data)
    if channel == SMS:
        return MessageText(subject, rendering.sms_of(compiled, data), template, data=data)
    html = rendering.html_of(compiled, data, title=subject, language=language())
    return MessageText(subject, rendering.plain_of(compiled, data), template, data=data, html=html)


def push_text(template: str) -> MessageText:
    """What a browser shows, as the template is now, in the current language: the same for everyone."""
    version, compiled = compiled_in_force(template)
    return MessageText(compiled.push, compiled.push, template, version, data={})


def template_name(template: str) -> str:
    """What a template is called, in the current language: the stored subject of a text that is rendered for sending."""
    return templates()[template].name[language()]


def unchanged(template: str, subject: str, body: str, link: str | None) -> MessageText:
    """A text as it was stored, of a template that this release doesn't have."""
    html = rendering.html_of_plain(body, title=subject, language=language())
    return MessageText(subject, body, template, link=link, html=html)


def _value(value: str | bool) -> str:
    return PRESENT[language()] if value is True else str(value)


@dataclass(frozen=True, slots=True)
class Notice:
    """A message for one person. `body` is None if the text is rendered only for sending."""

    recipient: Recipient
    subject: str
    body: str | None = None
    link: str | None = None
    calendar: str | None = None
    text: MessageText | None = None
    """What `body` was written with."""


def notice_of(reader: Recipient, text: MessageText, calendar: str | None = None) -> Notice:
    """A message with its text, which is stored until it is sent."""
    return Notice(reader, text.subject, text.body, text.link, calendar, text)


@dataclass(frozen=True, slots=True)
class UnaddressedDraft:
    """A notice for staff to pass on, since no message can be sent. In Spanish, without links."""

    event: Event
    person_id: UUID
    unit_id: UUID | None
    reason: UnreachedReason
    subject: str
    body: str


CITIZEN = "citizen"


def is_seen_immediately(event: Event) -> bool:
    """Return whether the citizen caused the event or saw its result at once, so that no one has to notify them."""
    return event.actor_kind == CITIZEN or bool(event.payload.get("straight_through"))


async def draft_unaddressed(
    session: AsyncSession, event: Event, write: Callable[[], MessageText]
) -> list[UnaddressedDraft]:
    """Draft a notice for staff if no message can be sent; nothing if the citizen saw the result at once."""
    if event.person_id is None or is_seen_immediately(event):
        return []
    with use_language("es"):
        text = write()
    return [
        UnaddressedDraft(
            event,
            event.person_id,
            event.unit_id or await contacts.clinic_of(session, event.person_id),
            await contacts.unreached_reason(session, event.person_id),
            text.subject,
            text.body,
        )
    ]


def for_each(recipients: list[Recipient], write: Callable[[Recipient], Notice]) -> list[Notice]:
    """Compose the same message for each recipient in their language."""
    notices = []
    for recipient in recipients:
        with use_language(recipient.language):
            notices.append(write(recipient))
    return notices


def address_of(language: str, path: str) -> str:
    """Return the absolute URL of a page in the recipient's language."""
    prefix = "" if language == "es" else f"/{language}"
    return f"{messaging_settings().base_url}{prefix}{path}"
