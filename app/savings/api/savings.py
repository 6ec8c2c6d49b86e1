"""What was saved, with what makes its interval wide and what it leaves out; and reports, published once for good."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from fastapi.encoders import jsonable_encoder

from app.identity.access import AnyoneApi, ReaderApi, StaffApi
from app.kernel.db import Read, Tx
from app.kernel.http.openapi import problem_responses
from app.kernel.i18n import _
from app.kernel.idempotency import IdempotencyKey, once, request_fingerprint
from app.kernel.paging import PageQuery, encode_cursor, id_after, set_links
from app.kernel.problems import KeyReused
from app.savings import problems, queries
from app.savings.api.answering import IfNoneMatch, asked_out, model_answer
from app.savings.api.asking import ANSWERS, QuestionQuery, TermsQuery, require_known
from app.savings.api.metrics import SAME
from app.savings.models import SavingReport
from app.savings.rules.plan import Question
from app.savings.schemas import LeftOut, ReportIn, ReportOut, ReportWholeOut, SavingsOut
from app.savings.service import publishing
from app.savings.service.metrics import Terms
from app.savings.words import LEFT_OUT

router = APIRouter(prefix="/api/v1/savings", tags=["metrics"])
ReportId = Annotated[UUID, Path()]


def _savings_out(result: dict[str, Any]) -> SavingsOut:
    left_out = [LeftOut(code=code, text=_(said)) for code, said in LEFT_OUT.items()]
    return SavingsOut(**result, leaves_out=left_out)


@router.get(
    "",
    operation_id="get_savings",
    summary="What was saved: time, money and value of time, with intervals",
    response_model=SavingsOut,
    responses=problem_responses(*ANSWERS) | SAME,
)
async def get_savings(
    actor: ReaderApi,
    read: Read,
    question: QuestionQuery,
    terms: TermsQuery,
    request: Request,
    _if_none_match: IfNoneMatch = None,
) -> Response:
    """In all and by group; `bars` say how much of the width each figure causes, widest first. The three are never added
    together. Who sees what is as for metrics."""
    await require_known(read, question)
    result = await publishing.savings(read, actor, question, terms)
    return model_answer(request, actor, _savings_out(result | {"question": asked_out(question)}))


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
    responses=problem_responses(*ANSWERS, KeyReused),
)
async def publish_report(actor: StaffApi, tx: Tx, body: ReportIn, key: IdempotencyKey, request: Request) -> Response:
    """For analysts. What is published is what anyone may see; new figures and later observations don't change it."""
    question = _question_of(body)
    terms = Terms(version=body.version, year=body.prices)

    async def make() -> Response:
        await require_known(tx, question)
        asked = jsonable_encoder(asked_out(question))
        report = await publishing.publish_report(tx, actor, body.title, question, asked, terms)
        location = {"Location": f"/api/v1/savings/reports/{report.id}"}
        return Response(_whole_out(report).model_dump_json(), 201, headers=location, media_type="application/json")

    return await once(tx, actor, key, await request_fingerprint(request), make)


def _question_of(body: ReportIn) -> Question:
    one = {
        "services": body.service,
        "states": body.state,
        "regions": body.region,
        "channels": body.channel,
    }
    filters = {name: (value,) for name, value in one.items() if value}
    return Question(body.since, body.until, by=tuple(body.by), **filters)  # type: ignore[arg-type] # tuples of text


@router.get("/reports", operation_id="list_reports", summary="Published reports, newest first")
async def list_reports(
    _actor: AnyoneApi, read: Read, page: PageQuery, request: Request, response: Response
) -> list[ReportOut]:
    """The Link header names the next page."""
    rows = await queries.list_reports(read, limit=page.limit + 1, after=id_after(page.after))
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
    actor: AnyoneApi, read: Read, report_id: ReportId, request: Request, _if_none_match: IfNoneMatch = None
) -> Response:
    """With the version, the seed and the number of draws that make it again."""
    return model_answer(request, actor, _whole_out(await queries.report_of(read, report_id)))
