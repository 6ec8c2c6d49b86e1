"""Composers of messages, one module per subject: plain words in the recipient's language, and the next step."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.consumers import Event
from app.notifications.composers import accounts, appointments, draws, family, numbers, requests, statements, wait_list
from app.notifications.composers.notices import Notice, UnaddressedDraft

Composer = Callable[[AsyncSession, Event], Awaitable[Sequence[Notice | UnaddressedDraft]]]
COMPOSERS: dict[str, Composer] = {
    **dict.fromkeys(accounts.KINDS, accounts.compose),
    **dict.fromkeys(appointments.KINDS, appointments.compose),
    **dict.fromkeys(draws.KINDS, draws.compose),
    **dict.fromkeys(family.KINDS, family.compose),
    **dict.fromkeys(numbers.KINDS, numbers.compose),
    **dict.fromkeys(requests.KINDS, requests.compose),
    **dict.fromkeys(statements.KINDS, statements.compose),
    **dict.fromkeys(wait_list.KINDS, wait_list.compose),
}
"""Composers by event type; the consumer reads these types. Codes are composed by a job of their own (`codes`)."""
