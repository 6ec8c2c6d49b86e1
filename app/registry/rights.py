"""What a person's rights to medical care rest on: one SQL fragment that loads it, one function that reads it.

Work gives them, and conserves them for a time (LSS arts. 84 I and 109); so does a pension (art. 84 II).

Rights are a person's own, and those of each holder they depend on, judged one by one: periods of two people never make
one history.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from app.registry.dependence import depends_sql, last_day_sql
from app.registry.rules import InForce, Period, best_of, in_force, lasting, limited

Dates = Sequence[Sequence[str | None]] | None
Sources = Sequence[Sequence[Any]]
"""One entry for the person and one for each holder: the last day of the dependence (None for themselves and without an
end), the periods of work and those of pensions, as JSON has them."""


def rights_sql(person: str, day: str, birth_on: str | None = None) -> str:
    """The SQL expression of the `Sources` of a person on a day: a jsonb array, never null. All are SQL expressions."""
    return f"""
        (SELECT jsonb_agg(jsonb_build_array(w.last_on, (
                SELECT jsonb_agg(jsonb_build_array(a.starts_on, a.ends_on)) FROM affiliation a WHERE a.person_id = w.id
            ), (SELECT jsonb_agg(jsonb_build_array(t.starts_on, t.ends_on)) FROM pension t WHERE t.person_id = w.id))
            ORDER BY w.is_own DESC)
        FROM (
            SELECT {person} AS id, CAST(NULL AS date) AS last_on, true AS is_own
            UNION ALL
            SELECT x.holder_id, {last_day_sql("x", birth_on)}, false FROM dependant x
            WHERE x.person_id = {person} AND {depends_sql("x", day, birth_on)}) w)
    """


def rights_from(sources: Sources, day: date) -> InForce:
    """The best rights of a person on a day, own or through whom they depend on."""
    return best_of(limited(_of_one(work, pensions, day), _day(last)) for last, work, pensions in sources)


def _of_one(work: Dates, pensions: Dates, day: date) -> InForce:
    return best_of([in_force(_periods(work), day), lasting(_periods(pensions), day, "pensioner")])


def own_rights_from(sources: Sources, day: date) -> InForce:
    """The rights a person has of their own: those that their dependants have through them."""
    return rights_from(sources[:1], day)


def _periods(dates: Dates) -> list[Period]:
    return [Period(cast("date", _day(first)), _day(last)) for first, last in dates or ()]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
