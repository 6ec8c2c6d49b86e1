"""Rules about pensions: the age of each, and the conservation of rights of the law of 1973. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from app.catalog.rules.eligibility.facts import Facts, PersonFacts
from app.catalog.rules.eligibility.registry import Verdict, rule
from app.kernel.i18n import N_
from app.registry.rules import ONE_DAY, Period, birthday, merge_periods, weeks_of

DAYS_A_WEEK = 7


@rule(
    N_("La edad no es la de la pensión que se pide"),
    fail=N_("Tiene %(age)s; para esta pensión se piden %(needed)s"),
    old_age=N_("Tiene %(age)s: le corresponde la pensión de vejez. En «¿Qué pensión pide?» elija «Vejez»"),
)
def pension_age(facts: Facts, *, old_age: int, advanced_age: int, field: str) -> Verdict:
    """The person has the age, in years, of the pension in the answer `field`: from `old_age` for old age; from
    `advanced_age` and under `old_age` for severance at advanced age.

    Reads: the one named.
    Source: LSS arts. 154 and 162 (DOF 1995-12-21).
    """
    is_old_age = facts.answers.get(field) == "old-age"
    needed = old_age if is_old_age else advanced_age
    age = facts.person.age(facts.today)
    if not is_old_age and age >= old_age:
        return Verdict("fail", {"age": age}, "old_age")
    return Verdict.of(age >= needed, age=age, needed=needed)


@rule(
    N_("Sin conservación de derechos (ley de 1973)"),
    conserved=N_("Conserva los derechos de la ley de 1973 hasta el %(until)s"),
    reached=N_("Cumplió la edad el %(reached)s, cuando conservaba los derechos de la ley de 1973 (hasta el %(until)s)"),
    recent=N_(
        "Dejó de cotizar el %(last)s y conservó los derechos de la ley de 1973 hasta el %(until)s;"
        " se le reconocen otra vez al volver a cotizar"
    ),
    lapsed=N_(
        "Dejó de cotizar el %(last)s y conservó los derechos de la ley de 1973 hasta el %(until)s;"
        " para recuperarlos se piden %(needed)s semanas cotizadas nuevas"
    ),
    returned=N_(
        "Conservó los derechos de la ley de 1973 hasta el %(until)s y después volvió a cotizar:"
        " tiene %(weeks)s desde entonces; se piden %(needed)s"
    ),
)
def rights_conserved_1973(
    facts: Facts,
    *,
    part: int,
    least_months: int,
    recent_years: int,
    long_years: int,
    weeks_after_recent: int,
    weeks_after_long: int,
    age: int,
) -> Verdict:
    """The person conserves the rights that they acquired under the law of 1973, or was first affiliated under the law
    of 1997. Rights are conserved for a `part` of the time contributed (4: a quarter) after the last contribution, and
    for at least `least_months` months. A person who lost them regains them by contributing again: at once within
    `recent_years` years without contributions, after `weeks_after_recent` new weeks within `long_years` years, and
    after `weeks_after_long` later. A person who reached the `age`, in years, while they were conserved has them for
    good.

    Source: LSS 1973 (DOF 1973-03-12) arts. 182 and 183.
    """
    if not facts.person.is_of_1973():
        return Verdict("pass")
    rules = _Conservation(part, least_months, recent_years, long_years, weeks_after_recent, weeks_after_long)
    found = _history(facts.person, facts.today, rules)
    reached = birthday(facts.person.birth_on, age)
    until = found.until.isoformat()
    if found.last is None and not found.needed_weeks:
        return Verdict("pass")
    if facts.today <= found.until:
        return Verdict("pass", {"until": until}, "conserved")
    if reached <= found.until:
        return Verdict("pass", {"until": until, "reached": reached.isoformat()}, "reached")
    if found.needed_weeks or found.last is None:
        values = {"until": until, "weeks": found.new_weeks, "needed": found.needed_weeks}
        return Verdict("fail", values, "returned")
    values = {"last": found.last.isoformat(), "until": until}
    weeks = rules.weeks_after(found.last, facts.today)
    return Verdict("fail", values | {"needed": weeks}, "lapsed") if weeks else Verdict("fail", values, "recent")


@dataclass(frozen=True, slots=True)
class _Conservation:
    """The figures of the law, and what they mean for a day."""

    part: int
    least_months: int
    recent_years: int
    long_years: int
    weeks_after_recent: int
    weeks_after_long: int

    def until(self, last: date, days: int) -> date:
        """The last day on which the rights of a person who contributed `days` days and left on `last` are conserved."""
        share = -(-weeks_of(days) * DAYS_A_WEEK // self.part)
        return max(last + timedelta(days=share), last + relativedelta(months=self.least_months))

    def weeks_after(self, last: date, again: date) -> int:
        """New weeks that who lost the rights needs when they contribute again on a day; 0: none."""
        if again <= last + relativedelta(years=self.recent_years):
            return 0
        is_long = again > last + relativedelta(years=self.long_years)
        return self.weeks_after_long if is_long else self.weeks_after_recent


@dataclass(slots=True)
class _Found:
    """What a history comes to: the days that count, and those of before that need new weeks to count again. `last` is
    None while contributions go on."""

    days: int = 0
    waiting_days: int = 0
    needed_weeks: int = 0
    until: date = date.min
    last: date | None = None

    @property
    def new_weeks(self) -> int:
        return weeks_of(self.days)


def _history(person: PersonFacts, today: date, rules: _Conservation) -> _Found:
    found = _Found()
    for stretch in merge_periods([*person.periods, *person.continuation]):
        if stretch.starts_on > today:
            break
        if found.last is not None and not found.needed_weeks and stretch.starts_on > found.until:
            # The rights were lost: what was contributed before counts again after some new weeks, or at once.
            found.needed_weeks = rules.weeks_after(found.last, stretch.starts_on)
            if found.needed_weeks:
                found.waiting_days, found.days = found.days, 0
        _contribute(found, stretch, today)
        if found.needed_weeks and found.new_weeks >= found.needed_weeks:
            found.days, found.waiting_days, found.needed_weeks = found.days + found.waiting_days, 0, 0
        if found.last is not None and not found.needed_weeks:
            found.until = rules.until(found.last, found.days)
    return found


def _contribute(found: _Found, stretch: Period, today: date) -> None:
    is_open = stretch.ends_on is None or stretch.ends_on >= today
    last = today if is_open or stretch.ends_on is None else stretch.ends_on
    found.days += (last - stretch.starts_on + ONE_DAY).days
    found.last = None if is_open else last
