"""Small groups in the figures that supervisors see: suppressed, so that no one in them is recognised. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

if TYPE_CHECKING:
    from dataclasses import Field

MIN_PEOPLE = 10
"""Of groups of fewer no figure is shown, as in the public release."""
NAMED_BY = ("dimension", "value")


class Grouped(Protocol):
    """Figures of a group, as a dataclass: the others of its fields are figures, None when they are suppressed."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def dimension(self) -> str:
        """What distinguishes the groups."""

    @property
    def value(self) -> str:
        """Which group it is."""


G = TypeVar("G", bound=Grouped)


def suppress(groups: Sequence[G], size: str) -> list[G]:
    """Groups as they are shown; `size`: the figure that says how large each is. Where one group of a dimension is small
    alone, the smallest of the others is suppressed with it, so that the sum doesn't show it."""
    hidden: set[tuple[str, str]] = set()
    for dimension in {one.dimension for one in groups}:
        by_size = sorted((one for one in groups if one.dimension == dimension), key=lambda one: getattr(one, size))
        small = [one for one in by_size if getattr(one, size) < MIN_PEOPLE]
        if len(small) == 1:
            small = by_size[:2]
        hidden |= {(one.dimension, one.value) for one in small}
    return [_without_figures(one) if (one.dimension, one.value) in hidden else one for one in groups]


def _without_figures(group: G) -> G:
    return replace(group, **{one.name: None for one in fields(group) if one.name not in NAMED_BY})
