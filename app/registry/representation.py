"""Who may see and act for a dependant: the holder, until the day the dependant turns 18, by the clock of the unit.

From that day on they decide themselves; the holder acts only by their consent (a mandate). Rights through the holder
are another matter (`dependence`). The one rule, as an expression and as SQL.
"""

from datetime import date

from sqlalchemy import ColumnElement, Integer, and_, cast, func, or_
from sqlalchemy.orm import InstrumentedAttribute

from app.registry.models import Dependant

ADULT = 18
_DIGITS = "YYYYMMDD"
_YEARS = ADULT * 10_000
"""Days written as numbers differ by this from the 18th birthday on; who was born on 29 February has it on 1 March."""


def is_registered(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a person is registered as a dependant on a day: a condition on `Dependant`. They may have outgrown the
    rights that it gives (`dependence.depends_on`), and still be too young to decide alone."""
    return and_(Dependant.starts_on <= day, or_(Dependant.ends_on.is_(None), Dependant.ends_on >= day))


def registered_sql(dependant: str, day: str) -> str:
    """The same for a statement: `dependant` is the name that the table has there."""
    return f"({dependant}.starts_on <= {day} AND ({dependant}.ends_on IS NULL OR {dependant}.ends_on >= {day}))"


def is_minor_sql(birth_on: str, day: str) -> str:
    """Whether another person decides for who was born that day: an SQL expression."""
    return f"(to_char({day}, '{_DIGITS}')::int - to_char({birth_on}, '{_DIGITS}')::int < {_YEARS})"


def acts_for(
    birth_on: ColumnElement[date] | InstrumentedAttribute[date], day: date | ColumnElement[date]
) -> ColumnElement[bool]:
    """Whether the holder of a `Dependant` acts for the person born that day: a condition on `Dependant`."""
    lived = cast(func.to_char(day, _DIGITS), Integer) - cast(func.to_char(birth_on, _DIGITS), Integer)
    return and_(is_registered(day), lived < _YEARS)
