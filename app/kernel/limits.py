"""Counted attempts, kept in the database so that every process sees them and a refusal does not undo them."""

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock, ids
from app.kernel.db import Base, separate_tx
from app.kernel.problems import TooMany


class RateCounter(Base):
    """How often a bucket's key was used in a window of time. Keys are digests: no personal data."""

    __tablename__ = "rate_counter"

    bucket: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


_COUNT = text(
    "INSERT INTO rate_counter (bucket, key, window_start, count) VALUES (:bucket, :key, :window, 1)"
    " ON CONFLICT ON CONSTRAINT pk_rate_counter DO UPDATE SET count = rate_counter.count + 1 RETURNING count"
)
_CLEAR = text("DELETE FROM rate_counter WHERE bucket = :bucket AND key = :key")
_FORGET = text("DELETE FROM rate_counter WHERE window_start < :before")


async def allow(bucket: str, key: str, *, limit: int, seconds: int) -> None:
    """Count one attempt; the count is committed whatever happens to the caller.

    Raises:
        TooMany: more than `limit` in the current window of `seconds`.
    """
    now = clock.now()
    elapsed = now.timestamp() % seconds
    window = datetime.fromtimestamp(now.timestamp() - elapsed, now.tzinfo)
    async with separate_tx() as session:
        parameters = {"bucket": bucket, "key": ids.digest(key), "window": window}
        count = (await session.execute(_COUNT, parameters)).scalar_one()
    if count > limit:
        raise TooMany(retry_after=max(1, int(seconds - elapsed)))


async def clear(bucket: str, key: str) -> None:
    """Forget the attempts of a key, after it proved right."""
    async with separate_tx() as session:
        await session.execute(_CLEAR, {"bucket": bucket, "key": ids.digest(key)})


async def forget_before(moment: datetime) -> None:
    """Delete windows that have ended."""
    async with separate_tx() as session:
        await session.execute(_FORGET, {"before": moment})
