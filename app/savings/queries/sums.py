"""Sums of cells, grouped and filtered by a query: one statement per query, over the coarsest cells."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.savings.measures import MEASURES
from app.savings.models import UNKNOWN_PERSON
from app.savings.queries.geography import place_conditions, place_key, place_lists
from app.savings.rules.parameters import Place
from app.savings.rules.plan import PLACES, SEGMENTS, Geography, MetricQuery, PeriodType, Piece, Plan
from app.savings.sql.cells import PERIODS
from app.savings.sql.cells import SEGMENTS as TRANSACTION_COLUMNS

Db = AsyncConnection | AsyncSession


@dataclass(frozen=True, slots=True)
class Row:
    """One group: its keys in the order asked for, the service and place whose parameters count, and the sums."""

    keys: tuple[Any, ...]
    service: str
    place: str
    sums: Mapping[str, int]


async def sums(db: Db, query: MetricQuery, plan: Plan, measures: Iterable[str], *, features: bool) -> list[Row]:
    """The sums of these measures, ordered by their groups. With `features` also apart by service and place, as the
    model of savings needs them."""
    names = tuple(measures)
    period_type = plan.pieces[0].period_type if len(plan.pieces) == 1 and not plan.from_transactions else None
    keys = [key_of(name, plan, period_type) for name in query.group_by]
    apart = ["service", "place"] if features else ["''", "''"]
    chosen = ", ".join(
        [*(f"{key} AS k{n}" for n, key in enumerate(keys)), f"{apart[0]} AS service", f"{apart[1]} AS place"]
    )
    grouped = [str(number) for number in range(1, len(keys) + 1)] + (["service", "place"] if features else [])
    statement = (
        f"SELECT {chosen}, {', '.join(f'coalesce(sum({name}), 0)::bigint AS {name}' for name in names)}"
        f" FROM ({source(query, plan)}) c"
        + (f" GROUP BY {', '.join(grouped)} ORDER BY {', '.join(grouped)}" if grouped else "")
    )
    rows = (await db.execute(text(statement), sql_params(query, plan))).all()
    split = len(keys)
    return [
        Row(tuple(row[:split]), row[split], row[split + 1], dict(zip(names, row[split + 2 :], strict=True)))
        for row in rows
    ]


_KNOWN_SEGMENTS = {"": ""} | {segment: segment for segment in SEGMENTS}
PERIOD_SQL = {"day": "period"}
PERIOD_SQL |= {name: f"CAST(date_trunc('{name}', period) AS date)" for name in ("week", "month", "quarter", "year")}


def key_of(name: str, plan: Plan, period_type: PeriodType | None = None) -> str:
    """What a row of `source` is grouped by, as SQL; of cells of one period_type alone their period may be it."""
    if name in PERIOD_SQL:
        return "period" if period_type is not None and PERIODS[period_type] == name else PERIOD_SQL[name]
    if name in PLACES:
        return place_key(name, plan.geography)
    return "segment_value" if name in SEGMENTS else name


def source(query: MetricQuery, plan: Plan) -> str:
    """The cells, or a unit's transactions in their shape, that answer a query."""
    return " UNION ALL ".join(select for select, _period_type in sources(query, plan))


def sources(query: MetricQuery, plan: Plan) -> list[tuple[str, PeriodType | None]]:
    """The selects of `source`, each with the period_type of its cells; none where they are transactions."""
    if plan.from_transactions:
        return [(_transactions(query, plan), None)]
    return [(_cells(query, plan, piece), piece.period_type) for piece in plan.pieces]


def _cells(query: MetricQuery, plan: Plan, piece: Piece) -> str:
    """The cells of a piece of the plan. What they are of and their days stand in the text: as parameters they would be
    unknown to the plan that the database keeps of a statement asked often, which then sorts a year on disk."""
    span = f"DATE '{piece.since.isoformat()}' AND DATE '{piece.until.isoformat()}'"
    return (
        f"SELECT * FROM saving_cell WHERE period_type = '{piece.period_type}' AND geography = '{plan.geography}'"
        f" AND segment = '{_KNOWN_SEGMENTS[plan.segment]}' AND period BETWEEN"
        f" {span}{_conditions(query, plan.geography)}"
    )


def _conditions(query: MetricQuery, geography: Geography) -> str:
    filters = {
        "service = ANY(:services)": query.services,
        "channel = ANY(:channels)": query.channels,
        "segment_value = ANY(:values)": query.segment_values,
    }
    chosen = "".join(f" AND {condition}" for condition, given in filters.items() if given)
    return chosen + place_conditions(query, geography)


def counted_in(query: MetricQuery) -> str:
    """The period in which each person of a unit's transactions is counted once."""
    return next((period for period in ("day", "week") if period in query.group_by), "month")


def _transactions(query: MetricQuery, plan: Plan) -> str:
    """A unit's transactions in the shape of cells."""
    value = f"e.{TRANSACTION_COLUMNS[plan.segment]}" if plan.segment else "''"
    filters = {
        "e.counts_as = ANY(:services)": query.services,
        "e.channel = ANY(:channels)": query.channels,
        f"{value} = ANY(:values)": query.segment_values,
        "e.state = ANY(:states)": query.states,
        "e.region = ANY(:regions)": query.regions,
    }
    conditions = "".join(f" AND {condition}" for condition, given in filters.items() if given)
    first = f"e.is_first_of_{counted_in(query)}"
    made = ", ".join(f"({m.expression.format(first=first)})::bigint AS {name}" for name, m in MEASURES.items())
    return (
        f"SELECT e.day AS period, e.unit_id::text AS place, e.counts_as AS service, e.channel, {value} AS"
        f" segment_value, {made}"
        f" FROM service_transaction e WHERE e.unit_id = CAST(:unit AS uuid) AND e.day BETWEEN :since AND"
        f" :until{conditions}"
    )


def sql_params(query: MetricQuery, plan: Plan) -> dict[str, Any]:
    """Return the parameters of `source`."""
    lists = {"services": query.services, "channels": query.channels, "values": query.segment_values}
    given = place_lists(query) | {name: list(values) for name, values in lists.items() if values}
    return given | {"since": query.since, "until": query.until} if plan.from_transactions else given


async def regions_and_states(db: Db, codes: Iterable[str]) -> dict[str, Place]:
    """Regions and states, mixed, with the wider places they lie in."""
    listed = {*codes}
    regions, states = await places_of(db, "R", listed), await places_of(db, "S", listed)
    return {code: states[code] if states[code].code else regions[code] for code in listed}


_WITHIN: dict[Geography, str] = {
    "R": "SELECT region AS code, CAST(NULL AS text) AS state, CAST(NULL AS text) AS region FROM saving_region",
    "S": "SELECT state AS code, CAST(NULL AS text) AS state, region FROM saving_region",
    "U": "SELECT u.id::text AS code, u.state_code AS state, r.region FROM unit u"
    " LEFT JOIN saving_region r ON r.state = u.state_code",
}


async def places_of(db: Db, geography: Geography, codes: Iterable[str]) -> dict[str, Place]:
    """These regions, states or units, with the wider places they lie in; what isn't known lies in the country alone."""
    listed = sorted({code for code in codes if code and code != str(UNKNOWN_PERSON)})
    statement = text(f"SELECT DISTINCT code, state, region FROM ({_WITHIN[geography]}) p WHERE code = ANY(:codes)")
    rows = (await db.execute(statement, {"codes": listed})).all() if listed else []
    known = {row.code: Place(row.code, tuple(part for part in (row.state, row.region) if part)) for row in rows}
    return {code: known.get(code, Place("")) for code in {*codes}}
