"""Days on which the agency doesn't attend by law."""

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
