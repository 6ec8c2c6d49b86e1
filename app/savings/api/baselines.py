"""For analysts: versions of the parameters, a draft and its publication, its history, what was measured; and the
parameters of a version, one by one or as a table that goes through a spreadsheet and back."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel

from app.identity.dependencies import StaffApi
from app.identity.permissions import Action, require
from app.identity.problems import WrongRole
from app.kernel import paging
from app.kernel.etags import etag
from app.kernel.http.openapi import problem_responses, sends
from app.kernel.http.parameters import IdempotencyKey, IfMatch, PageQuery, Read, Tx
from app.kernel.http.responses import idempotent_response, set_links
from app.kernel.i18n import N_
from app.kernel.paging import encode_cursor
from app.kernel.parsing import whole_number
from app.kernel.problems import (
    FieldError,
    Invalid,
    KeyReused,
    NotFound,
    PreconditionRequired,
    Stale,
    TooLarge,
    Unauthorized,
)
from app.savings import problems
from app.savings.api.responses import CSV, Format, wants_csv
from app.savings.queries import versions
from app.savings.rules.parameters import Parameter
from app.savings.schemas import (
    BaselineOut,
    DraftIn,
    ImportedOut,
    MeasuredOut,
    MeasureIn,
    ParameterChangeOut,
    ParameterIn,
    ParameterOut,
)
from app.savings.service import baselines, calibration, csv_io

router = APIRouter(prefix="/api/v1/baselines", tags=["baselines"])

WHO = (Unauthorized, WrongRole)
Version = Annotated[int, Path(ge=1, le=1_000_000)]
Key = Annotated[str, Path(max_length=40, pattern=r"^[a-z_]+$")]
Scope = Annotated[
    str, Query(max_length=60, pattern=r"^[^\x00]*$", description="A service, a kind of transaction, or empty for all.")
]
Where = Annotated[
    str, Query(max_length=60, pattern=r"^[^\x00]*$", description="A unit, state or region; empty for the country.")
]
BODY = {"requestBody": {"required": True, "content": CSV | {"text/plain": {"schema": {"type": "string"}}}}}
NOT_UTF8 = N_("El archivo no está en UTF-8: guárdelo con esa codificación.")
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
    before = _number_after(page.after)
    rows = [row for row in await versions.list_baselines(read) if before is None or row.version < before]
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
        mark = await versions.mark_of(tx, row.version)
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
    row = await baselines.require_version(read, actor, version)
    response.headers["ETag"] = etag(await versions.mark_of(read, version))
    return BaselineOut.model_validate(row)


@router.delete(
    "/{version}",
    operation_id="discard_draft",
    status_code=204,
    summary="Discard a draft",
    responses=problem_responses(*WHO, *CHANGED),
)
async def discard_draft(actor: StaffApi, tx: Tx, version: Version, if_match: IfMatch = None) -> Response:
    """With its parameters. What was done to it stays in its history; the next draft takes its number."""
    await baselines.require_current(tx, actor, version, if_match)
    await baselines.discard(tx, actor, version)
    return Response(status_code=204)


@router.get(
    "/{version}/changes",
    operation_id="list_changes",
    summary="What was done to a version",
    responses=problem_responses(*WHO, problems.BaselineUnknown),
)
async def list_changes(actor: StaffApi, read: Read, version: Version) -> list[ParameterChangeOut]:
    """By whom and when, newest first: the last two hundred."""
    await baselines.require_version(read, actor, version)
    return [ParameterChangeOut.model_validate(change) for change in await versions.history_of(read, version)]


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
        await baselines.require_current(tx, actor, version, if_match)
        row = await baselines.publish(tx, actor, version)
        return made(BaselineOut.model_validate(row), 200, ETag=etag(await versions.mark_of(tx, version)))

    return await idempotent_response(tx, actor, key, request, make)


@router.get(
    "/{version}/parameters",
    operation_id="list_parameters",
    openapi_extra=sends("ETag"),
    summary="Parameters of a version",
    response_model=list[ParameterOut],
    responses=problem_responses(*WHO, problems.BaselineUnknown)
    | {200: {"description": "Parameters, as JSON or CSV.", "content": CSV}},
)
async def list_parameters(
    actor: StaffApi,
    read: Read,
    version: Version,
    page: PageQuery,
    request: Request,
    response: Response,
    format: Format = None,  # noqa: A002 # the name in the address
) -> Any:
    """By key, scope and place, a page at a time (Link); CSV has all of them. The ETag goes with changes."""
    await baselines.require_version(read, actor, version)
    rows = await versions.parameters_of(read, version)
    tag = etag(versions.mark(rows))
    if wants_csv(request, format):
        headers = {"ETag": tag, "Content-Disposition": f'attachment; filename="baseline-{version}.csv"'}
        return Response(csv_io.to_csv(rows), headers=headers, media_type="text/csv; charset=utf-8")
    rows.sort(key=_place_of)
    after = _texts_after(page.after, 3)
    left = [row for row in rows if after is None or _place_of(row) > after]
    shown = left[: page.limit]
    response.headers["ETag"] = tag
    set_links(response, request, encode_cursor(*_place_of(shown[-1])) if len(left) > page.limit else None)
    return [ParameterOut.model_validate(row) for row in shown]


def _place_of(parameter: Parameter) -> tuple[str, ...]:
    return parameter.key, parameter.scope, parameter.place


@router.put(
    "/{version}/parameters",
    operation_id="replace_parameters",
    summary="Replace every parameter of a draft by a table",
    responses=problem_responses(*WHO, *CHANGED, problems.ParametersInvalid, TooLarge),
    openapi_extra=BODY,
)
async def replace_parameters(
    actor: StaffApi, tx: Tx, version: Version, request: Request, response: Response, if_match: IfMatch = None
) -> ImportedOut:
    """CSV in UTF-8 with the columns of the one that is downloaded. All rows or none: errors name line and column."""
    await baselines.require_current(tx, actor, version, if_match)
    try:
        text = (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise problems.ParametersInvalid(fields=[FieldError("1", NOT_UTF8, "not_utf8")]) from error
    count = await baselines.replace_parameters(tx, actor, version, csv_io.from_csv(text))
    response.headers["ETag"] = etag(await versions.mark_of(tx, version))
    return ImportedOut(parameters=count)


@router.put(
    "/{version}/parameters/{key}",
    operation_id="put_parameter",
    summary="Write a parameter of a draft",
    responses=problem_responses(*WHO, *CHANGED, problems.ParametersInvalid),
)
async def put_parameter(
    actor: StaffApi,
    tx: Tx,
    version: Version,
    key: Key,
    body: ParameterIn,
    response: Response,
    scope: Scope = "",
    place: Where = "",
    if_match: IfMatch = None,
) -> ParameterOut:
    """New, or in place of the one of the same key, scope and place."""
    await baselines.require_current(tx, actor, version, if_match)
    parameter = Parameter(key=key, scope=scope, place=place, **body.model_dump())
    written = await baselines.put_parameter(tx, actor, version, parameter)
    response.headers["ETag"] = etag(await versions.mark_of(tx, version))
    return ParameterOut.model_validate(written)


@router.delete(
    "/{version}/parameters/{key}",
    operation_id="delete_parameter",
    status_code=204,
    summary="Delete a parameter of a draft",
    responses=problem_responses(*WHO, *CHANGED, NotFound),
)
async def delete_parameter(
    actor: StaffApi,
    tx: Tx,
    version: Version,
    key: Key,
    scope: Scope = "",
    place: Where = "",
    if_match: IfMatch = None,
) -> Response:
    """A wider one counts then."""
    await baselines.require_current(tx, actor, version, if_match)
    await baselines.delete_parameter(tx, actor, version, key, scope, place)
    return Response(status_code=204, headers={"ETag": etag(await versions.mark_of(tx, version))})


def _texts_after(values: list[Any] | None, count: int) -> tuple[str, ...] | None:
    """The `count` texts that a list goes on after.

    Raises:
        Invalid: it isn't a cursor of this list.
    """
    place: tuple[str, ...] | None = paging.position_after(values, *[str] * count)
    return place


def _number_after(values: list[Any] | None) -> int | None:
    """The number that a list goes on after.

    Raises:
        Invalid: it isn't a cursor of this list.
    """
    place: tuple[int] | None = paging.position_after(values, whole_number)
    return None if place is None else place[0]
