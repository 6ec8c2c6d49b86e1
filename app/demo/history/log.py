"""Rows of the history in the format of the event log."""

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.kernel.actor import Actor
from app.kernel.events import EVENT_COLUMNS, DomainEvent, event_params
from app.kernel.ids import uuid7_at

NAMES = [name.strip() for name in EVENT_COLUMNS.split(",")]
_KEYS = [f"event_{name}" for name in NAMES]
_RANDOM_HIGH, _RANDOM_LOW = 12, 62


class Log:
    """Collects rows of `event`. Events from `until` on are in the future and left out."""

    def __init__(self, rng: random.Random, until: datetime) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.until = until
        self._rng = rng

    def id_at(self, at: datetime) -> UUID:
        """Return a UUIDv7 of that instant, from the seed."""
        high, low = self._rng.getrandbits(_RANDOM_HIGH), self._rng.getrandbits(_RANDOM_LOW)
        return UUID(int=uuid7_at(at).int | (high << 64) | low)

    def in_time(self, at: datetime) -> datetime:
        """The instant itself, or the last one of the history: the night after its last day belongs to it."""
        return min(at, self.until - timedelta(seconds=1))

    def append(self, at: datetime, actor: Actor, event: DomainEvent) -> None:
        """Append an event as `record` would write it at that instant."""
        if at >= self.until:
            return
        parameters = event_params(actor, event) | {"event_id": self.id_at(at), "event_at": at}
        self.rows.append(tuple(parameters[key] for key in _KEYS))


def after(at: datetime, *, seconds: float = 0.0, minutes: float = 0.0) -> datetime:
    """So much later, by whole milliseconds: the clock of ids."""
    return at + timedelta(milliseconds=round(seconds * 1000 + minutes * 60_000))
