"""Forecasts of waits on the demonstration's year: each half day of a clinic's wings goes by the rules of the desk, and
tickets are forecast from what the desk knows when they are given.

Times at the counter are counted as the nightly job counts them, from the days that went by, and ranges are calibrated
by the waits of those days.
"""

import random
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import log
from statistics import fmean, variance
from zoneinfo import ZoneInfo

import uvloop
from sqlalchemy import select

from app.demo.clinic.flow import Act, Action, Flow
from app.demo.clinic.rule_desk import RuleDesk
from app.demo.clinic.visits import Visit
from app.demo.history.plans import SLOT_MINUTES
from app.demo.history.wings import AFTERNOON, HALF_DAY, MISSED, MORNING, WINGS, Wing, others, shifts, visit_of
from app.desk.models import DeskTicket
from app.desk.queries.lines import Waiting
from app.desk.rules.calibration import AS_SIMULATED, Reach, Scored, calibrated, needed_reach, scored, shrunk_reach
from app.desk.rules.forecast import Forecast, Observed, SimulatedRange, TimeAtCounter, shrunk, simulate
from app.desk.rules.lines import IsAwaited, StaffedCounter, StandsInLine, line_of_ticket
from app.desk.rules.tickets import TicketStatus
from app.desk.rules.turns import Turn
from app.desk.service.forecasts import forecast_of
from app.kernel import db
from bench import waiting_queue
from bench.harness import Result, database_server, migrated, say

CLINICS = (0.8, 0.9, 1.0, 1.1, 1.2)
"""How busy each is, as in the demonstration."""
FIRST, DAYS = date(2025, 1, 6), 364
ZONE = ZoneInfo("America/Mexico_City")
COUNT_EVERY, COUNT_DAYS = 7, 90
"""Times at the counter are counted again each week here, of as many days as the nightly job's."""
ONE_IN = 8
"""One ticket in this number is forecast."""
SEED = 14
LEAST, MOST = 0.75, 0.85
MOST_MS = 20.0
COUNTERS, WAITING, TIMES = 8, 60, 200
ENOUGH = 500
"""Waits from which on a service, or a service at a clinic, has to be covered by itself."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A ticket that was called: its forecast, and what it would have been without calibration."""

    day: date
    service: str
    clinic: int
    simulated: SimulatedRange
    made: Forecast
    waited: float

    @property
    def is_inside(self) -> bool:
        return self.made.holds(self.waited)

    @property
    def was_inside(self) -> bool:
        return calibrated(self.simulated, AS_SIMULATED).holds(self.waited)


@dataclass(slots=True)
class Scores:
    """Waits of tickets that were called, and how long their forecasts took."""

    waits: list[Wait] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def report(self) -> bool:
        """Say how good forecasts were, by service and by service and clinic; whether each of enough waits is covered as
        promised."""
        groups: dict[tuple[object, ...], list[Wait]] = defaultdict(list)
        for one in self.waits:
            for key in ((), (one.service,), (one.service, one.clinic), ("clinic", one.clinic)):
                groups[key].append(one)
        for name, waits in sorted(groups.items(), key=lambda one: str(one[0])):
            if len(waits) >= ENOUGH or len(name) < 2:
                say(f"{' '.join(map(str, name)) or 'all'}: {_words(waits)}")
        covered = [fmean(one.is_inside for one in found) for found in groups.values() if len(found) >= ENOUGH]
        say(f"groups of {ENOUGH} waits or more: {len(covered)}, covered from {min(covered):.3f} to {max(covered):.3f}")
        return all(LEAST <= share <= MOST for share in covered)


def _words(waits: list[Wait]) -> str:
    return (
        f"{len(waits):,} waits of {fmean(one.waited for one in waits):.0f} min on average;"
        f" {fmean(one.is_inside for one in waits):.3f} in their range"
        f" ({fmean(one.was_inside for one in waits):.3f} without calibration),"
        f" {fmean(one.waited < one.made.low for one in waits):.3f} below it;"
        f" {fmean(one.made.high - one.made.low for one in waits):.1f} min wide,"
        f" off by {fmean(abs(one.waited - one.made.median) for one in waits):.1f} min"
    )


Seen = list[tuple[date, str, int, int, int, float]]
"""Of each ticket that ended: day, service, clinic, weekday, two hours of the day, logarithm of minutes at a counter."""
Levels = dict[tuple[object, ...], Observed]
Reaches = dict[tuple[object, ...], Scored]


def run() -> Result:
    """Between 75 and 85 % of the waits are in their range of 80 %: in all, of each service, and of each at a clinic."""
    rng, scores, seen, levels = random.Random(SEED), Scores(), Seen(), Levels()
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        if day.weekday() > 4:
            continue
        if number % COUNT_EVERY < 1:
            levels = _count(seen, day)
        reaches = _calibrate(scores.waits, day)
        for clinic, busy in enumerate(CLINICS):
            for wing in WINGS.values():
                for begins in (MORNING, AFTERNOON):
                    HalfDay(rng, clinic, day, wing, begins, levels, reaches, scores, seen).go_by(busy)
    is_covered = scores.report()
    times = sorted(scores.seconds)
    middle, late = times[len(times) // 2] * 1000, times[int(len(times) * 0.95)] * 1000
    covered = fmean(one.is_inside for one in scores.waits)
    say(f"time per forecast, without the database: p50 {middle:.1f} ms, p95 {late:.1f} ms")
    with database_server() as server:
        taken = uvloop.run(_from_database(migrated(server)))
    say(f"with it, behind {WAITING} people at {COUNTERS} counters: p50 {taken[0]:.1f} ms, p95 {taken[1]:.1f} ms")
    return Result("forecast", covered, LEAST, also=is_covered and taken[1] < MOST_MS)


async def _from_database(url: str) -> tuple[float, float]:
    """Milliseconds of a forecast as an arrival makes it, at the median and at the 95th percentile."""
    waiting_queue.fill(url, counters=COUNTERS, people=WAITING + 1)
    db.configure(url)
    times = []
    try:
        async with db.transaction() as session:
            row = (await session.execute(select(DeskTicket).order_by(DeskTicket.number.desc()).limit(1))).scalar_one()
            turn = Turn(row.rank_at, row.first_at)
            last = Waiting(row.unit_id, row.id, row.service, row.letter, row.number, turn, row.room)
            for _ in range(TIMES):
                began = time.perf_counter()
                assert await forecast_of(session, last) is not None
                times.append((time.perf_counter() - began) * 1000)
    finally:
        await db.disconnect()
    return sorted(times)[TIMES // 2], sorted(times)[int(TIMES * 0.95)]


def _count(seen: Seen, today: date) -> Levels:
    """As `count_service_times.sql`, of the clinics together as one state."""
    groups: dict[tuple[object, ...], list[float]] = defaultdict(list)
    for day, service, clinic, weekday, hours, minutes in seen:
        if day > today - timedelta(days=COUNT_DAYS):
            for key in ((service,), (service, clinic), (service, clinic, weekday, hours)):
                groups[key].append(minutes)
    return {
        key: Observed(len(found), fmean(found), variance(found) if len(found) > 1 else 0.3)
        for key, found in groups.items()
    }


def _calibrate(waits: list[Wait], today: date) -> Reaches:
    """As `calibrate_forecasts.sql`: from the days before today alone."""
    groups: dict[tuple[object, ...], list[Reach]] = defaultdict(list)
    for one in waits:
        if today - timedelta(days=COUNT_DAYS) <= one.day < today:
            needed = needed_reach(one.simulated, one.waited)
            for key in ((), (one.service,), (one.service, one.clinic)):
                groups[key].append(needed)
    return {key: scored(found) for key, found in groups.items()}


@dataclass(slots=True)
class HalfDay:
    """A wing of a clinic for half a day."""

    rng: random.Random
    clinic: int
    day: date
    wing: Wing
    begins: float
    levels: Levels
    reaches: Reaches
    scores: Scores
    seen: Seen
    desk: RuleDesk = field(init=False)
    counters: dict[int, StaffedCounter] = field(default_factory=dict)
    awaited: dict[int, IsAwaited] = field(default_factory=dict)
    called: dict[int, datetime] = field(default_factory=dict)
    made: dict[int, tuple[datetime, SimulatedRange, Forecast]] = field(default_factory=dict)

    def go_by(self, busy: float) -> None:
        midnight = datetime.combine(self.day, datetime.min.time(), ZONE)
        self.desk = RuleDesk(midnight)
        people = sorted(others(self.rng, self.wing, self.begins, busy, set()), key=lambda one: one.arrives)
        visits = [visit_of(self.rng, self.wing, number, one) for number, one in enumerate(people)]
        for visit in visits:
            if visit.due is not None:
                self._await(visit.number, visit.service, visit.due, visit.room)
        for number, (service, room, due) in enumerate(self._missed(visits), len(visits)):
            self._await(number, service, due, room if self.wing.is_own_room else None)
        actions = Flow(visits, shifts(self.wing, self.begins)).actions()
        answer: Visit | None = None
        try:
            while True:
                action = actions.send(answer)
                answer = self.desk.carry_out(action)
                self._notice(action, answer)
        except StopIteration:
            return

    def _await(self, key: int, service: str, due: float, room: int | None) -> None:
        self.awaited[key] = IsAwaited(key, service, self.desk.instant(due), room)

    def _missed(self, visits: list[Visit]) -> Iterator[tuple[str, int, float]]:
        """Appointments that no one comes to: the desk expects them like the others."""
        taken = {(visit.room, visit.due) for visit in visits}
        for service, share in self.wing.taken.items():
            step = float(SLOT_MINUTES[service])
            for room in self.wing.counters[self.begins == AFTERNOON]:
                for slot in range(int(HALF_DAY // step)):
                    due = self.begins + slot * step
                    free = 1 - share * (1 - MISSED)
                    if (room, due) not in taken and self.rng.random() < share * MISSED / free:
                        yield service, room, due

    def _notice(self, action: Action, visit: Visit | None) -> None:
        """What the desk's tables would say after it."""
        number, now = action.counter or 0, self.desk.instant(action.at)
        if action.act in (Act.OPEN, Act.RESUME):
            self.counters[number] = StaffedCounter(number, self.wing.services)
        elif action.act is Act.PAUSE:
            self.counters[number] = StaffedCounter(number, self.wing.services, is_paused=True)
        elif action.act is Act.CLOSE:
            self.counters.pop(number, None)
        elif visit is None:
            return
        elif action.act is Act.ARRIVE:
            self.awaited.pop(visit.number, None)
            if self.rng.randrange(ONE_IN) == 0:
                self._forecast(visit, now)
        elif action.act in (Act.CALL_NEXT, Act.CALL_AGAIN):
            self._called(number, visit, now)
        elif action.act is not Act.SERVE and number:
            self.counters[number] = StaffedCounter(number, self.wing.services)
            if action.act in (Act.FINISH, Act.RECORD):
                self._ended(visit, now)

    def _forecast(self, visit: Visit, now: datetime) -> None:
        began = time.perf_counter()
        waiting = [
            StandsInLine(key, one.visit.service, "A", key, one.turn, one.visit.room)
            for key, one in self.desk.tickets.items()
            if one.status is TicketStatus.WAITING
        ]
        mine = next(one for one in waiting if one.key == visit.number)
        services = {*self.wing.services, visit.service}
        takes = {service: self._takes(service, now) for service in services}
        late = now - timedelta(minutes=10)
        awaited = [one for one in self.awaited.values() if one.due_at > late]
        line = line_of_ticket(mine, list(self.counters.values()), waiting, awaited, takes, now)
        simulated = simulate(line, seed=self.rng.getrandbits(60))
        if simulated is not None:
            made = calibrated(simulated, self._reach(visit.service))
            self.made[visit.number] = now, simulated, made
        self.scores.seconds.append(time.perf_counter() - began)

    def _takes(self, service: str, now: datetime) -> TimeAtCounter:
        keys: list[tuple[object, ...]] = [(service,), (service, self.clinic)]
        keys.append((service, self.clinic, now.isoweekday(), now.hour // 2))
        return shrunk([self.levels[key] for key in keys if key in self.levels])

    def _reach(self, service: str) -> Reach:
        keys: list[tuple[object, ...]] = [(), (service,), (service, self.clinic)]
        return shrunk_reach([self.reaches[key] for key in keys if key in self.reaches])

    def _called(self, number: int, visit: Visit, now: datetime) -> None:
        self.counters[number] = StaffedCounter(number, self.wing.services, visit.service, now)
        self.called[visit.number] = now
        if visit.number in self.made:
            at, simulated, made = self.made.pop(visit.number)
            waited = (now - at) / timedelta(minutes=1)
            self.scores.waits.append(Wait(self.day, visit.service, self.clinic, simulated, made, waited))

    def _ended(self, visit: Visit, now: datetime) -> None:
        at = self.called[visit.number]
        minutes = (now - at) / timedelta(minutes=1)
        if minutes > 1 / 3:
            self.seen.append((self.day, visit.service, self.clinic, at.isoweekday(), at.hour // 2, log(minutes)))
