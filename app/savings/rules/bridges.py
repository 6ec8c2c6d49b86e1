"""Bridges of a graph: the edges no cycle goes through (Tarjan, Inf. Process. Lett. 1974;2:160)."""

from collections.abc import Hashable, Iterator, Mapping
from typing import TypeAlias, TypeVar

Edge = TypeVar("Edge", bound=Hashable)
Node: TypeAlias = Hashable
Steps: TypeAlias = Mapping[Node, list[tuple[Node, Edge]]]


def bridges(ends: Mapping[Edge, tuple[Node, Node]]) -> list[Edge]:
    """Every bridge. Two nodes may have several edges between them."""
    joined: dict[Node, list[tuple[Node, Edge]]] = {}
    for edge, (one, other) in ends.items():
        joined.setdefault(one, []).append((other, edge))
        joined.setdefault(other, []).append((one, edge))
    reached: dict[Node, int] = {}
    return [edge for start in joined if start not in reached for edge in _walk(start, joined, reached)]


def _walk(start: Node, joined: Steps[Edge], reached: dict[Node, int]) -> Iterator[Edge]:
    """The bridges of one part of the graph, deep first, without recursion. `reached` numbers nodes as they come."""
    reached[start] = len(reached)
    lowest = {start: reached[start]}
    path: list[tuple[Node, Edge | None, Iterator[tuple[Node, Edge]]]] = [(start, None, iter(joined[start]))]
    while path:
        node, came_by, steps = path[-1]
        step = next((step for step in steps if step[1] != came_by), None)
        if step is None:
            path.pop()
            if came_by is not None:
                before = path[-1][0]
                lowest[before] = min(lowest[before], lowest[node])
                if lowest[node] > reached[before]:
                    yield came_by
        elif step[0] in reached:
            lowest[node] = min(lowest[node], reached[step[0]])
        else:
            reached[step[0]] = lowest[step[0]] = len(reached)
            path.append((step[0], step[1], iter(joined[step[0]])))
