"""A question in a query string: its filters, groups, figures and prices; what isn't known is refused by its name."""

from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.problems import WrongRole
from app.kernel import clock
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid, Unauthorized
from app.savings import problems, queries
from app.savings.rules.plan import MOST_GROUPED, Question
from app.savings.service.metrics import Terms

Code = Annotated[str, Query(max_length=60, pattern=r"^[^\x00]*$")]
Dim = Literal["device", "age", "sex", "rurality", "language"]
ANSWERS = (
    *(Unauthorized, WrongRole, problems.MetricUnknown, Invalid, problems.FilterUnknown, problems.PriceIndexUnknown),
    *(problems.BaselineUnknown, problems.ParameterMissing),
)
"""The problems a question may be answered with."""


def since_until(today: date) -> tuple[date, date]:
    """What is asked for when nobody says: the year of the last month that has ended, until its end."""
    until = today.replace(day=1) - timedelta(days=1)
    return until.replace(month=1, day=1), until


async def _terms(
    version: Annotated[int | None, Query(ge=1, le=1_000_000, description="Of the figures; newest if left out.")] = None,
    prices: Annotated[int | None, Query(ge=1990, le=2100, description="Year of the pesos.")] = None,
) -> Terms:
    return Terms(version=version, year=prices)


async def _question(
    since: Annotated[date | None, Query(description="First day; the year's if left out.")] = None,
    until: Annotated[date | None, Query(description="Last day; of the last whole month if left out.")] = None,
    service: Annotated[list[Code] | None, Query(max_length=50)] = None,
    state: Annotated[list[Code] | None, Query(max_length=40, description="First letters of the CLUES.")] = None,
    region: Annotated[list[Code] | None, Query(max_length=20)] = None,
    unit: Annotated[UUID | None, Query()] = None,
    channel: Annotated[list[Code] | None, Query(max_length=10)] = None,
    dim: Annotated[Dim | None, Query(description="A further quality, to keep only `value`s of it.")] = None,
    value: Annotated[list[Code] | None, Query(max_length=20)] = None,
    by: Annotated[list[Code] | None, Query(max_length=MOST_GROUPED, description="Groups, in order.")] = None,
) -> Question:
    first, last = since_until(clock.today(clock.CENTRE))
    return Question(
        since=since or first,
        until=until or last,
        services=tuple(service or ()),
        states=tuple(state or ()),
        regions=tuple(region or ()),
        unit=unit,
        channels=tuple(channel or ()),
        dim=dim or "",
        values=tuple(value or ()),
        by=tuple(by or ()),
    )


QuestionQuery = Annotated[Question, Depends(_question)]
TermsQuery = Annotated[Terms, Depends(_terms)]
NOT_THERE = N_("No es uno de los que hay.")


async def require_known(session: AsyncSession, question: Question) -> None:
    """Refuse what names a service, state, region, unit or channel that isn't there.

    Raises:
        FilterUnknown: says which.
    """
    unknown = await queries.unknown_of(session, question)
    if unknown is not None:
        field, value = unknown
        raise problems.FilterUnknown(fields=[FieldError(field, NOT_THERE)], field=field, value=value)
