"""Metrics over HTTP, and what a question may say: filters, groups, version and prices. Anyone sees what was released to
the public, analysts everything."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from app.clients.dependencies import MetricsApi
from app.clients.problems import OutsideUnits
from app.identity.dependencies import AnonymousApi
from app.identity.problems import WrongRole
from app.kernel import clock
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import PageQuery, Read
from app.kernel.i18n import _
from app.kernel.problems import Invalid, Unauthorized
from app.places.rules import DEFAULT_ZONE
from app.savings import problems
from app.savings.api.responses import (
    CSV,
    Format,
    IfNoneMatch,
    cacheable_response,
    json_page,
    page_of,
    table_csv,
    table_out,
    wants_csv,
)
from app.savings.queries import geography
from app.savings.rules.metric_query import MAX_GROUPED, MetricQuery
from app.savings.rules.metrics import METRICS
from app.savings.schemas import MetricOut, TableOut
from app.savings.service import metrics
from app.savings.service.estimates import ModelOptions

router = APIRouter(prefix="/api/v1/metrics", tags=["metrics"])

Code = Annotated[str, Query(max_length=60, pattern=r"^[^\x00]*$")]
Segment = Literal["device", "age", "sex", "rurality", "language"]
QUERY_PROBLEMS = (
    *(Unauthorized, WrongRole, OutsideUnits, problems.MetricUnknown, Invalid, problems.FilterUnknown),
    *(problems.PriceIndexUnknown, problems.BaselineUnknown, problems.ParameterMissing),
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
SAME: dict[int | str, dict[str, Any]] = {304: {"description": "What If-None-Match names is still so."}}


@router.get("", operation_id="list_metrics", summary="The metrics there are")
async def list_metrics(_actor: AnonymousApi) -> list[MetricOut]:
    """What each means, in what unit, and by what it can be grouped."""
    return [
        MetricOut(
            metric=metric.id,
            name=_(metric.name),
            meaning=_(metric.meaning),
            unit=metric.unit,
            kind=metric.kind,
            groups=list(metric.groups),
            is_public=metric.is_public,
        )
        for metric in METRICS.values()
    ]


@router.get(
    "/{metric}",
    operation_id="get_metric",
    summary="A metric, by groups, with intervals",
    response_model=TableOut,
    responses=problem_responses(*QUERY_PROBLEMS)
    | SAME
    | {200: {"description": "Rows, as JSON or CSV.", "content": CSV}},
)
async def get_metric(
    actor: MetricsApi,
    read: Read,
    metric: Annotated[str, Path(max_length=40, pattern=r"^[a-z-]+$")],
    query: MetricQueryParams,
    options: ModelOptionsParams,
    page: PageQuery,
    request: Request,
    format: Format = None,  # noqa: A002 # the name in the address
    _if_none_match: IfNoneMatch = None,
) -> Response:
    """Ordered by their groups, a page at a time (Link); CSV has all rows. Without a token, or with one that isn't an
    analyst's, answers are sums of blocks of ten people or more (key `*`: what is published only together), and
    questions are narrower: whole months that have ended, by period, service and one thing more."""
    await geography.validate_filters(read, query)
    table = await metrics.table(read, actor, metric, query, options)
    if wants_csv(request, format):
        name = f"{metric}-{query.since}-{query.until}.csv"
        return cacheable_response(request, actor, table_csv(table), "text/csv; charset=utf-8", name=name)
    rows, cursor = page_of(table.rows, page)
    return json_page(request, actor, table_out(table, rows), cursor=cursor)
