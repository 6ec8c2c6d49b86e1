"""What was saved, as a linear model: sums of counts times what each count is worth in a draw.

    time saved  = displaced * (visits * (travel + wait + service) + preparation) - time online - visits all the same
    money saved = displaced * (visits * fare + copies + other)                   - data online - fares all the same

for each service and place, over what was counted. Since nothing is multiplied by a single errand's figure, errands
need not be looked at one by one: `docs/savings.md` says why, and a test compares both ways.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from app.savings.rules.draws import Drawn, Floats
from app.savings.rules.figures import Baseline, Figure, Place
from app.savings.rules.prices import factor

COUNTS = ("counted", "located", "metres", "seconds", "unseen", "visits")
"""What the model multiplies: errands that may save, those of known distance and its sum (m), active seconds online,
online errands whose time wasn't seen, and visits needed all the same."""

Side: TypeAlias = Literal["in_person_minutes", "online_minutes", "in_person_mxn", "online_mxn"]
SIDES: tuple[Side, ...] = ("in_person_minutes", "online_minutes", "in_person_mxn", "online_mxn")
SERVICE_KEYS = (
    *("displaced", "visits", "travel_minutes", "access_minutes", "speed_kmh", "wait_minutes", "service_minutes"),
    *("preparation_minutes", "fare", "copies", "other", "data_per_minute", "online_minutes"),
)
VALUE_KEYS = ("wage_per_hour", "time_value_share", "working_share")
COUNTRY = Place("")
METRES_PER_KM, MINUTES_PER_HOUR, SECONDS_PER_MINUTE, THERE_AND_BACK = 1_000, 60, 60, 2


@dataclass(frozen=True, slots=True)
class Feature:
    """A service at a place: errands that share all their figures."""

    service: str
    place: Place


@dataclass(frozen=True, slots=True)
class Worth:
    """What one of each count is worth in each draw, by feature: arrays of (features, counts, draws), one a side; and
    the value of an hour saved, (draws)."""

    features: tuple[Feature, ...]
    sides: dict[Side, Floats]
    value_of_hour: Floats
    year: int


def figures_used(baseline: Baseline, features: Iterable[Feature]) -> list[Figure]:
    """Every row of the baseline the model reads for these features, each once."""
    used = {
        figure.id: figure
        for feature in features
        for figure in (baseline.find(key, feature.service, feature.place) for key in SERVICE_KEYS)
    }
    for key in VALUE_KEYS:
        figure = baseline.find(key, "", COUNTRY)
        used[figure.id] = figure
    return list(used.values())


def worth(baseline: Baseline, features: Sequence[Feature], drawn: Drawn, year: int) -> Worth:
    """What each count is worth, in prices of `year`.

    Raises:
        FigureMissing: the baseline lacks a figure. PriceIndexMissing: or the index of a year.
    """
    index = baseline.inpc()

    def value(key: str, feature: Feature) -> Floats:
        figure = baseline.find(key, feature.service, feature.place)
        return drawn[figure.id] * factor(index, figure.price_year, year)

    sides = {side: [] for side in SIDES}  # type: dict[Side, list[Floats]]
    for feature in features:
        for side, rows in _of_feature({key: value(key, feature) for key in SERVICE_KEYS}).items():
            sides[side].append(rows)
    nothing = Feature("", COUNTRY)
    wage, share, working = (value(key, nothing) for key in VALUE_KEYS)
    return Worth(tuple(features), {side: np.stack(rows) for side, rows in sides.items()}, wage * share * working, year)


def _of_feature(f: dict[str, Floats]) -> dict[Side, Floats]:
    """Rows in the order of COUNTS, for one service and place."""
    nought = np.zeros_like(f["displaced"])
    trips = f["displaced"] * f["visits"]
    attended = f["wait_minutes"] + f["service_minutes"]
    per_metre = THERE_AND_BACK * MINUTES_PER_HOUR / (METRES_PER_KM * f["speed_kmh"])
    visit = f["travel_minutes"] + attended
    data = f["data_per_minute"]
    return {
        "in_person_minutes": np.stack(
            [
                trips * visit + f["displaced"] * f["preparation_minutes"],
                trips * (f["access_minutes"] - f["travel_minutes"]),
                trips * per_metre,
                nought,
                nought,
                nought,
            ]
        ),
        "online_minutes": np.stack(
            [nought, nought, nought, nought + 1 / SECONDS_PER_MINUTE, f["online_minutes"], visit]
        ),
        "in_person_mxn": np.stack(
            [
                trips * f["fare"] + f["displaced"] * (f["copies"] + f["other"]),
                nought,
                nought,
                nought,
                nought,
                nought,
            ]
        ),
        "online_mxn": np.stack(
            [nought, nought, nought, data / SECONDS_PER_MINUTE, data * f["online_minutes"], f["fare"]]
        ),
    }


@dataclass(frozen=True, slots=True)
class Saved:
    """What groups of errands saved, (groups, draws): minutes, pesos out of pocket, and the value of the time in pesos,
    which is never added to the money. `sides` has what made it up."""

    minutes: Floats
    mxn: Floats
    value_mxn: Floats
    sides: dict[Side, Floats]


def saved(counts: Floats, worth_: Worth) -> Saved:
    """`counts` is (groups, features, COUNTS): one matrix product a side gives every group in every draw."""
    groups = counts.shape[0]
    flat = counts.reshape(groups, -1)
    sides: dict[Side, Floats] = {side: flat @ rows.reshape(flat.shape[1], -1) for side, rows in worth_.sides.items()}
    minutes = sides["in_person_minutes"] - sides["online_minutes"]
    mxn = sides["in_person_mxn"] - sides["online_mxn"]
    return Saved(minutes, mxn, minutes / MINUTES_PER_HOUR * worth_.value_of_hour, sides)
