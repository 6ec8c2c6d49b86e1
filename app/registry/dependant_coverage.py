"""Whether a dependant is covered on a day: `rules.last_day_covered` as SQL, as an expression and as a condition.

The end of a child's rights is derived from the birth date, never stored: a corrected birth date corrects it too. The
ages are those in force on the day that is asked about.
"""

from datetime import date

from sqlalchemy import ColumnElement, Date, and_, literal_column, or_

from app.law.current import count_on, count_on_sql
from app.registry.models import Dependant, Person
from app.registry.rules import CHILDREN, Ages, last_day_covered

CHILD_UNTIL, STUDENT_UNTIL = "child-until", "student-until"


def ages_on(day: date) -> Ages:
    """The ages of children in force on a day."""
    return Ages(count_on(CHILD_UNTIL, day), count_on(STUDENT_UNTIL, day))


def last_covered_day(link: Dependant, person: Person, day: date) -> date | None:
    """The last day on which this registration covers its person, by the ages in force on a day; None for no end
    known."""
    return last_day_covered(
        link.kinship,
        person.birth_on,
        ages_on(day),
        ends_on=link.ends_on,
        situation=link.situation,
        studies_until=link.studies_until,
    )


def last_covered_day_sql(dependant: str, day: str, birth_on: str | None = None) -> str:
    """The SQL of the same: `dependant` is the name that the table has there, `day` and `birth_on` are expressions, the
    latter where the person has been read already."""
    born = birth_on or f"(SELECT born.birth_on FROM person born WHERE born.id = {dependant}.person_id)"
    child, student = _eve_sql(born, CHILD_UNTIL, day), _eve_sql(born, STUDENT_UNTIL, day)
    children = ", ".join(f"'{kinship}'" for kinship in CHILDREN)
    return f"""least({dependant}.ends_on, CASE
        WHEN {dependant}.kinship NOT IN ({children}) OR {dependant}.situation = 'disability' THEN NULL
        WHEN {dependant}.situation = 'studies' THEN greatest({child}, least({dependant}.studies_until, {student}))
        ELSE {child} END)"""


def _eve_sql(born: str, figure: str, day: str) -> str:
    """The eve of the birthday that a figure names. PostgreSQL turns 29 February into 28 of other years, which is the
    eve of 1 March."""
    after = f"CAST({born} + make_interval(years => {count_on_sql(figure, day)}) AS date)"
    return f"({after} - (extract(day FROM {after}) = extract(day FROM {born}))::int)"


def is_covered_sql(dependant: str, day: str, birth_on: str | None = None) -> str:
    """Whether a dependant is covered on a day: a condition for a statement."""
    last = last_covered_day_sql(dependant, day, birth_on)
    return f"({dependant}.starts_on <= {day} AND coalesce({last}, 'infinity') >= {day})"


def is_covered(day: date) -> ColumnElement[bool]:
    """The same as a condition on `Dependant`."""
    on_day = f"DATE '{day.isoformat()}'"
    last: ColumnElement[date | None] = literal_column(last_covered_day_sql("dependant", on_day), Date())
    return and_(Dependant.starts_on <= day, or_(last.is_(None), last >= day))
