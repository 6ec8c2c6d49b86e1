"""Which figure is in force on a day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.law.definitions import definitions, shipped
from app.law.rules import Figure, FigureUnknown, Law, find_gaps, find_overlaps, resolve_parameters

DAY = timedelta(days=1)
DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("name", "day", "value"),
    [
        ("uma", date(2026, 1, 31), "113.14"),
        ("uma", date(2026, 2, 1), "117.31"),
        ("uma", date(2027, 1, 31), "117.31"),
        ("uma", date(2027, 2, 1), None),
        ("minimum-wage", date(2025, 12, 31), "278.80"),
        ("minimum-wage", date(2026, 12, 31), "315.04"),
        ("minimum-wage", date(2027, 1, 1), None),
        ("modality-40-rate", date(2022, 12, 31), "10.075"),
        ("modality-40-rate", date(2025, 12, 31), "13.347"),
        ("modality-40-rate", date(2026, 12, 31), "14.438"),
        ("modality-40-rate", date(2027, 1, 1), "15.528"),
        ("modality-40-rate", date(2030, 1, 1), "18.800"),
        ("modality-40-rate", date(2045, 1, 1), "18.800"),
        ("pension-weeks", date(2026, 12, 31), "875"),
        ("pension-weeks", date(2027, 1, 1), "900"),
        ("pension-weeks", date(2031, 1, 1), "1000"),
        ("conservation-weeks", date(1990, 1, 1), "8"),  # a standing figure: before its first row, that row
    ],
)
def test_the_figures_of_the_law_by_day(name: str, day: date, value: str | None) -> None:
    found = shipped().find(name, day)
    assert (found.value if found else None) == (Decimal(value) if value else None)
    if value is None:
        with pytest.raises(FigureUnknown):
            shipped().number(name, day)


@pytest.mark.parametrize(("day", "is_there"), [(date(2026, 2, 28), True), (date(2026, 3, 1), False)])
def test_the_fees_of_2025_end_with_february(day: date, is_there: bool) -> None:
    assert (shipped().find("family-insurance-fees", day) is not None) == is_there


def test_every_figure_has_an_article_and_its_source_in_words() -> None:
    for name, one in definitions().items():
        assert one.text.es != one.text.en, name
        assert all(len(row.source) > 8 for row in one.rows), name


@st.composite
def rows(draw: st.DrawFn) -> list[Figure]:
    """Rows of one figure that don't overlap, with gaps or without."""
    made, first = [], draw(DAYS)
    for number in range(draw(st.integers(1, 6))):
        last = first + draw(st.integers(0, 400)) * DAY
        made.append(Figure("x", Decimal(number), first, last, "source", "confirmed"))
        first = last + draw(st.integers(1, 30)) * DAY
    return made


@given(rows(), DAYS, st.randoms())
def test_one_row_at_most_is_in_force_on_a_day(figures: list[Figure], day: date, chance: object) -> None:
    covering = [one for one in figures if one.valid_from <= day and (one.valid_to is None or day <= one.valid_to)]
    assert Law(tuple(reversed(figures))).find("x", day) == (covering[0] if covering else None)
    assert find_overlaps(figures) == []
    for gap in find_gaps(figures):
        assert Law(tuple(figures)).find("x", gap) is None
    standing = Law(tuple(figures), frozenset({"x"})).find("x", figures[0].valid_from - DAY)
    assert standing == figures[0]


@given(rows())
def test_a_row_that_covers_a_day_twice_is_found(figures: list[Figure]) -> None:
    last = figures[-1]
    again = Figure("x", Decimal(9), last.valid_from, None, "source", "confirmed")
    assert find_overlaps([*figures, again])


def test_named_figures_are_replaced_and_others_stay() -> None:
    given_ = {"uma": {"law": "uma"}, "times": 25, "field": "wage"}
    assert resolve_parameters(given_, lambda name: f"<{name}>") == {"uma": "<uma>", "times": 25, "field": "wage"}
