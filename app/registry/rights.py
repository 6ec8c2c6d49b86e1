"""What a person's rights to medical care rest on: one SQL fragment that loads it, one function that reads it.

Work gives them, and conserves them for a time (LSS arts. 84 I and 109); so does a pension (art. 84 II), and a
family policy that is paid (arts. 240 to 245). Modality 40 gives none.

Rights are a person's own, and those of each holder they depend on, judged one by one: periods of two people never make
one history.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from app.law.current import count_on
from app.registry.dependant_coverage import is_covered_sql, last_covered_day_sql
from app.registry.rules import Conservation, InForce, Period, best_of, in_force, in_force_while, limit_until
from app.registry.voluntary import family_cover

Dates = Sequence[Sequence[str | None]] | None
Sources = Sequence[Sequence[Any]]
"""One entry for the person and one for each holder: the last day of the dependence (None for themselves and without an
end), the periods of work, those of pensions, and first day and day of payment of family policies, as JSON has them."""


def rights_sql(person: str, day: str, birth_on: str | None = None) -> str:
    """The SQL expression of the `Sources` of a person on a day: a jsonb array, never null. All are SQL expressions."""
    return f"""
        (SELECT jsonb_agg(jsonb_build_array(w.last_on, (
                SELECT jsonb_agg(jsonb_build_array(a.starts_on, a.ends_on)) FROM affiliation a
                WHERE a.person_id = w.id AND a.scheme = 'work'
            ), (SELECT jsonb_agg(jsonb_build_array(t.starts_on, t.ends_on)) FROM pension t WHERE t.person_id = w.id
            ), (SELECT jsonb_agg(jsonb_build_array(v.starts_on, v.paid_on)) FROM voluntary_payment v
                WHERE v.person_id = w.id AND v.scheme = 'family-health'))
            ORDER BY w.is_own DESC)
        FROM (
            SELECT {person} AS id, CAST(NULL AS date) AS last_on, true AS is_own
            UNION ALL
            SELECT x.holder_id, {last_covered_day_sql("x", day, birth_on)}, false FROM dependant x
            WHERE x.person_id = {person} AND {is_covered_sql("x", day, birth_on)}) w)
    """


def conservation_on(day: date) -> Conservation:
    """What conserves rights on a day, and for how long (LSS art. 109)."""
    return Conservation(count_on("conservation-needed-weeks", day), count_on("conservation-weeks", day))


def rights_from(sources: Sources, day: date) -> InForce:
    """The best rights of a person on a day, own or through whom they depend on."""
    return best_of(limit_until(_of_one(day, *given), _day(last)) for last, *given in sources)


def rights_without_policies(sources: Sources, day: date) -> InForce:
    """The same but for family policies: who has no others may take or renew one."""
    return rights_from([[*one[:-1], None] for one in sources], day)


def _of_one(day: date, work: Dates, pensions: Dates, policies: Dates) -> InForce:
    covers = [family_cover(cast("date", _day(first)), cast("date", _day(paid))) for first, paid in policies or ()]
    return best_of(
        [
            in_force(_periods(work), day, conservation_on(day)),
            in_force_while(_periods(pensions), day, "pensioner"),
            in_force_while(covers, day, "insured"),
        ]
    )


def own_rights_from(sources: Sources, day: date) -> InForce:
    """The rights a person has of their own: those that their dependants have through them."""
    return rights_from(sources[:1], day)


def _periods(dates: Dates) -> list[Period]:
    return [Period(cast("date", _day(first)), _day(last)) for first, last in dates or ()]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
