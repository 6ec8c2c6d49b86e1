"""Public metrics: computed from the public release, with their gaps marked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from app.savings import queries
from app.savings.queries import Coverage, GroupTotals
from app.savings.queries import Row as Sums
from app.savings.rules.disclosure import OTHERS
from app.savings.rules.families import family_of
from app.savings.rules.metrics import Metric, estimate
from app.savings.rules.model import Quantity
from app.savings.rules.plan import PERIODS, MetricQuery
from app.savings.rules.public_queries import months_of, pins
from app.savings.rules.tables import Row, Table
from app.savings.service import estimates, transaction_cost
from app.savings.service.estimates import ALL, ModelOptions, SavingsEstimate
from app.savings.service.transaction_cost import Mix


async def estimate_savings(
    session: AsyncSession,
    query: MetricQuery,
    options: ModelOptions,
    dimension: str,
    *,
    quantities: tuple[Quantity, ...] = ALL,
    bars: bool = False,
) -> SavingsEstimate:
    """What was saved, from what was released.

    Raises:
        BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    rows = await queries.released_sums(session, query, family_of("savings"), dimension, features=True)
    columns = {name: np.array([row.sums[name] for row in rows], dtype=float) for name in estimates.READ}
    totals = GroupTotals(
        [row.keys for row in rows], [row.service for row in rows], [row.place for row in rows], columns
    )
    places = await queries.regions_and_states(session, set(totals.places))
    return await estimates.savings_from_totals(
        session, query, totals, places, options, quantities=quantities, bars=bars
    )


async def cost(
    session: AsyncSession, metric: Metric, query: MetricQuery, options: ModelOptions, dimension: str
) -> Table:
    """What a transaction costs on average, from what was released.

    Raises:
        BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    rows = await queries.released_sums(session, query, family_of(metric.id), dimension, features=True)
    found = {(*row.keys, row.service, row.place): Mix(**row.sums) for row in rows}
    places = await queries.regions_and_states(session, {row.place for row in rows})
    return await transaction_cost.cost_from_mixes(session, metric, query, options, found, places)


async def summed(session: AsyncSession, metric: Metric, query: MetricQuery, dimension: str) -> Table:
    """A share or a mean, from what was released."""
    family = family_of(metric.id)
    rows = await queries.released_sums(session, query, family, dimension)
    total = {name: sum(row.sums[name] for row in rows) for name in family.amounts}
    estimates = tuple(_row(metric, row) for row in rows)
    return Table(query, metric.id, metric.unit, query.group_by, estimates, _row(metric, Sums((), "", "", total)))


def _row(metric: Metric, sums: Sums) -> Row:
    made = estimate(metric, sums.sums)
    return Row(sums.keys, made.value, made.low, made.high, made.n)


async def marked(session: AsyncSession, table: Table, query: MetricQuery, dimension: str) -> Table:
    """Return the table with its gaps marked: partial groups and suppressed months."""
    months = months_of(query.since, query.until)
    cover = await queries.coverage(session, query, family_of(table.metric), dimension, months)
    rows = [_marked(row, query, cover) for row in table.rows]
    if len(query.group_by) == 1 and query.group_by[0] in PERIODS:
        listed = {row.keys for row in rows}
        missing = [period for period, gaps in cover.items() if gaps.months and period and (period,) not in listed]
        rows += [Row((period,), None, None, None, None, suppressed=True, partial=True) for period in missing]
    return replace(table, rows=tuple(rows), total=_marked(table.total, query, cover))


def _marked(row: Row, query: MetricQuery, cover: Mapping[date | None, Coverage]) -> Row:
    gaps = cover.get(_period(row.keys, query), cover[None])
    services, others = pins(query, query.group_by if row.keys else ())
    is_others = OTHERS in row.keys
    partial = gaps.months or (not is_others and ((services and gaps.services) or (others and gaps.others)))
    made = replace(row, partial=partial)
    return made.suppress() if partial and not row.n else made


def _period(keys: tuple[Any, ...], query: MetricQuery) -> date | None:
    return next((key for name, key in zip(query.group_by, keys, strict=False) if name in PERIODS), None)
