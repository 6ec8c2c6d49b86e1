"""What a use case hands back: the value, and the very bytes kept for its idempotency key."""

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
from app.kernel.facts import spend
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
    """An effect that is in the database. `replayed`: it was there before, this is the first answer again."""

    value: Out
    body: bytes
    status: int
    headers: dict[str, str]
    replayed: bool = False


def first_result(value: Out, status: int, headers: dict[str, str] | None = None) -> IdempotentResult[Out]:
    """The answer about to be kept with the effect."""
    return IdempotentResult(value, value.model_dump_json().encode(), status, {"content-type": JSON} | (headers or {}))


def stored_result(row: Any, once: IdempotencyRequest, kind: type[Out]) -> IdempotentResult[Out] | None:
    """The first answer to this key, from a row that carries the key's columns; None when the key is new.

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
    """The parameters by which a load finds the kept answer."""
    return {"owner": idempotency.owner_of(actor), "key": once.key}


def idempotency_values(actor: Actor, once: IdempotencyRequest, done: IdempotentResult[Out]) -> dict[str, Any]:
    """The parameters by which a write keeps the answer."""
    owner = idempotency.owner_of(actor)
    return idempotency.key_params(owner, once.key, once.fingerprint, done.status, done.headers, done.body)


async def write(db: Db, actor: Actor, statement: TextClause, parameters: dict[str, Any]) -> bool:
    """Run a writing statement, and let its fact take the visit's time; False when its guard found nothing to do.

    Raises:
        TwinArrived: the same key was claimed a moment ago by the same request sent twice.
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
        await spend(db, actor)
    return written


async def _written(db: Db, statement: TextClause, parameters: dict[str, Any]) -> bool:
    if isinstance(db, AsyncSession):
        # In somebody's transaction a refusal must undo the statement only, so that the rest can go on.
        async with db.begin_nested():
            return (await db.execute(statement, parameters)).one_or_none() is not None
    return (await db.execute(statement, parameters)).one_or_none() is not None


class ConcurrentDuplicate(Exception):  # noqa: N818 # not a fault: the other one won
    """The key was claimed by a twin of this request; its answer is ours too."""


async def duplicate_result(
    db: Db, actor: Actor, once: IdempotencyRequest, kind: type[Out]
) -> IdempotentResult[Out] | None:
    """The answer a twin of this request got, if there is one."""
    answer = await idempotency.replay(db, idempotency.owner_of(actor), once.key, once.fingerprint)
    if answer is None:
        return None
    body = bytes(answer.body)
    headers = {name: value for name, value in answer.headers.items() if name != "idempotency-replayed"}
    headers.pop("content-length", None)
    return IdempotentResult(kind.model_validate_json(body), body, answer.status_code, headers, replayed=True)
