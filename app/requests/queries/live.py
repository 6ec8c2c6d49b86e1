"""Whether a request, or a queue, changed: what pages and streams say, which is no more than that."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock
from app.kernel.actor import Staff, System
from app.kernel.db import Db
from app.kernel.ids import uuid7_at
from app.kernel.versions import Version
from app.requests.events import ALL_QUEUES, queue_topic
from app.requests.models import Request
from app.requests.queries import own
from app.requests.queries.queue import roles_of, units_of
from app.requests.statements import STATEMENTS

# Not `work.*`, which is about who has it: of these, the person's page shows that someone began.
_EVENTS = text(
    "SELECT count(*) AS events FROM event WHERE subject_id = CAST(:id AS uuid) AND id >= CAST(:first_id AS uuid)"
    " AND (type LIKE 'request.%' OR type = 'work.claimed')"
)
_QUEUE = STATEMENTS.load("queue_version")


async def request_version(session: AsyncSession, row: Request) -> Version:
    """Which version of a request this is."""
    asked = {"id": row.id, "first_id": uuid7_at(row.created_at)}
    return Version.of(row.folio, row.version, await session.scalar(_EVENTS, asked))


async def latest_version(session: AsyncSession, folio: str) -> Version:
    """The same, as the database has it now, for every reader: who may read it was looked at before.

    Raises:
        NotFound: there is none.
    """
    return await request_version(session, await own.own_request(session, System("live"), folio))


def queue_topics(actor: Staff) -> list[str]:
    """The topics of the actor's queue.

    Raises:
        WrongRole: the actor doesn't decide requests.
    """
    units = units_of(actor)
    return [ALL_QUEUES] if units is None else [queue_topic(unit_id) for unit_id in units]


async def queue_version(db: Db, actor: Staff) -> Version:
    """Which version of the actor's queue there is now: of the requests in it, who has them and what is due.

    Raises:
        WrongRole: the actor doesn't decide requests.
    """
    asked = {"units": units_of(actor), "roles": roles_of(actor.role), "now": clock.now()}
    (digest,) = [row.digest for row in await db.execute(_QUEUE, asked)]
    return Version.of(digest)
