"""Cursors of the lists of the measurement."""

from typing import Any
from uuid import UUID

from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid


def _bad(error: Exception) -> Invalid:
    made = Invalid(fields=[FieldError("cursor", N_("Use el cursor tal como vino en el encabezado Link."))])
    made.__cause__ = error
    return made


def id_after(values: list[Any] | None) -> UUID | None:
    """The id a list goes on after.

    Raises:
        Invalid: it isn't a cursor of this list.
    """
    if values is None:
        return None
    try:
        (text,) = values
        return UUID(text)
    except (ValueError, TypeError, AttributeError) as error:
        raise _bad(error) from error


def place_after(values: list[Any] | None, count: int) -> tuple[str, ...] | None:
    """The `count` texts a list goes on after.

    Raises:
        Invalid: it isn't a cursor of this list.
    """
    if values is None:
        return None
    if len(values) != count or not all(isinstance(value, str) for value in values):
        raise _bad(ValueError("not a place in this list"))
    return tuple(values)


def number_after(values: list[Any] | None) -> int | None:
    """The number a list goes on after.

    Raises:
        Invalid: it isn't a cursor of this list.
    """
    if values is None:
        return None
    if len(values) != 1 or not isinstance(values[0], int):
        raise _bad(ValueError("not a place in this list"))
    return values[0]
