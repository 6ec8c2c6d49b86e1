"""Savings with their interval, what widens it and what they leave out; and reports, published once for good."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from fastapi.encoders import jsonable_encoder

from app.clients.dependencies import MetricsApi
from app.identity.dependencies import AnonymousApi, StaffApi
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, PageQuery, Read, Tx
from app.kernel.http.responses import idempotent_response, set_links
from app.kernel.paging import encode_cursor, id_after
from app.kernel.problems import KeyReused
from app.savings import problems
from app.savings.api.metrics import QUERY_PROBLEMS, SAME, MetricQueryParams, ModelOptionsParams
from app.savings.api.responses import IfNoneMatch, json_page, query_out
from app.savings.models import SavingReport
from app.savings.queries import geography, versions
from app.savings.rules.metric_query import MetricQuery
from app.savings.schemas import ReportIn, ReportOut, ReportWholeOut, SavingsOut, what_is_left_out
from app.savings.service import reports
from app.savings.service.estimates import ModelOptions

router = APIRouter(prefix="/api/v1/savings", tags=["metrics"])
ReportId = Annotated[UUID, Path()]


def _savings_out(result: dict[str, Any]) -> SavingsOut:
    return SavingsOut(**result, leaves_out=what_is_left_out())


@router.get(
    "",
    operation_id="get_savings",
    summary="What was saved: time, money and value of time, with intervals",
    response_model=SavingsOut,
    responses=problem_responses(*QUERY_PROBLEMS) | SAME,
)
async def get_savings(
    actor: MetricsApi,
    read: Read,
    query: MetricQueryParams,
    options: ModelOptionsParams,
    request: Request,
    _if_none_match: IfNoneMatch = None,
) -> Response:
    """In all and by group; `bars` say how much of the width each parameter causes, widest first. The three are never
    added together. Who sees what is as for metrics."""
    await geography.validate_filters(read, query)
    result = await reports.savings(read, actor, query, options)
    return json_page(request, actor, _savings_out(result | {"query": query_out(query)}))


def _report_out(report: SavingReport) -> ReportOut:
    return ReportOut(**_head(report))


def _head(report: SavingReport) -> dict[str, Any]:
    return {name: getattr(report, name) for name in ReportOut.model_fields}


def _whole_out(report: SavingReport) -> ReportWholeOut:
    return ReportWholeOut(**_head(report), result=_savings_out(report.result))


@router.post(
    "/reports",
    operation_id="publish_report",
    status_code=201,
    summary="Publish a report, for good",
    response_model=ReportWholeOut,
    responses=problem_responses(*QUERY_PROBLEMS, KeyReused),
)
async def publish_report(actor: StaffApi, tx: Tx, body: ReportIn, key: IdempotencyKey, request: Request) -> Response:
    """For analysts. What is published is what anyone may see; new parameters and later observations don't change it."""
    query = _query_of(body)
    options = ModelOptions(version=body.version, year=body.prices)

    async def make() -> Response:
        await geography.validate_filters(tx, query)
        echo = jsonable_encoder(query_out(query))
        report = await reports.publish_report(tx, actor, body.title, query, echo, options)
        location = {"Location": f"/api/v1/savings/reports/{report.id}"}
        return Response(_whole_out(report).model_dump_json(), 201, headers=location, media_type="application/json")

    return await idempotent_response(tx, actor, key, request, make)


def _query_of(body: ReportIn) -> MetricQuery:
    one = {
        "services": body.service,
        "states": body.state,
        "regions": body.region,
        "channels": body.channel,
    }
    filters = {name: (value,) for name, value in one.items() if value}
    return MetricQuery(body.since, body.until, group_by=tuple(body.group_by), **filters)  # type: ignore[arg-type] # tuples of text


@router.get("/reports", operation_id="list_reports", summary="Published reports, newest first")
async def list_reports(
    _actor: AnonymousApi, read: Read, page: PageQuery, request: Request, response: Response
) -> list[ReportOut]:
    """The Link header names the next page."""
    rows = await versions.list_reports(read, limit=page.limit + 1, after=id_after(page.after))
    shown = rows[: page.limit]
    set_links(response, request, encode_cursor(str(shown[-1].id)) if len(rows) > page.limit else None)
    return [_report_out(report) for report in shown]


@router.get(
    "/reports/{report_id}",
    operation_id="get_report",
    summary="A report as it was published",
    response_model=ReportWholeOut,
    responses=problem_responses(problems.ReportUnknown) | SAME,
)
async def get_report(
    actor: AnonymousApi, read: Read, report_id: ReportId, request: Request, _if_none_match: IfNoneMatch = None
) -> Response:
    """With the version, the seed and the number of draws that make it again."""
    return json_page(request, actor, _whole_out(await versions.report_of(read, report_id)))
