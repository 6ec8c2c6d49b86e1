"""From transactions to sums: the previous contribution of the affected transactions is retracted, the new one is
added."""

from collections.abc import Callable

from sqlalchemy import text

from app.savings.measures import MEASURES
from app.savings.models import UNKNOWN_PERSON
from app.savings.rules.plan import PeriodType

SEGMENTS = {"device": "device", "age": "age_band", "sex": "sex", "rurality": "rurality", "language": "language"}
"""The segments that sums are stored by, and the transaction's column of each."""
PERIODS: dict[PeriodType, str] = {"D": "day", "W": "week", "M": "month"}

_PLAIN = [name for name in MEASURES if name != "people"]
_CONTRIBUTION = f"""
    SELECT e.day, CAST(date_trunc('week', e.day) AS date) AS week,
        CAST(date_trunc('month', e.day) AS date) AS month, e.region, e.state,
        coalesce(e.unit_id, '{UNKNOWN_PERSON}') AS unit_id, e.counts_as AS service, e.channel,
        {", ".join(f"e.{column} AS {segment}" for segment, column in SEGMENTS.items())},
        {", ".join(f"({MEASURES[name].expression})::bigint AS {name}" for name in _PLAIN)},
        {", ".join(f"e.is_first_of_{period}::int::bigint AS people_{period}" for period in PERIODS.values())}
"""
_SUMMED = [*_PLAIN, *(f"people_{period}" for period in PERIODS.values())]

CONTRIBUTION_SCRATCH = text(
    f"CREATE TEMP TABLE IF NOT EXISTS saving_contribution ON COMMIT DELETE ROWS AS {_CONTRIBUTION} FROM"
    f" service_transaction e WITH NO DATA"
)
_NEGATIVE = ", ".join(f"-{name}" for name in _SUMMED)
_KEYS = f"{', '.join(PERIODS.values())}, region, state, unit_id, service, channel, {', '.join(SEGMENTS)}"
RETRACT = text(
    f"INSERT INTO saving_contribution SELECT {_KEYS}, {_NEGATIVE} FROM ({_CONTRIBUTION} FROM saving_before e) g"
)
CONTRIBUTE = text(f"INSERT INTO saving_contribution {_CONTRIBUTION} FROM saving_after e")

# Most of what a batch touches is unchanged: the delta is what remains once both are added.
DELTA_SCRATCH = text(
    "CREATE TEMP TABLE IF NOT EXISTS saving_delta ON COMMIT DELETE ROWS AS SELECT * FROM saving_contribution WITH NO"
    " DATA"
)
DELTA = text(
    f"INSERT INTO saving_delta SELECT {_KEYS}, {', '.join(f'sum({name})::bigint' for name in _SUMMED)} FROM"
    f" saving_contribution"
    f" GROUP BY {_KEYS} HAVING ({', '.join(f'sum({name})' for name in _SUMMED)})"
    f" <> ({', '.join('0' for _ in _SUMMED)})"
)


def _sets() -> str:
    """Every kind of cell a transaction is in: by day, by week and by month for region and state; by month with a
    segment, and for its unit."""
    sets = []
    for place in ("region", "state"):
        sets += [f"({period}, {place}, service, channel)" for period in PERIODS.values()]
        sets += [f"(month, {place}, service, channel, {segment})" for segment in SEGMENTS]
    sets.append("(month, unit_id, service, channel)")
    return ", ".join(sets)


_SEGMENT = " ".join(f"WHEN grouping({segment}) = 0 THEN '{segment}'" for segment in SEGMENTS)
_VALUE = " ".join(f"WHEN grouping({segment}) = 0 THEN {segment}" for segment in SEGMENTS)
_COLUMNS = ", ".join(MEASURES)


def _of_period(made: Callable[[PeriodType], str]) -> str:
    """What `made` says of the period_type a cell is of."""
    cases = " ".join(f"WHEN grouping({period}) = 0 THEN {made(period_type)}" for period_type, period in PERIODS.items())
    return f"CASE {cases} END"


_PERIOD_TYPE = _of_period(lambda period_type: f"'{period_type}'")
_PERIOD = _of_period(lambda period_type: PERIODS[period_type])
_PEOPLE = _of_period(lambda period_type: f"sum(people_{PERIODS[period_type]})")
_SUMS = ", ".join(_PEOPLE if name == "people" else f"sum({name})" for name in MEASURES)
APPLY_CELLS = text(
    f"""
    INSERT INTO saving_cell AS c (period_type, geography, segment, period, place, service, channel, segment_value,
    {_COLUMNS}) SELECT {_PERIOD_TYPE},
        CASE WHEN grouping(region) = 0 THEN 'R' WHEN grouping(state) = 0 THEN 'S' ELSE 'U' END,
        CASE {_SEGMENT} ELSE '' END, {_PERIOD},
        CASE WHEN grouping(region) = 0 THEN region WHEN grouping(state) = 0 THEN state ELSE unit_id::text END,
        service, channel, CASE {_VALUE} ELSE '' END, {_SUMS}
    FROM saving_delta GROUP BY GROUPING SETS ({_sets()})
    ON CONFLICT (period_type, geography, segment, period, place, service, channel, segment_value) DO UPDATE
    SET {", ".join(f"{name} = c.{name} + EXCLUDED.{name}" for name in MEASURES)}
    """
)
DROP_EMPTY_CELLS = text("DELETE FROM saving_cell WHERE transactions = 0")
