"""From errands to sums: what the touched errands gave before is taken away, what they give now is added."""

from collections.abc import Callable

from sqlalchemy import text

from app.savings.measures import MEASURES
from app.savings.models import NOBODY
from app.savings.rules.plan import Grain

DIMS = {"device": "device", "age": "age_band", "sex": "sex", "rurality": "rurality", "language": "language"}
"""The further qualities sums are kept by, and the errand's column of each."""
PERIODS: dict[Grain, str] = {"D": "day", "W": "week", "M": "month"}

_PLAIN = [name for name in MEASURES if name != "people"]
_GIVES = f"""
    SELECT e.day, CAST(date_trunc('week', e.day) AS date) AS week,
        CAST(date_trunc('month', e.day) AS date) AS month, e.region, e.state,
        coalesce(e.unit_id, '{NOBODY}') AS unit_id, e.counts_as AS service, e.channel,
        {", ".join(f"e.{column} AS {dim}" for dim, column in DIMS.items())},
        {", ".join(f"({MEASURES[name].expression})::bigint AS {name}" for name in _PLAIN)},
        {", ".join(f"e.is_first_of_{period}::int::bigint AS people_{period}" for period in PERIODS.values())}
"""
_SUMMED = [*_PLAIN, *(f"people_{period}" for period in PERIODS.values())]

GIVES_SCRATCH = text(
    f"CREATE TEMP TABLE IF NOT EXISTS saving_gives ON COMMIT DELETE ROWS AS {_GIVES} FROM errand e WITH NO DATA"
)
_NEGATIVE = ", ".join(f"-{name}" for name in _SUMMED)
_KEYS = f"{', '.join(PERIODS.values())}, region, state, unit_id, service, channel, {', '.join(DIMS)}"
TAKE_AWAY = text(f"INSERT INTO saving_gives SELECT {_KEYS}, {_NEGATIVE} FROM ({_GIVES} FROM saving_was e) g")
GIVE = text(f"INSERT INTO saving_gives {_GIVES} FROM saving_now e")

# Most of what a batch touches is as it was: the difference is what is left once both are added.
NET_SCRATCH = text(
    "CREATE TEMP TABLE IF NOT EXISTS saving_net ON COMMIT DELETE ROWS AS SELECT * FROM saving_gives WITH NO DATA"
)
NET = text(
    f"INSERT INTO saving_net SELECT {_KEYS}, {', '.join(f'sum({name})::bigint' for name in _SUMMED)} FROM saving_gives"
    f" GROUP BY {_KEYS} HAVING ({', '.join(f'sum({name})' for name in _SUMMED)})"
    f" <> ({', '.join('0' for _ in _SUMMED)})"
)


def _sets() -> str:
    """Every kind of cell an errand is in: by day, by week and by month for region and state; by month with a dim, and
    for its unit."""
    sets = []
    for place in ("region", "state"):
        sets += [f"({period}, {place}, service, channel)" for period in PERIODS.values()]
        sets += [f"(month, {place}, service, channel, {dim})" for dim in DIMS]
    sets.append("(month, unit_id, service, channel)")
    return ", ".join(sets)


_DIM = " ".join(f"WHEN grouping({dim}) = 0 THEN '{dim}'" for dim in DIMS)
_VALUE = " ".join(f"WHEN grouping({dim}) = 0 THEN {dim}" for dim in DIMS)
_COLUMNS = ", ".join(MEASURES)


def _of_period(made: Callable[[Grain], str]) -> str:
    """What `made` says of the grain a cell is of."""
    told = " ".join(f"WHEN grouping({period}) = 0 THEN {made(grain)}" for grain, period in PERIODS.items())
    return f"CASE {told} END"


_GRAIN = _of_period(lambda grain: f"'{grain}'")
_PERIOD = _of_period(lambda grain: PERIODS[grain])
_PEOPLE = _of_period(lambda grain: f"sum(people_{PERIODS[grain]})")
_SUMS = ", ".join(_PEOPLE if name == "people" else f"sum({name})" for name in MEASURES)
MOVE_CELLS = text(
    f"""
    INSERT INTO saving_cell AS c (grain, level, dim, period, place, service, channel, value, {_COLUMNS})
    SELECT {_GRAIN},
        CASE WHEN grouping(region) = 0 THEN 'R' WHEN grouping(state) = 0 THEN 'S' ELSE 'U' END,
        CASE {_DIM} ELSE '' END, {_PERIOD},
        CASE WHEN grouping(region) = 0 THEN region WHEN grouping(state) = 0 THEN state ELSE unit_id::text END,
        service, channel, CASE {_VALUE} ELSE '' END, {_SUMS}
    FROM saving_net GROUP BY GROUPING SETS ({_sets()})
    ON CONFLICT (grain, level, dim, period, place, service, channel, value) DO UPDATE
    SET {", ".join(f"{name} = c.{name} + EXCLUDED.{name}" for name in MEASURES)}
    """
)
DROP_EMPTY_CELLS = text("DELETE FROM saving_cell WHERE errands = 0")
