"""Sums of the public release, grouped and filtered by a query; and its coverage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.savings.queries.sums import PERIOD_SQL, Row
from app.savings.rules.disclosure import OTHERS
from app.savings.rules.families import Family
from app.savings.rules.plan import PERIODS, PLACES, MetricQuery

Db = AsyncConnection | AsyncSession
_SPAN = "family = :family AND period BETWEEN :since AND :until"
# The service and the place whose parameters count: a kind's and a region's where no narrower one was released.
_SERVICE = f"CASE WHEN service <> '{OTHERS}' THEN service WHEN kind <> '{OTHERS}' THEN kind ELSE '' END"
_REGION = f"CASE WHEN region <> '{OTHERS}' THEN region ELSE '' END"
_STATE = f"CASE WHEN state NOT IN ('{OTHERS}', '') THEN state ELSE {_REGION} END"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of a period: whether some services, and some places or qualities, were released only together with others; and
    whether months are missing, being suppressed or not settled yet."""

    services: bool
    others: bool
    months: bool


async def released_sums(
    db: Db, query: MetricQuery, family: Family, dimension: str, *, features: bool = False
) -> list[Row]:
    """The amounts of a family by group, ordered by their groups. With `features` also apart by service and place."""
    by_state = bool(query.states) or "state" in query.group_by
    keys = [_key(name) for name in query.group_by]
    apart = [_SERVICE, _STATE if by_state else _REGION] if features else ["''", "''"]
    chosen = "".join(f"{key} AS k{number}, " for number, key in enumerate(keys))
    added = ", ".join(f"coalesce(sum(amounts[{n}]), 0)::bigint AS a{n}" for n in range(1, len(family.amounts) + 1))
    grouped = [str(number) for number in range(1, len(keys) + 1 + 2 * features)]
    order = f" GROUP BY {', '.join(grouped)} ORDER BY {', '.join(grouped)}" if grouped else ""
    statement = (
        f"SELECT {chosen}{apart[0]} AS service, {apart[1]} AS place, {added} FROM saving_released_block"
        f" WHERE {_SPAN} AND dimension = :dimension{_filters(query)}{order}"
    )
    rows = (await db.execute(text(statement), _params(query, family, dimension))).all()
    split, names = len(keys), list(family.amounts)
    return [
        Row(tuple(row[:split]), row[split], row[split + 1], dict(zip(names, map(int, row[split + 2 :]), strict=True)))
        for row in rows
    ]


async def coverage(
    db: Db, query: MetricQuery, family: Family, dimension: str, months: Sequence[date]
) -> Mapping[date | None, Coverage]:
    """Return what is missing in each period that the query groups by (its first day), and in all of them (None)."""
    name = next((name for name in query.group_by if name in PERIODS), "month")
    key = PERIOD_SQL[name]
    together = text(
        f"SELECT {key}, bool_or(service = '{OTHERS}'), bool_or('{OTHERS}' IN (region, state, unit, dimension_value))"
        f" FROM saving_released_block WHERE {_SPAN} AND dimension = :dimension GROUP BY 1"
    )
    params = _params(query, family, dimension)
    found = {row[0]: (row[1], row[2]) for row in (await db.execute(together, params)).all()}
    there = text(
        f"SELECT {key.replace('period', 'm.period')}, bool_and(coalesce(NOT r.is_suppressed, false)) FROM"
        " (SELECT unnest(CAST(:months AS date[])) AS period) m"
        " LEFT JOIN saving_release r ON r.period = m.period AND r.family = :family"
        " WHERE m.period >= (SELECT min(period) FROM saving_release) GROUP BY 1"
    )
    given = {"months": list(months), "family": family.id}
    whole = {row[0]: row[1] for row in (await db.execute(there, given)).all()}
    gaps: dict[date | None, Coverage] = {}
    for period in {*found, *whole}:
        services, others = found.get(period, (False, False))
        gaps[period] = Coverage(services, others, not whole.get(period, True))
    gaps[None] = Coverage(
        any(c.services for c in gaps.values()),
        any(c.others for c in gaps.values()),
        any(c.months for c in gaps.values()),
    )
    return gaps


def _key(name: str) -> str:
    if name in PERIOD_SQL:
        return PERIOD_SQL[name]
    return name if name in PLACES or name == "service" else "dimension_value"


def _filters(query: MetricQuery) -> str:
    filters = {
        "service = ANY(:services)": query.services,
        "state = ANY(:states)": query.states,
        "region = ANY(:regions)": query.regions,
        "unit = :unit": query.unit,
        "dimension_value = ANY(:values)": query.segment_values or query.channels,
    }
    return "".join(f" AND {condition}" for condition, given in filters.items() if given)


def _params(query: MetricQuery, family: Family, dimension: str) -> dict[str, Any]:
    lists = {"services": query.services, "states": query.states, "regions": query.regions}
    lists["values"] = query.segment_values or query.channels
    given: dict[str, Any] = {name: list(values) for name, values in lists.items() if values}
    if query.unit is not None:
        given["unit"] = str(query.unit)
    return given | {"family": family.id, "dimension": dimension, "since": query.since, "until": query.until}
