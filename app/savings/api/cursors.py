"""Cursors of the lists of the measurement."""

from typing import Any

from app.kernel import paging
from app.kernel.parsing import whole_number


def texts_after(values: list[Any] | None, count: int) -> tuple[str, ...] | None:
    """The `count` texts that a list goes on after.

    Raises:
        Invalid: it isn't a cursor of this list.
    """
    place: tuple[str, ...] | None = paging.position_after(values, *[str] * count)
    return place


def number_after(values: list[Any] | None) -> int | None:
    """The number that a list goes on after.

    Raises:
        Invalid: it isn't a cursor of this list.
    """
    place: tuple[int] | None = paging.position_after(values, whole_number)
    return None if place is None else place[0]
