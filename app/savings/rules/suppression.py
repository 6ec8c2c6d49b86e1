"""Which groups of a table are hidden from the public, so that no group of few people can be read or worked out.

A group of fewer than ten people is hidden. Since wholes are published too, others are hidden with it, as few and as
small as can be, until no hidden one follows from what is left: with at least ten people among those that are hidden
together. People of several groups may be the same, so how many they are together is at least the most of any.

Tables have up to two dimensions. Seen as a graph, the lines of a table are nodes and its hidden cells edges: a line
says what its cells add up to. A cell can be worked out exactly when no cycle of hidden cells goes through it, that is,
when it is a bridge (Gusfield, SIAM J. Comput. 1988;17:552).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
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


def hidden(sizes: Mapping[Cell, int], also: Iterable[Cell] = ()) -> frozenset[Cell]:
    """The cells to hide of a table: `sizes` are people by cell, those of wholes included; `also` are hidden whatever
    their size.

    A group with nobody in it is as good as not there, but may be hidden as if there were somebody: that nobody knows
    which are empty is what protects the rest of a sparse table. Wholes are settled before their parts, so that a whole
    is hidden or shown alike in every table it heads.
    """
    dims = len(next(iter(sizes), ()))
    if dims > 2:
        raise ValueError("tables of up to two dimensions")
    people = {cell: size for cell, size in sizes.items() if size > 0}
    gone = {cell for cell, size in people.items() if size < FEWEST} | set(also)
    tables: list[tuple[int, ...]] = [(dim,) for dim in range(dims)]
    for table in [*tables, (0, 1)] if dims == 2 else tables:
        _Hiding(people, gone, table).run()
    return frozenset(gone)


class _Hiding:
    """One table being settled: its parts may be hidden, its wholes are as they were settled before."""

    def __init__(self, people: Mapping[Cell, int], gone: set[Cell], dims: tuple[int, ...]) -> None:
        self.people, self.gone, self.dims = people, gone, dims
        self.cells = [c for c in people if self._is_here(c)]
        # Small ones first, and always in the same order: the same table is always hidden alike.
        self.cells.sort(key=lambda cell: (people[cell], str(cell)))
        self.parts = self._by_line(cell for cell in self.cells if all(cell[d] is not ALL for d in dims))
        self.wholes = self._by_line(cell for cell in self.cells if any(cell[d] is ALL for d in dims))
        self.keys = [sorted({line[1] for line in self.parts if line[0] == d}, key=str) for d in dims]

    def run(self) -> None:
        """Hide more until nothing can be worked out."""
        while self._fill_lines() or self._lead_around():
            pass

    def _is_here(self, cell: Cell) -> bool:
        return all(cell[d] is ALL for d in range(len(cell)) if d not in self.dims)

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

    def _fill_lines(self) -> bool:
        """Where a line's whole is shown and its hidden parts are fewer than ten people together, hide one more part."""
        count = len(self.gone)
        away = self._by_line(cell for cell in self.cells if cell in self.gone)
        for line, cells in away.items():
            if line == _GROUND or any(self._is_whole_of(cell, line) for cell in cells):
                continue
            more = next((cell for cell in self.parts.get(line, ()) if cell not in self.gone), None)
            if more is not None and not any(c in self.gone and self.people[c] >= FEWEST for c in self.parts[line]):
                self.gone.add(more)
        return len(self.gone) > count

    def _lead_around(self) -> bool:
        """Where hidden cells can be worked out, hide more that close cycles around them, or begin to: one for each set
        of lines that hangs on the others by a single hidden cell."""
        edges = {cell: self._ends(cell) for cell in self.gone if self._is_here(cell)}
        alone = set(bridges(edges))
        if not alone:
            return False
        sets = _joined(edges, alone)
        hanging = Counter(id(sets[end]) for cell in alone for end in edges[cell])
        count = len(self.gone)
        done: set[int] = set()
        for lines in {id(lines): lines for lines in sets.values()}.values():
            if hanging[id(lines)] == 1 and id(lines) not in done:
                more = next(self._leaving(lines), None)
                if more is not None:
                    self.gone.add(more)
                    done |= {id(sets[end]) for end in self._ends(more) if end in sets}
        return len(self.gone) > count

    def _leaving(self, lines: set[Line]) -> Iterator[Cell]:
        """Cells that could be hidden and join these lines to others, the best first."""
        for choice in (self.parts, self._empty(lines), self.wholes):
            found = {cell for line in lines for cell in choice.get(line, ())} - self.gone
            leaving = [cell for cell in found if sum(end in lines for end in self._ends(cell)) == 1]
            yield from sorted(leaving, key=lambda cell: (self.people.get(cell, 0), str(cell)))

    def _empty(self, lines: set[Line]) -> dict[Line, list[Cell]]:
        """Cells with nobody in them, of lines that have somebody."""
        if len(self.dims) == 1:
            return {}
        found = {(0, a): [(a, b) for b in self.keys[1]] for d, a in lines if d == 0 and a is not ALL}
        found |= {(1, b): [(a, b) for a in self.keys[0]] for d, b in lines if d == 1 and b is not ALL}
        return {line: [c for c in cells if c not in self.people and ALL not in c] for line, cells in found.items()}


def _joined(edges: Mapping[Cell, tuple[Line, Line]], without: set[Cell]) -> dict[Line, set[Line]]:
    """The sets of lines that edges join, by each of their lines."""
    sets: dict[Line, set[Line]] = {line: {line} for ends in edges.values() for line in ends}
    for cell, (one, other) in edges.items():
        if cell not in without and sets[one] is not sets[other]:
            larger, smaller = sorted((sets[one], sets[other]), key=len, reverse=True)
            larger |= smaller
            sets |= dict.fromkeys(smaller, larger)
    return sets
