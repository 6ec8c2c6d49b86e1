"""A made-up agency whose people's true saving is known, as the analyst sees it: counts, tickets, a survey, beliefs.

Each time anew: the truths are drawn from what the analyst believes, what is measured is measured with error, and every
errand has a history of its own. Nothing of the engine is used to make it. In its first year only waits, attention and
the share displaced are measured; later a survey also asks for the way, the visits and the preparation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.savings.rules.figures import KEYS, Figure
from app.savings.service.measuring import mean_figure

ERRANDS = 5_000
"""Errands a service completed online in the period."""
TICKETS, ANSWERS = 400, 500
"""Visits in person that desks timed, and answers to the survey, by service."""
SERVICES = ("weeks", "clinic-change", "pension")
KINDS = {"weeks": "certificate", "clinic-change": "procedure", "pension": "procedure-with-visits"}
# What the analyst believes and nobody measured: (low, mode, high), by figure.
BELIEFS = {
    "travel_minutes": (30.0, 70.0, 150.0),
    "visits": (1.0, 1.4, 3.0),
    "preparation_minutes": (5.0, 20.0, 60.0),
}
SHARES = (0.45, 0.85)
WAITS = (20.0, 90.0)
"""Between which the true shares displaced and mean waits (minutes) lie; measured, so nobody has to believe them."""
ABANDONED = 0.2
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agency:
    """What is true (minutes saved), and what the analyst has: figures and sums by service."""

    minutes_saved: float
    figures: list[Figure]
    sums: dict[str, dict[str, int]]

    @property
    def completed(self) -> int:
        return sum(counts["completed"] for counts in self.sums.values())


def make(generator: np.random.Generator, *, asks: bool) -> Agency:
    """One agency with its truth; `asks`: what was only believed in the first year is measured."""
    truth = {key: _pert(generator, *belief) for key, belief in BELIEFS.items()}
    figures = [_asked(generator, key, truth[key]) if asks else _belief(key) for key in BELIEFS]
    saved, sums = 0.0, {}
    for service in SERVICES:
        share, wait = generator.uniform(*SHARES), generator.uniform(*WAITS)
        attention = generator.uniform(5, 20)
        saved += float(_in_person(generator, truth, share, wait, attention).sum())
        online = _around(generator, generator.uniform(3, 20), round(ERRANDS * (1 + ABANDONED))) * 60
        seconds = np.round(online).astype(int)
        saved -= float(seconds.sum()) / 60
        sums[service] = _sums(seconds)
        figures += _measured(generator, service, share, wait, attention)
    return Agency(saved, figures, sums)


def _in_person(
    generator: np.random.Generator, truth: dict[str, float], share: float, wait: float, attention: float
) -> Floats:
    """Minutes each errand would have taken in person; nought for those who wouldn't have gone."""
    goes = generator.random(ERRANDS) < share
    visits = 1 + generator.poisson(truth["visits"] - 1, ERRANDS)
    each = _around(generator, truth["travel_minutes"], ERRANDS) + _around(generator, wait, ERRANDS)
    each += _around(generator, attention, ERRANDS)
    made: Floats = goes * (visits * each + _around(generator, truth["preparation_minutes"], ERRANDS))
    return made


def _around(generator: np.random.Generator, mean: float, count: int) -> Floats:
    """Single values around a mean, long to the right as waits are."""
    return generator.gamma(2.0, mean / 2.0, count)


def _measured(
    generator: np.random.Generator, service: str, share: float, wait: float, attention: float
) -> list[Figure]:
    yes = int((generator.random(ANSWERS) < share).sum())
    figures = [
        Figure(
            "displaced",
            service,
            "",
            "beta",
            None,
            yes + 0.5,
            ANSWERS - yes + 0.5,
            "share",
            None,
            "survey",
            "measured",
            ANSWERS,
        )
    ]
    for key, mean in (("wait_minutes", wait), ("service_minutes", attention)):
        timed = np.round(_around(generator, mean, TICKETS) * 60)
        figures.append(mean_figure(key, service, "", "desk tickets", TICKETS, int(timed.sum()), int((timed**2).sum())))
    return figures


def _sums(seconds: NDArray[np.int_]) -> dict[str, int]:
    started = len(seconds)
    return {
        "counted": ERRANDS,
        "located": 0,
        "metres": 0,
        "seconds": int(seconds.sum()),
        "online": started,
        "observed": started,
        "visits": 0,
        "completed": ERRANDS,
        "started": started,
    }


def _pert(generator: np.random.Generator, low: float, mode: float, high: float) -> float:
    width = high - low
    alpha, beta = 1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width
    return low + width * float(generator.beta(alpha, beta))


def _belief(key: str) -> Figure:
    low, mode, high = BELIEFS[key]
    return Figure(key, "", "", "pert", low, mode, high, KEYS[key].unit, None, "belief", "assumption")


def _asked(generator: np.random.Generator, key: str, truth: float) -> Figure:
    """What people answer: single values around the truth, and the mean of them with its error."""
    few = key == "visits"
    said = 1 + generator.poisson(truth - 1, ANSWERS) if few else _around(generator, truth, ANSWERS)
    error = float(said.std(ddof=1)) / ANSWERS**0.5
    unit = KEYS[key].unit
    return Figure(key, "", "", "normal", None, float(said.mean()), error, unit, None, "survey", "measured", ANSWERS)
