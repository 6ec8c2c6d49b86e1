"""Which groups of a table are hidden from the public, so that no group of few people can be read or worked out.

A group of fewer than ten people is hidden. Since wholes are published too, others are hidden with it, as few and as
small as can be, until no hidden one follows from what is left: with at least ten people among those that are hidden
together. People of several groups may be the same, so how many they are together is at least the most of any.

Tables have up to two dimensions. Seen as a graph, the lines of a table are nodes and its hidden cells edges: a line
says what its cells add up to. A cell can be worked out exactly when no cycle of hidden cells goes through it, that is,
when it is a bridge (Gusfield, SIAM J. Comput. 1988;17:552).
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from itertools import product
from typing import Any, TypeAlias

from app.savings.rules.bridges import bridges

FEWEST = 10
"""People a group must have to be shown."""


class Whole(Enum):
    """In place of a key: all of that dimension together."""

    ALL = "all"


ALL = Whole.ALL
Cell: TypeAlias = tuple[Any, ...]
"""A key a dimension, or ALL."""
Line: TypeAlias = tuple[int, Any]
"""The cells of one dimension that share the key of the other: (the dimension that is fixed, its key)."""
_GROUND: Line = (-1, None)
"""Where cells end that only one line adds up."""


def hidden(sizes: Mapping[Cell, int]) -> frozenset[Cell]:
    """The cells to hide of a table: `sizes` are people by cell, those of wholes included.

    A group with nobody in it is as good as not there, but may be hidden as if there were somebody: that nobody knows
    which are empty is what protects the rest of a sparse table. Wholes are settled before their parts, so that a whole
    is hidden or shown alike in every table it heads.
    """
    dims = len(next(iter(sizes), ()))
    if dims > 2:
        raise ValueError("tables of up to two dimensions")
    people = {cell: size for cell, size in sizes.items() if size > 0}
    gone = {cell for cell, size in people.items() if size < FEWEST}
    tables: list[tuple[int, ...]] = [(dim,) for dim in range(dims)]
    for table in [*tables, (0, 1)] if dims == 2 else tables:
        _Hiding(people, gone, table).run()
    return frozenset(gone)


class _Hiding:
    """One table being settled: its parts may be hidden, its wholes are as they were settled before."""

    def __init__(self, people: Mapping[Cell, int], gone: set[Cell], dims: tuple[int, ...]) -> None:
        self.people, self.gone, self.dims = people, gone, dims
        self.cells = [c for c in people if all(c[d] is ALL for d in range(len(c)) if d not in dims)]
        # Small ones first, and always in the same order: the same table is always hidden alike.
        ordered = sorted(self.cells, key=lambda cell: (people[cell], str(cell)))
        self.parts = [cell for cell in ordered if all(cell[d] is not ALL for d in dims)]
        self.wholes = [cell for cell in ordered if cell not in set(self.parts)]

    def run(self) -> None:
        """Hide one more until nothing can be worked out."""
        while self._fill_line() or self._lead_around():
            pass

    def _ends(self, cell: Cell) -> tuple[Line, Line]:
        """The two lines a cell is added up in."""
        if len(self.dims) == 1:
            return (self.dims[0], ALL), _GROUND
        return (0, cell[0]), (1, cell[1])

    def _is_whole_of(self, cell: Cell, line: Line) -> bool:
        """Whether the cell is what the line's others add up to."""
        return all(cell[d] is ALL for d in self.dims if len(self.dims) == 1 or d != line[0])

    def _by_line(self, cells: Iterable[Cell]) -> dict[Line, list[Cell]]:
        found: dict[Line, list[Cell]] = {}
        for cell in cells:
            for line in self._ends(cell):
                found.setdefault(line, []).append(cell)
        return found

    def _fill_line(self) -> bool:
        """Where a line's whole is shown and its hidden parts are fewer than ten people together, hide one more part."""
        by_line = self._by_line(self.parts)
        for line, cells in self._by_line(cell for cell in self.cells if cell in self.gone).items():
            if line == _GROUND or any(self._is_whole_of(cell, line) for cell in cells):
                continue
            few = max(self.people[cell] for cell in cells) < FEWEST
            if few and self._hide_first(by_line.get(line, ())):
                return True
        return False

    def _hide_first(self, candidates: Iterable[Cell]) -> bool:
        for cell in candidates:
            if cell not in self.gone:
                self.gone.add(cell)
                return True
        return False

    def _lead_around(self) -> bool:
        """Where a hidden cell can be worked out, hide one more that closes a cycle around it, or begins to."""
        edges = {cell: self._ends(cell) for cell in (*self.cells, *self.gone) if self._is_edge(cell)}
        bridge = next(iter(bridges(edges)), None)
        if bridge is None:
            return False
        side = self._side(bridge, edges)
        return any(
            self._hide_first(cell for cell in choice if sum(end in side for end in self._ends(cell)) == 1)
            for choice in (self.parts, self._empty(), self.wholes)
        )

    def _is_edge(self, cell: Cell) -> bool:
        return cell in self.gone and all(cell[d] is ALL for d in range(len(cell)) if d not in self.dims)

    def _side(self, bridge: Cell, edges: Iterable[Cell]) -> set[Line]:
        """The lines that hidden cells join to one end of the bridge, without it."""
        by_line = self._by_line(cell for cell in edges if cell != bridge)
        side, waiting = {self._ends(bridge)[0]}, [self._ends(bridge)[0]]
        while waiting:
            for cell in by_line.get(waiting.pop(), ()):
                new = set(self._ends(cell)) - side
                side |= new
                waiting += new
        return side

    def _empty(self) -> Iterator[Cell]:
        """Cells with nobody in them, of lines that have somebody."""
        if len(self.dims) == 2:
            keys = [sorted({cell[d] for cell in self.parts}, key=str) for d in self.dims]
            yield from (cell for cell in product(*keys) if cell not in self.people)
