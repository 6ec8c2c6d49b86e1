"""Pesos of one year in pesos of another, by the national consumer price index (INPC)."""

from collections.abc import Mapping


class PriceIndexMissing(LookupError):  # noqa: N818 # says a state
    """The baseline has no consumer price index for a year."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no consumer price index for {year}")
        self.year = year


def factor(index: Mapping[int, float], of_year: int | None, to_year: int) -> float:
    """What a peso of one year is in pesos of another; 1 for what isn't money.

    Raises:
        PriceIndexMissing: the index of a year isn't there.
    """
    if of_year is None or of_year == to_year:
        return 1.0
    for year in (of_year, to_year):
        if year not in index:
            raise PriceIndexMissing(year)
    return index[to_year] / index[of_year]
