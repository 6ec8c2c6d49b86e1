"""For analysts: versions of the parameters, a draft and its publication, its history, and what was measured."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel

from app.identity.dependencies import StaffApi
from app.identity.permissions import Action, require
from app.identity.problems import WrongRole
from app.kernel.etags import etag
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, IfMatch, PageQuery, Read, Tx
from app.kernel.http.responses import idempotent_response, set_links
from app.kernel.paging import encode_cursor
from app.kernel.problems import Invalid, KeyReused, PreconditionRequired, Stale, Unauthorized
from app.savings import problems, queries
from app.savings.api.cursors import number_after
from app.savings.schemas import BaselineOut, ChangeOut, DraftIn, MeasuredOut, MeasureIn
from app.savings.service import baselines, calibration, draft_edits

router = APIRouter(prefix="/api/v1/baselines", tags=["baselines"])

WHO = (Unauthorized, WrongRole)
Version = Annotated[int, Path(ge=1, le=1_000_000)]
CHANGED = (problems.BaselineUnknown, problems.BaselineImmutable, Stale, PreconditionRequired)


def made(out: BaseModel, status: int, **headers: str) -> Response:
    """An answer as bytes, so that a repeated key gets the very same."""
    return Response(out.model_dump_json(), status, headers=headers, media_type="application/json")


@router.get("", operation_id="list_baselines", summary="Versions of the parameters", responses=problem_responses(*WHO))
async def list_baselines(
    actor: StaffApi, read: Read, page: PageQuery, request: Request, response: Response
) -> list[BaselineOut]:
    """Newest first; the Link header names the next page."""
    require(actor, Action.MANAGE_SAVINGS)
    before = number_after(page.after)
    rows = [row for row in await queries.list_baselines(read) if before is None or row.version < before]
    shown = rows[: page.limit]
    set_links(response, request, encode_cursor(str(shown[-1].version)) if len(rows) > page.limit else None)
    return [BaselineOut.model_validate(row) for row in shown]


@router.post(
    "",
    operation_id="start_draft",
    status_code=201,
    summary="Begin a version from the newest one",
    response_model=BaselineOut,
    responses=problem_responses(*WHO, problems.DraftExists, KeyReused),
)
async def start_draft(actor: StaffApi, tx: Tx, body: DraftIn, key: IdempotencyKey, request: Request) -> Response:
    """One draft at a time. Its ETag is that of its parameters."""

    async def make() -> Response:
        row = await baselines.start_draft(tx, actor, body.note)
        mark = await queries.mark_of(tx, row.version)
        location = f"/api/v1/baselines/{row.version}"
        return made(BaselineOut.model_validate(row), 201, ETag=etag(mark), Location=location)

    return await idempotent_response(tx, actor, key, request, make)


@router.post(
    "/measure",
    operation_id="measure_baseline",
    summary="Put what was measured in place of what was assumed",
    response_model=MeasuredOut,
    responses=problem_responses(*WHO, KeyReused, Invalid, problems.ParametersInvalid),
)
async def measure_baseline(actor: StaffApi, tx: Tx, body: MeasureIn, key: IdempotencyKey, request: Request) -> Response:
    """Into the draft, which is begun if there is none: waits and attention from desks' tickets, time online and the
    share that would have visited from the portal, with enough observations. Check it, then publish it."""

    async def make() -> Response:
        done = await calibration.measure(tx, actor, body.since, body.until)
        return made(MeasuredOut(version=done.version, parameters=done.parameters), 200)

    return await idempotent_response(tx, actor, key, request, make)


@router.get(
    "/{version}",
    operation_id="get_baseline",
    summary="One version",
    responses=problem_responses(*WHO, problems.BaselineUnknown),
)
async def get_baseline(actor: StaffApi, read: Read, version: Version, response: Response) -> BaselineOut:
    """Its ETag goes with changes of its parameters."""
    row = await draft_edits.require_version(read, actor, version)
    response.headers["ETag"] = etag(await queries.mark_of(read, version))
    return BaselineOut.model_validate(row)


@router.delete(
    "/{version}",
    operation_id="discard_draft",
    status_code=204,
    summary="Discard a draft",
    responses=problem_responses(*WHO, *CHANGED),
)
async def discard_draft(actor: StaffApi, tx: Tx, version: Version, if_match: IfMatch = None) -> None:
    """With its parameters. What was done to it stays in its history; the next draft takes its number."""
    await draft_edits.require_current(tx, actor, version, if_match)
    await baselines.discard(tx, actor, version)


@router.get(
    "/{version}/changes",
    operation_id="list_changes",
    summary="What was done to a version",
    responses=problem_responses(*WHO, problems.BaselineUnknown),
)
async def list_changes(actor: StaffApi, read: Read, version: Version) -> list[ChangeOut]:
    """By whom and when, newest first: the last two hundred."""
    await draft_edits.require_version(read, actor, version)
    return [ChangeOut.model_validate(change) for change in await queries.history_of(read, version)]


@router.post(
    "/{version}/publish",
    operation_id="publish_baseline",
    summary="Put a draft in force, for good",
    response_model=BaselineOut,
    responses=problem_responses(*WHO, *CHANGED, KeyReused),
)
async def publish_baseline(
    actor: StaffApi, tx: Tx, version: Version, key: IdempotencyKey, request: Request, if_match: IfMatch = None
) -> Response:
    """From now on it is what answers use unless they name another. Published reports stay as they are."""

    async def make() -> Response:
        await draft_edits.require_current(tx, actor, version, if_match)
        row = await baselines.publish(tx, actor, version)
        return made(BaselineOut.model_validate(row), 200, ETag=etag(await queries.mark_of(tx, version)))

    return await idempotent_response(tx, actor, key, request, make)
