"""The plan of a live day: who comes and when, and which counters are open. Pure: the same seed gives the same plan."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.demo.clinic.visits import WINDOW, Shift, Visit, draw_visit

MISSED = 0.1
"""Of the people with an appointment never come."""
EARLY, LATE, LATE_SHARE = (2.0, 30.0), (2.0, 25.0), 0.12
LAST_ARRIVAL = 40.0
"""Minutes before the counters close."""
LUNCH = 20.0
HOURS_WITH_LUNCH = 4
OPENS_LATE = 12.0
WALK_INS = {"family-medicine": 8.0, WINDOW: 6.5, "preventive": 2.5, "dental": 1.6}
"""A full hour's, by service."""
BY_HOUR = (1.3, 1.4, 1.1, 0.9, 0.7, 0.6, 0.5, 0.4)
"""How busy the hours are from the first on; the last holds for those after it."""
KNOWN = 0.55
"""Of those without an appointment, who show who they are."""


@dataclass(frozen=True, slots=True)
class Booked:
    """An appointment of today. `room`: the only one that attends it."""

    folio: str
    service: str
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Counter:
    """A window or room, and what it attends."""

    number: int
    services: tuple[str, ...]


@dataclass(slots=True)
class DayPlan:
    """Visits in order of arrival, and counters. `folios`: of the visits with an appointment. `known`: visits of people
    who say who they are."""

    visits: list[Visit] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    folios: dict[int, str] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)


def plan_day(seed: int, hours: tuple[int, int], counters: Sequence[Counter], booked: Sequence[Booked]) -> DayPlan:
    """Plan a day from one hour to another. The appointments, given in order of their time, are spread over it."""
    rng = random.Random(seed)  # noqa: S311 # the same day for the same seed; nothing secret
    begins, ends = hours[0] * 60.0, hours[1] * 60.0
    offered = {service for counter in counters for service in counter.services}
    plan = DayPlan(shifts=[_shift(rng, counter, place, begins, ends) for place, counter in enumerate(counters)])
    arrivals = _booked_arrivals(rng, begins, ends - LAST_ARRIVAL, [one for one in booked if one.service in offered])
    arrivals += _walk_ins(rng, begins, ends - LAST_ARRIVAL, offered)
    arrivals.sort(key=lambda arrival: arrival[0])
    sends_to = WINDOW if WINDOW in offered else None
    for number, (arrives, service, due, one) in enumerate(arrivals, start=1):
        room = one.room if one is not None else None
        plan.visits.append(draw_visit(rng, number, service, arrives, due=due, room=room, sends_to=sends_to))
        if one is not None:
            plan.folios[number] = one.folio
        elif rng.random() < KNOWN:
            plan.known.add(number)
    return plan


_Arrival = tuple[float, str, float | None, Booked | None]


def _shift(rng: random.Random, counter: Counter, place: int, begins: float, ends: float) -> Shift:
    """A counter's day: the first opens with the clinic; each has its lunch after that of the one before."""
    opens = begins + (rng.uniform(0, OPENS_LATE) if place else 0.0)
    pauses: tuple[tuple[float, float], ...] = ()
    if ends - begins >= HOURS_WITH_LUNCH * 60:
        lunch = begins + (ends - begins) * 0.45 + place * LUNCH / 2
        pauses = ((lunch, lunch + LUNCH),)
    return Shift(counter.number, counter.services, opens, ends, pauses)


def _booked_arrivals(rng: random.Random, begins: float, ends: float, booked: Sequence[Booked]) -> list[_Arrival]:
    arrivals: list[_Arrival] = []
    for place, one in enumerate(booked):
        due = begins + (ends - begins) * (place + 1) / (len(booked) + 1)
        if rng.random() < MISSED:
            continue
        late = rng.uniform(*LATE) if rng.random() < LATE_SHARE else -rng.uniform(*EARLY)
        arrivals.append((min(ends, max(begins, due + late)), one.service, due, one))
    return arrivals


def _walk_ins(rng: random.Random, begins: float, ends: float, offered: set[str]) -> list[_Arrival]:
    arrivals: list[_Arrival] = []
    for service, rate in WALK_INS.items():
        at = begins
        while service in offered:
            busy = BY_HOUR[min(int((at - begins) // 60), len(BY_HOUR) - 1)]
            at += rng.expovariate(rate * busy / 60)
            if at >= ends:
                break
            arrivals.append((at, service, None, None))
    return arrivals
