"""A repeated POST has one effect and one answer (IETF draft-ietf-httpapi-idempotency-key-header).

The key is claimed and the answer kept in the same transaction as the effect: a twin that arrives
meanwhile waits on the unique index and then gets the first answer, byte for byte. A refusal has no
effect, so it isn't kept: the same key may be tried again.
"""

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
from app.kernel.db import Base, Db, attempt
from app.kernel.db_errors import constraint_of
from app.kernel.problems import KeyReused

CONSTRAINT = "pk_idempotency_key"

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
_KEEP = text(KEY_INSERT + KEY_SELECT)
_FIND = text("SELECT fingerprint, status, headers, body FROM idempotency_key WHERE owner = :owner AND key = :key")
_FORGET = text("DELETE FROM idempotency_key WHERE created_at < :before")


def owner_of(actor: Actor) -> str:
    """Whose keys these are: two people may use the same key."""
    return f"{actor.kind}:{actor.id or ''}"


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """What makes a request the same request."""
    return hashlib.sha256(f"{method} {path}\n".encode() + body).digest()


async def request_fingerprint(request: Request) -> bytes:
    return fingerprint(request.method, request.url.path, await request.body())


def key_params(
    owner: str, key: str, mark: bytes, status: int, headers: Mapping[str, str], body: bytes
) -> dict[str, Any]:
    """The parameters of KEY_SELECT, for a hot statement that keeps its answer in one round trip."""
    return {
        "key_owner": owner,
        "key_key": key,
        "key_fingerprint": mark,
        "key_status": status,
        "key_headers": json.dumps(dict(headers)),
        "key_body": body,
        "key_created_at": clock.now(),
    }


def answer_of(row: Any, mark: bytes) -> Response:
    """The kept answer of a row of (fingerprint, status, headers, body).

    Raises:
        KeyReused: the key belongs to another request.
    """
    if bytes(row.fingerprint) != mark:
        raise KeyReused
    headers = row.headers if isinstance(row.headers, dict) else json.loads(row.headers)
    return Response(bytes(row.body), row.status, headers=headers | {"Idempotency-Replayed": "true"})


async def replay(session: Db, owner: str, key: str, mark: bytes) -> Response | None:
    """The first answer to this key, or None when the key is new."""
    row = (await session.execute(_FIND, {"owner": owner, "key": key})).one_or_none()
    return None if row is None else answer_of(row, mark)


async def keep(session: AsyncSession, owner: str, key: str, mark: bytes, answer: Response) -> None:
    """Keep this answer for the key, in the caller's transaction."""
    kept = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
    parameters = key_params(owner, key, mark, answer.status_code, kept, bytes(answer.body))
    await session.execute(_KEEP, parameters)


async def once(
    session: AsyncSession, actor: Actor, key: str, mark: bytes, make: Callable[[], Awaitable[Response]]
) -> Response:
    """Do `make` once for this key: a repetition gets the first answer and has no effect."""
    owner = owner_of(actor)
    first = await replay(session, owner, key, mark)
    if first is not None:
        return first
    try:
        async with attempt(session):
            answer = await make()
            await keep(session, owner, key, mark, answer)
    except IntegrityError as error:
        if constraint_of(error) != CONSTRAINT:
            raise
        twin = await replay(session, owner, key, mark)
        if twin is None:
            raise
        return twin
    return answer


async def forget_old(session: AsyncSession, hours: int) -> int:
    """Forget keys older than this; returns how many."""
    result = await session.execute(_FORGET, {"before": clock.now() - timedelta(hours=hours)})
    return int(result.rowcount)  # type: ignore[attr-defined] # a DELETE has a cursor result
