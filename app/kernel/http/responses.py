"""Responses as bytes, stored per idempotency key, so that a repeated request gets the identical response."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.actor import Actor
from app.kernel.etags import etag
from app.kernel.idempotency import owner_of, replay, request_fingerprint, run_once
from app.kernel.problems import Problem


async def idempotent_response(
    tx: AsyncSession, actor: Actor, key: str, request: Request, make: Callable[[], Awaitable[Response]]
) -> Response:
    """Call `make` once per idempotency key.

    A duplicate sent while the first request is in progress waits for the same row and then finds a changed state: it
    gets the first response, not that problem.
    """
    fingerprint_ = await request_fingerprint(request)
    try:
        return await run_once(tx, actor, key, fingerprint_, make)
    except Problem:
        first = await replay(tx, owner_of(actor), key, fingerprint_)
        if first is None:
            raise
        return first


def json_response(out: BaseModel, status: int, *, version: int | None = None, location: str | None = None) -> Response:
    """Return a model as a JSON response, with its ETag and Location."""
    headers = {"ETag": etag(version)} if version is not None else {}
    if location is not None:
        headers["Location"] = location
    return Response(out.model_dump_json(), status, headers=headers, media_type="application/json")
