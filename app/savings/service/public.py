"""Metrics as anyone sees them: computed from what was released, and saying what is missing in them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from app.savings import queries
from app.savings.queries import Coverage, Parts
from app.savings.queries import Row as Sums
from app.savings.rules.disclosure import OTHERS
from app.savings.rules.families import family_of
from app.savings.rules.metrics import Metric, estimate
from app.savings.rules.model import Told
from app.savings.rules.plan import PERIODS, Question
from app.savings.rules.public import months_of, pins
from app.savings.rules.tables import Row, Table
from app.savings.service import costing, reporting
from app.savings.service.costing import Mix
from app.savings.service.reporting import ALL, Answer, Terms


async def saved(
    session: AsyncSession,
    question: Question,
    terms: Terms,
    dim: str,
    *,
    told: tuple[Told, ...] = ALL,
    bars: bool = False,
) -> Answer:
    """What was saved, from what was released.

    Raises:
        BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    rows = await queries.released_sums(session, question, family_of("savings"), dim, features=True)
    columns = {name: np.array([row.sums[name] for row in rows], dtype=float) for name in reporting.READ}
    parts = Parts([row.keys for row in rows], [row.service for row in rows], [row.place for row in rows], columns)
    places = await queries.regions_and_states(session, set(parts.places))
    return await reporting.valued(session, question, parts, places, terms, told=told, bars=bars)


async def cost(session: AsyncSession, metric: Metric, question: Question, terms: Terms, dim: str) -> Table:
    """What a transaction costs on average, from what was released.

    Raises:
        BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    rows = await queries.released_sums(session, question, family_of(metric.id), dim, features=True)
    found = {(*row.keys, row.service, row.place): Mix(**row.sums) for row in rows}
    places = await queries.regions_and_states(session, {row.place for row in rows})
    return await costing.valued(session, metric, question, terms, found, places)


async def summed(session: AsyncSession, metric: Metric, question: Question, dim: str) -> Table:
    """A share or a mean, from what was released."""
    family = family_of(metric.id)
    rows = await queries.released_sums(session, question, family, dim)
    total = {name: sum(row.sums[name] for row in rows) for name in family.amounts}
    told = tuple(_row(metric, row) for row in rows)
    return Table(question, metric.id, metric.unit, question.by, told, _row(metric, Sums((), "", "", total)))


def _row(metric: Metric, sums: Sums) -> Row:
    made = estimate(metric, sums.sums)
    return Row(sums.keys, made.value, made.low, made.high, made.n)


async def marked(session: AsyncSession, table: Table, question: Question, dim: str) -> Table:
    """The table, with what is missing in it said: groups that are partial, and months of which nothing is told."""
    months = months_of(question.since, question.until)
    cover = await queries.coverage(session, question, family_of(table.metric), dim, months)
    rows = [_marked(row, question, cover) for row in table.rows]
    if len(question.by) == 1 and question.by[0] in PERIODS:
        listed = {row.keys for row in rows}
        missing = [period for period, told in cover.items() if told.months and period and (period,) not in listed]
        rows += [Row((period,), None, None, None, None, suppressed=True, partial=True) for period in missing]
    return replace(table, rows=tuple(rows), total=_marked(table.total, question, cover))


def _marked(row: Row, question: Question, cover: Mapping[date | None, Coverage]) -> Row:
    told = cover.get(_period(row.keys, question), cover[None])
    services, others = pins(question, question.by if row.keys else ())
    is_others = OTHERS in row.keys
    partial = told.months or (not is_others and ((services and told.services) or (others and told.others)))
    made = replace(row, partial=partial)
    return made.hidden() if partial and not row.n else made


def _period(keys: tuple[Any, ...], question: Question) -> date | None:
    return next((key for name, key in zip(question.by, keys, strict=False) if name in PERIODS), None)
