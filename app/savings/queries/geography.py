"""A query's places against cells of a geography. Units lie in states, states in regions."""

from typing import Any

from app.savings.rules.plan import Geography, MetricQuery

_UNITS_OF_STATES = "SELECT id::text FROM unit WHERE state_code = ANY(:states)"
_STATES_OF_REGIONS = "SELECT state FROM saving_region WHERE region = ANY(:regions)"
_UNITS_OF_REGIONS = f"SELECT id::text FROM unit WHERE state_code IN ({_STATES_OF_REGIONS})"
_STATE_OF_UNIT = "(SELECT u.state_code FROM unit u WHERE u.id = CAST(place AS uuid))"
_STATE = {"S": "place", "U": _STATE_OF_UNIT}
_CONDITIONS: dict[Geography, dict[str, str]] = {
    "R": {"regions": "place = ANY(:regions)"},
    "S": {"regions": f"place IN ({_STATES_OF_REGIONS})", "states": "place = ANY(:states)"},
    "U": {
        "regions": f"place IN ({_UNITS_OF_REGIONS})",
        "states": f"place IN ({_UNITS_OF_STATES})",
        "unit": "place = :unit",
    },
}


def place_conditions(query: MetricQuery, geography: Geography) -> str:
    """What restricts cells of a level to the question's places, each condition led by AND."""
    given = {"regions": query.regions, "states": query.states, "unit": query.unit}
    return "".join(f" AND {condition}" for name, condition in _CONDITIONS[geography].items() if given[name])


def place_lists(query: MetricQuery) -> dict[str, Any]:
    """The parameters of those conditions."""
    given = {"regions": list(query.regions), "states": list(query.states)}
    return {name: values for name, values in given.items() if values} | (
        {"unit": str(query.unit)} if query.unit else {}
    )


def place_key(name: str, geography: Geography) -> str:
    """The region, state or unit of a cell of a level."""
    own = {"region": "R", "state": "S", "unit": "U"}[name]
    if own == geography:
        return "place"
    state = _STATE[geography]
    return state if name == "state" else f"(SELECT r.region FROM saving_region r WHERE r.state = {state})"


def geography_of(query: MetricQuery) -> Geography:
    """Return the coarsest geography that answers the query's places."""
    if query.unit is not None or "unit" in query.group_by:
        return "U"
    return "S" if query.states or "state" in query.group_by else "R"
