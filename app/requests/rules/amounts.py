"""What sick leave pays and voluntary insurances cost, who comes first for a nursery, and the figures of law that these
need. Pure; the figures are given (`app/law/figures.yaml`).

Ley del Seguro Social (DOF 1995-12-21): an illness is paid from the fourth day of the beginning of the *incapacity*, for
at most 52 weeks and 26 more with a medical opinion (art. 96), with four weeks contributed immediately before or, of a
casual worker, six in the four months before (art. 97), at 60 % of the last daily wage (art. 98); a work risk in full
and with no weeks before (art. 58 I); maternity in full (art. 101) with thirty weeks in the twelve months before (art.
102). Who only conserves rights (art. 109) has medical care and no pay, so a job has to be in force.

An incapacity may have several certificates (Reglamento de Prestaciones Médicas, DOF 2006-11-30, arts. 138 to 140): an
initial one, subsequent ones and those of a relapse. Together they are a chain.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Any, Literal

from dateutil.relativedelta import relativedelta

from app.law.problems import ASK_LATER, FigureMissing
from app.law.rules import FigureUnknown, Law, Table, figures_named_in
from app.registry.rules import ONE_DAY, Job, Period, contribution_days, merge_periods, weeks_of

CENT = Decimal("0.01")
Relation = Literal["initial", "subsequent", "relapse"]
Reason = Literal["no-job", "no-weeks", "first-days", "term-over"]
"""Why a certificate, or some of its days, isn't paid."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate: its kind, first day, number of days and wage. `relation` says how it is related to the one before,
    where the doctor's file does; `has_opinion`: a medical opinion extends the term of its incapacity."""

    folio: str
    kind: str
    starts_on: date
    days: int
    daily_wage: Decimal
    relation: Relation | None = None
    has_opinion: bool = False

    @property
    def ends_on(self) -> date:
        return self.starts_on + timedelta(days=self.days - 1)


@dataclass(frozen=True, slots=True)
class Terms:
    """The figures of one kind: the first day paid, the share of the wage, the weeks that have to be contributed before,
    and the weeks that pay lasts (None: without a limit here), with those that an opinion adds.

    `months`: in which the weeks are counted; None for weeks without interruption up to the eve. `casual`: weeks and
    months of casual workers.
    """

    first_day: int
    percent: Decimal
    weeks: int
    months: int | None = None
    casual: tuple[int, int] | None = None
    most_weeks: int | None = None
    extension_weeks: int = 0
    needs_job: bool = True


@dataclass(frozen=True, slots=True)
class Paid:
    """What a certificate pays: days and pesos; the first day of its incapacity; why some of its days aren't paid."""

    certificate: Certificate
    began_on: date
    days: int
    amount: Decimal
    reason: Reason | None


def chains(certificates: Iterable[Certificate]) -> list[list[Certificate]]:
    """The certificates of each incapacity, by first day.

    One that is called initial begins an incapacity; a subsequent one or a relapse goes on with the one before, of the
    same kind. Where the file doesn't say, it goes on when no day is between them: two illnesses that touch can't be
    distinguished by their dates, and the law pays more for one.
    """
    made = []
    ordered = sorted(certificates, key=lambda one: (one.kind, one.starts_on, one.folio))
    for _kind, of_kind in groupby(ordered, key=lambda one: one.kind):
        made += _chains_of_kind(of_kind)
    return made


def _chains_of_kind(certificates: Iterator[Certificate]) -> list[list[Certificate]]:
    made: list[list[Certificate]] = []
    for one in certificates:
        if made and _goes_on(made[-1], one):
            made[-1].append(one)
        else:
            made.append([one])
    return made


def _goes_on(chain: Sequence[Certificate], one: Certificate) -> bool:
    if one.relation is not None:
        return one.relation != "initial"
    return one.starts_on <= max(before.ends_on for before in chain) + ONE_DAY


def payments(chain: Sequence[Certificate], jobs: Sequence[Job], terms: Terms) -> list[Paid]:
    """What each certificate of an incapacity pays, by the wage of its beginning. A day in two certificates counts and
    is paid once, with the first of them."""
    began_on, wage = chain[0].starts_on, chain[0].daily_wage
    refused = unpaid_reason(began_on, jobs, terms)
    last_paid = max_paid_days(chain, terms)
    counted, until, made = 0, began_on - ONE_DAY, []
    for one in chain:
        new = max(0, (one.ends_on - max(one.starts_on, until + ONE_DAY)).days + 1)
        days = 0
        if refused is None:
            end = counted + new if last_paid is None else min(counted + new, last_paid)
            days = max(0, end - max(counted, terms.first_day - 1))
        reason = refused or _why_less(counted, new, days, terms)
        amount = (wage * terms.percent / 100 * days).quantize(CENT, ROUND_HALF_UP)
        made.append(Paid(one, began_on, days, amount, reason))
        counted, until = counted + new, max(until, one.ends_on)
    return made


def _why_less(counted: int, new: int, paid: int, terms: Terms) -> Reason | None:
    waited = max(0, min(new, terms.first_day - 1 - counted))
    if paid + waited < new:
        return "term-over"
    return "first-days" if waited else None


def max_paid_days(chain: Sequence[Certificate], terms: Terms) -> int | None:
    """The last day of an incapacity that is paid, by its number; None without a limit. The days before the first one
    paid are part of the term: our reading of art. 96."""
    if terms.most_weeks is None:
        return None
    extended = terms.extension_weeks if any(one.has_opinion for one in chain) else 0
    return (terms.most_weeks + extended) * 7


def unpaid_reason(day: date, jobs: Sequence[Job], terms: Terms) -> Reason | None:
    """Return why an incapacity that begins on a day isn't paid at all: no job is in force (LSS art. 109), or too few
    weeks were contributed before (arts. 97 and 102). None when it is paid."""
    if not terms.needs_job:
        return None
    held = [job for job in jobs if job.is_held_on(day)]
    if not held:
        return "no-job"
    periods = [job.period for job in jobs]
    if terms.casual is not None and all(job.is_casual for job in held):
        weeks, months = terms.casual
        return None if weeks_in_months(periods, day, months) >= weeks else "no-weeks"
    has = unbroken_weeks(periods, day) if terms.months is None else weeks_in_months(periods, day, terms.months)
    return None if has >= terms.weeks else "no-weeks"


def unbroken_weeks(periods: Iterable[Period], day: date) -> int:
    """Whole weeks contributed without interruption up to the eve of a day (LSS art. 97); zero if that eve isn't one of
    the days contributed."""
    eve = day - ONE_DAY
    for period in merge_periods(periods):
        if period.starts_on <= eve and (period.ends_on is None or period.ends_on >= eve):
            return weeks_of((eve - period.starts_on).days + 1)
    return 0


def weeks_in_months(periods: Iterable[Period], day: date, months: int) -> int:
    """Whole weeks contributed in the months before a day, that day not included (LSS arts. 97 and 102)."""
    return weeks_of(contribution_days(periods, day - relativedelta(months=months), day - ONE_DAY))


def monthly_fee(daily_wage: Decimal, rate_percent: Decimal, days: Decimal) -> Decimal:
    """The fee of a month of modality 40, in pesos to the cent: `daily_wage` in pesos, times the `days` of a month,
    times `rate_percent` (LSS art. 218)."""
    return (daily_wage * days * rate_percent / 100).quantize(CENT, ROUND_HALF_UP)


def fee_by_age(age: int, table: Iterable[tuple[int, Decimal]]) -> Decimal:
    """The fee of a person for a year of family health insurance, in pesos: that of the row of the greatest age, in
    years, not above theirs (LSS art. 242)."""
    return Decimal(max((row for row in table if row[0] <= age), key=lambda row: row[0])[1])


@dataclass(frozen=True, slots=True)
class MonthlyFee:
    """The fee of the months of a year, which all have one rate."""

    year: int
    months: int
    fee: Decimal


def monthly_fees(
    daily_wage: Decimal, months: Iterable[date], rate_on: Callable[[date], Decimal], days_on: Callable[[date], Decimal]
) -> list[MonthlyFee]:
    """The fee of each month (its first day), by the rate and the days of a month in force then; by year."""
    by_fee: dict[tuple[int, Decimal], int] = {}
    for month in months:
        key = (month.year, monthly_fee(daily_wage, rate_on(month), days_on(month)))
        by_fee[key] = by_fee.get(key, 0) + 1
    return [MonthlyFee(year, count, fee) for (year, fee), count in sorted(by_fee.items())]


def nursery_points(answers: Mapping[str, Any], points: Mapping[str, int]) -> int:
    """Points on the wait list of a nursery: the sum of those of each answer that is yes.."""
    return sum(worth for name, worth in points.items() if answers.get(name) is True)


def number_on(law: Law, parameters: Mapping[str, Any], key: str, day: date) -> Decimal:
    """A parameter of a service on a day: the figure of law that it names, or the number that an earlier version of the
    service carries.

    Raises:
        FigureMissing: no figure is in force that day.
    """
    name = dict(figures_named_in(parameters)).get(key)
    if name is None:
        return Decimal(str(parameters[key]))
    try:
        return law.number(name, day)
    except FigureUnknown as unknown:
        raise FigureMissing from unknown


def table_on(law: Law, parameters: Mapping[str, Any], key: str, day: date) -> Table:
    """The same for a table by age.

    Raises:
        FigureMissing: no figure is in force that day.
    """
    name = dict(figures_named_in(parameters)).get(key)
    if name is None:
        return tuple((int(age), Decimal(str(amount))) for age, amount in parameters[key])
    try:
        return law.table(name, day)
    except FigureUnknown as unknown:
        raise FigureMissing from unknown


def sick_leave_terms(law: Law, kind: str, day: date) -> Terms:
    """What sick leave of a kind pays when the incapacity begins on a day, by the figures of law in force then (LSS
    arts. 58, 96 to 98, 101 and 102).

    Raises:
        FigureMissing: one of its figures isn't in force that day.
    """

    def number(name: str) -> Decimal:
        try:
            return law.number(f"sick-leave-{name}", day)
        except FigureUnknown as unknown:
            raise FigureMissing(next_step=ASK_LATER) from unknown

    def figure(name: str) -> int:
        return int(number(name))

    def percent(name: str) -> Decimal:
        return number(f"{name}-percent")

    if kind == "illness":
        return Terms(
            first_day=figure("illness-first-day"),
            percent=percent("illness"),
            weeks=figure("illness-weeks"),
            casual=(figure("casual-weeks"), figure("casual-months")),
            most_weeks=figure("most-weeks"),
            extension_weeks=figure("extension-weeks"),
        )
    if kind == "maternity":
        return Terms(
            first_day=1,
            percent=percent("maternity"),
            weeks=figure("maternity-weeks"),
            months=figure("maternity-months"),
        )
    return Terms(first_day=figure("risk-first-day"), percent=percent("risk"), weeks=0, needs_job=False)
