"""Numbers as people say them: an interval first, rounded to what is known; no more digits than it is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from app.kernel.i18n import LOCALES, N_, _, language
from app.savings.rules.groups import last_day_of

THOUSAND, MILLION = 1_000, 1_000_000
DIGITS, MAX_DIGITS = 2, 4
"""Significant digits of numbers in sentences: an interval's ends aren't known better; more only to tell them apart."""
ABOUT = N_("cerca de %(value)s %(unit)s")


@dataclass(frozen=True, slots=True)
class Unit:
    """How numbers of a unit are written: its name; an interval in words, also in thousands and millions where those are
    usual; decimals in tables; and the numbers of an axis (d3-format)."""

    name: str
    between: str = ""
    thousands: str = ""
    millions: str = ""
    decimals: int = 0
    axis: str = ",~f"


UNITS = {
    "h": Unit(
        name=N_("horas"),
        between=N_("entre %(low)s y %(high)s horas"),
        thousands=N_("entre %(low)s y %(high)s mil horas"),
        millions=N_("entre %(low)s y %(high)s millones de horas"),
    ),
    "MXN": Unit(
        name=N_("pesos"),
        between=N_("entre %(low)s y %(high)s pesos"),
        thousands=N_("entre %(low)s y %(high)s mil pesos"),
        millions=N_("entre %(low)s y %(high)s millones de pesos"),
        axis="$,~f",
    ),
    "min": Unit(name=N_("minutos"), between=N_("entre %(low)s y %(high)s minutos"), decimals=1),
    "days": Unit(name=N_("días"), between=N_("entre %(low)s y %(high)s días"), decimals=1),
    "share": Unit(name=N_("por ciento"), between=N_("entre %(low)s y %(high)s por ciento"), decimals=1, axis=".0%"),
    "points": Unit(name=N_("de 5"), between=N_("entre %(low)s y %(high)s de 5"), decimals=2),
    "times": Unit(name=N_("veces")),
}
"""The units of metrics."""


def number(value: float, places: int = 0) -> str:
    """A number with its thousands apart; what rounds to nothing is 0, on whichever side of it."""
    value = round(value, places) or 0.0
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return format_decimal(value, pattern, locale=LOCALES[language()])


def significant(value: float, digits: int = DIGITS) -> float:
    """The value rounded to a number of significant digits."""
    return float(f"{value:.{digits}g}")


def spoken(unit: str, low: float, high: float) -> str:
    """An interval in words: «entre 52 y 70 mil horas», «entre 7,800 y 12,000 horas»: in thousands when both ends have
    them. With the fewest digits that distinguish its ends."""
    words, smallest = UNITS[unit], min(abs(low), abs(high))
    text, scale = words.between, 0.01 if unit == "share" else 1.0
    if words.thousands and smallest >= 10 * THOUSAND:
        text, scale = (words.millions, MILLION) if smallest >= MILLION else (words.thousands, THOUSAND)
    both_ends = _ends(low / scale, high / scale)
    if both_ends[0] == both_ends[1]:
        return _(ABOUT) % {"value": both_ends[0], "unit": _(words.name)}
    return _(text) % {"low": both_ends[0], "high": both_ends[1]}


def _ends(low: float, high: float) -> tuple[str, str]:
    for digits in range(DIGITS, MAX_DIGITS + 1):
        ends = _short(significant(low, digits)), _short(significant(high, digits))
        if ends[0] != ends[1]:
            break
    return ends


def _short(value: float) -> str:
    """Without decimals that say nothing."""
    return number(value, next(places for places in range(7) if round(value, places) == round(value, 6)))


def sentence(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def plain(unit: str, value: float | None) -> str:
    """A number of a table, without its unit."""
    if value is None:
        return "–"
    return number(value * 100 if unit == "share" else value, UNITS[unit].decimals)


def month_name(month: date) -> str:
    """«octubre de 2026»."""
    pattern = "MMMM 'de' y" if language() == "es" else "MMMM y"
    return format_date(month, pattern, locale=LOCALES[language()])


def day_name(day: date) -> str:
    """«26 de octubre de 2026»."""
    return format_date(day, "long", locale=LOCALES[language()])


def month_names(months: Sequence[date]) -> str:
    """«noviembre, diciembre y enero»; with their years where one comes twice."""
    alone = [format_date(month, "MMMM", locale=LOCALES[language()]) for month in months]
    names = alone if len(set(alone)) == len(alone) else [month_name(month) for month in months]
    return format_list(names, locale=LOCALES[language()])


def quarter_name(first: date) -> str:
    """«trimestre de octubre a diciembre de 2026», by its first day."""
    begins = format_date(first, "MMMM", locale=LOCALES[language()])
    ends = month_name(last_day_of("quarter", first))
    return _("trimestre de %(first)s a %(last)s") % {"first": begins, "last": ends}


def span(since: date, until: date, today: date | None = None) -> str:
    """«de noviembre de 2025 a octubre de 2026». With `today`, it says that what isn't over goes until then."""
    if (since.year, since.month) == (until.year, until.month):
        name = month_name(since)
    else:
        name = _("de %(since)s a %(until)s") % {"since": month_name(since), "until": month_name(until)}
    if today is None or not since <= today <= until:
        return name
    return _("%(period)s, hasta hoy (incompleto)") % {"period": name}
