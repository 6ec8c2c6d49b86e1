"""Days on which the agency doesn't attend by law, and days that terms of law leave out."""

from datetime import date
from functools import lru_cache

import holidays


@lru_cache(maxsize=16)
def _of_year(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("MX", years=year))


def federal_holidays(first: date, last: date) -> list[date]:
    """Mexico's mandatory days of rest between two days (Ley Federal del Trabajo, art. 74)."""
    days = set().union(*(_of_year(year) for year in range(first.year, last.year + 1)))
    return sorted(day for day in days if first <= day <= last)


FIFTH_OF_MAY = (5, 5)


def legal_non_working_days(first: date, last: date) -> list[date]:
    """Days of the calendar that administrative terms leave out between two days, beside weekends: the mandatory days of
    rest, and 5 May (Código Fiscal de la Federación, art. 12; Ley Federal de Procedimiento Administrativo, art. 28). The
    agency's general vacations are rows of `non_working_days`."""
    fifths = (date(year, *FIFTH_OF_MAY) for year in range(first.year, last.year + 1))
    return sorted({*federal_holidays(first, last), *(day for day in fifths if first <= day <= last)})
