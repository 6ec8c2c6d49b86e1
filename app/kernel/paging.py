"""Lists in pages: an opaque cursor forward, and a Link header that says where the next page is (RFC 8288)."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.kernel.i18n import N_
from app.kernel.parsing import storable_text
from app.kernel.problems import FieldError, Invalid

MAX_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Page:
    """What the caller asked for: how many rows, after which one (`after` is None on the first page)."""

    limit: int
    after: list[Any] | None


def encode_cursor(*values: str | int) -> str:
    """An opaque cursor for the last row shown."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> list[Any]:
    """The values a cursor was made of.

    Raises:
        Invalid: it isn't a cursor of ours.
    """
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise bad_cursor() from error
    if not isinstance(values, list):
        raise bad_cursor()
    return values


def bad_cursor() -> Invalid:
    """The problem a cursor of another list, or of none, is."""
    return Invalid(
        fields=[FieldError("cursor", N_("Use el cursor tal como vino en el encabezado Link."), "bad_cursor")]
    )


def position_after(values: list[Any] | None, *readers: Callable[[str], Any]) -> Any:
    """The place that a list goes on after: the cursor's texts, each read by its own reader, as a tuple.

    A reader takes a text and raises ValueError alone (see `parsing`). None on the first page.

    Raises:
        Invalid: it isn't a cursor of this list.
    """
    if values is None:
        return None
    if len(values) != len(readers) or not all(isinstance(value, str) for value in values):
        raise bad_cursor()
    try:
        return tuple(read(storable_text(value)) for read, value in zip(readers, values, strict=True))
    except ValueError as error:
        raise bad_cursor() from error


def id_after(values: list[Any] | None) -> UUID | None:
    """The id that a list goes on after.

    Raises:
        Invalid: it isn't a cursor of this list.
    """
    place = position_after(values, UUID)
    return None if place is None else place[0]
