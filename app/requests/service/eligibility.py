"""What the registry says of a request before its form is filled in."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.registry.models import Person
from app.registry.queries import today_of
from app.requests.outcomes import check_out
from app.requests.queries.facts import load_facts
from app.requests.rules.checking import refused_before
from app.requests.schemas import CheckOut


async def refused_beforehand(session: AsyncSession, service: Service, person: Person) -> list[CheckOut]:
    """The checks by which the person's request would be refused today whatever they answer, as they may see them."""
    facts = await load_facts(session, service, person, {}, await today_of(session, person))
    return [check_out(service, check.kept(), for_staff=False) for check in refused_before(service, facts)]
