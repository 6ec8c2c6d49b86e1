"""Validation of a query's filters."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.actor import Channel
from app.savings.queries.baselines import kinds_of_services
from app.savings.rules.plan import MetricQuery

UNKNOWN = "unknown"
"""The service of a ticket whose desk didn't report one."""
# One statement for all filters: returns the unknown values.
_MISSING = text(
    """
    SELECT 'state', v FROM unnest(CAST(:states AS text[])) v WHERE NOT EXISTS
        (SELECT 1 FROM saving_region WHERE state = v)
    UNION ALL
    SELECT 'region', v FROM unnest(CAST(:regions AS text[])) v WHERE NOT EXISTS
        (SELECT 1 FROM saving_region WHERE region = v)
    UNION ALL
    SELECT 'unit', v FROM unnest(CAST(:units AS text[])) v WHERE NOT EXISTS
        (SELECT 1 FROM unit WHERE id = CAST(v AS uuid))
    """
)


async def unknown_filter(session: AsyncSession, query: MetricQuery) -> tuple[str, str] | None:
    """Return the first filter that names something unknown, as (field, value)."""
    lists: Mapping[str, tuple[Sequence[str], set[str]]] = {
        "service": (query.services, {*kinds_of_services(), UNKNOWN}),
        "channel": (query.channels, {channel.value for channel in Channel}),
    }
    for field, (requested, known) in lists.items():
        for value in requested:
            if value not in known:
                return field, value
    if not (query.states or query.regions or query.unit):
        return None
    params: dict[str, Any] = {"states": list(query.states), "regions": list(query.regions)}
    params["units"] = [str(query.unit)] if query.unit else []
    found = (await session.execute(_MISSING, params)).first()
    return (found[0], found[1]) if found else None
