"""The wings of a clinic: counters that share their queues, and the demand that they have beside the people of the
history."""

import random
from dataclasses import dataclass

from app.demo.clinic.visits import WINDOW, Shift, Visit, draw_visit
from app.demo.history.plans import SLOT_MINUTES, WALK_INS

MORNING, AFTERNOON = 8 * 60.0, 14 * 60.0
HALF_DAY = 6 * 60.0
LONGER = 25.0
"""Minutes for which counters go on when their half of the day is over."""
LAST_ARRIVAL = 12.0
"""Minutes before the end of a half day after which people come for the next."""
MISSED = 0.1
EARLY, LATE, LATE_SHARE = (2.0, 35.0), (2.0, 25.0), 0.1
BY_HOUR = {MORNING: (1.6, 1.35, 1.1, 0.85, 0.6, 0.5), AFTERNOON: (1.3, 1.2, 1.1, 1.0, 0.8, 0.6)}
PAUSE, PAUSE_AFTER = 15.0, 150.0


@dataclass(frozen=True, slots=True)
class Wing:
    """Counters of the morning and of the afternoon, and what they attend. `taken`: share of the times of each service
    that others have booked; `walk_ins`: others an hour without an appointment, by service, in morning and afternoon.
    `sends_to`: the queue that a counter sends people on to, who came for something else."""

    counters: tuple[tuple[int, ...], tuple[int, ...]]
    taken: dict[str, float]
    walk_ins: tuple[dict[str, float], dict[str, float]]
    is_own_room: bool = False
    sends_to: str | None = None

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.taken, *self.walk_ins[0])))


_PURPOSES = {service: share for service, share in WALK_INS.items() if service != "family-medicine"}


def _purposes(an_hour: float) -> dict[str, float]:
    """People at the windows an hour, by what they come for."""
    whole = sum(_PURPOSES.values())
    return {service: an_hour * share / whole for service, share in _PURPOSES.items()}


FAMILY = Wing(
    ((1, 2, 3, 4), (1, 2, 3, 4)),
    {"family-medicine": 0.72},
    ({"family-medicine": 3.6}, {"family-medicine": 2.2}),
    is_own_room=True,
)
WINGS = {
    "family-medicine": FAMILY,
    "dental": Wing(((101,), (101,)), {"dental": 0.75}, ({"dental": 0.3}, {"dental": 0.2})),
    "preventive": Wing(((201,), (201,)), {"preventive": 0.7}, ({"preventive": 0.6}, {"preventive": 0.4})),
    WINDOW: Wing(((301, 302), (301,)), {WINDOW: 0.12}, (_purposes(9.4), _purposes(3.4)), sends_to="data-correct"),
}


def wing_of(service: str) -> str:
    """The wing that attends a service: windows attend all that aren't consultations."""
    return service if service in WINGS else WINDOW


def shifts(wing: Wing, begins: float) -> list[Shift]:
    """The counters of a half day; each pauses when the one before is back."""
    numbers = wing.counters[begins == AFTERNOON]
    return [
        Shift(number, wing.services, begins, begins + HALF_DAY + LONGER, ((pause, pause + PAUSE),))
        for number, pause in ((number, begins + PAUSE_AFTER + PAUSE * place) for place, number in enumerate(numbers))
    ]


def lateness(rng: random.Random) -> float:
    """Minutes from the time of an appointment to the arrival: most people come early."""
    return rng.uniform(*LATE) if rng.random() < LATE_SHARE else -rng.uniform(*EARLY)


@dataclass(frozen=True, slots=True)
class Expected:
    """Someone who comes: when, for what, and for which time of which room if they have an appointment."""

    arrives: float
    service: str
    due: float | None = None
    room: int | None = None


def others(rng: random.Random, wing: Wing, begins: float, busy: float, taken: set[tuple[int, float]]) -> list[Expected]:
    """Everybody else of a half day. `taken`: rooms and times of the people of the history."""
    found: list[Expected] = []
    for service, share in wing.taken.items():
        step = float(SLOT_MINUTES[service])
        for room in wing.counters[begins == AFTERNOON]:
            for slot in range(int(HALF_DAY // step)):
                due = begins + slot * step
                if (room, due) not in taken and rng.random() < share * (1 - MISSED):
                    found.append(Expected(due + lateness(rng), service, due, room))
    for service, rate in wing.walk_ins[begins == AFTERNOON].items():
        at = begins
        while True:
            at += rng.expovariate(rate * busy * BY_HOUR[begins][int((at - begins) // 60)] / 60)
            if at >= begins + HALF_DAY - LAST_ARRIVAL:
                break
            found.append(Expected(at, service))
    return found


def visit_of(rng: random.Random, wing: Wing, number: int, one: Expected, *, is_older: bool = False) -> Visit:
    """Draw how the visit of someone who comes goes."""
    room = one.room if wing.is_own_room else None
    return draw_visit(
        rng,
        number,
        one.service,
        one.arrives,
        due=one.due,
        room=room,
        is_older=is_older,
        sends_to=wing.sends_to,
    )
