"""Whether time can be trusted: what deletes or expires by time must not run by a wrong clock.

Two faults are told apart. A worker's clock that is far from the database's: that process stops its scheduled work. A
database clock that jumps (with the worker's, when both are one machine): every worker notes the database's time each
few seconds in one row, and a step of more than an hour between two notes, in either direction, holds sweeps back for
an hour. Both are logged, counted and shown by `/health/ready`, and both end by themselves.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Boolean, CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock, metrics
from app.kernel.db import Base, transaction
from app.kernel.settings import get_settings

log = structlog.get_logger(__name__)

JUMP = timedelta(hours=1)
"""A longer step between two notes is a jump, or no worker ran meanwhile: the two look the same."""
BACKWARD = timedelta(minutes=5)
"""A clock is set back a little by time servers; more than this is a jump."""


class ClockReading(Base):
    """The database's time as workers last saw it, and since when it has gone on without a jump. One row."""

    __tablename__ = "clock_reading"
    __table_args__ = (CheckConstraint("id", name="one_row"),)

    id: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    observed_at: Mapped[datetime]
    stable_since: Mapped[datetime]


_NOTE = text(
    "INSERT INTO clock_reading AS n (id, observed_at, stable_since) VALUES (true, clock_timestamp(), 'epoch')"
    " ON CONFLICT (id) DO UPDATE SET observed_at = excluded.observed_at, stable_since = CASE"
    " WHEN excluded.observed_at BETWEEN n.observed_at - CAST(:back AS interval)"
    " AND n.observed_at + CAST(:jump AS interval)"
    " THEN n.stable_since ELSE excluded.observed_at END"
    " RETURNING observed_at, stable_since"
)


@dataclass(frozen=True, slots=True)
class ClockState:
    """`skew_seconds`: how far this process's clock is ahead of the database's. `held_seconds`: how long sweeps still
    wait after a jump."""

    skew_seconds: float
    pause_seconds: float

    @property
    def agrees(self) -> bool:
        return abs(self.skew_seconds) <= get_settings().clock_skew_seconds

    @property
    def is_trusted(self) -> bool:
        return self.agrees and self.pause_seconds <= 0


_last: ClockState | None = None


def last_reading() -> ClockState | None:
    """What this process saw last; None before its first look."""
    return _last


async def observe() -> ClockState:
    """Compare this process's clock with the database's, and note the database's time."""
    global _last
    async with transaction() as session:
        began, before = time.monotonic(), clock.now()
        row = (await session.execute(_NOTE, {"back": BACKWARD, "jump": JUMP})).one()
        middle = before + timedelta(seconds=(time.monotonic() - began) / 2)
    hold = timedelta(minutes=get_settings().clock_pause_minutes)
    state = ClockState(
        skew_seconds=(middle - row.observed_at).total_seconds(),
        pause_seconds=max(0.0, (row.stable_since + hold - row.observed_at).total_seconds()),
    )
    _log_changes(_last, state)
    _last = state
    return state


def _log_changes(before: ClockState | None, now: ClockState) -> None:
    metrics.CLOCK_SKEW.set(abs(now.skew_seconds))
    metrics.CLOCK_PAUSE.set(now.pause_seconds)
    if not now.agrees and (before is None or before.agrees):
        log.error("clock_skew_detected", seconds=round(now.skew_seconds, 1))
    if now.agrees and before is not None and not before.agrees:
        log.warning("clock_skew_resolved", seconds=round(now.skew_seconds, 1))
    if now.pause_seconds and not (before is not None and before.pause_seconds):
        log.error("clock_jumped", pause_seconds=round(now.pause_seconds))


async def agrees(name: str) -> bool:
    """Whether scheduled work may run here: this process's clock is near the database's."""
    return _allow(name, (await observe()).agrees)


async def is_trusted(name: str) -> bool:
    """Whether a sweep may run here: the clocks are near each other, and time hasn't jumped."""
    return _allow(name, (await observe()).is_trusted)


def _allow(name: str, allowed: bool) -> bool:
    if not allowed:
        metrics.SCHEDULED_SKIPPED.labels(name).inc()
        log.error("scheduled_task_skipped", task=name, reason="the clock can't be trusted")
    return allowed
