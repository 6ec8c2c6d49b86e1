"""Consumer lag: how far each consumer is behind the event log. Cheap: a few primary-key lookups, whatever the log's
size."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock

MOST_COUNTED = 10_000
"""Upper bound for counting events without a position."""


@dataclass(frozen=True, slots=True)
class ConsumerLag:
    """How far behind the slowest part of a consumer is: events of any type, and the age of the first of them."""

    name: str
    events: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LogLag:
    """The state of the log. `unnumbered`: committed events without a position, and `seconds` the age of the oldest.
    `horizon_seconds`: how long the oldest transaction that writes has been open, in the whole cluster; the log doesn't
    wait for it, but what it writes is not there yet, and nothing that ended after its beginning can be vacuumed."""

    position: int
    unnumbered: int
    seconds: float
    horizon_seconds: float
    consumers: tuple[ConsumerLag, ...]


_FRESH = f"""
    SELECT e.at FROM event e, event_sequencer q
    WHERE e.xid >= pg_snapshot_xmax(CAST(q.snapshot AS pg_snapshot)) AND e.xid < pg_snapshot_xmax(pg_current_snapshot())
        AND NOT EXISTS (SELECT FROM event_position p WHERE p.event_id = e.id) LIMIT {MOST_COUNTED}
"""
_LOG = text(
    f"""
    SELECT (SELECT position FROM event_sequencer) AS position, count(f.at) AS unnumbered, min(f.at) AS oldest,
        coalesce((SELECT extract(epoch FROM max(clock_timestamp() - xact_start)) FROM pg_stat_activity
            WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()), 0) AS horizon
    FROM ({_FRESH}) f
    """
)
_CONSUMERS = text(
    """
    SELECT c.name, s.position - c.position AS events, e.at
    FROM (SELECT name, min(position) AS position FROM event_consumer GROUP BY name) c
    CROSS JOIN event_sequencer s
    LEFT JOIN LATERAL (SELECT event_id FROM event_position p
        WHERE p.position > c.position ORDER BY p.position LIMIT 1) n ON true
    LEFT JOIN LATERAL (SELECT at FROM event WHERE id = n.event_id OFFSET 0) e ON true
    ORDER BY c.name
    """
)


async def log_lag(session: AsyncSession) -> LogLag:
    """How far behind the sequencer and each consumer are now."""
    now = clock.now()
    state = (await session.execute(_LOG)).one()
    unnumbered_seconds = max((now - state.oldest).total_seconds(), 0) if state.oldest else 0.0
    behind = []
    for row in (await session.execute(_CONSUMERS)).all():
        own = max((now - row.at).total_seconds(), 0) if row.at is not None else 0.0
        events = max(row.events, 0) + state.unnumbered
        behind.append(ConsumerLag(row.name, events, max(own, unnumbered_seconds)))
    return LogLag(state.position, state.unnumbered, unnumbered_seconds, max(float(state.horizon), 0), tuple(behind))
