"""What messages say, one file a subject: plain words in the reader's language, and what to do next."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.consumers import Event
from app.notifications.composers import accounts, appointments, family, numbers, requests
from app.notifications.composers.notices import Notice, UnaddressedDraft

Composer = Callable[[AsyncSession, Event], Awaitable[Sequence[Notice | UnaddressedDraft]]]
COMPOSERS: dict[str, Composer] = {
    **dict.fromkeys(accounts.KINDS, accounts.compose),
    **dict.fromkeys(appointments.KINDS, appointments.compose),
    **dict.fromkeys(family.KINDS, family.compose),
    **dict.fromkeys(numbers.KINDS, numbers.compose),
    **dict.fromkeys(requests.KINDS, requests.compose),
}
"""Who writes the messages of an event, by its type; the types are what the consumer reads. Codes are written by
their own job (`codes`)."""
