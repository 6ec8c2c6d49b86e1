"""Numbers as people say them: an interval first, rounded to what is known; no more digits than it is worth."""

from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

from app.kernel.i18n import LOCALES, N_, _, language

THOUSAND, MILLION = 1_000, 1_000_000
DIGITS = 2
"""Significant digits of what is said aloud: an interval's ends aren't known better."""

BETWEEN = {
    "h": N_("entre %(low)s y %(high)s horas"),
    "MXN": N_("entre %(low)s y %(high)s pesos"),
    "min": N_("entre %(low)s y %(high)s minutos"),
    "days": N_("entre %(low)s y %(high)s días"),
    "share": N_("entre %(low)s y %(high)s por ciento"),
    "points": N_("entre %(low)s y %(high)s de 5"),
}
THOUSANDS = {
    "h": N_("entre %(low)s y %(high)s mil horas"),
    "MXN": N_("entre %(low)s y %(high)s mil pesos"),
}
MILLIONS = {
    "h": N_("entre %(low)s y %(high)s millones de horas"),
    "MXN": N_("entre %(low)s y %(high)s millones de pesos"),
}
UNITS = {
    "h": N_("horas"),
    "MXN": N_("pesos"),
    "min": N_("minutos"),
    "days": N_("días"),
    "share": N_("por ciento"),
    "points": N_("de 5"),
    "times": N_("veces"),
}
PLACES = {"share": 1, "min": 1, "points": 2, "days": 1}
"""Decimals in tables."""


def number(value: float, places: int = 0) -> str:
    """A number with its thousands apart."""
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return format_decimal(value, pattern, locale=LOCALES[language()])


def significant(value: float, digits: int = DIGITS) -> float:
    """The value rounded to so many significant digits."""
    return float(f"{value:.{digits}g}")


def spoken(unit: str, low: float, high: float) -> str:
    """An interval in words: «entre 52 y 70 mil horas»."""
    if unit == "share":
        low, high = low * 100, high * 100
        places = 0 if round(low) < round(high) else 1
        return _(BETWEEN[unit]) % {"low": number(low, places), "high": number(high, places)}
    if unit == "points":
        return _(BETWEEN[unit]) % {"low": number(low, 2), "high": number(high, 2)}
    largest = max(abs(low), abs(high))
    table, scale = BETWEEN, 1
    if unit in THOUSANDS and largest >= 10 * THOUSAND:
        table, scale = (MILLIONS, MILLION) if largest >= MILLION else (THOUSANDS, THOUSAND)
    ends = [significant(end / scale) for end in (low, high)]
    return _(table[unit]) % {"low": _short(ends[0]), "high": _short(ends[1])}


def _short(value: float) -> str:
    """Without decimals that say nothing."""
    return number(value, 0 if value == round(value) else (1 if value == round(value, 1) else 2))


def plain(unit: str, value: float | None) -> str:
    """A number of a table, without its unit."""
    if value is None:
        return "–"
    return number(value * 100 if unit == "share" else value, PLACES.get(unit, 0))


def month_name(month: date) -> str:
    """«octubre de 2026»."""
    pattern = "MMMM 'de' y" if language() == "es" else "MMMM y"
    return format_date(month, pattern, locale=LOCALES[language()])


def span(since: date, until: date) -> str:
    """«de noviembre de 2025 a octubre de 2026»."""
    if (since.year, since.month) == (until.year, until.month):
        return month_name(since)
    return _("de %(since)s a %(until)s") % {"since": month_name(since), "until": month_name(until)}
