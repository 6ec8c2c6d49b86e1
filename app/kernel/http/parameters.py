"""What routes of every package take: a session, a page of a list, a version read before, an idempotency key."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Header, Query
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.db import reading, transaction
from app.kernel.paging import MAX_LIMIT, Page, decode_cursor

IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=200, description="The ETag of the version you read.")
]

IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", max_length=200, description="The ETag of what you have: 304 if it is so.")
]

LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=200, description="The id of the last message: what came since is sent."),
]

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


async def _tx() -> AsyncIterator[AsyncSession]:
    async with transaction() as session:
        yield session


async def _read() -> AsyncIterator[AsyncSession]:
    async with reading() as session:
        yield session


# The scope makes the commit come before the response: a commit that fails becomes a problem.
Tx = Annotated[AsyncSession, Depends(_tx, scope="function")]
Read = Annotated[AsyncSession, Depends(_read, scope="function")]


async def _page(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows a page.")] = 20,
    cursor: Annotated[str | None, Query(max_length=300, description="From the Link header, unchanged.")] = None,
) -> Page:
    return Page(limit, decode_cursor(cursor) if cursor else None)


PageQuery = Annotated[Page, Depends(_page)]
