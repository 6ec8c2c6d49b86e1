"""An attacker with a linear solver: what follows about a group of few people from everything that is published.

Unknown are the finest cells, which are not negative. What is published are sums of them, exactly or within rounding. A
group is worked out when its largest and its smallest possible size are both within a tenth of its true one.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from app.savings.rules.disclosure import MIN_PEOPLE

Cell = tuple[Hashable, ...]
NEAR = 0.1
ANY = None
"""In place of a key: all of that dimension."""


@dataclass
class Attack:
    """What is true, by finest cell, and what is known of it."""

    truth: Mapping[Cell, int]
    known: list[tuple[frozenset[Cell], float, float]] = field(default_factory=list)

    def learn(self, cells: Iterable[Cell], least: float, most: float | None = None) -> None:
        """A published sum of cells; exact, if only one end is given."""
        found = frozenset(cells)
        most = least if most is None else most
        true = sum(self.truth[cell] for cell in found)
        assert least - 1e-6 <= true <= most + 1e-6, f"{true} is published as {least} to {most}"
        self.known.append((found, least, most))

    def cells(self, pattern: Cell) -> frozenset[Cell]:
        """The finest cells of a group: each key as given, a set of them, or ANY."""
        return frozenset(cell for cell in self.truth if all(map(_is_in, cell, pattern)))

    def groups(self, width: int) -> Iterable[tuple[Cell, frozenset[Cell]]]:
        """Every group by keys or ANY of them."""
        keys = [[ANY, *sorted({cell[d] for cell in self.truth}, key=str)] for d in range(width)]
        return ((pattern, self.cells(pattern)) for pattern in product(*keys))

    def worked_out(self, groups: Iterable[tuple[Cell, frozenset[Cell]]]) -> list[tuple[Cell, int, float, float]]:
        """Groups of few that follow from what is known, with their size and its ends."""
        few = [(pattern, cells) for pattern, cells in groups if 0 < sum(self.truth[c] for c in cells) < MIN_PEOPLE]
        solver = _Solver(list(self.truth), self.known)
        found = []
        for pattern, cells in few:
            size = sum(self.truth[cell] for cell in cells)
            most = solver.end(cells, largest=True)
            if most > size * (1 + NEAR):
                continue
            least = solver.end(cells, largest=False)
            if least >= size * (1 - NEAR):
                found.append((pattern, size, least, most))
        return found


def _is_in(key: Any, wanted: Any) -> bool:
    return wanted is ANY or (key in wanted if isinstance(wanted, frozenset) else key == wanted)


class _Solver:
    """The linear program of what is known; each question differs in its objective alone."""

    def __init__(self, cells: list[Cell], known: Iterable[tuple[frozenset[Cell], float, float]]) -> None:
        self.column = {cell: number for number, cell in enumerate(cells)}
        distinct = dict.fromkeys(known)
        rows, columns, ends = [], [], []
        for number, (summed, least, most) in enumerate(distinct):
            rows += [number] * len(summed)
            columns += [self.column[cell] for cell in summed]
            ends.append((least, most))
        ones = np.ones(len(rows))
        self.matrix = csr_array((ones, (rows, columns)), shape=(max(1, len(distinct)), len(cells)))
        self.ends = np.array(ends or [(0.0, np.inf)])

    def end(self, cells: Iterable[Cell], *, largest: bool) -> float:
        """The largest or smallest that a group can be."""
        goal = np.zeros(len(self.column))
        goal[[self.column[cell] for cell in cells]] = -1.0 if largest else 1.0
        exact = self.ends[:, 0] == self.ends[:, 1]
        within = ~exact
        limits: dict[str, Any] = {"A_eq": self.matrix[exact], "b_eq": self.ends[exact, 0]} if exact.any() else {}
        if within.any():
            bounded = self.matrix[within]
            both = np.concatenate([self.ends[within, 1], -self.ends[within, 0]])
            limits |= {"A_ub": csr_array(np.vstack([bounded.toarray(), -bounded.toarray()])), "b_ub": both}
        answer = linprog(goal, bounds=(0, None), method="highs", **limits)
        if answer.status == 3:
            return np.inf
        assert answer.status == 0, answer.message
        return float(-answer.fun if largest else answer.fun)
