"""Query parameters of metrics: filters, groups, version and prices; unknown values are refused by name."""

from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.problems import WrongRole
from app.kernel import clock
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid, Unauthorized
from app.places.rules import DEFAULT_ZONE
from app.savings import problems, queries
from app.savings.rules.plan import MAX_GROUPED, MetricQuery
from app.savings.service.metrics import ModelOptions

Code = Annotated[str, Query(max_length=60, pattern=r"^[^\x00]*$")]
Segment = Literal["device", "age", "sex", "rurality", "language"]
QUERY_PROBLEMS = (
    *(Unauthorized, WrongRole, problems.MetricUnknown, Invalid, problems.FilterUnknown, problems.PriceIndexUnknown),
    *(problems.BaselineUnknown, problems.ParameterMissing),
)
"""The problems a question may be answered with."""


def since_until(today: date) -> tuple[date, date]:
    """Return the default span: the year of the last month that has ended, until its end."""
    until = today.replace(day=1) - timedelta(days=1)
    return until.replace(month=1, day=1), until


async def _options(
    version: Annotated[
        int | None, Query(ge=1, le=1_000_000, description="Of the parameters; newest if left out.")
    ] = None,
    prices: Annotated[int | None, Query(ge=1990, le=2100, description="Year of the pesos.")] = None,
) -> ModelOptions:
    return ModelOptions(version=version, year=prices)


async def _query(
    since: Annotated[date | None, Query(description="First day; the year's if left out.")] = None,
    until: Annotated[date | None, Query(description="Last day; of the last whole month if left out.")] = None,
    service: Annotated[list[Code] | None, Query(max_length=50)] = None,
    state: Annotated[list[Code] | None, Query(max_length=40, description="First letters of the CLUES.")] = None,
    region: Annotated[list[Code] | None, Query(max_length=20)] = None,
    unit: Annotated[UUID | None, Query()] = None,
    channel: Annotated[list[Code] | None, Query(max_length=10)] = None,
    segment: Annotated[
        Segment | None, Query(description="A further quality, to keep only `segment_value`s of it.")
    ] = None,
    segment_value: Annotated[list[Code] | None, Query(max_length=20)] = None,
    group_by: Annotated[list[Code] | None, Query(max_length=MAX_GROUPED, description="Groups, in order.")] = None,
) -> MetricQuery:
    first, last = since_until(clock.today(DEFAULT_ZONE))
    return MetricQuery(
        since=since or first,
        until=until or last,
        services=tuple(service or ()),
        states=tuple(state or ()),
        regions=tuple(region or ()),
        unit=unit,
        channels=tuple(channel or ()),
        segment=segment or "",
        segment_values=tuple(segment_value or ()),
        group_by=tuple(group_by or ()),
    )


MetricQueryParams = Annotated[MetricQuery, Depends(_query)]
ModelOptionsParams = Annotated[ModelOptions, Depends(_options)]
NOT_THERE = N_("No es uno de los que hay.")


async def validate_filters(session: AsyncSession, query: MetricQuery) -> None:
    """Validate the filters: every service, state, region, unit and channel must exist.

    Raises:
        FilterUnknown: names it.
    """
    unknown = await queries.unknown_filter(session, query)
    if unknown is not None:
        field, value = unknown
        raise problems.FilterUnknown(fields=[FieldError(field, NOT_THERE)], field=field, value=value)
