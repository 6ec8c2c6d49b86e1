"""Which parameters an answer rests on, each with its source: what a report prints beside its result."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.savings import queries
from app.savings.rules import model
from app.savings.rules.model import Feature
from app.savings.rules.parameters import Parameter
from app.savings.rules.plan import MetricQuery
from app.savings.service.estimates import planned


async def parameters_behind(session: AsyncSession, query: MetricQuery, version: int) -> list[Parameter]:
    """The rows of a version that the model reads for what the question is about, by key, scope and place.

    Raises:
        Invalid: the question can't be answered. BaselineUnknown.
    """
    where = planned(query)
    baseline = await queries.baseline_of(session, version)
    rows = await queries.sums(session, query, where, ("counted",), features=True)
    places = await queries.places_of(session, where.geography, {row.place for row in rows})
    features = {Feature(row.service, places[row.place]) for row in rows}
    return sorted(
        model.parameters_used(baseline, features),
        key=lambda parameter: (parameter.key, parameter.scope, parameter.place),
    )
