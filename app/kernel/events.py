"""The event log: what happened, who did it, where, and the data needed to measure it. Events are written once, in the
transaction of the change; everything that reacts, audits or measures consumes them (see `consumers`).

Events contain neither secrets nor personal data: people and things appear by id only.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from app.kernel import clock, ids
from app.kernel.actor import Actor, Anonymous, Citizen, doer_of
from app.kernel.bus import NOTIFY_ALL_SQL
from app.kernel.db import Base, Db
from app.kernel.ids import uuid7_at


class Xid8(UserDefinedType[str]):
    """A 64-bit transaction id: never wraps, so it orders transactions for the life of a cluster."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "XID8"


# Schema reflection (the migrations check) must recognise the type.
ischema_names["xid8"] = Xid8


class EventRow(Base):
    """One event. Partitioned by the month of its UUIDv7; the sequencer finds new events by `xid`, their transaction."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_xid", "xid", "id"),
        Index("ix_event_subject", "subject_id", "id"),
        {"postgresql_partition_by": "RANGE (id)"},
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    person_id: Mapped[UUID | None]
    unit_id: Mapped[UUID | None]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    channel: Mapped[str]
    service: Mapped[str | None]
    service_version: Mapped[int | None]
    seconds: Mapped[float | None]
    device: Mapped[str | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    xid: Mapped[str] = mapped_column(Xid8, server_default=text("pg_current_xact_id()"))


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """Something that happened, in the past tense. Fields of a subclass become the payload.

    `seconds` is the active time since the previous event, where the portal observed it; by default, the time of the
    actor's timer.
    """

    type: ClassVar[str]

    subject_id: UUID
    person_id: UUID | None = None
    unit_id: UUID | None = None
    service: str | None = None
    service_version: int | None = None
    seconds: float | None = None

    def topics(self) -> Collection[str]:
        """Topics of the bus that change with it (see `bus`): live pages show them. Most events have none."""
        return ()

    def payload(self) -> dict[str, Any]:
        """Return the fields of the subclass as JSON values."""
        own = (field.name for field in fields(self) if field.name not in COMMON_FIELDS)
        return {name: _json_value(getattr(self, name)) for name in own}


def person_topic(person_id: UUID | None) -> str:
    """The topic of what concerns a person: their requests and appointments."""
    return f"person:{person_id}"


COMMON_FIELDS = frozenset(field.name for field in fields(DomainEvent))


def all_event_types() -> list[type[DomainEvent]]:
    """Return every event class by type: for the documentation and its tests."""
    found: list[type[DomainEvent]] = []
    waiting = DomainEvent.__subclasses__()
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if "type" in kind.__dict__:
            found.append(kind)
    return sorted(found, key=lambda kind: kind.type)


def _json_value(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_json_value(item) for item in value]
    return value


EVENT_COLUMNS = (
    "id, at, type, subject_id, person_id, unit_id, actor_kind, actor_id, channel, "
    "service, service_version, seconds, device, payload"
)
EVENT_INSERT = f"INSERT INTO event ({EVENT_COLUMNS}) "
# Casts are explicit so that the same text works in a VALUES-less SELECT, where PostgreSQL can't infer types.
EVENT_SELECT = (
    "SELECT CAST(:event_id AS uuid), CAST(:event_at AS timestamptz), CAST(:event_type AS text), "
    "CAST(:event_subject_id AS uuid), CAST(:event_person_id AS uuid), CAST(:event_unit_id AS uuid), "
    "CAST(:event_actor_kind AS text), CAST(:event_actor_id AS uuid), CAST(:event_channel AS text), "
    "CAST(:event_service AS text), CAST(:event_service_version AS integer), "
    "CAST(:event_seconds AS double precision), CAST(:event_device AS text), CAST(:event_payload AS jsonb)"
)
_RECORD = text(EVENT_INSERT + EVENT_SELECT)
_RECORD_AND_NOTIFY = text(f"WITH recorded AS ({EVENT_INSERT}{EVENT_SELECT}) {NOTIFY_ALL_SQL}")


def insert_event_sql(**columns: str) -> str:
    """Return the insert of an event from a SELECT that gives these columns; the others are null.

    Raises:
        KeyError: an event has no such column.
    """
    names = EVENT_COLUMNS.split(", ")
    values = [columns.pop(name, "NULL") for name in names]
    if columns:
        raise KeyError(*columns)
    return f"{EVENT_INSERT}SELECT {', '.join(values)}"


def event_params(actor: Actor, event: DomainEvent) -> dict[str, Any]:
    """The parameters of EVENT_SELECT, for a hot statement that records in one round trip; `consume_active_time` follows
    it. What staff do for a person in an assistance is theirs, with its id."""
    doer = doer_of(actor)
    return {
        "event_id": ids.new_id(),
        "event_at": clock.now(),
        "event_type": event.type,
        "event_subject_id": event.subject_id,
        "event_person_id": event.person_id,
        "event_unit_id": event.unit_id,
        "event_actor_kind": doer.kind,
        "event_actor_id": doer.id,
        "event_channel": actor.channel.value,
        "event_service": event.service,
        "event_service_version": event.service_version,
        "event_seconds": event.seconds if event.seconds is not None else _active_seconds(actor),
        "event_device": actor.device if isinstance(actor, Citizen | Anonymous) else None,
        "event_payload": json.dumps(event.payload() | _assistance_of(actor), ensure_ascii=False),
    }


def _assistance_of(actor: Actor) -> dict[str, str]:
    helper = actor.helper if isinstance(actor, Citizen) else None
    return {"assistance_id": str(helper.assistance_id)} if helper is not None else {}


def _active_seconds(actor: Actor) -> float | None:
    timer = actor.timer if isinstance(actor, Citizen) else None
    # No measurement is null: zero would lower the mean.
    return (timer.seconds or None) if timer is not None else None


async def consume_active_time(db: Db, actor: Actor) -> None:
    """Reset the actor's timer after an event was recorded; does nothing without a timer."""
    timer = actor.timer if isinstance(actor, Citizen) else None
    if timer is not None and timer.seconds:
        await timer.consume(db)


async def record(session: Db, actor: Actor, event: DomainEvent) -> UUID:
    """Write one event in the caller's transaction, and notify its topics; return its id."""
    parameters = event_params(actor, event)
    if topics := event.topics():
        await session.execute(_RECORD_AND_NOTIFY, parameters | {"topics": list(topics)})
    else:
        await session.execute(_RECORD, parameters)
    if event.seconds is None:
        await consume_active_time(session, actor)
    event_id: UUID = parameters["event_id"]
    return event_id


async def record_all(session: AsyncSession, *events: tuple[Actor, DomainEvent]) -> None:
    """Write several events, each by its actor, in one round trip, and notify their topics. The active time goes to the
    first that has none."""
    parameters = []
    for actor, event in events:
        parameters.append(event_params(actor, event))
        if event.seconds is None:
            await consume_active_time(session, actor)
    topics = [list(event.topics()) for _actor, event in events]
    if any(topics):
        named = [one | {"topics": own} for one, own in zip(parameters, topics, strict=True)]
        await session.execute(_RECORD_AND_NOTIFY, named)
    else:
        await session.execute(_RECORD, parameters)


MONTHS_AHEAD = 6


def create_partition_sql(year: int, month: int) -> str:
    """The statement that makes the partition of a month, if it isn't there."""
    start = datetime(year, month, 1, tzinfo=UTC)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return (
        f"CREATE TABLE IF NOT EXISTS event_p{year}{month:02d} PARTITION OF event"
        f" FOR VALUES FROM ('{uuid7_at(start)}') TO ('{uuid7_at(end)}')"
    )


def months_from(moment: datetime, count: int) -> list[tuple[int, int]]:
    """This month and the ones after it, `count` in all."""
    first = moment.year * 12 + moment.month - 1
    return [((first + step) // 12, (first + step) % 12 + 1) for step in range(count)]


async def create_partitions(session: AsyncSession) -> None:
    """Make the partitions of the coming months. Safe to repeat."""
    for year, month in months_from(clock.now(), MONTHS_AHEAD):
        await session.execute(text(create_partition_sql(year, month)))
