"""Rules about work and contributions. Figures are parameters of the service files, which name their source."""

from datetime import timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from app.catalog.rules.eligibility.facts import LAW_1997, Facts
from app.catalog.rules.eligibility.registry import Verdict, rule
from app.kernel.i18n import N_
from app.registry.rules import contribution_days, weeks_of

CENT = Decimal("0.01")


@rule(
    N_("Sin derechos vigentes"),
    never=N_("Hoy no tiene derechos vigentes, ni propios ni por un familiar"),
    ended=N_("Hoy no tiene derechos vigentes; su último día de trabajo afiliado fue el %(last)s"),
)
def rights_in_force(facts: Facts) -> Verdict:
    """The person has rights today: by work, by a pension, by a paid family policy, by conservation, or through the
    insured person on whom they depend.

    Source: LSS arts. 84 (the insured, pensioners and their families) and 109 (conservation), DOF 1995-12-21.
    """
    if facts.person.in_force or facts.person.works_on(facts.today):
        return Verdict("pass")
    return _without_work(facts)


@rule(
    N_("Sin trabajo afiliado"),
    never=N_("No consta ningún trabajo afiliado a su nombre"),
    ended=N_("Hoy ningún patrón lo tiene dado de alta; su último día de trabajo afiliado fue el %(last)s"),
)
def works_now(facts: Facts) -> Verdict:
    """The person is affiliated by work today.

    Source: LSS arts. 201 and 205.
    """
    return Verdict("pass") if facts.person.works_on(facts.today) else _without_work(facts)


@rule(
    N_("Sin trabajo afiliado ni pensión"),
    never=N_("No consta ningún trabajo afiliado ni pensión a su nombre"),
    ended=N_("Hoy ningún patrón lo tiene dado de alta ni tiene una pensión; su último día de trabajo fue el %(last)s"),
)
def works_or_pensioner(facts: Facts) -> Verdict:
    """The person is affiliated by work today, or has a pension: they may register a family.

    Source: LSS art. 84 I to IX (DOF 1995-12-21).
    """
    if facts.person.is_pensioner or facts.person.works_on(facts.today):
        return Verdict("pass")
    return _without_work(facts)


@rule(
    N_("Tiene una afiliación vigente"),
    pensioner=N_("Hoy tiene derechos vigentes por una pensión"),
    works=N_("Hoy está dado de alta por un patrón, desde el %(since)s"),
    covered=N_("Hoy tiene derechos vigentes por un familiar, por un seguro voluntario o por conservación"),
)
def not_insured(facts: Facts) -> Verdict:
    """The person has no rights today: by work, by a pension, by conservation, or through another person.

    Source: LSS arts. 84 II and 109 (DOF 1995-12-21).
    """
    if facts.person.works_on(facts.today):
        return Verdict("fail", _works_since(facts), "works")
    if facts.person.is_pensioner:
        return Verdict("fail", finding="pensioner")
    return Verdict("fail", finding="covered") if facts.person.in_force else Verdict("pass")


@rule(
    N_("Tiene derechos vigentes por otra vía"),
    works=N_("Hoy está dado de alta por un patrón, desde el %(since)s"),
    fail=N_("Hoy tiene derechos vigentes por una pensión, por un familiar o por conservación"),
)
def not_insured_otherwise(facts: Facts) -> Verdict:
    """The person isn't affiliated by work today, and has no rights but those of a policy of the family insurance, which
    can be renewed.

    Source: LSS arts. 240 to 245; that they exclude other insured people was not read.
    """
    if facts.person.works_on(facts.today):
        return Verdict("fail", _works_since(facts), "works")
    return Verdict.of(not facts.person.in_force_without_policies)


@rule(
    N_("Sigue dado de alta por un patrón"),
    fail=N_("Hoy sigue dado de alta por un patrón, desde el %(since)s"),
)
def has_left_work(facts: Facts) -> Verdict:
    """The person isn't affiliated by work today.

    Source: LSS arts. 154 and 218.
    """
    working = facts.person.works_on(facts.today)
    return Verdict("fail", _works_since(facts)) if working else Verdict("pass")


@rule(
    N_("Menos días sin trabajo de los que se piden"),
    works=N_("Hoy está dado de alta por un patrón, desde el %(since)s; se piden %(needed)s días sin trabajo"),
    never=N_("No consta ningún trabajo afiliado a su nombre; se piden %(needed)s días desde el último"),
    fail=N_("Lleva %(days)s sin trabajo, desde el %(last)s; se piden %(needed)s"),
)
def days_without_work(facts: Facts, *, days: int) -> Verdict:
    """At least `days` calendar days have passed since the last day worked. Fails for a person who never worked.

    Source: LSS art. 191 fraction II.
    """
    if facts.person.works_on(facts.today):
        return Verdict("fail", {**_works_since(facts), "needed": days}, "works")
    last = facts.person.last_day_worked(facts.today)
    if last is None:
        return Verdict("fail", {"needed": days}, "never")
    passed = (facts.today - last).days
    return Verdict.of(passed >= days, days=passed, last=last.isoformat(), needed=days)


@rule(
    N_("Retiro reciente"),
    fail=N_("Su último retiro fue el %(last)s; deben pasar %(years)s"),
)
def no_withdrawal_within(facts: Facts, *, years: int) -> Verdict:
    """The person made no partial withdrawal for unemployment in the last `years` years.

    Source: LSS art. 191 fraction II (DOF 2009-05-26).
    """
    since = facts.today - relativedelta(years=years)
    recent = max((one.on_date for one in facts.person.withdrawals), default=None)
    if recent is None:
        return Verdict("pass")
    return Verdict.of(recent <= since, last=recent.isoformat(), years=years)


@rule(
    N_("Menos semanas o años de cuenta de los que se piden"),
    never=N_("No consta ningún trabajo afiliado a su nombre: no hay una cuenta de la que retirar"),
    fail=N_(
        "Tiene %(weeks)s de cotización y una cuenta desde el %(since)s;"
        " se piden %(needed)s semanas y %(years)s de cuenta, o %(account)s de cuenta"
    ),
)
def weeks_or_account(facts: Facts, *, weeks: int, with_account_years: int, account_years: int) -> Verdict:
    """The person contributed at least `weeks` weeks and their account is `with_account_years` years old, or it is
    `account_years` years old. An account begins on the first day worked.

    Source: LSS art. 191 fraction II a) and b).
    """
    first = facts.person.first_day_worked()
    if first is None or first > facts.today:
        return Verdict("fail", finding="never")
    has = facts.person.weeks(facts.today)
    young = first <= facts.today - relativedelta(years=with_account_years) and has >= weeks
    old = first <= facts.today - relativedelta(years=account_years)
    values = {
        "weeks": has,
        "needed": weeks,
        "since": first.isoformat(),
        "years": with_account_years,
        "account": account_years,
    }
    return Verdict("pass" if young or old else "fail", values)


@rule(
    N_("Menos semanas recientes de las que se piden"),
    fail=N_("Tiene %(weeks)s en los %(years)s hasta el %(last)s; se piden %(needed)s"),
)
def weeks_within(facts: Facts, *, weeks: int, years: int) -> Verdict:
    """The person contributed at least `weeks` weeks in the `years` years before they left work, or before today if they
    still work.

    Source: LSS art. 218.
    """
    last = facts.person.last_day_worked(facts.today) or facts.today
    first = last - relativedelta(years=years) + timedelta(days=1)
    has = weeks_of(contribution_days(facts.person.periods, first, last))
    return Verdict.of(has >= weeks, weeks=has, needed=weeks, years=years, last=last.isoformat())


@rule(
    N_("Dejó el trabajo hace demasiado tiempo o no lo ha dejado"),
    works=N_("Hoy está dado de alta por un patrón, desde el %(since)s: todavía no ha dejado el trabajo"),
    never=N_("No consta ningún trabajo afiliado a su nombre"),
    fail=N_("Dejó el trabajo el %(last)s, hace más de %(years)s"),
)
def left_within(facts: Facts, *, years: int) -> Verdict:
    """The last day worked was at most `years` years ago.

    Source: LSS art. 219.
    """
    if facts.person.works_on(facts.today):
        return Verdict("fail", _works_since(facts), "works")
    last = facts.person.last_day_worked(facts.today)
    if last is None:
        return Verdict("fail", finding="never")
    return Verdict.of(facts.today <= last + relativedelta(years=years), last=last.isoformat(), years=years)


@rule(
    N_("El salario está fuera de los límites"),
    fail=N_("Eligió un salario diario de %(chosen)s; debe estar entre %(least)s y %(most)s"),
    below=N_(
        "Eligió un salario diario de %(chosen)s; no puede ser menor que el último que tiene registrado, de %(least)s,"
        " ni mayor que %(most)s"
    ),
    unknown=N_("El salario no es una cantidad en pesos y centavos"),
)
def wage_between(facts: Facts, *, minimum: Decimal, uma: Decimal, times: int, field: str) -> Verdict:
    """The daily wage in the answer `field`, in pesos, is at least `minimum` and the last wage on record, and at most
    `times` times the `uma`. Unknown if it isn't a number of whole cents.

    Reads: the one named.
    Source: LSS arts. 28 (the cap) and 218.
    """
    try:
        chosen = Decimal(str(facts.answers[field]))
        is_money = chosen == chosen.quantize(CENT)
    except (KeyError, ArithmeticError):
        is_money = False
    if not is_money:
        return Verdict("unknown")
    last = facts.person.last_daily_wage
    most = (uma * times).quantize(CENT)
    least = min(max(minimum, last or minimum), most)
    values = {"chosen": str(chosen), "least": str(least), "most": str(most)}
    if least <= chosen <= most:
        return Verdict("pass", values)
    # Who is under the limit that their last wage sets is shown that it is that wage.
    return Verdict("fail", values, "below" if chosen < least == last else "")


@rule(
    N_("Menos semanas de las que se piden"),
    fail=N_("Tiene %(weeks)s; se piden %(needed)s (ley de %(law)s)"),
)
def weeks_for_pension(
    facts: Facts,
    *,
    law_1973: int,
    law_1997: int | None = None,
    first_year: int = 2021,
    first_weeks: int = 750,
    step: int = 25,
    most: int = 1000,
) -> Verdict:
    """The person contributed the weeks that the law requires today: `law_1973` weeks if they were first affiliated
    before 1 July 1997, otherwise `law_1997`. Earlier versions of services gave the latter as `first_weeks` in
    `first_year` and `step` more each year, up to `most`.

    Source: LSS arts. 154 and 162, and for the law of 1973 its published requirement of 500 weeks.
    """
    first = facts.person.first_day_worked()
    if first is not None and first < LAW_1997:
        needed, law = law_1973, "1973"
    elif law_1997 is not None:
        needed, law = law_1997, "1997"
    else:
        years = max(0, facts.today.year - first_year)
        needed, law = min(most, first_weeks + step * years), "1997"
    has = facts.person.weeks(facts.today)
    return Verdict.of(has >= needed, weeks=has, needed=needed, law=law)


def _works_since(facts: Facts) -> dict[str, str]:
    """The first day of the work the person has today."""
    since = facts.person.works_since(facts.today)
    if since is None:
        raise ValueError("who doesn't work has no first day of it")
    return {"since": since.isoformat()}


def _without_work(facts: Facts) -> Verdict:
    last = facts.person.last_day_worked(facts.today)
    if last is None:
        return Verdict("fail", finding="never")
    return Verdict("fail", {"last": last.isoformat()}, "ended")
