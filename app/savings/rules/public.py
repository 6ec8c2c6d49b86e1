"""What anyone may ask: whole months that have ended, by period, service and one thing more.

Every answer is computed from the blocks that were released (`rules.disclosure`), so what may be asked is what blocks
tell: of a month's services, the margins by place, by channel, by device and so on, never two of those crossed.
"""

from datetime import date

from app.savings.rules.families import Family
from app.savings.rules.metrics import is_whole_months
from app.savings.rules.plan import DIMS, PERIODS, PLACES, Question, Refused, month_after

FINER_THAN_MONTHS = ("day", "week", "weekday", "hour")


def dimension(question: Question, family: Family, today: date) -> str:
    """The dimension of the blocks that answer a question.

    Raises:
        Refused: not everybody may ask for that.
    """
    if set(FINER_THAN_MONTHS) & set(question.by):
        raise Refused("by", "public-by-month")
    if not is_whole_months(question) or question.until >= today:
        raise Refused("until", "public-whole-months")
    asked = _dimensions(question)
    if len(asked) > 1:
        raise Refused("by", "public-one-thing")
    dim = asked.pop() if asked else "place"
    if _is_by_unit(question):
        if family.of != "tickets":
            raise Refused("unit" if question.unit is not None else "by", "public-no-units")
        return "unit"
    if dim not in family.dims:
        raise Refused("by", "not-by-that")
    return dim


def _dimensions(question: Question) -> set[str]:
    """What is grouped or filtered by, besides periods and services."""
    asked = {"place" for name in question.by if name in PLACES}
    if question.states or question.regions or question.unit is not None:
        asked.add("place")
    if question.channels or "channel" in question.by:
        asked.add("channel")
    asked |= {name for name in question.by if name in DIMS}
    return asked | ({question.dim} if question.dim else set())


def _is_by_unit(question: Question) -> bool:
    return question.unit is not None or "unit" in question.by


def pins(question: Question, by: tuple[str, ...]) -> tuple[bool, bool]:
    """Whether groups by these keys are of certain services, and of certain places, channels or qualities: then what was
    released only together with others isn't in them."""
    filters = (question.states, question.regions, question.channels, question.values, question.unit)
    return bool(question.services) or "service" in by, any(filters) or bool({*by} - {"service", *PERIODS})


def months_of(since: date, until: date) -> list[date]:
    """The first days of the months from one day to another."""
    found, month = [], since.replace(day=1)
    while month <= until:
        found.append(month)
        month = month_after(month)
    return found
