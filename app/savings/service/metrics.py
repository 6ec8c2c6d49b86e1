"""Metrics, each a number with its interval by group, from sums: what pages, JSON and CSV show."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.problems import WrongRole
from app.kernel import clock
from app.kernel.actor import Actor, Staff, System
from app.kernel.problems import Unauthorized
from app.savings import queries
from app.savings.problems import MetricUnknown, refused
from app.savings.rules import public as rules
from app.savings.rules.families import family_of
from app.savings.rules.metrics import METRICS, Metric, check, estimate
from app.savings.rules.model import Told
from app.savings.rules.plan import Question, Refused
from app.savings.rules.tables import Row, Table, place_in_order
from app.savings.service import costing, public, reporting
from app.savings.service.baselines import ANALYSTS
from app.savings.service.reporting import Answer, Group, Terms

__all__ = ["Row", "Table", "Terms", "sees_all", "table", "tables_of_savings"]

USUAL = Terms()
"""The newest figures, and the prices of the newest year they know."""
MOST_ROWS = 50_000
"""Rows of an answer; a finer one comes from the export."""
FIGURES: dict[str, Told] = {"savings": "hours", "savings-money": "mxn", "savings-time-value": "value_mxn"}
"""Which figure of a group each metric of savings is."""


async def table(session: AsyncSession, actor: Actor, metric: str, question: Question, terms: Terms = USUAL) -> Table:
    """A metric's answer to a question, ordered by its groups. Analysts and administrators see all of it; for everybody
    else it is computed from what was released, and what may be asked is narrower (`rules.public`).

    Raises:
        MetricUnknown; Unauthorized, WrongRole: the metric is for analysts; Invalid: it can't be told by that, or not to
        everybody; BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    known = METRICS.get(metric)
    if known is None:
        raise MetricUnknown
    dim = _allowed(actor, known, question)
    if dim is None:
        return ordered(await _read(session, known, question, terms))
    made = await _read_released(session, known, question, terms, dim)
    return ordered(await public.marked(session, made, question, dim))


def ordered(made: Table) -> Table:
    """Rows by their groups; without any, the one row is the total."""
    if not made.columns:
        return replace(made, rows=(made.total,))
    return replace(made, rows=tuple(sorted(made.rows, key=lambda row: place_in_order(row.keys))))


def sees_all(actor: Actor) -> bool:
    """Whether nothing is hidden from the actor."""
    return isinstance(actor, System) or (isinstance(actor, Staff) and actor.role in ANALYSTS)


async def tables_of_savings(
    session: AsyncSession, actor: Actor, question: Question, terms: Terms = USUAL
) -> tuple[Answer, dict[str, Table]]:
    """What was saved in one reading, with its bars, and its three tables as the actor may see them, by metric.

    Raises:
        Invalid: it can't be told, or not to everybody; BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    dim = _allowed(actor, METRICS["savings"], question)
    if dim is None:
        answer = await reporting.saved(session, question, terms, bars=True)
        return answer, {name: ordered(_of_savings(METRICS[name], answer)) for name in FIGURES}
    answer = await public.saved(session, question, terms, dim, bars=True)
    made = {name: _of_savings(METRICS[name], answer) for name in FIGURES}
    return answer, {name: ordered(await public.marked(session, one, question, dim)) for name, one in made.items()}


def _allowed(actor: Actor, metric: Metric, question: Question) -> str | None:
    """The dimension of the released blocks that the question reads; None for who sees all, or where it isn't about
    people."""
    try:
        check(metric, question)
        if sees_all(actor):
            return None
        if not metric.is_public:
            raise WrongRole if isinstance(actor, Staff) else Unauthorized
        if metric.source == "access":
            return None
        if metric.source in {"savings", "errands"}:
            reporting.planned(question)
        return rules.dimension(question, family_of(metric.id), clock.today(clock.CENTRE))
    except Refused as why:
        raise refused(why) from why


async def _read_released(session: AsyncSession, metric: Metric, question: Question, terms: Terms, dim: str) -> Table:
    if metric.source == "savings":
        answer = await public.saved(session, question, terms, dim, told=(FIGURES[metric.id],))
        return _of_savings(metric, answer)
    if metric.kind == "drawn":
        return await public.cost(session, metric, question, terms, dim)
    return await public.summed(session, metric, question, dim)


async def _read(session: AsyncSession, metric: Metric, question: Question, terms: Terms) -> Table:
    if metric.source == "savings":
        answer = await reporting.saved(session, question, terms, told=(FIGURES[metric.id],))
        return _of_savings(metric, answer)
    if metric.kind == "drawn":
        return await costing.cost(session, metric, question, terms)
    sums = await _sums(session, metric, question)
    if len(sums) > MOST_ROWS:
        raise refused(Refused("by", "too-fine"))
    rows = tuple(_row(metric, keys, added) for keys, added in sums.items())
    return Table(question, metric.id, metric.unit, question.by, rows, _total(metric, sums))


def _of_savings(metric: Metric, answer: Answer) -> Table:
    def row(group: Group) -> Row:
        interval = getattr(group, FIGURES[metric.id])
        return Row(group.keys, interval.median, interval.low, interval.high, group.counted)

    rows = tuple(row(group) for group in answer.groups)
    figures = (answer.version, answer.year, answer.seed)
    return Table(answer.question, metric.id, metric.unit, answer.question.by, rows, row(answer.total), *figures)


def _row(metric: Metric, keys: tuple[Any, ...], sums: Mapping[str, int]) -> Row:
    told = estimate(metric, sums)
    return Row(keys, told.value, told.low, told.high, told.n)


Sums = dict[tuple[Any, ...], dict[str, int]]


async def _sums(session: AsyncSession, metric: Metric, question: Question) -> Sums:
    if metric.source == "errands":
        where = reporting.planned(question)
        names = dict.fromkeys(name for name in (metric.of, *metric.over, metric.squares) if name)
        return _by_keys(await queries.sums(session, question, where, names, features=False))
    if metric.source == "tickets":
        return _by_keys(await queries.ticket_sums(session, question))
    if metric.source == "access":
        return _by_keys(await queries.access_sums(session, question))
    if metric.source == "reasons":
        return await _reasons(session, question)
    return {keys: vars_of(mix) for keys, mix in (await costing.mixes(session, question)).items()}


def vars_of(mix: costing.Mix) -> dict[str, int]:
    """A mix as sums."""
    return {"online": mix.online, "phone": mix.phone, "in_person": mix.in_person}


def _by_keys(rows: Iterable[queries.Row]) -> Sums:
    return {row.keys: dict(row.sums) for row in rows}


async def _reasons(session: AsyncSession, question: Question) -> Sums:
    """Times of each reason, and beside them those of every reason of the same period, place and service."""
    sums = _by_keys(await queries.reason_sums(session, question))
    at = question.by.index("reason") if "reason" in question.by else None

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
