"""No small group is shown, nor can it be calculated from the others."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from app.appointments.small_groups import MIN_PEOPLE, suppress


@dataclass(frozen=True)
class Group:
    dimension: str
    value: str
    people: int | None
    taken: int | None


def of_ages(*counts: int) -> list[Group]:
    return [Group("age", str(number), count, count // 2) for number, count in enumerate(counts)]


def test_a_small_group_alone_hides_the_next_smallest() -> None:
    shown = suppress(of_ages(4, 30, 50), "people")
    assert [(one.people, one.taken) for one in shown] == [(None, None), (None, None), (50, 25)]
    assert suppress(of_ages(30, 50), "people") == of_ages(30, 50)


@given(st.lists(st.integers(0, 40), max_size=8), st.lists(st.integers(0, 40), max_size=8))
def test_what_is_hidden_cannot_be_calculated(ages: list[int], sexes: list[int]) -> None:
    groups = [*of_ages(*ages), *(Group("sex", str(number), count, 0) for number, count in enumerate(sexes))]
    shown = suppress(groups, "people")
    assert [(one.dimension, one.value) for one in shown] == [(one.dimension, one.value) for one in groups]
    for dimension, counts in (("age", ages), ("sex", sexes)):
        figures = [one.people for one in shown if one.dimension == dimension]
        assert all(one is None or one >= MIN_PEOPLE for one in figures)
        assert all(one in (None, count) for one, count in zip(figures, counts, strict=True))
        assert figures.count(None) != 1 or len(figures) == 1
        assert None not in figures or min(counts) < MIN_PEOPLE
