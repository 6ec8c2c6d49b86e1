"""A synthetic agency whose people's true saving is known, as the analyst sees it: counts, tickets, a survey, beliefs.

Each time the truths are drawn from what the analyst believes, what is measured is measured with error, and every
transaction has a history of its own. Nothing of the engine is used to make it. In its first year only waits, attention
and the share would_have_visited are measured; later a survey also asks for the way, the visits and the preparation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.savings.rules.parameters import KEYS, Parameter
from app.savings.service.calibration import mean_parameter

TRANSACTIONS = 5_000
"""Transactions a service completed online in the period."""
TICKETS, QUERY_PROBLEMS = 400, 500
"""Visits in person that desks timed, and answers to the survey, by service."""
SERVICES = ("weeks", "clinic-change", "pension")
KINDS = {"weeks": "certificate", "clinic-change": "procedure", "pension": "procedure-with-visits"}
# What the analyst believes and no one measured: (low, mode, high), by figure.
BELIEFS = {
    "travel_minutes": (30.0, 70.0, 150.0),
    "visits": (1.0, 1.4, 3.0),
    "preparation_minutes": (5.0, 20.0, 60.0),
}
SHARES = (0.45, 0.85)
WAITS = (20.0, 90.0)
"""Between which the true shares would_have_visited and mean waits (minutes) lie; measured, so no one has to believe
them."""
ABANDONED = 0.2
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agency:
    """What is true (minutes saved), and what the analyst has: figures and sums by service."""

    minutes_saved: float
    parameters: list[Parameter]
    sums: dict[str, dict[str, int]]

    @property
    def completed(self) -> int:
        return sum(counts["completed"] for counts in self.sums.values())


def make(generator: np.random.Generator, *, asks: bool) -> Agency:
    """One agency with its truth; `asks`: what was only believed in the first year is measured."""
    truth = {key: _pert(generator, *belief) for key, belief in BELIEFS.items()}
    parameters = [_asked(generator, key, truth[key]) if asks else _belief(key) for key in BELIEFS]
    saved, sums = 0.0, {}
    for service in SERVICES:
        share, wait = generator.uniform(*SHARES), generator.uniform(*WAITS)
        attention = generator.uniform(5, 20)
        saved += float(_in_person(generator, truth, share, wait, attention).sum())
        online = _around(generator, generator.uniform(3, 20), round(TRANSACTIONS * (1 + ABANDONED))) * 60
        seconds = np.round(online).astype(int)
        saved -= float(seconds.sum()) / 60
        sums[service] = _sums(seconds)
        parameters += _measured(generator, service, share, wait, attention)
    return Agency(saved, parameters, sums)


def _in_person(
    generator: np.random.Generator, truth: dict[str, float], share: float, wait: float, attention: float
) -> Floats:
    """Minutes each transaction would have taken in person; zero for those who wouldn't have gone."""
    goes = generator.random(TRANSACTIONS) < share
    visits = 1 + generator.poisson(truth["visits"] - 1, TRANSACTIONS)
    each = _around(generator, truth["travel_minutes"], TRANSACTIONS) + _around(generator, wait, TRANSACTIONS)
    each += _around(generator, attention, TRANSACTIONS)
    made: Floats = goes * (visits * each + _around(generator, truth["preparation_minutes"], TRANSACTIONS))
    return made


def _around(generator: np.random.Generator, mean: float, count: int) -> Floats:
    """Single values around a mean, long to the right as waits are."""
    return generator.gamma(2.0, mean / 2.0, count)


def _measured(
    generator: np.random.Generator, service: str, share: float, wait: float, attention: float
) -> list[Parameter]:
    yes = int((generator.random(QUERY_PROBLEMS) < share).sum())
    parameters = [
        Parameter(
            "would_have_visited",
            service,
            "",
            "beta",
            None,
            yes + 0.5,
            QUERY_PROBLEMS - yes + 0.5,
            "share",
            None,
            "survey",
            "measured",
            QUERY_PROBLEMS,
        )
    ]
    for key, mean in (("wait_minutes", wait), ("service_minutes", attention)):
        timed = np.round(_around(generator, mean, TICKETS) * 60)
        parameters.append(
            mean_parameter(key, service, "", "desk tickets", TICKETS, int(timed.sum()), int((timed**2).sum()))
        )
    return parameters


def _sums(seconds: NDArray[np.int_]) -> dict[str, int]:
    started = len(seconds)
    return {
        "counted": TRANSACTIONS,
        "located": 0,
        "metres": 0,
        "seconds": int(seconds.sum()),
        "online": started,
        "observed": started,
        "visits": 0,
        "completed": TRANSACTIONS,
        "started": started,
    }


def _pert(generator: np.random.Generator, low: float, mode: float, high: float) -> float:
    width = high - low
    alpha, beta = 1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width
    return low + width * float(generator.beta(alpha, beta))


def _belief(key: str) -> Parameter:
    low, mode, high = BELIEFS[key]
    return Parameter(key, "", "", "pert", low, mode, high, KEYS[key].unit, None, "belief", "assumption")


def _asked(generator: np.random.Generator, key: str, truth: float) -> Parameter:
    """What people answer: single values around the truth, and the mean of them with its error."""
    few = key == "visits"
    said = 1 + generator.poisson(truth - 1, QUERY_PROBLEMS) if few else _around(generator, truth, QUERY_PROBLEMS)
    error = float(said.std(ddof=1)) / QUERY_PROBLEMS**0.5
    unit = KEYS[key].unit
    return Parameter(
        key, "", "", "normal", None, float(said.mean()), error, unit, None, "survey", "measured", QUERY_PROBLEMS
    )
