"""The search index of requests: the words of the person's name, and the unit."""

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.registry.models import Person
from app.requests.models import Request
from app.requests.rules.names import folded, vector
from app.requests.service.cases import Case

# In one order, so that two who bring the same new words wait for each other and never both; most bring none.
_KEEP = text(
    "INSERT INTO name_word (word) SELECT DISTINCT w FROM unnest(CAST(:words AS text[])) w"
    " WHERE NOT EXISTS (SELECT FROM name_word k WHERE k.word = w) ORDER BY w ON CONFLICT DO NOTHING"
)


async def index_request(session: AsyncSession, case: Case) -> None:
    """Index the request by its person's name as it is now, at its unit."""
    row, full_name = case.request, case.person.full_name
    row.search = vector(full_name, str(row.unit_id) if row.unit_id else None)
    await session.execute(_KEEP, {"words": folded(full_name)})


async def reindex_person(session: AsyncSession, person: Person) -> None:
    """Reindex every request of a person by their name as it is now."""
    full_name = person.full_name
    mine = select(Request.unit_id).where(Request.person_id == person.id, Request.search.is_not(None)).distinct()
    for unit_id in (await session.scalars(mine)).all():
        there = (Request.person_id == person.id, Request.unit_id.is_not_distinct_from(unit_id))
        found = update(Request).where(*there, Request.search.is_not(None))
        await session.execute(found.values(search=vector(full_name, str(unit_id) if unit_id else None)))
    await session.execute(_KEEP, {"words": folded(full_name)})
