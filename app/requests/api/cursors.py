"""Cursors of the lists of requests."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.kernel import paging
from app.kernel.parsing import iso_date, iso_instant
from app.requests.queries import Place


def place_after(values: list[Any] | None) -> tuple[date, datetime, UUID] | None:
    """The place in the queue that a list goes on after.

    Raises:
        Invalid: it isn't a cursor of this list.
    """
    place: tuple[date, datetime, UUID] | None = paging.position_after(values, iso_date, iso_instant, UUID)
    return place


def cursor_of(place: Place) -> str:
    """The cursor that `position_after` reads."""
    return paging.encode_cursor(place.day.isoformat(), place.at.isoformat(), str(place.id))
