"""Idempotent results: the value, and the exact bytes stored for its idempotency key."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import TextClause

from app.kernel import idempotency
from app.kernel.actor import Actor
from app.kernel.db import Db
from app.kernel.db_errors import constraint_of, translate_errors
from app.kernel.events import consume_active_time
from app.kernel.problems import KeyReused

Out = TypeVar("Out", bound=BaseModel)
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class IdempotencyRequest:
    """The idempotency key of a request, and what makes it the same request."""

    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class IdempotentResult(Generic[Out]):
    """A committed effect. `replayed`: the stored response of the first request with this key."""

    value: Out
    body: bytes
    status: int
    headers: dict[str, str]
    replayed: bool = False


def first_result(value: Out, status: int, headers: dict[str, str] | None = None) -> IdempotentResult[Out]:
    """Return the response that is stored with the effect."""
    return IdempotentResult(value, value.model_dump_json().encode(), status, {"content-type": JSON} | (headers or {}))


def stored_result(row: Any, once: IdempotencyRequest, kind: type[Out]) -> IdempotentResult[Out] | None:
    """Return the stored response of this key from a loaded row; None when the key is new.

    Raises:
        KeyReused: the key belongs to another request.
    """
    if row.fingerprint is None:
        return None
    if bytes(row.fingerprint) != once.fingerprint:
        raise KeyReused
    body = bytes(row.body)
    return IdempotentResult(kind.model_validate_json(body), body, row.status, dict(row.headers), replayed=True)


def idempotency_params(actor: Actor, once: IdempotencyRequest) -> dict[str, str]:
    """Return the parameters that find the stored response."""
    return {"owner": idempotency.owner_of(actor), "key": once.key}


def idempotency_values(actor: Actor, once: IdempotencyRequest, done: IdempotentResult[Out]) -> dict[str, Any]:
    """Return the parameters that store the response."""
    owner = idempotency.owner_of(actor)
    return idempotency.key_params(owner, once.key, once.fingerprint, done.status, done.headers, done.body)


async def write(db: Db, actor: Actor, statement: TextClause, parameters: dict[str, Any]) -> bool:
    """Run a writing statement, and let its event consume the session's active time; False when its guard found nothing
    to do.

    Raises:
        ConcurrentDuplicate: a concurrent duplicate of the request claimed the key.
        Problem: the one a violated constraint means.
    """
    try:
        with translate_errors():
            written = await _written(db, statement, parameters)
    except DBAPIError as error:
        if constraint_of(error) == idempotency.CONSTRAINT:
            raise ConcurrentDuplicate from error
        raise
    if written:
        await consume_active_time(db, actor)
    return written


async def _written(db: Db, statement: TextClause, parameters: dict[str, Any]) -> bool:
    if isinstance(db, AsyncSession):
        # In a caller's transaction a refusal must undo the statement only, so that the rest can go on.
        async with db.begin_nested():
            return (await db.execute(statement, parameters)).one_or_none() is not None
    return (await db.execute(statement, parameters)).one_or_none() is not None


class ConcurrentDuplicate(Exception):  # noqa: N818 # not a fault: the other one won
    """A concurrent duplicate claimed the key; its response is ours too."""


async def duplicate_result(
    db: Db, actor: Actor, once: IdempotencyRequest, kind: type[Out]
) -> IdempotentResult[Out] | None:
    """Return the response of a concurrent duplicate, if there is one."""
    answer = await idempotency.replay(db, idempotency.owner_of(actor), once.key, once.fingerprint)
    if answer is None:
        return None
    body = bytes(answer.body)
    headers = {name: value for name, value in answer.headers.items() if name != "idempotency-replayed"}
    headers.pop("content-length", None)
    return IdempotentResult(kind.model_validate_json(body), body, answer.status_code, headers, replayed=True)
