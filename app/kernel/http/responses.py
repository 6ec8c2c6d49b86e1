"""JSON responses: of a model, of an effect that happens once per idempotency key, of a page of a list, and of what
anyone may keep for a while."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel, TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.actor import Actor
from app.kernel.etags import etag, is_unchanged
from app.kernel.i18n import language
from app.kernel.idempotency import IdempotencyRequest, StoredResponse, fingerprint, run_once


class AlreadyAnswered(Exception):  # noqa: N818 # not an error: the response exists already
    """The request was answered before. `answer` is its response."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def json_response(
    out: BaseModel, status: int, *, version: int | str | None = None, location: str | None = None
) -> Response:
    """Return a model as a JSON response, with the ETag of its version and its Location."""
    headers = {"ETag": etag(version)} if version is not None else {}
    if location is not None:
        headers["Location"] = location
    return Response(out.model_dump_json(), status, headers=headers, media_type="application/json")


async def request_fingerprint(request: Request) -> bytes:
    """Return what makes a repetition of this request the same: its method, path and body."""
    return fingerprint(request.method, request.scope["path"], await request.body())


async def idempotent_response(
    tx: AsyncSession, actor: Actor, key: str, request: Request, make: Callable[[], Awaitable[Response]]
) -> Response:
    """Call `make` once per idempotency key; a repetition gets the first response and has no effect.

    Raises:
        KeyReused: the key belongs to another request.
    """

    async def stored() -> StoredResponse:
        answer = await make()
        return StoredResponse(answer.status_code, dict(answer.headers), bytes(answer.body))

    once = IdempotencyRequest(key, await request_fingerprint(request))
    return response_of(await run_once(tx, actor, once, stored))


async def idempotent_model(
    tx: AsyncSession,
    actor: Actor,
    key: str,
    request: Request,
    change: Callable[[], Awaitable[BaseModel]],
    status: int = 200,
) -> Response:
    """The same for a change whose response is a model without a version."""

    async def make() -> Response:
        return json_response(await change(), status)

    return await idempotent_response(tx, actor, key, request, make)


async def idempotent_change(
    tx: AsyncSession, actor: Actor, key: str, request: Request, change: Callable[[], Awaitable[object]]
) -> Response:
    """The same for a change whose response has no body."""

    async def make() -> Response:
        await change()
        return Response(status_code=204)

    return await idempotent_response(tx, actor, key, request, make)


def response_of(stored: StoredResponse) -> Response:
    """Return a stored response, marked when it is a repetition."""
    headers = {name: value for name, value in stored.headers.items() if name != "content-length"}
    return Response(
        stored.body, stored.status, headers=headers | ({"Idempotency-Replayed": "true"} if stored.replayed else {})
    )


def set_total(response: Response, count: int) -> None:
    """Say with the first page of a list how many rows it has in all."""
    response.headers["Total-Count"] = str(count)


def set_links(response: Response, request: Request, next_cursor: str | None) -> None:
    """Name the next page in a Link header, when there is one."""
    if next_cursor is not None:
        url = request.url.include_query_params(cursor=next_cursor)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'


_ANY: TypeAdapter[Any] = TypeAdapter(Any)
PUBLIC_SECONDS = 300
"""How long what anyone may read is fresh: a change shows after that at the latest."""
CACHED: dict[int | str, dict[str, Any]] = {304: {"description": "What If-None-Match names is still so."}}
"""Of `responses=` of a route that answers with `cached_response`."""


def cached_response(request: Request, content: Any, *, by_language: bool = True) -> Response:
    """Return what anyone may read, to be kept by any cache: JSON with a validator, and 304 without a body for who has
    it already. `content`: a model, a list of models, or the bytes of the JSON. `by_language`: it has texts."""
    body = content if isinstance(content, bytes) else _ANY.dump_json(content)
    # Weak: the same whether or not it is compressed.
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={PUBLIC_SECONDS}"}
    if by_language:
        headers |= {"Vary": "Accept-Language", "Content-Language": language()}
    if is_unchanged(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
