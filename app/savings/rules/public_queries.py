"""Public queries: whole months that have ended, by period, service and one dimension more.

Every answer is computed from the blocks that were released (`rules.disclosure`), so a public query is what blocks can
answer: of a month's services, the margins by place, by channel, by device and so on, never two of those crossed.
"""

from datetime import date

from app.savings.rules.families import Family
from app.savings.rules.metrics import is_whole_months
from app.savings.rules.plan import PERIODS, PLACES, SEGMENTS, MetricQuery, QueryUnsupported, month_after

FINER_THAN_MONTHS = ("day", "week", "weekday", "hour")


def dimension(query: MetricQuery, family: Family, today: date) -> str:
    """The dimension of the blocks that answer a query.

    Raises:
        QueryUnsupported: the query isn't public.
    """
    if set(FINER_THAN_MONTHS) & set(query.group_by):
        raise QueryUnsupported("group_by", "public-by-month")
    if not is_whole_months(query) or query.until >= today:
        raise QueryUnsupported("until", "public-whole-months")
    used = _dimensions(query)
    if len(used) > 1:
        raise QueryUnsupported("group_by", "public-one-thing")
    dimension = used.pop() if used else "place"
    if _is_by_unit(query):
        if family.of != "tickets":
            raise QueryUnsupported("unit" if query.unit is not None else "group_by", "public-no-units")
        return "unit"
    if dimension not in family.dimensions:
        raise QueryUnsupported("group_by", "not-by-that")
    return dimension


def _dimensions(query: MetricQuery) -> set[str]:
    """What is grouped or filtered by, besides periods and services."""
    used = {"place" for name in query.group_by if name in PLACES}
    if query.states or query.regions or query.unit is not None:
        used.add("place")
    if query.channels or "channel" in query.group_by:
        used.add("channel")
    used |= {name for name in query.group_by if name in SEGMENTS}
    return used | ({query.segment} if query.segment else set())


def _is_by_unit(query: MetricQuery) -> bool:
    return query.unit is not None or "unit" in query.group_by


def pins(query: MetricQuery, group_by: tuple[str, ...]) -> tuple[bool, bool]:
    """Whether groups by these keys are of certain services, and of certain places, channels or qualities: then what was
    released only together with others isn't in them."""
    filters = (query.states, query.regions, query.channels, query.segment_values, query.unit)
    return bool(query.services) or "service" in group_by, any(filters) or bool({*group_by} - {"service", *PERIODS})


def months_of(since: date, until: date) -> list[date]:
    """The first days of the months from one day to another."""
    found, month = [], since.replace(day=1)
    while month <= until:
        found.append(month)
        month = month_after(month)
    return found
