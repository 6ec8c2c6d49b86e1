"""Sums of cells, grouped and filtered as a question asks: one statement a question, over the coarsest cells."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.savings.measures import MEASURES
from app.savings.models import NOBODY
from app.savings.queries.where import place_conditions, place_key, place_lists
from app.savings.rules.figures import Place
from app.savings.rules.plan import DIMS, PLACES, Grain, Level, Piece, Plan, Question
from app.savings.sql.cells import DIMS as ERRAND_COLUMNS
from app.savings.sql.cells import PERIODS

Db = AsyncConnection | AsyncSession


@dataclass(frozen=True, slots=True)
class Row:
    """One group: its keys in the order asked for, the service and place whose figures count, and the sums."""

    keys: tuple[Any, ...]
    service: str
    place: str
    sums: Mapping[str, int]


async def sums(db: Db, question: Question, plan: Plan, measures: Iterable[str], *, features: bool) -> list[Row]:
    """The sums of these measures, ordered by their groups. With `features` also apart by service and place, as the
    model of savings needs them."""
    names = tuple(measures)
    grain = plan.pieces[0].grain if len(plan.pieces) == 1 and not plan.from_errands else None
    keys = [key_of(name, plan, grain) for name in question.by]
    apart = ["service", "place"] if features else ["''", "''"]
    chosen = ", ".join(
        [*(f"{key} AS k{n}" for n, key in enumerate(keys)), f"{apart[0]} AS service", f"{apart[1]} AS place"]
    )
    grouped = [str(number) for number in range(1, len(keys) + 1)] + (["service", "place"] if features else [])
    statement = (
        f"SELECT {chosen}, {', '.join(f'coalesce(sum({name}), 0)::bigint AS {name}' for name in names)}"
        f" FROM ({source(question, plan)}) c"
        + (f" GROUP BY {', '.join(grouped)} ORDER BY {', '.join(grouped)}" if grouped else "")
    )
    rows = (await db.execute(text(statement), parameters(question, plan))).all()
    split = len(keys)
    return [
        Row(tuple(row[:split]), row[split], row[split + 1], dict(zip(names, row[split + 2 :], strict=True)))
        for row in rows
    ]


_KNOWN_DIMS = {"": ""} | {dim: dim for dim in DIMS}
PERIOD_SQL = {"day": "period"}
PERIOD_SQL |= {name: f"CAST(date_trunc('{name}', period) AS date)" for name in ("week", "month", "quarter", "year")}


def key_of(name: str, plan: Plan, grain: Grain | None = None) -> str:
    """What a row of `source` is grouped by, as SQL; of cells of one grain alone their period may be it."""
    if name in PERIOD_SQL:
        return "period" if grain is not None and PERIODS[grain] == name else PERIOD_SQL[name]
    if name in PLACES:
        return place_key(name, plan.level)
    return "value" if name in DIMS else name


def source(question: Question, plan: Plan) -> str:
    """The cells, or a unit's errands in their shape, that answer a question."""
    return " UNION ALL ".join(select for select, _grain in sources(question, plan))


def sources(question: Question, plan: Plan) -> list[tuple[str, Grain | None]]:
    """The selects of `source`, each with the grain of its cells; none where they are errands."""
    if plan.from_errands:
        return [(_errands(question, plan), None)]
    return [(_cells(question, plan, piece), piece.grain) for piece in plan.pieces]


def _cells(question: Question, plan: Plan, piece: Piece) -> str:
    """The cells of a piece of the plan. What they are of and their days stand in the text: as parameters they would be
    unknown to the plan that the database keeps of a statement asked often, which then sorts a year on disk."""
    span = f"DATE '{piece.since.isoformat()}' AND DATE '{piece.until.isoformat()}'"
    return (
        f"SELECT * FROM saving_cell WHERE grain = '{piece.grain}' AND level = '{plan.level}'"
        f" AND dim = '{_KNOWN_DIMS[plan.dim]}' AND period BETWEEN {span}{_conditions(question, plan.level)}"
    )


def _conditions(question: Question, level: Level) -> str:
    wanted = {
        "service = ANY(:services)": question.services,
        "channel = ANY(:channels)": question.channels,
        "value = ANY(:values)": question.values,
    }
    chosen = "".join(f" AND {condition}" for condition, given in wanted.items() if given)
    return chosen + place_conditions(question, level)


def counted_in(question: Question) -> str:
    """The period in which each person of a unit's errands is counted once."""
    return next((period for period in ("day", "week") if period in question.by), "month")


def _errands(question: Question, plan: Plan) -> str:
    """A unit's errands in the shape of cells."""
    value = f"e.{ERRAND_COLUMNS[plan.dim]}" if plan.dim else "''"
    wanted = {
        "e.counts_as = ANY(:services)": question.services,
        "e.channel = ANY(:channels)": question.channels,
        f"{value} = ANY(:values)": question.values,
        "e.state = ANY(:states)": question.states,
        "e.region = ANY(:regions)": question.regions,
    }
    conditions = "".join(f" AND {condition}" for condition, given in wanted.items() if given)
    first = f"e.is_first_of_{counted_in(question)}"
    made = ", ".join(f"({m.expression.format(first=first)})::bigint AS {name}" for name, m in MEASURES.items())
    return (
        f"SELECT e.day AS period, e.unit_id::text AS place, e.counts_as AS service, e.channel, {value} AS value, {made}"
        f" FROM errand e WHERE e.unit_id = CAST(:unit AS uuid) AND e.day BETWEEN :since AND :until{conditions}"
    )


def parameters(question: Question, plan: Plan) -> dict[str, Any]:
    """What `source` is asked with."""
    lists = {"services": question.services, "channels": question.channels, "values": question.values}
    given = place_lists(question) | {name: list(values) for name, values in lists.items() if values}
    return given | {"since": question.since, "until": question.until} if plan.from_errands else given


async def regions_and_states(db: Db, codes: Iterable[str]) -> dict[str, Place]:
    """Regions and states, mixed, with the wider places they lie in."""
    wanted = {*codes}
    regions, states = await places_of(db, "R", wanted), await places_of(db, "S", wanted)
    return {code: states[code] if states[code].code else regions[code] for code in wanted}


_WITHIN: dict[Level, str] = {
    "R": "SELECT region AS code, CAST(NULL AS text) AS state, CAST(NULL AS text) AS region FROM saving_region",
    "S": "SELECT state AS code, CAST(NULL AS text) AS state, region FROM saving_region",
    "U": "SELECT u.id::text AS code, u.state_code AS state, r.region FROM unit u"
    " LEFT JOIN saving_region r ON r.state = u.state_code",
}


async def places_of(db: Db, level: Level, codes: Iterable[str]) -> dict[str, Place]:
    """These regions, states or units, with the wider places they lie in; what isn't known lies in the country alone."""
    wanted = sorted({code for code in codes if code and code != str(NOBODY)})
    statement = text(f"SELECT DISTINCT code, state, region FROM ({_WITHIN[level]}) p WHERE code = ANY(:codes)")
    rows = (await db.execute(statement, {"codes": wanted})).all() if wanted else []
    known = {row.code: Place(row.code, tuple(part for part in (row.state, row.region) if part)) for row in rows}
    return {code: known.get(code, Place("")) for code in {*codes}}
