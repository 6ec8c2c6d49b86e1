"""What the routes of requests share: the folio in the path, and the answer to a change, whole or minimal."""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Any

from fastapi import Header, Path, Request, Response
from pydantic import WithJsonSchema
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.problems import WrongRole
from app.kernel.actor import Citizen, Staff
from app.kernel.etags import etag
from app.kernel.http.responses import idempotent_response, json_response
from app.kernel.problems import KeyReused, NotFound, PreconditionRequired, Stale, Unauthorized
from app.registry.access_log import ViewContext, record_views
from app.requests import problems
from app.requests.presenters import detail_of
from app.requests.service.cases import Case

Folio = Annotated[str, Path(max_length=20, description="As printed; small letters and missing dashes are fine.")]
Prefer = Annotated[
    list[str] | None,
    # Several lines of a header are one list of texts (RFC 9110, 5.3); generators know headers of one text.
    WithJsonSchema({"type": "string", "examples": ["return=minimal"]}),
    Header(alias="Prefer", description="`return=minimal`: no body; Location and ETag say what was made (RFC 7240)."),
]
WHO = (Unauthorized, NotFound)
STAFF = (Unauthorized, WrongRole)
STATE = (problems.WrongState, problems.HelperIsOfficer)
IDEMPOTENT = (KeyReused,)
VERSIONED = (Stale, PreconditionRequired)
MINIMAL: dict[int | str, dict[str, Any]] = {204: {"description": "Done, with `Prefer: return=minimal`."}}

# Of several, the first one of a name counts (RFC 7240, section 2).
_RETURN = re.compile(r'\s*return\s*=\s*"?(?P<value>[^\s",;]+)', re.IGNORECASE)


def prefers_minimal(prefer: Iterable[str] | None) -> bool:
    """Whether the caller needs no representation of what was changed."""
    found = (_RETURN.match(one) for line in prefer or () for one in line.split(","))
    first = next((match["value"] for match in found if match), "")
    return first.lower() == "minimal"


async def answer_with(
    session: AsyncSession, actor: Citizen | Staff, case: Case, prefer: Iterable[str] | None, status: int = 200
) -> Response:
    """The request as the actor may see it now; without a body for who prefers that, and then it isn't shown."""
    row = case.request
    location = f"/api/v1/requests/{row.folio}" if status == 201 else None
    if prefers_minimal(prefer):
        return minimal(row.version, location)
    shown = await detail_of(session, actor, case)
    record_views(actor, ViewContext.CASE, {row.person_id: row.unit_id})
    return json_response(shown, status, version=row.version, location=location)


def minimal(version: int, location: str | None = None) -> Response:
    """An answer without a body: 201 for what was created, else 204."""
    headers = {"ETag": etag(version), "Preference-Applied": "return=minimal"}
    if location is not None:
        headers["Location"] = location
    return Response(status_code=204 if location is None else 201, headers=headers)


async def answer_once(
    tx: AsyncSession,
    actor: Citizen | Staff,
    key: str,
    request: Request,
    prefer: Iterable[str] | None,
    change: Callable[[], Awaitable[Case]],
) -> Response:
    """Make a change once per idempotency key, and answer with what it left."""

    async def make() -> Response:
        return await answer_with(tx, actor, await change(), prefer)

    return await idempotent_response(tx, actor, key, request, make)
