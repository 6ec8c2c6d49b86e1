"""Close a shift because a doctor is absent: a preview shows whom it hits and where each would go, and the closure does
just that or nothing. The preview makes everything and rolls it back."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import ScheduleException
from app.appointments.problems import PreviewOutdated
from app.appointments.release_changes import HitDraw
from app.appointments.rules import LATER
from app.appointments.service import closures, schedules
from app.appointments.service.closures import Closed
from app.appointments.service.rebooking import Offered
from app.appointments.service.schedules import Changed
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.db import savepoint
from app.kernel.etags import Versions
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid
from app.places.queries import unit_by_id

PAST = N_("Ese día ya pasó: elija hoy o uno posterior.")
MAX_DAYS = 60
TOO_LONG = N_("Cierre hasta 60 días a la vez.")


@dataclass(frozen=True, slots=True)
class ShiftSpan:
    """What is closed: a room, a shift, both, or all of the unit, on each day from the first to the last, by the unit's
    days. Today it is the rest of the day."""

    unit_id: UUID
    room: int | None
    shift: str | None
    first: date
    last: date
    reason: str


async def close_shift(session: AsyncSession, actor: Actor, span: ShiftSpan) -> Closed:
    """Close it and hold another time for each person whom it hits.

    Raises:
        UnitNotManaged, NotFound, RoomUnknown: as `closures.close`. Invalid: days that are past or out of order.
    """
    closures.require_unit_manager(actor, span.unit_id)
    unit = await unit_by_id(session, span.unit_id)
    today = clock.today(unit.timezone)
    wrong = wrong_days(span.first, span.last, today)
    if wrong:
        raise Invalid(fields=wrong)
    starts_at = clock.now() if span.first == today else _midnight(span.first, unit.timezone)
    return await closures.close(
        session,
        actor,
        unit_id=span.unit_id,
        room=span.room,
        shift=span.shift,
        starts_at=starts_at,
        ends_at=_midnight(span.last + timedelta(days=1), unit.timezone),
        reason=span.reason,
        offers_times=True,
    )


@dataclass(frozen=True, slots=True)
class Cause:
    """Why appointments can't take place as booked: a closure, or a changed schedule (no `reason`, no hours)."""

    id: UUID
    unit_id: UUID
    room: int | None
    shift: str | None
    reason: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def can_be_undone(self) -> bool:
        """Whether it is a closure that isn't over."""
        return self.ends_at is not None and self.ends_at > clock.now()


async def cause_of(session: AsyncSession, actor: Actor, cause_id: UUID) -> Cause:
    """A closure or a changed schedule of a unit that the actor manages.

    Raises:
        NotFound: there is none, or it isn't theirs.
    """
    if await session.get(ScheduleException, cause_id) is None:
        schedule = await schedules.own_schedule(session, actor, cause_id)
        return Cause(schedule.id, schedule.unit_id, schedule.room, schedule.shift)
    one = await closures.own_exception(session, actor, cause_id)
    return Cause(one.id, one.unit_id, one.room, one.shift, one.reason, one.starts_at, one.ends_at)


def wrong_days(first: date, last: date, today: date) -> list[FieldError]:
    """Return all that is wrong with the days of a closure."""
    wrong = [FieldError("first", PAST, "past")] if first < today else []
    if last < first:
        wrong.append(FieldError("last", LATER, "later"))
    elif last - first >= timedelta(days=MAX_DAYS):
        wrong.append(FieldError("last", TOO_LONG, "too_long"))
    return wrong


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


class _Undo(Exception):  # noqa: N818 # it isn't an error
    """Takes back what a preview made."""


Outcome = TypeVar("Outcome", Closed, Changed)


async def rolled_back(session: AsyncSession, make: Callable[[], Awaitable[Outcome]]) -> Outcome:
    """What something would do now: it is made and taken back. Read rows that it changed again before using them."""
    found: list[Outcome] = []
    try:
        async with savepoint(session):
            found.append(await make())
            raise _Undo
    except _Undo:
        return found[0]


async def preview_closure(session: AsyncSession, actor: Actor, span: ShiftSpan) -> Closed:
    """What closing it would do now. Raises as `close_shift`."""
    return await rolled_back(session, lambda: close_shift(session, actor, span))


async def preview_correction(
    session: AsyncSession,
    actor: Actor,
    schedule_id: UUID,
    changes: Mapping[str, Any],
    *,
    version: Versions,
    horizon_days: int,
) -> Changed:
    """What correcting a schedule would do now. Raises as `schedules.correct_schedule`."""

    async def make() -> Changed:
        return await schedules.correct_schedule(
            session, actor, schedule_id, changes, version=version, horizon_days=horizon_days, offers_times=True
        )

    outcome = await rolled_back(session, make)
    await session.refresh(outcome.schedule)  # what the savepoint took back is read again
    return outcome


def shown_by_change(done: Changed) -> list[Any]:
    """The facts of the preview of a changed schedule: whom it hits or gives back their time, the seats, the published
    releases that move, and the draws that lose seats."""
    stand = sorted([one.folio, one.version] for one in done.reinstated)
    moved = [[one.on_date, one.before, one.after, one.seats] for one in done.moved]
    more = [one for one in (stand, moved, _draws(done.draws)) if one]
    return shown_by(done.offers, done.removed, done.made, *more)


def shown_by_closure(done: Closed) -> list[Any]:
    """The facts of the preview of a closure: whom it hits, where each would go, and the draws that lose seats."""
    draws = _draws(done.draws)
    return shown_by(done.offers, *([draws] if draws else []))


def _draws(hit: Sequence[HitDraw]) -> list[Any]:
    """Not how many people: they register while the preview is read."""
    return [[one.draw.id, one.draw.seats, one.left] for one in hit]


def shown_by(offers: Sequence[Offered], *more: object) -> list[Any]:
    """The facts of a preview: whom it hits, as they are, and where each would go."""
    return [*more, *(one.facts for one in sorted(offers, key=lambda one: (one.start_at, one.folio)))]


def digest_of(offers: Sequence[Offered], *more: object) -> str:
    """The digest of a preview, which the caller sends back to do just what it showed."""
    return _digest(shown_by(offers, *more))


def digest_of_closure(done: Closed) -> str:
    """The digest of the preview of a closure."""
    return _digest(shown_by_closure(done))


def digest_of_change(done: Changed) -> str:
    """The digest of the preview of a changed schedule."""
    return _digest(shown_by_change(done))


def _digest(facts: list[Any]) -> str:
    text = json.dumps(facts, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def require_shown(digest: str | None, now: str) -> None:
    """Require that what the caller saw is what was done. Without a digest there was no preview to compare.

    Raises:
        PreviewOutdated: with the digest of what would be done now; the caller's transaction must not commit.
    """
    if digest is not None and digest != now:
        raise PreviewOutdated(extra={"digest": now})
