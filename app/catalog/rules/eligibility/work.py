"""Rules about work and contributions. Figures are parameters of the service files, which name their source."""

from datetime import date, timedelta
from decimal import Decimal

from app.catalog.rules.eligibility.facts import Facts
from app.catalog.rules.eligibility.naming import Verdict, rule
from app.registry.rules import contribution_days, weeks_of

CENT = Decimal("0.01")
LAW_1997 = date(1997, 7, 1)
"""The Ley del Seguro Social of 1995 took effect this day; whoever was affiliated before may choose the law of 1973."""


@rule
def rights_in_force(facts: Facts) -> Verdict:
    """The person has rights today, by work, by conservation (LSS art. 109) or through whom they depend on."""
    return Verdict.of(facts.person.in_force)


@rule
def works_now(facts: Facts) -> Verdict:
    """The person has an affiliation period open today."""
    return Verdict.of(facts.person.works_on(facts.today))


@rule
def not_insured(facts: Facts) -> Verdict:
    """No affiliation in force today, of their own or through somebody else."""
    return Verdict.of(not facts.person.in_force and not facts.person.works_on(facts.today))


@rule
def has_left_work(facts: Facts) -> Verdict:
    """The person isn't affiliated by work today."""
    return Verdict.of(not facts.person.works_on(facts.today))


@rule
def days_without_work(facts: Facts, *, days: int) -> Verdict:
    """So many natural days have passed since the last day worked; never having worked doesn't count."""
    last = facts.person.last_day_worked(facts.today)
    if last is None:
        return Verdict("fail", {"days": 0, "needed": days})
    passed = (facts.today - last).days
    return Verdict.of(passed >= days, days=passed, needed=days)


@rule
def no_withdrawal_within(facts: Facts, *, years: int) -> Verdict:
    """No partial withdrawal in the last years."""
    since = _years_before(facts.today, years)
    recent = max((one.on_date for one in facts.person.withdrawals), default=None)
    return Verdict.of(recent is None or recent <= since, last=recent.isoformat() if recent else None, years=years)


@rule
def weeks_or_account(facts: Facts, *, weeks: int, with_account_years: int, account_years: int) -> Verdict:
    """So many weeks contributed in an account of some years, or an account open for more years."""
    first = facts.person.first_day_worked()
    has = facts.person.weeks(facts.today)
    young = first is not None and first <= _years_before(facts.today, with_account_years) and has >= weeks
    old = first is not None and first <= _years_before(facts.today, account_years)
    return Verdict.of(young or old, weeks=has, needed=weeks, years=account_years)


@rule
def weeks_within(facts: Facts, *, weeks: int, years: int) -> Verdict:
    """So many weeks contributed in the last years before leaving work (or before today, for who still works)."""
    last = facts.person.last_day_worked(facts.today) or facts.today
    first = _years_before(last, years) + timedelta(days=1)
    has = weeks_of(contribution_days(facts.person.periods, first, last))
    return Verdict.of(has >= weeks, weeks=has, needed=weeks, years=years)


@rule
def left_within(facts: Facts, *, years: int) -> Verdict:
    """The last day worked was not longer ago than so many years."""
    last = facts.person.last_day_worked(facts.today)
    return Verdict.of(
        last is not None and facts.today <= _years_after(last, years),
        last=last.isoformat() if last else None,
        years=years,
    )


@rule
def wage_between(facts: Facts, *, minimum: Decimal, uma: Decimal, times: int, field: str) -> Verdict:
    """The wage chosen is at least the minimum (and the last one earned) and at most so many times the UMA; unknown for
    what isn't a sum of whole cents."""
    try:
        chosen = Decimal(str(facts.answers[field]))
        is_money = chosen == chosen.quantize(CENT)
    except (KeyError, ArithmeticError):
        is_money = False
    if not is_money:
        return Verdict("unknown", {"field": field})
    least = max(minimum, facts.person.last_daily_wage or minimum)
    most = (uma * times).quantize(CENT)
    least = min(least, most)
    return Verdict.of(least <= chosen <= most, chosen=str(chosen), least=str(least), most=str(most))


@rule
def pension_age(facts: Facts, *, old_age: int, advanced_age: int, field: str) -> Verdict:
    """The age of the pension asked for: `old-age`, or severance at `advanced-age`."""
    needed = old_age if facts.answers.get(field) == "old-age" else advanced_age
    age = facts.person.age(facts.today)
    return Verdict.of(age >= needed, age=age, needed=needed)


@rule
def weeks_for_pension(
    facts: Facts, *, law_1973: int, first_year: int, first_weeks: int, step: int, most: int
) -> Verdict:
    """The weeks the law asks for in the year of the request: a fixed number for whoever was affiliated under the law of
    1973; under the present one, `first_weeks` in `first_year` and `step` more each year up to `most`."""
    first = facts.person.first_day_worked()
    if first is not None and first < LAW_1997:
        needed, law = law_1973, "1973"
    else:
        years = max(0, facts.today.year - first_year)
        needed, law = min(most, first_weeks + step * years), "1997"
    has = facts.person.weeks(facts.today)
    return Verdict.of(has >= needed, weeks=has, needed=needed, law=law)


def _years_before(day: date, years: int) -> date:
    return _years_after(day, -years)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
