"""The figures of law that effects and results need, as rules take them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.law.problems import ASK_LATER, FigureMissing
from app.law.rules import FigureUnknown, Law, Table, figures_named_in
from app.requests.rules.sick_leave import Terms


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
    """What sick leave of a kind pays when the incapacity begins on a day.

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
