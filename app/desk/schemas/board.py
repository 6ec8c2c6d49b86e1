"""Schemas of the board."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from app.places.rules import RoomKind


class BoardCallOut(BaseModel):
    """A number that was called, and where to. `times` counts its calls. `is_open`: its person hasn't come to the
    counter yet. `kind` is the kind of room, as in `units/{clues}`."""

    number: str
    counter: int
    kind: RoomKind | None
    called_at: datetime
    times: int
    is_open: bool


class BoardQueueOut(BaseModel):
    """How many wait for numbers of this letter."""

    letter: str
    waiting: int


class QueueWaitOut(BaseModel):
    """How long who takes a number of this letter now, without an appointment, waits to be called, in minutes: four of
    five from `low` to `high`."""

    letter: str
    low: int
    median: int
    high: int


class BoardOut(BaseModel):
    """What a waiting room's screen shows: the latest call first. No person and no service."""

    unit_id: UUID
    clues: str
    unit_name: str
    timezone: str
    on_date: date
    calls: list[BoardCallOut]
    waiting: list[BoardQueueOut]
    counters_open: int
