"""One open request a person, service and thing asked for: the one there is gets shown, another isn't made."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.db import savepoint
from app.kernel.db_errors import constraint_of
from app.requests.problems import AlreadyOpen
from app.requests.queries.own import open_duplicate


async def refuse_duplicate(session: AsyncSession, person_id: UUID, service: str, key: str) -> None:
    """Show the open request rather than make another.

    Raises:
        AlreadyOpen: with its folio.
    """
    folio = await open_duplicate(session, person_id, service, key)
    if folio is not None:
        raise AlreadyOpen(extra={"folio": folio})


@asynccontextmanager
async def only_one(session: AsyncSession, person_id: UUID, service: str, key: str) -> AsyncIterator[None]:
    """Write a request as open: checked before, and again on a concurrent insert.

    Raises:
        AlreadyOpen: with the folio of the open one.
    """
    await refuse_duplicate(session, person_id, service, key)
    try:
        async with savepoint(session):
            yield
    except IntegrityError as error:
        if constraint_of(error) == "uq_request_open":
            await refuse_duplicate(session, person_id, service, key)
        raise
