"""Messages before they are stored: recipient and text."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.consumers import Event
from app.kernel.i18n import use_language
from app.notifications import contacts
from app.notifications.contacts import Recipient
from app.notifications.rules import UnreachedReason
from app.notifications.settings import messaging_settings


@dataclass(frozen=True, slots=True)
class MessageText:
    """Subject and body of a message."""

    subject: str
    body: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A message for one person. `body` is None if the text is rendered only for sending."""

    recipient: Recipient
    subject: str
    body: str | None = None
    link: str | None = None
    calendar: str | None = None


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
