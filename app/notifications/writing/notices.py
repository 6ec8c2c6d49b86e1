"""A message before it is kept: to whom, in which words."""

from collections.abc import Callable
from dataclasses import dataclass

from app.kernel.i18n import use_language
from app.kernel.terms import mail_terms
from app.notifications.sources import Recipient


@dataclass(frozen=True, slots=True)
class Written:
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
    return f"{mail_terms().base_url}{prefix}{path}"
