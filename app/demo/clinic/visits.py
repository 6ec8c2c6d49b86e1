"""Who comes to a clinic on a day, and which counters attend them. Minutes are those since midnight at the clinic."""

import random
from dataclasses import dataclass
from math import inf

CALLS = 3
"""After which a person who doesn't answer counts as gone: what a unit asks for where it sets nothing else."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a person does at the clinic: when they arrive, for what, and how it goes.

    `answers`: the call that they answer; 0 for none. `patience`: minutes after which they give up. `back_after`:
    minutes after which they come back, where they are asked to once called. `sent_to`: the queue they go on to, where
    it takes `sent_minutes`. `is_redirected`: the counter sends them elsewhere. `is_unended`: attended, and the counter
    forgets to say so; the doctor's list does, afterwards.
    """

    number: int
    arrives: float
    service: str
    minutes: float
    due: float | None = None
    room: int | None = None
    is_protected: bool = False
    walk: float = 0.7
    answers: int = 1
    patience: float = inf
    back_after: float = 0.0
    sent_to: str | None = None
    sent_minutes: float = 0.0
    is_redirected: bool = False
    is_unended: bool = False


@dataclass(frozen=True, slots=True)
class Shift:
    """A counter, what it attends, from when to when, and when it pauses."""

    counter: int
    services: tuple[str, ...]
    opens: float
    closes: float
    pauses: tuple[tuple[float, float], ...] = ()

    def may_call(self, visit: Visit) -> bool:
        """Whether it attends the person: in family medicine, only at their own doctor's."""
        return visit.service in self.services and visit.room in (None, self.counter)

    def pause_at(self, minute: float) -> tuple[float, float] | None:
        """The pause that it should be in."""
        return next((pause for pause in self.pauses if pause[0] <= minute < pause[1]), None)


SERVICE_MINUTES = {"family-medicine": 12.5, "dental": 24, "preventive": 16, "window": 9, "vigencia": 6, "weeks": 7}
OTHER_MINUTES = 11
SERVICE_SPREAD = 0.4
"""Median minutes of attention, and sigma of their lognormal distribution."""
SECOND_CALL, NO_ANSWER = 0.09, 0.02
PATIENCE, PATIENCE_SPREAD = 150, 0.5
PARK, BACK_AFTER = 0.03, (12.0, 35.0)
SENT_ON = 0.02
REDIRECTED = 0.03
UNENDED = 0.01
PROTECTED = 0.06
"""Of those who aren't old enough to be protected for their age."""
WINDOW = "window"


def service_minutes(rng: random.Random, service: str) -> float:
    """Draw how long the attention of one person takes."""
    return rng.lognormvariate(0, SERVICE_SPREAD) * SERVICE_MINUTES.get(service, OTHER_MINUTES)


def draw_visit(
    rng: random.Random,
    number: int,
    service: str,
    arrives: float,
    *,
    due: float | None = None,
    room: int | None = None,
    is_older: bool = False,
    sends_to: str | None = None,
) -> Visit:
    """Draw how a visit goes. Each of the rarer ways excludes the others. `is_older`: protected for their age.
    `sends_to`: the queue that counters send people on to; None where there is none."""
    way, answers, is_booked = rng.random(), rng.random(), due is not None
    park, sent, redirected = PARK, PARK + SENT_ON, PARK + SENT_ON + REDIRECTED
    is_sent = sends_to not in (None, service) and park <= way < sent
    return Visit(
        number,
        arrives,
        service,
        service_minutes(rng, service),
        due=due,
        room=room,
        is_protected=rng.random() < PROTECTED or is_older,
        walk=rng.uniform(0.3, 1.4),
        answers=0 if answers < NO_ANSWER else 2 if answers < SECOND_CALL else 1,
        patience=rng.lognormvariate(0, PATIENCE_SPREAD) * PATIENCE,
        back_after=rng.uniform(*BACK_AFTER) if way < park else 0.0,
        sent_to=sends_to if is_sent else None,
        sent_minutes=service_minutes(rng, WINDOW) if is_sent else 0.0,
        is_redirected=not is_booked and sent <= way < redirected,
        is_unended=is_booked and sent <= way < sent + UNENDED,
    )
