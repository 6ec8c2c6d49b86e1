"""Sums for the model: by group, service and place, as columns of numbers instead of thousands of rows.

They are added as floating numbers, which is exact to 2**53 and costs the database half of what whole numbers of eight
bytes do; the model multiplies them as such anyway.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import text

from app.savings.queries.sums import Db, key_of, sources, sql_params
from app.savings.rules.draws import Floats
from app.savings.rules.plan import MetricQuery, Plan


@dataclass(frozen=True, slots=True)
class GroupTotals:
    """Row by row the keys in the order of `group_by`, the service and place whose parameters count, and the sums. The
    same keys, service and place may come in several rows, of pieces of a period: they add up."""

    keys: list[tuple[Any, ...]]
    services: list[str]
    places: list[str]
    sums: Mapping[str, Floats]


async def group_totals(db: Db, query: MetricQuery, plan: Plan, measures: Iterable[str]) -> GroupTotals:
    """The sums of these measures, which must not be squares: those may pass 2**53."""
    names = tuple(measures)
    statement = " UNION ALL ".join(
        _columns([key_of(name, plan, period_type) for name in query.group_by], names, select)
        for select, period_type in sources(query, plan)
    )
    found = (await db.execute(text(statement), sql_params(query, plan))).all()
    width = len(query.group_by) + 2
    *keys, places, services = ([value for row in found for value in row[n] or ()] for n in range(width))
    listed = list(zip(*keys, strict=True)) if keys else [()] * len(services)
    sums = {
        name: np.concatenate([np.array(row[width + n] or (), dtype=float) for row in found])
        for n, name in enumerate(names)
    }
    return GroupTotals(listed, services, places, sums)


def _columns(keys: list[str], names: tuple[str, ...], select: str) -> str:
    """One row with a column of all groups for each key and each sum. In the order of the cells' primary key where the
    question lets it, so that nothing need be sorted."""
    labels = [f"k{number}" for number in range(len(keys))] + ["place", "service"]
    chosen = [f"{key} AS {label}" for key, label in zip(keys, labels, strict=False)] + ["place", "service"]
    chosen += [f"sum({name}::float8) AS {name}" for name in names]
    grouped = ", ".join(str(number) for number in range(1, len(labels) + 1))
    return (
        f"SELECT {', '.join(f'array_agg({name})' for name in (*labels, *names))} FROM ("
        f"SELECT {', '.join(chosen)} FROM ({select}) c GROUP BY {grouped} ORDER BY {grouped}) p"
    )
