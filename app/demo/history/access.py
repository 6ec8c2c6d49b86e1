"""Simulated availability readings: days until the third free slot."""

import random
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from app.demo.history.days import Span, demand_factor
from app.demo.history.plans import APPOINTMENTS
from app.demo.history.population import Clinic

DAYS = {"family-medicine": 3.2, "dental": 7.0, "preventive": 4.5, "window": 1.6}
FULL = 0.012
"""Share of readings without a third free slot."""
LONGEST = 28
MOMENTUM = 0.85
"""Autocorrelation of daily waits: schedules don't empty overnight."""
SHAKE = 0.5


def availability_readings(
    rng: random.Random, clinics: list[Clinic], span: Span
) -> Iterator[tuple[UUID, str, date, int | None]]:
    """Return one reading per clinic, service and working day, in the columns of `saving_access_reading`."""
    days = [(day, demand_factor(span, day)) for day in span.days if span.is_open(day)]
    for clinic in clinics:
        for service in APPOINTMENTS:
            usual = DAYS[service] * clinic.slow
            now = usual
            for day, busy in days:
                # Shorter waits toward the end: the better for being booked online.
                wanted = usual * busy * (1.15 - 0.3 * span.progress(day))
                now = MOMENTUM * now + (1 - MOMENTUM) * wanted + rng.gauss(0, SHAKE)
                now = min(LONGEST, max(0.0, now))
                yield clinic.id, service, day, None if rng.random() < FULL else round(now)
