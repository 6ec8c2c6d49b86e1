"""Savings as they are published, and reports: published once, never changed."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.permissions import Action, require
from app.kernel import clock, ids
from app.kernel.actor import Actor, Anonymous, Staff
from app.kernel.events import record
from app.savings.events import ReportPublished
from app.savings.models import SavingReport
from app.savings.rules.metric_query import MetricQuery
from app.savings.rules.model import Bar
from app.savings.rules.tables import Row, plain
from app.savings.service.estimates import ModelOptions
from app.savings.service.metrics import DEFAULT_OPTIONS, SAVINGS_METRICS, tables_of_savings

Plain = dict[str, Any]
"""JSON values."""


async def savings(
    session: AsyncSession, actor: Actor, query: MetricQuery, options: ModelOptions = DEFAULT_OPTIONS
) -> Plain:
    """What was saved as the actor may see it, as JSON values: total, groups, and what makes the interval wide.

    Raises:
        Invalid: the query isn't supported, or isn't public; BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    answer, tables = await tables_of_savings(session, actor, query, options)
    hours = tables["savings"]
    rows = zip(*(table.rows for table in tables.values()), strict=True)
    return {
        "version": answer.version,
        "prices": answer.year,
        "seed": answer.seed,
        "draws": answer.draws,
        "total": _saved((), tuple(table.total for table in tables.values())),
        "groups": [_saved(hours.columns, group) for group in rows] if query.group_by else [],
        "bars": [] if hours.total.suppressed else [_bar(bar) for bar in answer.bars],
    }


def _saved(columns: tuple[str, ...], rows: tuple[Row, ...]) -> Plain:
    first = rows[0]
    head = {"keys": dict(zip(columns, map(plain, first.keys), strict=True)), "n": first.n}
    parameters = {
        name: {"value": row.value, "low": row.low, "high": row.high}
        for name, row in zip(SAVINGS_METRICS.values(), rows, strict=True)
    }
    return head | {"suppressed": first.suppressed, "partial": first.partial} | parameters


def _bar(bar: Bar) -> Plain:
    parameter = bar.parameter
    bar_head = {"key": parameter.key, "scope": parameter.scope, "place": parameter.place, "source": parameter.source}
    return bar_head | {"confidence": parameter.confidence, "at_low": bar.at_low, "at_high": bar.at_high}


async def publish_report(
    session: AsyncSession,
    actor: Staff,
    title: str,
    query: MetricQuery,
    echo: Plain,
    options: ModelOptions = DEFAULT_OPTIONS,
) -> SavingReport:
    """Publish the public savings as a report; `echo` is the query as it is echoed. It never changes:
    neither a new version of the parameters nor what is observed later touches it.

    Raises:
        WrongRole; Invalid: the query isn't public; BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    require(actor, Action.MANAGE_SAVINGS)
    result = await savings(session, Anonymous(), query, options)
    report = SavingReport(
        id=ids.new_id(),
        version=result["version"],
        since=query.since,
        until=query.until,
        seed=result["seed"],
        draws=result["draws"],
        title=title,
        result=result | {"query": echo},
        published_at=clock.now(),
        published_by=actor.id,
    )
    session.add(report)
    await session.flush()
    await record(session, actor, ReportPublished(subject_id=report.id, version=report.version))
    return report
