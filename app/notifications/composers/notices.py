"""A message before it is kept: to whom, in which words."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.consumers import Event
from app.kernel.i18n import use_language
from app.kernel.settings_sections import messaging_settings
from app.notifications import contacts
from app.notifications.contacts import Recipient
from app.notifications.models import UnreachedReason


@dataclass(frozen=True, slots=True)
class MessageText:
    """A message in words."""

    subject: str
    body: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A message for one person. `body` is None where the words are read only to be sent."""

    recipient: Recipient
    subject: str
    body: str | None = None
    link: str | None = None
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class UnaddressedDraft:
    """What staff must tell a person themselves, since no message can. In Spanish, without links."""

    event: Event
    person_id: UUID
    unit_id: UUID | None
    reason: UnreachedReason
    subject: str
    body: str


CITIZEN = "citizen"


def is_seen_immediately(event: Event) -> bool:
    """Whether a citizen did it, or the rules did while they waited: they saw it, and nobody has to tell them."""
    return event.actor_kind == CITIZEN or bool(event.payload.get("straight_through"))


async def draft_unaddressed(
    session: AsyncSession, event: Event, write: Callable[[], MessageText]
) -> list[UnaddressedDraft]:
    """In place of messages where nobody can be sent one; nothing when they saw it happen."""
    if event.person_id is None or is_seen_immediately(event):
        return []
    with use_language("es"):
        said = write()
    return [
        UnaddressedDraft(
            event,
            event.person_id,
            event.unit_id or await contacts.clinic_of(session, event.person_id),
            await contacts.unreached_reason(session, event.person_id),
            said.subject,
            said.body,
        )
    ]


def for_each(told: list[Recipient], write: Callable[[Recipient], Notice]) -> list[Notice]:
    """The same news for everybody who is told, each in their language."""
    notices = []
    for recipient in told:
        with use_language(recipient.language):
            notices.append(write(recipient))
    return notices


def address_of(language: str, path: str) -> str:
    """The full address of a page, in the reader's language."""
    prefix = "" if language == "es" else f"/{language}"
    return f"{messaging_settings().base_url}{prefix}{path}"
