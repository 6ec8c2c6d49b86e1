"""A repeated POST has one effect and one answer (IETF draft-ietf-httpapi-idempotency-key-header).

The key is claimed and the answer kept in the same transaction as the effect: a twin that arrives
meanwhile waits on the unique index and then gets the first answer, byte for byte. A refusal has no
effect, so it isn't kept: the same key may be tried again.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Header, Request, Response
from sqlalchemy import LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.db import Base, Db, release_connection, savepoint
from app.kernel.db_errors import constraint_of
from app.kernel.problems import KeyReused, Unavailable

CONSTRAINT = "pk_idempotency_key"
CLAIM_TIMEOUT = timedelta(minutes=15)
"""Longest that a request with a claimed key may be at work: the longest upload, and its examination."""
POLL_SECONDS, MAX_POLLS = 0.25, 40
KEY_FIELD = "idempotency_key"
"""The hidden field of a page's form that has its key."""

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Any unique text, such as a UUID. Repeat the request with the same key and get the same answer.",
        examples=["0192f0c4-7a51-7b6e-9d3a-3f2d8a6b1c55"],
    ),
]


class IdempotencyRow(Base):
    """The first answer to a key of an owner."""

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


class AlreadyAnswered(Exception):  # noqa: N818 # not a fault: the answer is there already
    """A request was made before. `answer` is what it led to."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def owner_of(actor: Actor) -> str:
    """Whose keys these are: two people may use the same key."""
    return f"{actor.kind}:{actor.id or ''}"


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """What makes a request the same request."""
    return hashlib.sha256(f"{method} {path}\n".encode() + body).digest()


async def request_fingerprint(request: Request) -> bytes:
    return fingerprint(request.method, request.url.path, await request.body())


def key_params(
    owner: str, key: str, fingerprint_: bytes, status: int, headers: Mapping[str, str], body: bytes
) -> dict[str, Any]:
    """The parameters of KEY_SELECT, for a hot statement that keeps its answer in one round trip."""
    return {
        "key_owner": owner,
        "key_key": key,
        "key_fingerprint": fingerprint_,
        "key_status": status,
        "key_headers": json.dumps(dict(headers)),
        "key_body": body,
        "key_created_at": clock.now(),
    }


def stored_response(row: Any, fingerprint_: bytes) -> Response:
    """The kept answer of a row of (fingerprint, status, headers, body).

    Raises:
        KeyReused: the key belongs to another request.
    """
    if bytes(row.fingerprint) != fingerprint_:
        raise KeyReused
    headers = row.headers if isinstance(row.headers, dict) else json.loads(row.headers)
    return Response(bytes(row.body), row.status, headers=headers | {"Idempotency-Replayed": "true"})


async def replay(session: Db, owner: str, key: str, fingerprint_: bytes) -> Response | None:
    """The first answer to this key, or None when the key is new."""
    row = (await session.execute(_FIND, {"owner": owner, "key": key})).one_or_none()
    return None if row is None else stored_response(row, fingerprint_)


async def store_response(session: AsyncSession, owner: str, key: str, fingerprint_: bytes, answer: Response) -> None:
    """Keep this answer for the key, in the caller's transaction."""
    kept = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
    parameters = key_params(owner, key, fingerprint_, answer.status_code, kept, bytes(answer.body))
    await session.execute(_INSERT, parameters)


async def run_once(
    session: AsyncSession, actor: Actor, key: str, fingerprint_: bytes, make: Callable[[], Awaitable[Response]]
) -> Response:
    """Do `make` once for this key: a repetition gets the first answer and has no effect."""
    owner = owner_of(actor)
    first = await replay(session, owner, key, fingerprint_)
    if first is not None:
        return first
    try:
        async with savepoint(session):
            answer = await make()
            await store_response(session, owner, key, fingerprint_, answer)
    except IntegrityError as error:
        if constraint_of(error) != CONSTRAINT:
            raise
        duplicate = await replay(session, owner, key, fingerprint_)
        if duplicate is None:
            raise
        return duplicate
    return answer


async def wait_for_duplicate(session: AsyncSession, key: object) -> None:
    """Wait until no other request with this key is at work. Before anything else is locked: of two presses of a button
    one waits here, and neither holds what the other needs."""
    if isinstance(key, str) and key:
        await session.execute(_WAIT, {"key": key})


async def claim_key(session: AsyncSession, owner: str, key: str, fingerprint_: bytes) -> Any | None:
    """Claim a key before its effect. Comes back as the row (fingerprint, status, headers, body) of the first request
    with this key, which is waited for; None when the key is the caller's.

    An effect may commit in the middle (`db.released`): its key is then claimed without an answer. Another request waits
    for that answer, and takes the key over from one that can't be at work any more.

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
    """Claim the key of a request that was answered without being done whole, for another request. Whether it is the
    caller's now: of two at once, one gets it. The first answer stays until another is stored; without one, give the key
    back to `first` in the same way."""
    asked = {"owner": owner, "key": key, "first": first, "mark": fingerprint_, "now": clock.now()}
    return (await session.execute(_CLAIM_AGAIN, asked)).one_or_none() is not None


async def find_response(session: AsyncSession, owner: str, key: str) -> Any | None:
    """The row (fingerprint, status, headers, body) of a key, None when it is new."""
    return (await session.execute(_FIND, {"owner": owner, "key": key})).one_or_none()


async def set_response(
    session: AsyncSession, owner: str, key: str, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    """Store the answer of a key that was claimed."""
    stored = {"owner": owner, "key": key, "status": status, "headers": json.dumps(dict(headers)), "body": body}
    await session.execute(_STORE, stored)


async def release_key(session: AsyncSession, owner: str, key: str) -> None:
    """Release a key that was claimed: the request had no effect, and may be made again."""
    await session.execute(_RELEASE, {"owner": owner, "key": key})


async def delete_old_keys(session: AsyncSession, hours: int) -> int:
    """Forget keys older than this; returns how many."""
    result = await session.execute(_DELETE_OLD, {"before": clock.now() - timedelta(hours=hours)})
    return int(result.rowcount)  # type: ignore[attr-defined] # a DELETE has a cursor result
