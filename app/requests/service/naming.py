"""By which words a request is found: those of the person's name, and its unit."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.requests.rules.names import folded, vector
from app.requests.service.cases import Case

# In one order, so that two who bring the same new words wait for each other and never both; most bring none.
_KEEP = text(
    "INSERT INTO name_word (word) SELECT DISTINCT w FROM unnest(CAST(:words AS text[])) w"
    " WHERE NOT EXISTS (SELECT FROM name_word k WHERE k.word = w) ORDER BY w ON CONFLICT DO NOTHING"
)


async def name(session: AsyncSession, case: Case) -> None:
    """Make the request be found by its person's name as it is now, at its unit."""
    row, full_name = case.request, case.person.full_name
    row.search = vector(full_name, str(row.unit_id) if row.unit_id else None)
    await session.execute(_KEEP, {"words": folded(full_name)})
