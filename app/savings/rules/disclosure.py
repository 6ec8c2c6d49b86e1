"""Disclosure control: how observations of a month are grouped before anyone but the agency's analysts sees them.

Suppressing small cells of one table isn't enough where many tables can be queried: what is suppressed in one follows
from others by subtraction. So nothing is suppressed in answers. A month's observations are merged, once, into blocks
that are large enough, and every public answer is computed from blocks alone: whatever is added up or subtracted,
nothing finer than a block comes out (global recoding: Hundepool and others, Statistical Disclosure Control, Wiley 2012,
ch. 4; Willenborg and de Waal, Elements of Statistical Disclosure Control, Springer 2001).

A block is safe when each published count of it is zero or of at least MIN_PEOPLE people. The services of a
month are partitioned into blocks first; then each block by place, by channel, by device and so on, every partition by
itself. Hence only one-way margins are published of a block of services, and of any group of fewer people one can say
no more than what its margins allow: from zero up to the smallest of them, which is MIN_PEOPLE or more (Fréchet's
upper bound is reached, Dobra and Fienberg, PNAS 2000;97:11885).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

MIN_PEOPLE = 10
"""People that a published count is of, if it is of anyone."""
OTHERS = "*"
"""In place of a name: the groups that are published only together."""
Path = tuple[str, ...]
"""Where something is in a hierarchy, widest first: a kind and a service; a region, a state and a unit."""


@dataclass(slots=True)
class Sums:
    """What was observed of a group. `counts`: observations that each requirement is about; `people`: at least how many
    people they, or others that are imputed if they are few, are of, by service; `amounts`: what is published of it."""

    counts: Counter[str] = field(default_factory=Counter)
    people: Counter[tuple[str, str]] = field(default_factory=Counter)
    amounts: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Sums") -> None:
        """Merge another group into this one. People of several services may be the same, so those stay apart."""
        self.counts.update(other.counts)
        self.people.update(other.people)
        self.amounts.update(other.amounts)

    def is_safe(self) -> bool:
        """Return whether every count is zero or of enough people, whatever the number of services."""
        return all(self.people_of(name) >= MIN_PEOPLE for name, count in self.counts.items() if count)

    def people_of(self, requirement: str) -> int:
        """At least how many people an observation is of, whatever they came for."""
        return max((people for (_service, name), people in self.people.items() if name == requirement), default=0)

    @property
    def size(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Observed:
    """The observations of a service at the end of a path in one dimension."""

    service: Path
    at: Path
    sums: Sums


@dataclass(frozen=True, slots=True)
class Block:
    """What is published together: services, where in the dimension, and the sums of both."""

    service: Path
    at: Path
    sums: Sums


def merged(groups: Iterable[Sums]) -> Sums:
    """All of them together."""
    made = Sums()
    for group in groups:
        made.add(group)
    return made


def partition(leaves: Mapping[Path, Sums]) -> dict[Path, list[Path]] | None:
    """Safe groups of the leaves of a hierarchy, by the path that each is published as: it ends in OTHERS where the rest
    of a node isn't distinguished. None when all of them together are not safe.

    What is too small is merged with its siblings that are too small, and with the smallest group beside them until that
    is safe; so it stays within the narrowest node that can hold it.
    """
    if not merged(leaves.values()).is_safe():
        return None
    depth = len(next(iter(leaves), ()))
    return _split((), sorted(leaves), leaves, depth)


def _split(node: Path, inside: Sequence[Path], leaves: Mapping[Path, Sums], depth: int) -> dict[Path, list[Path]]:
    """Groups of a node that is safe as a whole."""
    if len(node) == depth:
        return {node: list(inside)}
    children: dict[Path, list[Path]] = {}
    for path in inside:
        children.setdefault(path[: len(node) + 1], []).append(path)
    made: dict[Path, list[Path]] = {}
    together: list[Path] = []
    for child, paths in children.items():
        if merged(leaves[path] for path in paths).is_safe():
            made |= _split(child, paths, leaves, depth)
        else:
            together += paths
    smallest = sorted(made, key=lambda path: (-merged(leaves[one] for one in made[path]).size, path))
    while together and not merged(leaves[path] for path in together).is_safe():
        together += made.pop(smallest.pop())
    return made | ({(*node, *(OTHERS,) * (depth - len(node))): sorted(together)} if together else {})


def blocks(dimensions: Mapping[str, Sequence[Observed]]) -> dict[str, list[Block]] | None:
    """The blocks of a month by dimension. Every dimension holds the same observations. None when not even all of the
    month together may be published.

    Raises:
        ValueError: the dimensions don't hold the same observations.
    """
    whole = {name: _by_service(rows) for name, rows in dimensions.items()}
    first = next(iter(whole.values()), {})
    if any(
        {s: sums.counts for s, sums in group_by.items()} != {s: v.counts for s, v in first.items()}
        for group_by in whole.values()
    ):
        raise ValueError("dimensions of different observations")
    services = partition(first) if first else {}
    if services is None:
        return None
    return {name: list(_blocks_of(rows, services)) for name, rows in dimensions.items()}


def _by_service(rows: Iterable[Observed]) -> dict[Path, Sums]:
    found: dict[Path, Sums] = {}
    for row in rows:
        found.setdefault(row.service, Sums()).add(row.sums)
    return found


def _blocks_of(rows: Sequence[Observed], services: Mapping[Path, Sequence[Path]]) -> Iterator[Block]:
    for published, inside in services.items():
        leaves: dict[Path, Sums] = {}
        for row in rows:
            if row.service in inside:
                leaves.setdefault(row.at, Sums()).add(row.sums)
        for at, paths in (partition(leaves) or {}).items():
            yield Block(published, at, merged(leaves[path] for path in paths))
