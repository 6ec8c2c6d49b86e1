"""Idempotency keys: a repeated POST has one effect and one response (draft-ietf-httpapi-idempotency-key-header).

The key is claimed and the response stored in the transaction of the effect: a concurrent duplicate waits on the unique
index and then gets the first response, byte for byte. A problem has no effect and isn't stored: the same key can be
used again.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from pydantic import BaseModel
from sqlalchemy import LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import TextClause

from app.kernel import clock
from app.kernel.actor import Actor, doer_of
from app.kernel.db import Base, Db, release_connection, rows_written
from app.kernel.db_errors import constraint_of, translate_errors
from app.kernel.events import consume_active_time
from app.kernel.problems import KeyReused, Problem, Unavailable

CONSTRAINT = "pk_idempotency_key"
CLAIM_TIMEOUT = timedelta(minutes=15)
"""Maximum duration of a request with a claimed key: the longest upload and its examination."""
POLL_SECONDS, MAX_POLLS = 0.25, 40
KEY_FIELD = "idempotency_key"
"""Hidden form field with the key of a page's form."""


class IdempotencyRow(Base):
    """The response stored for a key of an owner."""

    __tablename__ = "idempotency_key"

    owner: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int] = mapped_column(SmallInteger)
    headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


KEY_INSERT = "INSERT INTO idempotency_key (owner, key, fingerprint, status, headers, body, created_at) "
KEY_SELECT = (
    "SELECT CAST(:key_owner AS text), CAST(:key_key AS text), CAST(:key_fingerprint AS bytea), "
    "CAST(:key_status AS smallint), CAST(:key_headers AS jsonb), CAST(:key_body AS bytea), "
    "CAST(:key_created_at AS timestamptz)"
)
_INSERT = text(KEY_INSERT + KEY_SELECT)
_FIND = text("SELECT fingerprint, status, headers, body FROM idempotency_key WHERE owner = :owner AND key = :key")
_FIND_SAME = text(
    "SELECT fingerprint, status, headers, body FROM idempotency_key"
    " WHERE owner = :owner AND fingerprint = :mark AND status <> 0 ORDER BY created_at DESC LIMIT 1"
)
_DELETE_OLD = text("DELETE FROM idempotency_key WHERE created_at < :before")


_CLAIM = text(
    "INSERT INTO idempotency_key (owner, key, fingerprint, status, headers, body, created_at) VALUES"
    " (:owner, :key, :mark, 0, '{}', '', :now) ON CONFLICT (owner, key) DO UPDATE"
    " SET created_at = excluded.created_at, fingerprint = excluded.fingerprint"
    " WHERE idempotency_key.status = 0 AND idempotency_key.created_at < :dead RETURNING key"
)
_CLAIM_AGAIN = text(
    "UPDATE idempotency_key SET fingerprint = :mark, created_at = :now"
    " WHERE owner = :owner AND key = :key AND fingerprint = :first AND status <> 0 RETURNING key"
)
_STORE = text(
    "UPDATE idempotency_key SET status = :status, headers = CAST(:headers AS jsonb), body = :body"
    " WHERE owner = :owner AND key = :key"
)
_WAIT = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
_RELEASE = text("DELETE FROM idempotency_key WHERE owner = :owner AND key = :key AND status = 0")


Out = TypeVar("Out", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class IdempotencyRequest:
    """The idempotency key of a request, and what makes it the same request."""

    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response as it is stored for its key. `replayed`: it is that of the first request with this key."""

    status: int
    headers: dict[str, str]
    body: bytes
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class IdempotentResult(StoredResponse, Generic[Out]):
    """The response of a committed effect, and what it says."""

    value: Out = None  # type: ignore[assignment] # it follows fields that have defaults, and is always given


def owner_of(actor: Actor) -> str:
    """Return the owner of the actor's keys: different actors may use the same key, and so may one member of staff who
    acts for different people."""
    doer = doer_of(actor)
    owner = f"{doer.kind}:{doer.id or ''}"
    return owner if doer is actor else f"{owner}:{actor.id}"


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """Return the digest that identifies a request."""
    return hashlib.sha256(f"{method} {path}\n".encode() + body).digest()


def first_result(value: Out, status: int, headers: dict[str, str] | None = None) -> IdempotentResult[Out]:
    """Return the response that is stored with the effect."""
    body = value.model_dump_json().encode()
    return IdempotentResult(status, {"content-type": "application/json"} | (headers or {}), body, value=value)


def stored_response(row: Any, once: IdempotencyRequest) -> StoredResponse | None:
    """Return the response stored in a row of (fingerprint, status, headers, body); None when the key is new.

    Raises:
        KeyReused: the key belongs to another request.
    """
    if row is None or row.fingerprint is None:
        return None
    if bytes(row.fingerprint) != once.fingerprint:
        raise KeyReused
    headers = row.headers if isinstance(row.headers, dict) else json.loads(row.headers)
    return StoredResponse(row.status, headers, bytes(row.body), replayed=True)


def stored_result(row: Any, once: IdempotencyRequest, kind: type[Out]) -> IdempotentResult[Out] | None:
    """Return the result stored in such a row; None when the key is new.

    Raises:
        KeyReused: the key belongs to another request.
    """
    stored = stored_response(row, once)
    if stored is None:
        return None
    value = kind.model_validate_json(stored.body)
    return IdempotentResult(stored.status, stored.headers, stored.body, replayed=True, value=value)


def key_params(actor: Actor, once: IdempotencyRequest) -> dict[str, Any]:
    """Return the parameters that find the response stored for a key, for a statement that loads more than that."""
    return {"owner": owner_of(actor), "key": once.key}


def key_values(actor: Actor, once: IdempotencyRequest, response: StoredResponse) -> dict[str, Any]:
    """Return the parameters of KEY_SELECT, for a hot statement that stores its response in the same round trip."""
    return {
        "key_owner": owner_of(actor),
        "key_key": once.key,
        "key_fingerprint": once.fingerprint,
        "key_status": response.status,
        "key_headers": json.dumps(response.headers),
        "key_body": response.body,
        "key_created_at": clock.now(),
    }


async def replay(session: Db, actor: Actor, once: IdempotencyRequest) -> StoredResponse | None:
    """Return the response stored for this key; None if the key is new.

    Raises:
        KeyReused: the key belongs to another request.
    """
    row = (await session.execute(_FIND, key_params(actor, once))).one_or_none()
    return stored_response(row, once)


async def replay_result(
    db: Db, actor: Actor, once: IdempotencyRequest, kind: type[Out]
) -> IdempotentResult[Out] | None:
    """Return the result stored for this key; None if the key is new.

    Raises:
        KeyReused: the key belongs to another request.
    """
    row = (await db.execute(_FIND, key_params(actor, once))).one_or_none()
    return stored_result(row, once, kind)


async def run_once(
    session: AsyncSession, actor: Actor, once: IdempotencyRequest, make: Callable[[], Awaitable[StoredResponse]]
) -> StoredResponse:
    """Call `make` once for this key; a repetition gets the first response and has no effect.

    A duplicate sent while the first request is in progress waits for it, on the rows it changes or on the key, and then
    finds a changed state: it gets the first response, not the problem that this state is.

    `session` is in a transaction of this request alone: when it fails, everything in it is rolled back.

    Raises:
        KeyReused: the key belongs to another request.
    """
    first = await replay(session, actor, once)
    if first is not None:
        return first
    try:
        response = await make()
        await session.flush()
        headers = {name: value for name, value in response.headers.items() if name.lower() != "content-length"}
        await session.execute(_INSERT, key_values(actor, once, replace(response, headers=headers)))
    except (IntegrityError, Problem) as error:
        if isinstance(error, IntegrityError) and constraint_of(error) != CONSTRAINT:
            raise
        await session.rollback()
        duplicate = await replay(session, actor, once)
        if duplicate is None:
            raise
        return duplicate
    return response


async def write_once(
    db: Db,
    actor: Actor,
    once: IdempotencyRequest,
    statement: TextClause,
    parameters: Mapping[str, Any],
    done: IdempotentResult[Out],
) -> IdempotentResult[Out] | None:
    """Run a hot statement that does all at once: its guarded effect, its event, and `done` stored by KEY_SELECT.

    Returns `done`, or the first response of a concurrent duplicate; None when the guard found nothing to do. The event
    consumes the session's active time.

    Raises:
        Problem: the one a violated constraint means.
    """
    try:
        with translate_errors():
            written = await _written(db, statement, {**parameters, **key_values(actor, once, done)})
    except DBAPIError as error:
        if constraint_of(error) != CONSTRAINT:
            raise
        written = False
    if written:
        await consume_active_time(db, actor)
        return done
    return await replay_result(db, actor, once, type(done.value))


async def _written(db: Db, statement: TextClause, parameters: dict[str, Any]) -> bool:
    if isinstance(db, AsyncSession):
        # In a caller's transaction a refusal must undo the statement only, so that the rest can go on.
        async with db.begin_nested():
            return (await db.execute(statement, parameters)).one_or_none() is not None
    return (await db.execute(statement, parameters)).one_or_none() is not None


async def wait_for_duplicate(session: AsyncSession, key: object) -> None:
    """Wait until no other request with this key is in progress. Called before other locks are taken: of two submissions
    of a form one waits here, and neither blocks the other."""
    if isinstance(key, str) and key:
        await session.execute(_WAIT, {"key": key})


async def claim_key(session: AsyncSession, owner: str, key: str, fingerprint_: bytes) -> Any | None:
    """Claim a key before the effect. Return the row (fingerprint, status, headers, body) of the first request with this
    key, after waiting for it; None if the caller now owns the key.

    An effect may commit midway (`db.release_connection`): its key is then claimed without a response. Another request
    waits for that response, and takes the key over once the claim has timed out.

    Raises:
        Unavailable: the first request takes too long.
    """
    names = {"owner": owner, "key": key}
    for _ in range(MAX_POLLS):
        asked = names | {"mark": fingerprint_, "now": clock.now(), "dead": clock.now() - CLAIM_TIMEOUT}
        if (await session.execute(_CLAIM, asked)).one_or_none() is not None:
            return None
        first = await find_response(session, owner, key)
        if first is not None and first.status:
            return first
        async with release_connection(session):
            await asyncio.sleep(POLL_SECONDS)
    raise Unavailable


async def reclaim_key(session: AsyncSession, owner: str, key: str, first: bytes, fingerprint_: bytes) -> bool:
    """Claim the key of a request that was answered but not completed, for another request; return whether the caller
    now owns it. The first response stays until another is stored; to undo the claim, reclaim the key for `first`."""
    asked = {"owner": owner, "key": key, "first": first, "mark": fingerprint_, "now": clock.now()}
    return (await session.execute(_CLAIM_AGAIN, asked)).one_or_none() is not None


async def find_response(session: AsyncSession, owner: str, key: str) -> Any | None:
    """Return the row (fingerprint, status, headers, body) of a key; None if it is new."""
    return (await session.execute(_FIND, {"owner": owner, "key": key})).one_or_none()


async def find_same(session: AsyncSession, owner: str, fingerprint_: bytes) -> Any | None:
    """Return the row (fingerprint, status, headers, body) of the latest answered request of this owner that was the
    same, whatever its key; None if there was none."""
    return (await session.execute(_FIND_SAME, {"owner": owner, "mark": fingerprint_})).one_or_none()


async def set_response(
    session: AsyncSession, owner: str, key: str, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    """Store the response of a claimed key."""
    stored = {"owner": owner, "key": key, "status": status, "headers": json.dumps(dict(headers)), "body": body}
    await session.execute(_STORE, stored)


async def release_key(session: AsyncSession, owner: str, key: str) -> None:
    """Release a claimed key: the request had no effect and can be repeated."""
    await session.execute(_RELEASE, {"owner": owner, "key": key})


async def delete_old_keys(session: AsyncSession, hours: int) -> int:
    """Delete keys older than `hours`; return how many."""
    return await rows_written(session, _DELETE_OLD, {"before": clock.now() - timedelta(hours=hours)})
