"""What a change of a schedule, or a closure, does to releases that were published: moments that move, and draws that
lose seats. Pure: it compares how a unit stands before and after."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SeatRelease:
    """When a seat is released, as the page of days says: to everyone, or (`is_draw`) to register for its draw."""

    on_date: date
    at: datetime
    is_draw: bool = False


@dataclass(frozen=True, slots=True)
class MovedRelease:
    """Seats of a day whose release was published for `before` and is now at `after`; None: at once."""

    on_date: date
    before: datetime
    after: datetime | None
    seats: int


@dataclass(frozen=True, slots=True)
class ActiveDraw:
    """A draw that hasn't ended: the seats that it can still give, and the people who wait for one."""

    id: UUID
    on_date: date
    room: int
    shift: str
    service: str
    status: str
    people: int
    seats: int


@dataclass(frozen=True, slots=True)
class HitDraw:
    """A draw that loses seats: as it stood, and how many are left."""

    draw: ActiveDraw
    left: int


@dataclass(frozen=True, slots=True)
class ReleaseSnapshot:
    """How the releases of a unit, or of a room of it, stand at an instant; seats by time and place."""

    now: datetime
    seats: Mapping[tuple[datetime, int], SeatRelease] = field(default_factory=dict)
    draws: Mapping[UUID, ActiveDraw] = field(default_factory=dict)


def moved_releases(before: ReleaseSnapshot, after: ReleaseSnapshot) -> list[MovedRelease]:
    """The releases that were published and move, by day and moment: of seats that are there before and after."""
    counted: Counter[tuple[date, datetime, datetime | None]] = Counter()
    for key, was in before.seats.items():
        now = after.seats.get(key)
        if now is None or was.at <= before.now or (was.at, was.is_draw) == (now.at, now.is_draw):
            continue
        counted[was.on_date, was.at, now.at if now.at > after.now else None] += 1
    found = [MovedRelease(day, at, to, seats) for (day, at, to), seats in counted.items()]
    return sorted(found, key=lambda one: (one.on_date, one.before, one.after or after.now))


def hit_draws(before: ReleaseSnapshot, after: ReleaseSnapshot) -> list[HitDraw]:
    """The draws that lose seats, by day and room."""
    left = {key: after.draws[key].seats if key in after.draws else 0 for key in before.draws}
    hit = [HitDraw(one, left[key]) for key, one in before.draws.items() if left[key] < one.seats]
    return sorted(hit, key=lambda one: (one.draw.on_date, one.draw.room, one.draw.shift))
