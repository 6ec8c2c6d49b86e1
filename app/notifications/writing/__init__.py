"""What messages say, one file a subject: plain words in the reader's language, and what to do next."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.consumers import Event
from app.notifications.writing import accounts, appointments, family, numbers, requests
from app.notifications.writing.notices import Notice, Unaddressed

Writer = Callable[[AsyncSession, Event], Awaitable[Sequence[Notice | Unaddressed]]]
WRITERS: dict[str, Writer] = {
    **dict.fromkeys(accounts.KINDS, accounts.write),
    **dict.fromkeys(appointments.KINDS, appointments.write),
    **dict.fromkeys(family.KINDS, family.write),
    **dict.fromkeys(numbers.KINDS, numbers.write),
    **dict.fromkeys(requests.KINDS, requests.write),
}
"""Who writes the messages of an event, by its type; the types are what the consumer reads. Codes are written by
their own job (`codes`)."""
