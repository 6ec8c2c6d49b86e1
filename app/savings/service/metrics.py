"""Metrics, each a number with its interval by group, from sums: what pages, JSON and CSV show."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.permissions import Action, may
from app.identity.problems import WrongRole
from app.kernel import clock
from app.kernel.actor import Actor, Staff, System
from app.kernel.problems import Unauthorized
from app.places.rules import DEFAULT_ZONE
from app.savings import queries
from app.savings.problems import MetricUnknown, unsupported
from app.savings.rules import public_queries as rules
from app.savings.rules.families import family_of
from app.savings.rules.metrics import METRICS, Metric, check, estimate
from app.savings.rules.model import Quantity
from app.savings.rules.plan import MetricQuery, QueryUnsupported
from app.savings.rules.tables import Row, Table, place_in_order
from app.savings.service import estimates, public, transaction_cost
from app.savings.service.estimates import Group, ModelOptions, SavingsEstimate

__all__ = ["ModelOptions", "Row", "Table", "sees_all", "table", "tables_of_savings"]

DEFAULT_OPTIONS = ModelOptions()
"""The newest parameters, and the prices of the newest year they know."""
MAX_ROWS = 50_000
"""Rows of an answer; a finer one comes from the export."""
SAVINGS_METRICS: dict[str, Quantity] = {"savings": "hours", "savings-money": "mxn", "savings-time-value": "value_mxn"}
"""Which parameter of a group each metric of savings is."""


async def table(
    session: AsyncSession, actor: Actor, metric: str, query: MetricQuery, options: ModelOptions = DEFAULT_OPTIONS
) -> Table:
    """Return a metric's table for a query, ordered by its groups. Analysts and administrators see all of it; for anyone
    else it is computed from the public release, and queries are narrower (`rules.public_queries`).

    Raises:
        MetricUnknown; Unauthorized, WrongRole: the metric is for analysts; Invalid: the query isn't supported, or isn't
        public; BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    known = METRICS.get(metric)
    if known is None:
        raise MetricUnknown
    dimension = _allowed(actor, known, query)
    if dimension is None:
        return ordered(await _read(session, known, query, options))
    made = await _read_released(session, known, query, options, dimension)
    return ordered(await public.marked(session, made, query, dimension))


def ordered(made: Table) -> Table:
    """Rows by their groups; without any, the one row is the total."""
    if not made.columns:
        return replace(made, rows=(made.total,))
    return replace(made, rows=tuple(sorted(made.rows, key=lambda row: place_in_order(row.keys))))


def sees_all(actor: Actor) -> bool:
    """Return whether the actor sees unsuppressed data."""
    return isinstance(actor, System) or (may(actor, Action.MANAGE_SAVINGS))


async def tables_of_savings(
    session: AsyncSession, actor: Actor, query: MetricQuery, options: ModelOptions = DEFAULT_OPTIONS
) -> tuple[SavingsEstimate, dict[str, Table]]:
    """What was saved in one reading, with its bars, and its three tables as the actor may see them, by metric.

    Raises:
        Invalid: the query isn't supported, or isn't public; BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    dimension = _allowed(actor, METRICS["savings"], query)
    if dimension is None:
        answer = await estimates.estimate_savings(session, query, options, bars=True)
        return answer, {name: ordered(_of_savings(METRICS[name], answer)) for name in SAVINGS_METRICS}
    answer = await public.estimate_savings(session, query, options, dimension, bars=True)
    made = {name: _of_savings(METRICS[name], answer) for name in SAVINGS_METRICS}
    return answer, {name: ordered(await public.marked(session, one, query, dimension)) for name, one in made.items()}


def _allowed(actor: Actor, metric: Metric, query: MetricQuery) -> str | None:
    """The dimension of the released blocks that the question reads; None for who sees all, or where it isn't about
    people."""
    try:
        check(metric, query)
        if sees_all(actor):
            return None
        if not metric.is_public:
            raise WrongRole if isinstance(actor, Staff) else Unauthorized
        if metric.source == "access":
            return None
        if metric.source in {"savings", "transactions"}:
            estimates.planned(query)
        return rules.dimension(query, family_of(metric.id), clock.today(DEFAULT_ZONE))
    except QueryUnsupported as why:
        raise unsupported(why) from why


async def _read_released(
    session: AsyncSession, metric: Metric, query: MetricQuery, options: ModelOptions, dimension: str
) -> Table:
    if metric.source == "savings":
        answer = await public.estimate_savings(
            session, query, options, dimension, quantities=(SAVINGS_METRICS[metric.id],)
        )
        return _of_savings(metric, answer)
    if metric.kind == "drawn":
        return await public.cost(session, metric, query, options, dimension)
    return await public.summed(session, metric, query, dimension)


async def _read(session: AsyncSession, metric: Metric, query: MetricQuery, options: ModelOptions) -> Table:
    if metric.source == "savings":
        answer = await estimates.estimate_savings(session, query, options, quantities=(SAVINGS_METRICS[metric.id],))
        return _of_savings(metric, answer)
    if metric.kind == "drawn":
        return await transaction_cost.cost(session, metric, query, options)
    sums = await _sums(session, metric, query)
    if len(sums) > MAX_ROWS:
        raise unsupported(QueryUnsupported("group_by", "too-fine"))
    rows = tuple(_row(metric, keys, added) for keys, added in sums.items())
    return Table(query, metric.id, metric.unit, query.group_by, rows, _total(metric, sums))


def _of_savings(metric: Metric, answer: SavingsEstimate) -> Table:
    def row(group: Group) -> Row:
        interval = getattr(group, SAVINGS_METRICS[metric.id])
        return Row(group.keys, interval.median, interval.low, interval.high, group.counted)

    rows = tuple(row(group) for group in answer.groups)
    parameters = (answer.version, answer.year, answer.seed)
    return Table(answer.query, metric.id, metric.unit, answer.query.group_by, rows, row(answer.total), *parameters)


def _row(metric: Metric, keys: tuple[Any, ...], sums: Mapping[str, int]) -> Row:
    found = estimate(metric, sums)
    return Row(keys, found.value, found.low, found.high, found.n)


Sums = dict[tuple[Any, ...], dict[str, int]]


async def _sums(session: AsyncSession, metric: Metric, query: MetricQuery) -> Sums:
    if metric.source == "transactions":
        where = estimates.planned(query)
        names = dict.fromkeys(name for name in (metric.of, *metric.over, metric.squares) if name)
        return _by_keys(await queries.sums(session, query, where, names, features=False))
    if metric.source == "tickets":
        return _by_keys(await queries.ticket_sums(session, query))
    if metric.source == "access":
        return _by_keys(await queries.access_sums(session, query))
    if metric.source == "reasons":
        return await _reasons(session, query)
    return {keys: vars_of(mix) for keys, mix in (await transaction_cost.mixes(session, query)).items()}


def vars_of(mix: transaction_cost.Mix) -> dict[str, int]:
    """A mix as sums."""
    return {"online": mix.online, "phone": mix.phone, "in_person": mix.in_person}


def _by_keys(rows: Iterable[queries.Row]) -> Sums:
    return {row.keys: dict(row.sums) for row in rows}


async def _reasons(session: AsyncSession, query: MetricQuery) -> Sums:
    """Times of each reason, and beside them those of every reason of the same period, place and service."""
    sums = _by_keys(await queries.reason_sums(session, query))
    at = query.group_by.index("reason") if "reason" in query.group_by else None

    def others(keys: tuple[Any, ...]) -> tuple[Any, ...]:
        return keys if at is None else (*keys[:at], *keys[at + 1 :])

    every: dict[tuple[Any, ...], int] = {}
    for keys, added in sums.items():
        every[others(keys)] = every.get(others(keys), 0) + added["times"]
    return {keys: added | {"all_times": every[others(keys)]} for keys, added in sums.items()}


def _total(metric: Metric, sums: Sums) -> Row:
    names = [name for name in (metric.of, *metric.over, metric.squares) if name]
    added = {name: sum(group[name] for group in sums.values()) for name in names}
    if metric.id == "refusal-shares":
        added["all_times"] = added["times"]
    return _row(metric, (), added)
