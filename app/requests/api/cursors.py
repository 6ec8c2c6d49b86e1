"""Cursors of the lists of requests."""

from datetime import UTC, date, datetime
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


def place_after(values: list[Any] | None) -> tuple[date, datetime, UUID] | None:
    """The place in the queue a list goes on after.

    Raises:
        Invalid: it isn't a cursor of this list.
    """
    if values is None:
        return None
    try:
        rank_on, submitted_at, request_id = values
        moment = datetime.fromisoformat(submitted_at)
        if moment.tzinfo is None:
            raise ValueError("a moment without zone")
        return date.fromisoformat(rank_on), moment.astimezone(UTC), UUID(request_id)
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise _bad(error) from error
