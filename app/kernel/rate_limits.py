"""Failures counted in the database: every process sees them, and a refusal doesn't undo them.

A try is counted before it is judged and forgiven when it was right, so that many at once can't slip through. The
design, and what a guesser gains, is in docs/decisions/0005-limits.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import Float, LargeBinary, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock, ids
from app.kernel.db import Base, separate_tx
from app.kernel.problems import TooManyRequests
from app.kernel.rate_limit_rules import KnownNetwork, Policy, level_at, parse_networks, wait_after
from app.kernel.settings import get_settings
from app.kernel.statements import KERNEL


def known_networks() -> tuple[KnownNetwork, ...]:
    """The networks where many people share an address, as the settings list them."""
    return _networks(get_settings().known_networks)


_networks = lru_cache(parse_networks)


class FailureCounter(Base):
    """The failures of a bucket's key, and when the last one was. Keys are digests: no personal data."""

    __tablename__ = "failure_counter"

    bucket: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    level: Mapped[float] = mapped_column(Float)
    counted_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Counter:
    """Something a try is counted under. `free` replaces the policy's own allowance."""

    policy: Policy
    key: str
    free: float | None = None

    @property
    def allowance(self) -> float:
        return self.policy.free if self.free is None else self.free


_COUNT = KERNEL.load("rate_limits/count_attempt")
_FIND = text("SELECT level, counted_at FROM failure_counter WHERE bucket = :bucket AND key = :key")
_CLEAR = text("DELETE FROM failure_counter WHERE bucket = :bucket AND key = :key RETURNING level")
_DECREMENT = text(
    "UPDATE failure_counter SET level = GREATEST(0, level - CAST(:by AS float8)) WHERE bucket = :bucket AND key = :key"
)
_DELETE_EXPIRED = text("DELETE FROM failure_counter WHERE expires_at < :now")


async def count_attempt(counters: Sequence[Counter]) -> None:
    """Count a try under each of these, in this order; committed whatever happens to the caller.

    Raises:
        TooManyRequests: one of them must wait; then nothing is counted.
    """
    async with separate_tx() as session:
        for counter in counters:
            await _count(session, counter)


async def _count(session: AsyncSession, counter: Counter) -> None:
    policy, now = counter.policy, clock.now()
    values = {
        "bucket": policy.bucket,
        "key": ids.digest(counter.key),
        "now": now,
        "most": policy.most,
        "leak": policy.leak,
        "free": counter.allowance,
        "first": policy.first_wait,
        "longest": policy.longest_wait,
    }
    if (await session.execute(_COUNT, values)).one_or_none() is not None:
        return
    found = (await session.execute(_FIND, {"bucket": policy.bucket, "key": values["key"]})).one_or_none()
    if found is None:  # cleared this very moment
        return
    until = found.counted_at + timedelta(seconds=wait_after(policy, found.level, counter.allowance))
    raise TooManyRequests(retry_after=max(1, math.ceil((until - now).total_seconds())))


async def level_of(policy: Policy, key: str) -> float:
    """How many failures are remembered of this key now."""
    async with separate_tx() as session:
        asked = {"bucket": policy.bucket, "key": ids.digest(key)}
        found = (await session.execute(_FIND, asked)).one_or_none()
    if found is None:
        return 0.0
    return level_at(policy, found.level, (clock.now() - found.counted_at).total_seconds())


async def clear_failures(own: Counter, shared: Sequence[Counter] = ()) -> None:
    """Clear the failures of a successful attempt, and their share of the shared counters.

    Who signs in to an account of their own doesn't forgive what they tried on others.
    """
    async with separate_tx() as session:
        asked = {"bucket": own.policy.bucket, "key": ids.digest(own.key)}
        level = (await session.execute(_CLEAR, asked)).scalar_one_or_none()
        for counter in shared:
            values = {"bucket": counter.policy.bucket, "key": ids.digest(counter.key), "by": math.ceil(level or 0)}
            await session.execute(_DECREMENT, values)


async def undo_attempt(counter: Counter) -> None:
    """Undo one successful attempt under a shared counter."""
    async with separate_tx() as session:
        values = {"bucket": counter.policy.bucket, "key": ids.digest(counter.key), "by": 1}
        await session.execute(_DECREMENT, values)


async def delete_expired(now: datetime) -> None:
    """Delete counters that have nothing left to say."""
    async with separate_tx() as session:
        await session.execute(_DELETE_EXPIRED, {"now": now})
