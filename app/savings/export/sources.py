"""Which figures an answer rests on, each with its source: what a report prints beside its result."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.savings import queries
from app.savings.rules import model
from app.savings.rules.figures import Figure
from app.savings.rules.model import Feature
from app.savings.rules.plan import Question
from app.savings.service.reporting import planned


async def figures_behind(session: AsyncSession, question: Question, version: int) -> list[Figure]:
    """The rows of a version that the model reads for what the question is about, by key, scope and place.

    Raises:
        Invalid: the question can't be answered. BaselineUnknown.
    """
    where = planned(question)
    baseline = await queries.baseline_of(session, version)
    rows = await queries.sums(session, question, where, ("counted",), features=True)
    places = await queries.places_of(session, where.level, {row.place for row in rows})
    features = {Feature(row.service, places[row.place]) for row in rows}
    return sorted(model.figures_used(baseline, features), key=lambda figure: (figure.key, figure.scope, figure.place))
