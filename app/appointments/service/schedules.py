"""Open a room's schedule, end or correct it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import ScheduleChanged, ScheduleOpened
from app.appointments.horizon import horizon_parameters
from app.appointments.models import Schedule
from app.appointments.problems import (
    ScheduleEmpty,
    ScheduleEnded,
    ScheduleInPast,
    ScheduleOverlaps,
    UnitNotManaged,
    UnitNotOperating,
)
from app.appointments.release import Limits, release_errors, release_of, to_store
from app.appointments.release_changes import HitDraw, MovedRelease, hit_draws, moved_releases
from app.appointments.rules import Pattern, has_times, is_all_past, overlaps, policy_of
from app.appointments.service.closures import (
    LOCK_UNIT,
    MARK_OF_SCHEDULE,
    Affected,
    Reinstated,
    notify_affected,
    replace_lost_offers,
    require_room,
    require_unit_manager,
)
from app.appointments.service.generation import Generated, generate
from app.appointments.service.rebooking import Offered
from app.appointments.service.release_snapshot import snapshot_of_room
from app.appointments.settings import booking_settings
from app.appointments.statements import STATEMENTS
from app.kernel import clock, ids
from app.kernel.actor import Actor
from app.kernel.db import rows_written
from app.kernel.etags import Versions, require_version
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid, NotFound
from app.places.queries import zone_of

PAST = N_("Ese día ya pasó: dé el de hoy o uno posterior.")
BEFORE_FIRST = N_(
    "La agenda empieza después de ese día; dé su primer día o uno posterior, o retírela (DELETE) si no debe empezar."
)
AFTER_LAST = N_("La agenda termina antes de ese día; para alargarla, corrija su última fecha (valid_to).")


async def open_schedule(session: AsyncSession, actor: Actor, schedule: Schedule, *, horizon_days: int) -> int:
    """Give a room a weekly pattern and generate its slots; returns how many.

    Raises:
        As `open_pattern`.
    """
    return (await _open(session, actor, schedule, horizon_days=horizon_days)).made


async def open_pattern(
    session: AsyncSession, actor: Actor, unit_id: UUID, pattern: Mapping[str, Any], *, horizon_days: int
) -> "Changed":
    """Give a room a weekly pattern, by the values of a new schedule, and generate its slots.

    Raises:
        UnitNotManaged, NotFound: the actor doesn't manage the unit, or it doesn't exist. UnitNotOperating.
        RoomUnknown: the unit has no such room. ScheduleOverlaps: it is in use at some of those hours.
        ScheduleEmpty: it would give no time. ScheduleInPast: none to come. Invalid: its release can't be.
    """
    schedule = Schedule(id=ids.new_id(), unit_id=unit_id, version=1, **pattern)
    done = await _open(session, actor, schedule, horizon_days=horizon_days)
    return Changed(schedule, 0, done.made, [], reinstated=done.reinstated)


async def _open(session: AsyncSession, actor: Actor, schedule: Schedule, *, horizon_days: int) -> Generated:
    require_unit_manager(actor, schedule.unit_id)
    policy_of(schedule.service)
    unit = (await session.execute(LOCK_UNIT, {"unit_id": schedule.unit_id})).one_or_none()
    if unit is None:
        raise NotFound
    if not unit.is_operating:
        raise UnitNotOperating
    await require_room(session, schedule.unit_id, schedule.room)
    _require_times(schedule)
    schedule.release = _release(schedule, schedule.release)
    await _require_time_to_come(session, schedule)
    await _require_free_room(session, schedule)
    session.add(schedule)
    await session.flush()
    event = ScheduleOpened(
        subject_id=schedule.id,
        unit_id=schedule.unit_id,
        service=schedule.service,
        room=schedule.room,
        shift=schedule.shift,
        valid_from=schedule.valid_from,
    )
    await record(session, actor, event)
    return await generate(session, horizon_days=horizon_days, unit_id=schedule.unit_id)


def _require_times(schedule: Schedule) -> None:
    if not has_times(_pattern(schedule), schedule.slot_minutes):
        raise ScheduleEmpty(minutes=schedule.slot_minutes)


def _release(schedule: Schedule, given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A release as it is stored. Raises Invalid."""
    terms, release = booking_settings(), release_of(given)
    wrong = list(release_errors(release, Limits(terms.horizon_days, terms.booking_opens_at, schedule.starts)))
    if wrong:
        raise Invalid(fields=wrong)
    return to_store(release)


async def _require_time_to_come(session: AsyncSession, schedule: Schedule) -> None:
    now, zone = clock.now(), await zone_of(session, schedule.unit_id)
    today, local = clock.local_day(now, zone), now.astimezone(ZoneInfo(zone))
    if is_all_past(_pattern(schedule), schedule.slot_minutes, today, local.hour * 60 + local.minute):
        raise ScheduleInPast(today=today)


async def _require_free_room(session: AsyncSession, schedule: Schedule) -> None:
    same_room = select(Schedule).where(
        Schedule.unit_id == schedule.unit_id, Schedule.room == schedule.room, Schedule.id != schedule.id
    )
    with session.no_autoflush:
        others = (await session.scalars(same_room)).all()
    for other in others:
        if overlaps(_pattern(schedule), _pattern(other)):
            raise ScheduleOverlaps.of(_pattern(other), other.id, other.room, other.service)


def _pattern(schedule: Schedule) -> Pattern:
    starts, ends = Pattern.minutes(schedule.starts, schedule.ends)
    return Pattern(tuple(schedule.weekdays), starts, ends, schedule.valid_from, schedule.valid_to)


LOCK_OF_SCHEDULE = STATEMENTS.load("schedules/lock_booked")
REMOVE_SEATS = STATEMENTS.load("schedules/remove_seats")
_CLOSE_BOOKED = STATEMENTS.load("schedules/close_booked")
_CHANGE_SHIFT = STATEMENTS.load("schedules/change_shift")
_NO_LONGER_FIT = STATEMENTS.load("schedules/no_longer_fit")
_PLAN_RELEASE = STATEMENTS.load("schedules/plan_release")


@dataclass(frozen=True, slots=True)
class Changed:
    """A schedule ended or corrected: seats removed and added, the appointments that no longer fit, and those that stand
    again."""

    schedule: Schedule
    removed: int
    made: int
    affected: list[Affected]
    offers: Sequence[Offered] = ()
    reinstated: Sequence[Reinstated] = ()
    moved: Sequence[MovedRelease] = ()
    """Releases that were published and move."""
    draws: Sequence[HitDraw] = ()
    """Draws that lose seats."""


async def own_schedule(session: AsyncSession, actor: Actor, schedule_id: UUID, *, lock: bool = False) -> Schedule:
    """A schedule of a unit the actor manages.

    Raises:
        NotFound: there is none, or it isn't theirs.
    """
    schedule = await session.get(Schedule, schedule_id, with_for_update=lock)
    if schedule is None:
        raise NotFound
    try:
        require_unit_manager(actor, schedule.unit_id)
    except UnitNotManaged as error:
        raise NotFound from error
    return schedule


async def end_schedule(
    session: AsyncSession, actor: Actor, schedule_id: UUID, last_day: date, *, version: Versions, horizon_days: int
) -> Changed:
    """Attend by this pattern until a day, that one included: from today on, and earlier than it would end otherwise.

    Raises:
        NotFound, Stale, ScheduleEnded. Invalid: the day is past, or outside the schedule's days.
    """
    schedule, today = await schedule_to_change(session, actor, schedule_id, version)
    if last_day < today:
        raise Invalid(fields=[FieldError("last_day", PAST, "past")])
    if last_day < schedule.valid_from:
        raise Invalid(fields=[FieldError("last_day", BEFORE_FIRST, "before_first")])
    if schedule.valid_to is not None and last_day > schedule.valid_to:
        raise Invalid(fields=[FieldError("last_day", AFTER_LAST, "after_last")])
    return await _change(session, actor, schedule, {"valid_to": last_day}, horizon_days=horizon_days)


async def correct_schedule(
    session: AsyncSession,
    actor: Actor,
    schedule_id: UUID,
    changes: Mapping[str, Any],
    *,
    version: Versions,
    horizon_days: int,
    offers_times: bool = False,
) -> Changed:
    """Give a schedule other hours, days, length, places or service, from now on.

    Seats that the new pattern would make too stay as they are, with who holds or booked them; other free and held ones
    go; booked ones stay and are listed, and each person is notified. Values that it has already change nothing.
    Another release holds for the seats that aren't released yet.
    `offers_times`: hold another time for each person whom it hits.

    Raises:
        NotFound, Stale, ScheduleEnded; ServiceUnknown; ScheduleOverlaps: the room is in use at some of those hours.
        ScheduleEmpty: it would give no time. Invalid: it would end on a day that is past, or its release can't be.
    """
    schedule, today = await schedule_to_change(session, actor, schedule_id, version)
    last = changes.get("valid_to")
    if last is not None and last < today:
        raise Invalid(fields=[FieldError("valid_to", PAST, "past")])
    return await _change(session, actor, schedule, changes, horizon_days=horizon_days, offers_times=offers_times)


async def schedule_to_change(
    session: AsyncSession, actor: Actor, schedule_id: UUID, version: Versions
) -> tuple[Schedule, date]:
    """A schedule to change, its unit locked, and today at the unit. Raises NotFound, Stale, ScheduleEnded."""
    schedule = await own_schedule(session, actor, schedule_id)
    await session.execute(LOCK_UNIT, {"unit_id": schedule.unit_id})
    await session.refresh(schedule)
    require_version(version, schedule.version)
    today = clock.today(await zone_of(session, schedule.unit_id))
    if schedule.valid_to is not None and schedule.valid_to < today:
        raise ScheduleEnded(last=schedule.valid_to)
    return schedule, today


async def _change(
    session: AsyncSession,
    actor: Actor,
    schedule: Schedule,
    changes: Mapping[str, Any],
    *,
    horizon_days: int,
    offers_times: bool = False,
) -> Changed:
    if "release" in changes:
        changes = {**changes, "release": to_store(release_of(changes["release"]))}
    if all(getattr(schedule, name) == value for name, value in changes.items()):
        return Changed(schedule, 0, 0, await affected_by_schedule(session, schedule))
    old = {name: getattr(schedule, name) for name in PATTERN} | {"id": schedule.id, "unit_id": schedule.unit_id}
    old |= {"now": clock.now()}
    before = await snapshot_of_room(session, schedule.unit_id, schedule.room)
    for name, value in changes.items():
        setattr(schedule, name, value)
    policy_of(schedule.service)
    _require_times(schedule)
    _release(schedule, schedule.release)
    await _require_free_room(session, schedule)
    schedule.version += 1
    await session.flush()
    await session.execute(LOCK_OF_SCHEDULE, old)
    removed = await rows_written(session, REMOVE_SEATS, old)
    await session.execute(_CLOSE_BOOKED, old)
    await session.execute(_CHANGE_SHIFT, old)
    generated = await generate(session, horizon_days=horizon_days, unit_id=schedule.unit_id)
    await session.execute(_PLAN_RELEASE, {"id": schedule.id, "now": clock.now()} | horizon_parameters())
    after = await snapshot_of_room(session, schedule.unit_id, schedule.room)
    params = {"id": schedule.id, "unit_id": schedule.unit_id, "now": clock.now(), "reason": "schedule"}
    offers = await notify_affected(session, actor, MARK_OF_SCHEDULE, params, offers_times=offers_times)
    await replace_lost_offers(session, actor, schedule.id, schedule.unit_id)
    left = await affected_by_schedule(session, schedule)
    await record(session, actor, change_of(schedule, removed, len(left)))
    moved, draws = moved_releases(before, after), hit_draws(before, after)
    return Changed(schedule, removed, generated.made, left, offers, generated.reinstated, moved, draws)


def change_of(schedule: Schedule, removed: int, affected: int) -> ScheduleChanged:
    """What is recorded of a schedule that was ended, corrected or withdrawn: seats removed, appointments affected."""
    return ScheduleChanged(
        subject_id=schedule.id,
        unit_id=schedule.unit_id,
        service=schedule.service,
        room=schedule.room,
        valid_to=schedule.valid_to,
        removed=removed,
        affected=affected,
    )


PATTERN = ("room", "service", "weekdays", "starts", "ends", "valid_from", "valid_to")


async def affected_by_schedule(session: AsyncSession, schedule: Schedule) -> list[Affected]:
    """Appointments to come that the schedule, ended or corrected, no longer has a time for."""
    params = {"id": schedule.id, "unit_id": schedule.unit_id, "now": clock.now()}
    return [Affected(*row) for row in await session.execute(_NO_LONGER_FIT, params)]


async def schedules_of(session: AsyncSession, actor: Actor, unit_id: UUID) -> list[Schedule]:
    """The weekly patterns of a unit the actor manages, by room and hour.

    Raises:
        UnitNotManaged: the unit isn't theirs.
    """
    require_unit_manager(actor, unit_id)
    chosen = select(Schedule).where(Schedule.unit_id == unit_id).order_by(Schedule.room, Schedule.starts)
    return list((await session.scalars(chosen)).all())
