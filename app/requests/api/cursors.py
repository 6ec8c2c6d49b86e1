"""Cursors of the lists of requests."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from app.kernel.paging import bad_cursor


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
        raise bad_cursor() from error
