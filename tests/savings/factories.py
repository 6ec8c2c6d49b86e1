"""Events as the packages record them, at any time, rolled up in whatever batches and order a test likes; parameters,
releases and answers through their use cases."""

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import ids
from app.kernel.actor import Role, Staff, System
from app.kernel.consumers import BATCH_TABLE
from app.kernel.events import EVENT_COLUMNS
from app.savings.rules.metric_query import MetricQuery
from app.savings.rules.parameters import KEYS, PRICED, Parameter
from app.savings.rules.tables import Row
from app.savings.service import baselines, metrics, public_release, rollup

START = datetime(2026, 3, 2, 16, tzinfo=UTC)
"""A Monday, ten in the morning in central Mexico."""

_INSERT = text(
    f"INSERT INTO event ({EVENT_COLUMNS}) VALUES (:id, :at, :type, :subject_id, :person_id, :unit_id,"
    " :actor_kind, :actor_id, :channel, :service, :service_version, :seconds, :device, CAST(:payload AS jsonb))"
)
_LOAD = text("INSERT INTO event_batch SELECT * FROM event WHERE id = ANY(:ids)")


@dataclass(frozen=True)
class Happening:
    """One event to be. `minutes` after START."""

    type: str
    minutes: float
    subject: UUID
    person: UUID | None = None
    service: str | None = "weeks"
    unit: UUID | None = None
    seconds: float | None = None
    channel: str = "web"
    device: str | None = "phone"
    actor: str = "citizen"
    payload: dict[str, Any] = field(default_factory=dict)
    id: UUID = field(default_factory=lambda: UUID(int=0))

    @property
    def at(self) -> datetime:
        return START + timedelta(minutes=self.minutes)


def event_id(at: datetime, order: int | None = None) -> UUID:
    """A UUIDv7 of that instant; `order` distinguishes those of one millisecond."""
    tail = secrets.randbits(62) if order is None else order
    return UUID(int=ids.uuid7_at(at).int | tail)


async def write(session: AsyncSession, happenings: Iterable[Happening]) -> list[UUID]:
    """Write events into the log; returns their ids, in the order given."""
    made: list[UUID] = []
    for happening in happenings:
        known = happening.id if happening.id.int else event_id(happening.at)
        made.append(known)
        await session.execute(
            _INSERT,
            {
                "id": known,
                "at": happening.at,
                "type": happening.type,
                "subject_id": happening.subject,
                "person_id": happening.person,
                "unit_id": happening.unit,
                "actor_kind": happening.actor,
                "actor_id": None,
                "channel": happening.channel,
                "service": happening.service,
                "service_version": None,
                "seconds": happening.seconds,
                "payload": json.dumps(happening.payload),
                "device": happening.device,
            },
        )
    return made


async def deliver(session: AsyncSession, event_ids: Sequence[UUID]) -> None:
    """Roll these events up as one batch, whether they were delivered before or not."""
    await session.execute(BATCH_TABLE)
    await session.execute(text("DELETE FROM event_batch"))
    await session.execute(_LOAD, {"ids": list(event_ids)})
    await rollup.roll_up_batch(session)


async def happen(session: AsyncSession, *happenings: Happening) -> None:
    """Write events and roll them up at once."""
    await deliver(session, await write(session, happenings))


async def release(session: AsyncSession, today: date = date(2030, 1, 1)) -> None:
    """Release to the public all that has settled by a day, as it is rolled up now."""
    await public_release.release_due(session, today)


def request(
    person: UUID | None,
    *,
    service: str = "weeks",
    minutes: float = 0,
    unit: UUID | None = None,
    seconds: float = 60,
    outcome: str | None = "approved",
    lasts: float = 5,
    channel: str = "web",
    submitted_on: str | None = None,
    subject: UUID | None = None,
    reasons: Sequence[str] = (),
) -> list[Happening]:
    """A request from draft to decision; `outcome` None leaves it open. Half of the seconds are spent on each step.
    `submitted_on`: the channel on which it is finished, where that is another one."""
    known = subject or ids.new_id()
    shared: dict[str, Any] = {"subject": known, "person": person, "service": service, "unit": unit, "channel": channel}
    steps = [
        Happening("request.started", minutes, seconds=seconds / 2, payload={"folio": "Q"}, **shared),
        Happening(
            "request.submitted",
            minutes + lasts / 2,
            seconds=seconds / 2,
            payload={"folio": "Q"},
            **shared | {"channel": submitted_on or channel},
        ),
    ]
    if outcome is not None:
        said = {"folio": "Q", "outcome": outcome, "reasons": list(reasons), "straight_through": True}
        steps.append(Happening("request.decided", minutes + lasts, actor="system", payload=said, **shared))
    return steps


def ticket(
    unit: UUID,
    *,
    minutes: float = 0,
    wait: float = 30,
    attention: float | None = 10,
    person: UUID | None = None,
    service: str = "weeks",
    appointment: UUID | None = None,
    subject: UUID | None = None,
) -> list[Happening]:
    """A visit in person. `attention` None: they gave up after the wait."""
    shared: dict[str, Any] = {
        "subject": subject or ids.new_id(),
        "person": person,
        "service": service,
        "unit": unit,
        "actor": "staff",
        "channel": "desk",
        "device": None,
    }

    def at(offset: float) -> str:
        return (START + timedelta(minutes=minutes + offset)).isoformat()

    arrived = {
        "happened_at": at(0),
        "walk_in": appointment is None,
        "appointment_id": str(appointment) if appointment else None,
    }
    steps = [Happening("ticket.arrived", minutes, payload=arrived, **shared)]
    if attention is None:
        removed = {"happened_at": at(wait), "outcome": "gave-up"}
        return [*steps, Happening("ticket.left", minutes + wait, payload=removed, **shared)]
    done = {"happened_at": at(wait + attention), "outcome": "done"}
    return [
        *steps,
        Happening("ticket.served", minutes + wait, payload={"happened_at": at(wait)}, **shared),
        Happening("ticket.left", minutes + wait + attention, payload=done, **shared),
    ]


def ticket_life(
    unit: UUID,
    *steps: tuple[str, float],
    minutes: float = 0,
    person: UUID | None = None,
    service: str = "weeks",
    subject: UUID | None = None,
) -> list[Happening]:
    """A visit in person, step by step: what happened, how many minutes after arriving, by the clock of the desk.

    A departure is named by its outcome, a transfer by the service it leads to (`to complaint`).
    """
    shared: dict[str, Any] = {"person": person, "unit": unit, "actor": "staff", "channel": "desk", "device": None}
    known, now, made = subject or ids.new_id(), service, []
    for number, (name, offset) in enumerate((("arrived", 0.0), *steps)):
        said: dict[str, Any] = {"happened_at": (START + timedelta(minutes=minutes + offset)).isoformat()}
        kind = name
        if name == "arrived":
            said |= {"walk_in": True, "appointment_id": None}
        elif name.startswith("to "):
            kind, before, now = "transferred", now, name.removeprefix("to ")
            said["from_service"] = before
        elif name not in {"called", "served", "parked", "returned"}:
            kind = "left"
            said["outcome"] = name
        made.append(Happening(f"ticket.{kind}", minutes + number / 60, known, service=now, payload=said, **shared))
    return made


FIXED = {
    "would_have_visited": 0.5,
    "visits": 1.5,
    "travel_minutes": 60.0,
    "access_minutes": 20.0,
    "speed_kmh": 15.0,
    "wait_minutes": 45.0,
    "service_minutes": 10.0,
    "preparation_minutes": 30.0,
    "fare": 30.0,
    "copies": 10.0,
    "other": 0.0,
    "data_per_minute": 0.05,
    "online_minutes": 8.0,
    "wage_per_hour": 80.0,
    "time_value_share": 0.5,
    "working_share": 0.4,
    "agency_in_person": 9.1,
    "agency_phone": 2.3,
    "agency_online": 0.45,
    "mxn_per_usd": 19.24,
}


def parameter(
    key: str, value: float, *, spread: float = 0.0, scope: str = "", place: str = "", year: int = 2025
) -> Parameter:
    """A figure; with `spread` a PERT from so much less to so much more of its value."""
    unit = KEYS[key].unit
    price_year = year if unit in PRICED else None
    if not spread:
        return Parameter(key, scope, place, "fixed", None, value, None, unit, price_year, "a test", "assumption")
    low, high = value * (1 - spread), value * (1 + spread)
    return Parameter(key, scope, place, "pert", low, value, high, unit, price_year, "a test", "assumption")


def parameters(*, spread: float = 0.0) -> list[Parameter]:
    """A whole baseline, in prices of 2025, with an index of prices."""
    index = [parameter("inpc", value, scope=str(year)) for year, value in ((2024, 135.0), (2025, 140.0), (2026, 145.0))]
    return [*(parameter(key, value, spread=spread if value else 0) for key, value in FIXED.items()), *index]


async def baseline(session: AsyncSession, rows: Sequence[Parameter] | None = None) -> int:
    """A published version with these figures; returns it."""
    draft = await baselines.start_draft(session, rolling_actor(), "test")
    await baselines.replace_parameters(session, rolling_actor(), draft.version, list(rows or parameters()))
    await baselines.publish(session, rolling_actor(), draft.version)
    return draft.version


def rolling_actor() -> System:
    """Who does what no one in particular does."""
    return System("test")


YEAR = MetricQuery(date(2026, 1, 1), date(2026, 10, 31))


MARCH = MetricQuery(date(2026, 3, 1), date(2026, 3, 31))


ANALYST = Staff(ids.new_id(), Role.ANALYST, None)


async def ask(
    session: AsyncSession, metric: str, query: MetricQuery = MARCH, *group_by: str
) -> dict[tuple[Any, ...], Row]:
    """Rows by their keys, and the total with none, as an analyst sees them."""
    table = await metrics.table(session, ANALYST, metric, replace(query, group_by=group_by))
    return {row.keys: row for row in table.rows} | {(): table.total}


def many(count: int, **more: Any) -> list[Happening]:
    """As many people, each with a request of their own."""
    return [step for number in range(count) for step in request(ids.new_id(), minutes=number, **more)]


TABLES = ("service_transaction", "ticket", "saving_cell", "saving_ticket_cell", "saving_reason_cell")


async def everything(session: AsyncSession, *tables: str) -> dict[str, list[str]]:
    """What the tables hold, as text. In which order a transaction's events came is not part of it."""
    found = {}
    for table in tables or TABLES:
        rows = await session.scalars(text(f"SELECT (to_jsonb(t) - 'event_ids')::text FROM {table} t ORDER BY 1"))
        found[table] = list(rows.all())
    return found
