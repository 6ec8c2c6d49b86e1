"""Units of the agency, for anyone to read."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from app.identity.dependencies import AnonymousApi
from app.kernel.http.openapi import problem_responses, sends
from app.kernel.http.parameters import IfNoneMatch, PageQuery, Read
from app.kernel.http.responses import CACHED, cached_response, set_links, set_total
from app.kernel.paging import encode_cursor, position_after
from app.kernel.problems import NotFound
from app.kernel.schemas import FromRow
from app.places import queries
from app.places.rules import UnitKind

router = APIRouter(prefix="/api/v1", tags=["units"])


class UnitOut(FromRow):
    """A medical unit. `timezone` is an IANA name: times at the unit are read in it."""

    id: UUID
    clues: str
    name: str
    kind: UnitKind
    state: str
    municipality: str
    address: str | None
    postal_code: str | None
    latitude: float | None
    longitude: float | None
    timezone: str
    phone: str | None
    level: int | None
    is_operating: bool


@router.get(
    "/units",
    operation_id="list_units",
    openapi_extra=sends("Cache-Control", "Total-Count"),
    summary="Units, those in operation unless all are asked for",
    response_model=list[UnitOut],
    responses=CACHED,
)
async def list_units(
    _actor: AnonymousApi,
    read: Read,
    page: PageQuery,
    request: Request,
    state: Annotated[str | None, Query(min_length=2, max_length=2, description="First letters of the CLUES.")] = None,
    postal_code: Annotated[str | None, Query(pattern=r"^[0-9]{5}$")] = None,
    q: Annotated[
        str | None,
        Query(
            min_length=1, max_length=120, pattern=r"^[^\x00]*$", description="Words of the name, CLUES or municipality."
        ),
    ] = None,
    operating: Annotated[Literal["yes", "any"], Query(description="`any`: also those out of operation.")] = "yes",
    _known: IfNoneMatch = None,
) -> Response:
    """Ordered by CLUES; the Link header names the next page, and Total-Count of the first page how many there are."""
    place = position_after(page.after, str)
    after = place[0] if place else None
    chosen = {"state_code": state, "postal_code": postal_code, "named": q}
    is_operating = operating == "yes"
    rows = await queries.list_units(read, limit=page.limit + 1, after=after, operating_only=is_operating, **chosen)
    shown = rows[: page.limit]
    response = cached_response(request, [UnitOut.model_validate(unit) for unit in shown], by_language=False)
    set_links(response, request, encode_cursor(shown[-1].clues) if len(rows) > page.limit else None)
    if after is None:
        set_total(response, await queries.count_units(read, operating_only=is_operating, **chosen))
    return response


@router.get(
    "/units/{clues}",
    operation_id="get_unit",
    openapi_extra=sends("Cache-Control"),
    summary="One unit",
    response_model=UnitOut,
    responses=CACHED | problem_responses(NotFound),
)
async def get_unit(
    _actor: AnonymousApi,
    read: Read,
    request: Request,
    clues: Annotated[str, Path(max_length=20)],
    _known: IfNoneMatch = None,
) -> Response:
    """By its CLUES, as in the health ministry's catalogue."""
    unit = UnitOut.model_validate(await queries.unit_by_clues(read, clues))
    return cached_response(request, unit, by_language=False)
