"""Metrics, each a number with its interval by group, from sums: what pages, JSON and CSV show."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.actor import Actor
from app.savings.rules.plan import Question
from app.savings.rules.tables import Row, Table
from app.savings.service.reporting import Terms

__all__ = ["Row", "Table", "Terms", "table"]


async def table(session: AsyncSession, actor: Actor, metric: str, question: Question, terms: Terms = Terms()) -> Table:
    """A metric's answer to a question, ordered by its groups. Analysts and administrators see all of it; for everybody
    else groups of few people are hidden, and what may be asked is narrower (`rules.public`).

    Raises:
        MetricUnknown; Unauthorized, WrongRole: the metric is for analysts; Invalid: it can't be told by that, or not to
        everybody; BaselineUnknown; FigureAbsent; PricesUnknown.
    """
    raise NotImplementedError
