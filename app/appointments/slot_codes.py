"""The code of a time: where and when, in one word that addresses and other standards carry. Pure.

It says nothing but the unit, the room and the instant, which are public, and stays the same for as long as there is
such a time. Whether it can be had is asked of the database.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.kernel.ids import opaque, parse_opaque

UUID_BYTES, ROOM_BYTES, SECONDS_BYTES = 16, 2, 5
SIZE = UUID_BYTES + ROOM_BYTES + SECONDS_BYTES
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_SECOND = int((datetime(2999, 12, 31, tzinfo=UTC) - EPOCH).total_seconds())


@dataclass(frozen=True, slots=True)
class SlotPlace:
    """A room of a unit at an instant."""

    unit_id: UUID
    room: int
    start_at: datetime


def pack(place: SlotPlace) -> bytes:
    """The bytes of a place."""
    seconds = (place.start_at - EPOCH) // timedelta(seconds=1)
    return place.unit_id.bytes + place.room.to_bytes(ROOM_BYTES) + seconds.to_bytes(SECONDS_BYTES)


def unpack(data: bytes) -> SlotPlace:
    """The place of such bytes.

    Raises:
        ValueError: the instant can't be meant.
    """
    seconds = int.from_bytes(data[UUID_BYTES + ROOM_BYTES : SIZE])
    if seconds > LAST_SECOND:
        raise ValueError("an instant that can't be meant")
    room = int.from_bytes(data[UUID_BYTES : UUID_BYTES + ROOM_BYTES])
    return SlotPlace(UUID(bytes=data[:UUID_BYTES]), room, EPOCH + timedelta(seconds=seconds))


def slot_code(place: SlotPlace) -> str:
    """The code of a place."""
    return opaque(pack(place))


def parse_slot_code(code: str) -> SlotPlace:
    """The place of a code.

    Raises:
        ValueError: it is none.
    """
    return unpack(parse_opaque(code, SIZE))
