"""Metrics, each a number with its interval by group, from sums: what pages, JSON and CSV show.

Analysts and administrators see everything. For anyone else an answer is computed from the blocks of the public release,
along one dimension, and its gaps are marked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.clients.problems import OutsideUnits
from app.identity.permissions import Action, may
from app.identity.problems import WrongRole
from app.kernel import clock
from app.kernel.actor import Actor, Client, Staff, System
from app.kernel.problems import Unauthorized
from app.places.rules import DEFAULT_ZONE
from app.savings.problems import MetricUnknown, unsupported
from app.savings.queries import cells
from app.savings.queries.released import Coverage, coverage, released_sums
from app.savings.rules.disclosure import OTHERS
from app.savings.rules.families import Family
from app.savings.rules.groups import PERIODS, months_of
from app.savings.rules.metric_query import MetricQuery, check, pins, plan, released_dimension
from app.savings.rules.metrics import METRICS, Metric
from app.savings.rules.model import Quantity
from app.savings.rules.tables import Row, Table, place_in_order, row_of
from app.savings.service import transaction_cost
from app.savings.service.estimates import Group, ModelOptions, SavingsEstimate, estimate_savings

DEFAULT_OPTIONS = ModelOptions()
"""The newest parameters, and the prices of the newest year they know."""
MAX_ROWS = 50_000
"""Rows of an answer; a finer one comes from the export."""
SAVINGS_METRICS: dict[str, Quantity] = {"savings": "hours", "savings-money": "mxn", "savings-time-value": "value_mxn"}
"""Which quantity of a group each metric of savings is."""


async def table(
    session: AsyncSession, actor: Actor, metric_id: str, query: MetricQuery, options: ModelOptions = DEFAULT_OPTIONS
) -> Table:
    """Return a metric's table for a query, ordered by its groups, as the actor may see it.

    Raises:
        MetricUnknown; Unauthorized, WrongRole: the metric is for analysts; Invalid: the query isn't supported, or isn't
        public; BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    metric = METRICS.get(metric_id)
    if metric is None:
        raise MetricUnknown
    released = _released_dimension(actor, metric, query)
    if metric.source == "savings":
        quantity = SAVINGS_METRICS[metric.id]
        answer = await estimate_savings(session, query, options, released=released, quantities=(quantity,))
        made = _table_of_savings(metric, answer)
    elif metric.kind == "drawn":
        made = await transaction_cost.cost(session, metric, query, options, released=released)
    else:
        made = _table_of_sums(metric, query, await _sums(session, metric, query, released))
    return await _finished(session, made, released)


async def tables_of_savings(
    session: AsyncSession, actor: Actor, query: MetricQuery, options: ModelOptions = DEFAULT_OPTIONS
) -> tuple[SavingsEstimate, dict[str, Table]]:
    """What was saved in one reading, with its bars, and its three tables as the actor may see them, by metric.

    Raises:
        Invalid: the query isn't supported, or isn't public; BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    released = _released_dimension(actor, METRICS["savings"], query)
    answer = await estimate_savings(session, query, options, released=released, bars=True)
    made = {name: _table_of_savings(METRICS[name], answer) for name in SAVINGS_METRICS}
    return answer, {name: await _finished(session, one, released) for name, one in made.items()}


def sees_all(actor: Actor) -> bool:
    """Return whether the actor sees unsuppressed data."""
    # Of a client the route asked for the scope.
    return isinstance(actor, System | Client) or may(actor, Action.MANAGE_SAVINGS)


def _released_dimension(actor: Actor, metric: Metric, query: MetricQuery) -> str | None:
    """The dimension of the released blocks that the question reads; None for who sees all, or where it isn't about
    people."""
    check(metric, query)
    if isinstance(actor, Client) and actor.unit_ids is not None and query.unit not in actor.unit_ids:
        raise OutsideUnits
    if sees_all(actor):
        return None
    if not metric.is_public:
        raise WrongRole if isinstance(actor, Staff) else Unauthorized
    if metric.release is None:
        return None
    return released_dimension(query, metric.release, clock.today(DEFAULT_ZONE))


def _table_of_savings(metric: Metric, answer: SavingsEstimate) -> Table:
    def row(group: Group) -> Row:
        interval = group.quantities[SAVINGS_METRICS[metric.id]]
        return Row(group.keys, interval.median, interval.low, interval.high, group.counted)

    rows = tuple(row(group) for group in answer.groups)
    parameters = (answer.version, answer.year, answer.seed)
    return Table(answer.query, metric.id, metric.unit, answer.query.group_by, rows, row(answer.total), *parameters)


Keys = tuple[Any, ...]
Sums = Mapping[Keys, Mapping[str, int]]


async def _sums(session: AsyncSession, metric: Metric, query: MetricQuery, released: str | None) -> Sums:
    """What a share, a mean or a count is made of, by group."""
    if released is not None and metric.release is not None:
        return _by_keys(await released_sums(session, query, metric.release, released))
    if metric.source == "transactions":
        return _by_keys(await cells.sums(session, query, plan(query), metric.sums, features=False))
    if metric.source == "tickets":
        return _by_keys(await cells.ticket_sums(session, query))
    if metric.source == "access":
        return _by_keys(await cells.access_sums(session, query))
    if metric.source == "reasons":
        return _with_all_times(query, _by_keys(await cells.reason_sums(session, query)))
    return {keys: mix.as_sums() for keys, mix in (await transaction_cost.mixes(session, query)).items()}


def _by_keys(rows: Iterable[cells.Row]) -> Sums:
    return {row.keys: row.sums for row in rows}


def _with_all_times(query: MetricQuery, sums: Sums) -> Sums:
    """Times of each reason, and beside them those of every reason of the same period, place and service."""
    at = query.group_by.index("reason") if "reason" in query.group_by else None

    def others(keys: Keys) -> Keys:
        return keys if at is None else (*keys[:at], *keys[at + 1 :])

    every: dict[Keys, int] = {}
    for keys, added in sums.items():
        every[others(keys)] = every.get(others(keys), 0) + added["times"]
    return {keys: {**added, "all_times": every[others(keys)]} for keys, added in sums.items()}


def _table_of_sums(metric: Metric, query: MetricQuery, sums: Sums) -> Table:
    """The table of a share, a mean or a count.

    Raises:
        Invalid: there are too many groups.
    """
    if len(sums) > MAX_ROWS:
        raise unsupported("group_by", "too-fine")
    rows = tuple(row_of(metric, keys, added) for keys, added in sums.items())
    whole = {name: sum(added[name] for added in sums.values()) for name in metric.sums}
    if "all_times" in whole:  # each group has those of its neighbours beside it
        whole["all_times"] = whole["times"]
    return Table(query, metric.id, metric.unit, query.group_by, rows, row_of(metric, (), whole))


async def _finished(session: AsyncSession, made: Table, released: str | None) -> Table:
    """Rows by their groups, with the gaps of the public release marked; without groups, the one row is the total."""
    family = METRICS[made.metric].release
    if released is not None and family is not None:
        made = await _with_gaps(session, made, family, released)
    if not made.columns:
        return replace(made, rows=(made.total,))
    return replace(made, rows=tuple(sorted(made.rows, key=lambda row: place_in_order(row.keys))))


async def _with_gaps(session: AsyncSession, made: Table, family: Family, dimension: str) -> Table:
    """Mark partial groups and suppressed months."""
    query = made.query
    cover = await coverage(session, query, family, dimension, months_of(query.since, query.until))
    rows = [_marked(row, query, cover) for row in made.rows]
    if len(query.group_by) == 1 and query.group_by[0] in PERIODS:
        listed = {row.keys for row in rows}
        missing = [period for period, gaps in cover.items() if gaps.months and period and (period,) not in listed]
        rows += [Row((period,), None, None, None, None, suppressed=True, partial=True) for period in missing]
    return replace(made, rows=tuple(rows), total=_marked(made.total, query, cover))


def _marked(row: Row, query: MetricQuery, cover: Mapping[date | None, Coverage]) -> Row:
    period = next((key for name, key in zip(query.group_by, row.keys, strict=False) if name in PERIODS), None)
    gaps = cover.get(period, cover[None])
    services, others = pins(query, query.group_by if row.keys else ())
    is_others = OTHERS in row.keys
    partial = gaps.months or (not is_others and ((services and gaps.services) or (others and gaps.others)))
    made = replace(row, partial=partial)
    return made.suppress() if partial and not row.n else made
