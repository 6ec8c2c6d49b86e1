"""What the routes of requests share: the folio in the path, a version in If-Match, an answer made once."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Path, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.problems import WrongRole
from app.kernel.actor import Actor
from app.kernel.etags import etag
from app.kernel.idempotency import once, owner_of, replay, request_fingerprint
from app.kernel.problems import KeyReused, NotFound, PreconditionRequired, Problem, Stale, Unauthorized

Folio = Annotated[str, Path(max_length=20, description="As printed; small letters and missing dashes are fine.")]
WHO = (Unauthorized, NotFound)
STAFF = (Unauthorized, WrongRole)
ONCE = (KeyReused,)
VERSIONED = (Stale, PreconditionRequired)


async def made_once(
    tx: AsyncSession, actor: Actor, key: str, request: Request, make: Callable[[], Awaitable[Response]]
) -> Response:
    """Do `make` once for this key.

    A repetition sent while the first is under way waits for the same row, and then finds the request changed: it gets
    the first answer, not that refusal.
    """
    mark = await request_fingerprint(request)
    try:
        return await once(tx, actor, key, mark, make)
    except Problem:
        first = await replay(tx, owner_of(actor), key, mark)
        if first is None:
            raise
        return first


def made(out: BaseModel, status: int, *, version: int | None = None, location: str | None = None) -> Response:
    """An answer as bytes, so that a repeated key gets the very same."""
    headers = {"ETag": etag(version)} if version is not None else {}
    if location is not None:
        headers["Location"] = location
    return Response(out.model_dump_json(), status, headers=headers, media_type="application/json")
