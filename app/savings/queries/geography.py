"""Regions, states and units: those that a query names, and the wider places that each lies in."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.kernel.actor import Channel
from app.kernel.i18n import N_
from app.kernel.problems import FieldError
from app.savings.models import UNKNOWN_PERSON
from app.savings.problems import FilterUnknown
from app.savings.rules.metric_query import Geography, MetricQuery
from app.savings.rules.parameters import Place
from app.savings.statements import STATEMENTS
from app.savings.transactions import kinds_of_services

NOT_THERE = N_("No es uno de los que hay.")
Db = AsyncConnection | AsyncSession
UNKNOWN = "unknown"
"""The service of a ticket whose desk didn't report one."""
_UNKNOWN_PLACES = STATEMENTS.load("unknown_places")
_GEOGRAPHIES: tuple[Geography, ...] = ("R", "S", "U")
_WITHIN: dict[Geography, TextClause] = {
    geography: STATEMENTS.load("places_within", variant=geography, geography=geography) for geography in _GEOGRAPHIES
}


def filter_values(query: MetricQuery) -> dict[str, Any]:
    """The parameters of a query's filters, those that it has: their names are what statements are made for."""
    lists = {
        "services": query.services,
        "channels": query.channels,
        "values": query.segment_values,
        "regions": query.regions,
        "states": query.states,
    }
    given: dict[str, Any] = {name: list(values) for name, values in lists.items() if values}
    return given | {"unit": str(query.unit)} if query.unit is not None else given


async def validate_filters(session: AsyncSession, query: MetricQuery) -> None:
    """Validate the filters of a query: every service, state, region, unit and channel must exist.

    Raises:
        FilterUnknown: names the first that doesn't.
    """
    unknown = await _unknown_filter(session, query)
    if unknown is not None:
        field, value = unknown
        raise FilterUnknown(fields=[FieldError(field, NOT_THERE, "not_there")], field=field, value=value)


async def _unknown_filter(session: AsyncSession, query: MetricQuery) -> tuple[str, str] | None:
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
    found = (await session.execute(_UNKNOWN_PLACES, params)).first()
    return (found[0], found[1]) if found else None


async def regions_and_states(db: Db, codes: Iterable[str]) -> dict[str, Place]:
    """Regions and states, mixed, with the wider places they lie in."""
    listed = {*codes}
    regions, states = await places_of(db, "R", listed), await places_of(db, "S", listed)
    return {code: states[code] if states[code].code else regions[code] for code in listed}


async def places_of(db: Db, geography: Geography, codes: Iterable[str]) -> dict[str, Place]:
    """These regions, states or units, with the wider places they lie in; what isn't known lies in the country alone."""
    listed = sorted({code for code in codes if code and code != str(UNKNOWN_PERSON)})
    rows = (await db.execute(_WITHIN[geography], {"codes": listed})).all() if listed else []
    known = {row.code: Place(row.code, tuple(part for part in (row.state, row.region) if part)) for row in rows}
    return {code: known.get(code, Place("")) for code in {*codes}}
