"""Runs a live day: each action at its minute, by a clock that runs `speed` times as fast.

Only the waiting is compressed. Everything happens now: a ticket's arrival, calls and end are the real instants of their
actions, because board, reception and supervisor show them by the clock on the wall. At sixty times the pace an hour's
work is seen in a minute, and a wait of half an hour is recorded as half a minute. So the rules of the queue, which
count real minutes, see no one who is late, and people without an appointment rarely wait behind those who have one.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import text

from app.demo.clinic.flow import Act, Action, Actions, Flow
from app.demo.clinic.visits import Visit
from app.demo.live.desk import LiveDesk
from app.demo.live.plan import plan_day
from app.demo.live.preparation import prepare_stage
from app.kernel import db

ASK_EVERY = 2.0
"""Minutes of the day after which an idle counter asks again: a page may have given a ticket meanwhile."""
_LOCK = text("SELECT pg_try_advisory_lock(hashtext('demo.live'))")
_UNLOCK = text("SELECT pg_advisory_unlock(hashtext('demo.live'))")


class AlreadyLiveError(RuntimeError):
    """Another process runs a live day in this database: the staff of the counters are the same."""


@dataclass(frozen=True, slots=True)
class Live:
    """Which day is run: from one hour to another at `speed` times the pace. `clues`: the unit; the first if None."""

    clues: str | None = None
    hours: tuple[int, int] = (8, 14)
    speed: float = 60.0
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Happened:
    """An action that was carried out. `number`: of the ticket."""

    action: Action
    number: str | None


@dataclass(frozen=True, slots=True)
class LiveReport:
    """What a day came to. `missed`: appointments whose people never came; `is_whole`: it wasn't stopped."""

    unit: str
    counted: Counter[Act]
    appointments: int
    missed: int
    is_whole: bool


async def run_live(live: Live, stop: asyncio.Event, report: Callable[[Happened], None]) -> LiveReport:
    """Run a day until its last counter closes, or `stop`.

    Raises:
        NotDemonstrationError: the data is real, or isn't loaded. AlreadyLiveError: a day is running.
        CounterTaken: someone sits at a counter.
    """
    async with _alone():
        stage = await prepare_stage(live.clues, live.seed)
        plan = plan_day(live.seed, live.hours, stage.counters, stage.booked)
        desk, counted = LiveDesk(stage, plan, live.seed), Counter[Act]()
        await desk.close()  # what a day left that was killed
        flow = Flow(plan.visits, plan.shifts, ask_every=ASK_EVERY).actions()
        begun, is_whole = asyncio.get_running_loop().time(), True
        try:
            action = next(flow, None)
            while action is not None:
                if await _is_stopped(stop, begun + (action.at - live.hours[0] * 60) * 60 / live.speed):
                    is_whole = False
                    break
                answer = await desk.carry_out(action)
                if answer is not None or (action.visit is None and action.act is not Act.CALL_NEXT):
                    counted[action.act] += 1
                    report(Happened(action, desk.numbers.get(answer.number) if answer is not None else None))
                action = _sent(flow, answer)
        finally:
            await desk.close()
        return LiveReport(stage.name, counted, len(stage.booked), len(stage.booked) - len(plan.folios), is_whole)


def _sent(flow: Actions, answer: Visit | None) -> Action | None:
    try:
        return flow.send(answer)
    except StopIteration:
        return None


async def _is_stopped(stop: asyncio.Event, until: float) -> bool:
    """Wait until an instant of the loop's clock; whether the day was stopped before."""
    try:
        async with asyncio.timeout_at(until):
            await stop.wait()
    except TimeoutError:
        return stop.is_set()
    return True


@asynccontextmanager
async def _alone() -> AsyncIterator[None]:
    """Hold the lock of live days for as long as this connection lasts."""
    async with db.hot_connection() as connection:
        if not (await connection.execute(_LOCK)).scalar_one():
            raise AlreadyLiveError(
                "a live day is running already. Wait for its end, or stop it with Ctrl-C where it runs."
            )
        try:
            yield
        finally:
            await connection.execute(_UNLOCK)
