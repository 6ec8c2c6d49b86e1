"""Refusals: the one in force of a request, whether the citizen was notified of it, and until when it can be challenged.

The term of every means counts from when the refusal was first shown to the person, or to who acts for them, at their
unit's day. No one who hasn't been shown it is notified, and no term runs for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.challenges import challenges, means_against, means_of
from app.catalog.definition import Service
from app.places.queries import days_out_of_terms
from app.requests.models import Refusal, Request
from app.requests.rules.clock import Term, takes_effect_on, terms_of

MAX_TERM_DAYS = timedelta(days=400)
"""More days than the longest term in working days takes, agency vacations and all."""


@dataclass(frozen=True, slots=True)
class Challengeable:
    """When a refusal takes effect if it is notified on a day, and the means against it, each with its last day."""

    notified_on: date
    takes_effect_on: date
    terms: tuple[Term, ...]

    def last_day(self, means_id: str) -> date | None:
        """The last day of a means; None when the refusal hasn't it."""
        return next((one.last_day for one in self.terms if one.means.id == means_id), None)


async def refusal_in_force(session: AsyncSession, request: Request) -> Refusal | None:
    """The refusal that stands: of a request that is refused, or whose appeal is open or was withdrawn."""
    if request.decision_id is None:
        return None
    found = await session.get(Refusal, request.decision_id)
    return found if found is not None and found.annulled_at is None else None


async def refusals_with_document(session: AsyncSession, requests: Sequence[Request]) -> set[UUID]:
    """The ids of those requests whose refusal in force has a document."""
    statement = select(Refusal.request_id).where(
        Refusal.decision_id.in_([one.decision_id for one in requests if one.decision_id]),
        Refusal.annulled_at.is_(None),
        Refusal.document.is_not(None),
    )
    return set((await session.scalars(statement)).all())


async def challengeable(
    session: AsyncSession, service: Service, notified_on: date, *, with_review: bool
) -> Challengeable:
    """The means against a refusal of this service notified on a day: the internal review first, when it can be asked
    for, then those of the law."""
    days_off = await days_out_of_terms(session, notified_on, notified_on + MAX_TERM_DAYS)
    delay = challenges().counting.effect_working_days
    means = means_of(service) if with_review else means_against(service)
    return Challengeable(
        notified_on,
        takes_effect_on(notified_on, days_off, effect_working_days=delay),
        tuple(terms_of(means, notified_on, days_off, effect_working_days=delay)),
    )
