"""Metrics over HTTP: anyone sees what was released to the public, analysts everything."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from app.identity.dependencies import AnonymousApi, OptionalStaffApi
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import PageQuery, Read
from app.kernel.i18n import _
from app.savings.api.query_params import QUERY_PROBLEMS, MetricQueryParams, ModelOptionsParams, validate_filters
from app.savings.api.responses import (
    CSV,
    Format,
    IfNoneMatch,
    cacheable_response,
    json_page,
    page_of,
    table_csv,
    table_out,
)
from app.savings.api.responses import wants_csv as csv_wanted
from app.savings.labels import METRICS as WORDS
from app.savings.rules.metrics import METRICS
from app.savings.schemas import MetricOut, TableOut
from app.savings.service import metrics

router = APIRouter(prefix="/api/v1/metrics", tags=["metrics"])
SAME: dict[int | str, dict[str, Any]] = {304: {"description": "What If-None-Match names is still so."}}


@router.get("", operation_id="list_metrics", summary="The metrics there are")
async def list_metrics(_actor: AnonymousApi) -> list[MetricOut]:
    """What each means, in what unit, and by what it can be grouped."""
    return [
        MetricOut(
            metric=metric.id,
            name=_(WORDS[metric.id][0]),
            meaning=_(WORDS[metric.id][1]),
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
    actor: OptionalStaffApi,
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
    await validate_filters(read, query)
    table = await metrics.table(read, actor, metric, query, options)
    if csv_wanted(request, format):
        name = f"{metric}-{query.since}-{query.until}.csv"
        return cacheable_response(request, actor, table_csv(table), "text/csv; charset=utf-8", name=name)
    rows, cursor = page_of(table.rows, page)
    return json_page(request, actor, table_out(table, rows), cursor=cursor)
