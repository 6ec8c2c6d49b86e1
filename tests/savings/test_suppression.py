"""Groups of few people can neither be read nor worked out from what is left; and nothing is hidden without need."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.savings.rules.suppression import ALL, FEWEST, Cell, hidden

Sizes = dict[Cell, int]


def row(*people: int) -> Sizes:
    """A table of one dimension whose groups share nobody."""
    return {(ALL,): sum(people)} | {(number,): size for number, size in enumerate(people)}


def grid(rows: list[list[int]]) -> Sizes:
    """A table of two dimensions with its wholes."""
    sizes: Sizes = {(a, b): size for a, line in enumerate(rows) for b, size in enumerate(line)}
    columns, lines = range(len(rows[0])), range(len(rows))
    sizes |= {(a, ALL): sum(rows[a]) for a in lines} | {(ALL, b): sum(line[b] for line in rows) for b in columns}
    return sizes | {(ALL, ALL): sum(map(sum, rows))}


def worked_out(sizes: Mapping[Cell, int], away: frozenset[Cell]) -> list[Cell]:
    """The hidden cells that follow from the ones shown: an attacker knows what every line adds up to, and which groups
    have nobody in them unless they are hidden too."""
    dims = len(next(iter(sizes)))
    keys = [sorted({cell[d] for cell in sizes if cell[d] is not ALL}) for d in range(dims)]
    unknown = sorted(away, key=str)
    at = {cell: number for number, cell in enumerate(unknown)}
    equations = []
    for d in range(dims):
        others = [[*keys[o], ALL] if o != d else [None] for o in range(dims)]
        for fixed in product(*others):
            line = [(*fixed[:d], key, *fixed[d + 1 :]) for key in keys[d]]
            equation = np.zeros(len(unknown))
            for cell, sign in [*((cell, 1.0) for cell in line), ((*fixed[:d], ALL, *fixed[d + 1 :]), -1.0)]:
                if cell in at:
                    equation[at[cell]] = sign
            equations.append(equation)
    if not unknown:
        return []
    _u, values, basis = np.linalg.svd(np.array(equations))
    free = basis[int((values > 1e-9).sum()) :]
    return [cell for cell in unknown if not len(free) or np.abs(free[:, at[cell]]).max() < 1e-9]


def small(sizes: Mapping[Cell, int]) -> set[Cell]:
    return {cell for cell, size in sizes.items() if 0 < size < FEWEST}


people = st.one_of(st.just(0), st.integers(1, FEWEST - 1), st.integers(FEWEST, 60))
rows = st.lists(people, min_size=1, max_size=8)
grids = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda shape: st.lists(st.lists(people, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0])
)


@settings(deadline=None, max_examples=150)
@given(st.one_of(rows.map(lambda sizes: row(*sizes)), grids.map(grid)))
def test_no_hidden_group_can_be_worked_out(sizes: Sizes) -> None:
    away = hidden(sizes)
    assert small(sizes) <= away
    assert worked_out(sizes, away) == []


@settings(deadline=None, max_examples=60)
@given(grids)
def test_nothing_is_hidden_where_no_group_is_small(rows: list[list[int]]) -> None:
    sizes = grid([[size if size == 0 or size >= FEWEST else size + FEWEST for size in line] for line in rows])
    assert hidden(sizes) == frozenset()


@settings(deadline=None, max_examples=60)
@given(grids)
def test_a_whole_is_hidden_alike_alone_and_at_the_head_of_its_parts(rows: list[list[int]]) -> None:
    """Else one of the two tables would give away what the other hides."""
    sizes = grid(rows)
    away = hidden(sizes)
    first = hidden({(a,): size for (a, b), size in sizes.items() if b is ALL})
    second = hidden({(b,): size for (a, b), size in sizes.items() if a is ALL})
    assert {cell for cell in away if cell[1] is ALL} == {(*cell, ALL) for cell in first}
    assert {cell for cell in away if cell[0] is ALL} == {(ALL, *cell) for cell in second}


@settings(deadline=None, max_examples=60)
@given(rows)
def test_what_is_hidden_together_is_ten_people_or_all_there_are(sizes: list[int]) -> None:
    table = row(*sizes)
    away = {cell for cell in hidden(table) if cell != (ALL,)}
    if away and (ALL,) not in hidden(table):
        shown = [cell for cell, size in table.items() if size and cell not in away and cell != (ALL,)]
        assert max(table[cell] for cell in away) >= FEWEST or not shown


@pytest.mark.parametrize(
    ("sizes", "away"),
    [
        pytest.param(row(50, 40, 30), set(), id="nothing-small"),
        pytest.param(row(50, 40, 3, 30), {(2,), (3,)}, id="one-small-takes-the-next-smallest-with-it"),
        pytest.param(row(50, 4, 3), {(0,), (1,), (2,)}, id="two-small-are-not-ten-for-sure"),
        pytest.param(row(50, 0, 40), set(), id="nobody-is-no-group"),
        pytest.param(row(3, 0), {(ALL,), (0,)}, id="a-small-whole"),
        pytest.param(row(6, 6), {(0,), (1,)}, id="all-parts-of-a-large-whole"),
        pytest.param(grid([[5, 50, 50], [50, 50, 50], [50, 50, 50]]), {(0, 0), (0, 1), (1, 0), (1, 1)}, id="rectangle"),
    ],
)
def test_examples(sizes: Sizes, away: set[Cell]) -> None:
    assert hidden(sizes) == away


def test_a_sparse_table_hides_behind_groups_of_nobody() -> None:
    """The second line has people in one column only, so its whole says how many: without a hidden empty group beside it
    the six of the first line would follow."""
    sizes = grid([[6, 60], [50, 0]])
    away = hidden(sizes)
    assert (1, 1) in away
    assert worked_out(sizes, away) == []


def test_a_large_table_is_settled_quickly() -> None:
    """The biggest the public can ask for: services by state."""
    generator = np.random.default_rng(7)
    sizes = grid(generator.choice([0, 3, 8, 12, 40, 400, 4_000], size=(40, 33)).tolist())
    away = hidden(sizes)
    assert worked_out(sizes, away) == []
