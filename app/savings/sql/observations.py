"""What a month's observations are, by service and along each dimension, with how many people each count is of."""

from app.savings.models import UNKNOWN_PERSON
from app.savings.rules.families import Family
from app.savings.sql.cells import SEGMENTS as COLUMNS
from app.savings.sql.tickets import LOCAL_DAY

_TRANSACTIONS = f"""
    SELECT e.*, e.counts_as AS s, nullif(e.person_id, '{UNKNOWN_PERSON}') AS who, '' AS unit FROM service_transaction e
    WHERE e.day BETWEEN :first AND :last
"""
_TICKETS = f"""
    SELECT t.*, t.service AS s, coalesce(t.person_id, t.id) AS who, t.unit_id::text AS unit FROM ticket t
    WHERE {LOCAL_DAY} BETWEEN :first AND :last
"""
# A visit with an appointment isn't counted again: the appointment was, when it was made.
_MIX = f"""
    SELECT e.counts_as AS s, nullif(e.person_id, '{UNKNOWN_PERSON}') AS who, e.id, e.region, e.state, '' AS unit,
        CASE WHEN e.channel IN ('web', 'api') THEN 'online' WHEN e.channel = 'phone' THEN 'phone' ELSE 'desk' END AS way
    FROM service_transaction e WHERE e.day BETWEEN :first AND :last AND e.is_own AND NOT e.is_absorbed AND e.outcome =
    'completed' UNION ALL SELECT t.service, coalesce(t.person_id, t.id), t.id, t.region, t.state, '', 'walk-in'
    FROM ticket t WHERE t.walk_in AND {LOCAL_DAY} BETWEEN :first AND :last
"""
_FROM = {"transactions": ("e", _TRANSACTIONS), "tickets": ("t", _TICKETS), "mix": ("e", _MIX)}
PLACE = ("region", "state", "unit")


def observations(family: Family) -> str:
    """Rows of (dimension, service, region, state, unit, value), then for each requirement and imputed condition how
    many observations and how many people, then the amounts. A person counts in one group of a service and condition."""
    alias, rows = _FROM[family.of]
    values = [dimension for dimension in family.dimensions if dimension != "place"]
    conditions = [*family.requirements.values(), *family.imputed.values()]
    needs = [f"r{n}" for n, _condition in enumerate(conditions)]
    amounts = [f"a{n}" for n, _name in enumerate(family.amounts)]
    chosen = [f"{alias}.s, {alias}.who, {alias}.id, {alias}.region, {alias}.state, {alias}.unit"]
    chosen += [f"{alias}.{COLUMNS.get(dimension, dimension)} AS d_{dimension}" for dimension in values]
    chosen += [f"coalesce({c}, false) AS {name}" for name, c in zip(needs, conditions, strict=True)]
    chosen += [f"({c})::bigint AS {name}" for name, c in zip(amounts, family.amounts.values(), strict=True)]
    of_person = "row_number() OVER (PARTITION BY s, who, {0} ORDER BY id) = 1"
    first = [f"{name} AND who IS NOT NULL AND {of_person.format(name)} AS {name}_person" for name in needs]
    columns = [f"count(*) FILTER (WHERE {name}), count(*) FILTER (WHERE {name}_person)" for name in needs]
    columns += [f"sum({name})" for name in amounts]
    sets = ["(s, region, state, unit)", *(f"(s, d_{dimension})" for dimension in values)]
    dim_of = " ".join(f"WHEN grouping(d_{dimension}) = 0 THEN '{dimension}'" for dimension in values)
    value_of = f"coalesce({', '.join(f'd_{dimension}' for dimension in values)})" if values else "CAST(NULL AS text)"
    dimension = f"CASE {dim_of} ELSE 'place' END" if values else "'place'"
    return (
        f"SELECT {dimension}, s, region, state, unit, {value_of}, {', '.join(columns)} FROM ("
        f"SELECT o.*, {', '.join(first)} FROM (SELECT {', '.join(chosen)} FROM ({rows}) {alias}"
        f" WHERE {family.where}) o) f GROUP BY GROUPING SETS ({', '.join(sets)})"
    )
