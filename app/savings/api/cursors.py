"""Cursors of the lists of the measurement."""

from typing import Any

from app.kernel.paging import bad_cursor


def place_after(values: list[Any] | None, count: int) -> tuple[str, ...] | None:
    """The `count` texts a list goes on after.

    Raises:
        Invalid: it isn't a cursor of this list.
    """
    if values is None:
        return None
    if len(values) != count or not all(isinstance(value, str) for value in values):
        raise bad_cursor()
    return tuple(values)


def number_after(values: list[Any] | None) -> int | None:
    """The number a list goes on after.

    Raises:
        Invalid: it isn't a cursor of this list.
    """
    if values is None:
        return None
    if len(values) != 1 or not isinstance(values[0], int):
        raise bad_cursor()
    return values[0]
