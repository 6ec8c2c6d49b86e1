"""For analysts: the parameters of a version, one by one or as a table that goes through a spreadsheet and back."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from app.identity.dependencies import StaffApi
from app.kernel.etags import etag
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IfMatch, PageQuery, Read, Tx
from app.kernel.http.responses import set_links
from app.kernel.i18n import N_
from app.kernel.paging import encode_cursor
from app.kernel.problems import FieldError, NotFound, TooLarge
from app.savings import problems, queries
from app.savings.api.baselines import CHANGED, WHO, Version
from app.savings.api.cursors import texts_after
from app.savings.api.responses import CSV, Format, wants_csv
from app.savings.rules.parameters import Parameter
from app.savings.schemas import ImportedOut, ParameterIn, ParameterOut
from app.savings.service import baselines, csv_io, draft_edits

router = APIRouter(prefix="/api/v1/baselines/{version}/parameters", tags=["baselines"])

Key = Annotated[str, Path(max_length=40, pattern=r"^[a-z_]+$")]
Scope = Annotated[
    str, Query(max_length=60, pattern=r"^[^\x00]*$", description="A service, a kind of transaction, or empty for all.")
]
Where = Annotated[
    str, Query(max_length=60, pattern=r"^[^\x00]*$", description="A unit, state or region; empty for the country.")
]
BODY = {"requestBody": {"required": True, "content": CSV | {"text/plain": {"schema": {"type": "string"}}}}}
NOT_UTF8 = N_("El archivo no está en UTF-8: guárdelo con esa codificación.")


@router.get(
    "",
    operation_id="list_parameters",
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
    await draft_edits.require_version(read, actor, version)
    rows = await queries.parameters_of(read, version)
    tag = etag(queries.mark(rows))
    if wants_csv(request, format):
        headers = {"ETag": tag, "Content-Disposition": f'attachment; filename="baseline-{version}.csv"'}
        return Response(csv_io.to_csv(rows), headers=headers, media_type="text/csv; charset=utf-8")
    rows.sort(key=_place_of)
    after = texts_after(page.after, 3)
    left = [row for row in rows if after is None or _place_of(row) > after]
    shown = left[: page.limit]
    response.headers["ETag"] = tag
    set_links(response, request, encode_cursor(*_place_of(shown[-1])) if len(left) > page.limit else None)
    return [ParameterOut.model_validate(row) for row in shown]


def _place_of(parameter: Parameter) -> tuple[str, ...]:
    return parameter.key, parameter.scope, parameter.place


@router.put(
    "",
    operation_id="replace_parameters",
    summary="Replace every parameter of a draft by a table",
    responses=problem_responses(*WHO, *CHANGED, problems.ParametersInvalid, TooLarge),
    openapi_extra=BODY,
)
async def replace_parameters(
    actor: StaffApi, tx: Tx, version: Version, request: Request, response: Response, if_match: IfMatch = None
) -> ImportedOut:
    """CSV in UTF-8 with the columns of the one that is downloaded. All rows or none: errors name line and column."""
    await draft_edits.require_current(tx, actor, version, if_match)
    try:
        text = (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise problems.ParametersInvalid(fields=[FieldError("1", NOT_UTF8)]) from error
    count = await baselines.replace_parameters(tx, actor, version, csv_io.from_csv(text))
    response.headers["ETag"] = etag(await queries.mark_of(tx, version))
    return ImportedOut(parameters=count)


@router.put(
    "/{key}",
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
    await draft_edits.require_current(tx, actor, version, if_match)
    parameter = Parameter(key=key, scope=scope, place=place, **body.model_dump())
    written = await baselines.put_parameter(tx, actor, version, parameter)
    response.headers["ETag"] = etag(await queries.mark_of(tx, version))
    return ParameterOut.model_validate(written)


@router.delete(
    "/{key}",
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
    await draft_edits.require_current(tx, actor, version, if_match)
    await baselines.delete_parameter(tx, actor, version, key, scope, place)
    return Response(status_code=204, headers={"ETag": etag(await queries.mark_of(tx, version))})
