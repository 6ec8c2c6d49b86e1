"""Clock monitoring: jobs that delete or expire data must not run on a wrong clock.

Two failures are distinguished. Skew: the worker's clock differs too much from the database's; that process stops its
scheduled tasks. Jump: the database's clock steps (together with the worker's, on a single machine). Every worker stores
the database's time every few seconds in one row; a step of more than an hour between two readings, in either
direction, pauses sweeps for an hour. Both are logged, exported as metrics and reported by `/health/ready`, and both
clear without intervention.
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
from app.kernel.statements import KERNEL

log = structlog.get_logger(__name__)

JUMP = timedelta(hours=1)
"""A longer step between two readings is a jump, or no worker was running: the two are indistinguishable."""
BACKWARD = timedelta(minutes=5)
"""Time servers set a clock back a little; more than this is a jump."""


class ClockReading(Base):
    """The latest database time observed by a worker, and since when there has been no jump. A single row."""

    __tablename__ = "clock_reading"
    __table_args__ = (CheckConstraint("id", name="one_row"),)

    id: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    observed_at: Mapped[datetime]
    stable_since: Mapped[datetime]


_OBSERVE = KERNEL.load("observe_clock")


@dataclass(frozen=True, slots=True)
class ClockState:
    """`skew_seconds`: how far this process's clock is ahead of the database's. `pause_seconds`: remaining pause of
    sweeps after a jump."""

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
    """Return the latest state observed by this process; None before the first observation."""
    return _last


async def observe() -> ClockState:
    """Compare this process's clock with the database's and store the database's time."""
    global _last
    async with transaction() as session:
        began, before = time.monotonic(), clock.now()
        row = (await session.execute(_OBSERVE, {"back": BACKWARD, "jump": JUMP})).one()
        middle = before + timedelta(seconds=(time.monotonic() - began) / 2)
    pause = timedelta(minutes=get_settings().clock_pause_minutes)
    state = ClockState(
        skew_seconds=(middle - row.observed_at).total_seconds(),
        pause_seconds=max(0.0, (row.stable_since + pause - row.observed_at).total_seconds()),
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
    """Return whether scheduled tasks may run in this process: its clock agrees with the database's."""
    return _allow(name, (await observe()).agrees)


async def is_trusted(name: str) -> bool:
    """Return whether sweeps may run in this process: the clocks agree and there was no recent jump."""
    return _allow(name, (await observe()).is_trusted)


def _allow(name: str, allowed: bool) -> bool:
    if not allowed:
        metrics.SCHEDULED_SKIPPED.labels(name).inc()
        log.error("scheduled_task_skipped", task=name, reason="the clock can't be trusted")
    return allowed
