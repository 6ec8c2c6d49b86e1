"""What was saved, as a linear model: sums of counts times what each count is worth in a draw.

    time saved  = would_have_visited * (visits * (travel + wait + service) + preparation) - time online - visits all the
    same money saved = would_have_visited * (visits * fare + copies + other)                   - data online - fares all
    the same

for each service and place, over what was counted. Since nothing is multiplied by a single transaction's parameter,
transactions need not be looked at one by one: `docs/savings.md` says why, and a test compares both ways.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from app.savings.rules.draws import Drawn, Floats
from app.savings.rules.parameters import Baseline, Parameter, Place
from app.savings.rules.prices import factor

COUNTS = ("counted", "located", "metres", "seconds", "unobserved", "visits")
"""What the model multiplies: transactions that may save, those of known distance and its sum (m), active seconds
online, online transactions whose time wasn't seen, and visits needed all the same."""

Side: TypeAlias = Literal["in_person_minutes", "online_minutes", "in_person_mxn", "online_mxn"]
SIDES: tuple[Side, ...] = ("in_person_minutes", "online_minutes", "in_person_mxn", "online_mxn")
MULTIPLIED: dict[Side, tuple[str, ...]] = {
    "in_person_minutes": ("counted", "located", "metres"),
    "online_minutes": ("seconds", "unobserved", "visits"),
    "in_person_mxn": ("counted",),
    "online_mxn": ("seconds", "unobserved", "visits"),
}
"""Which counts have to do with which side."""
Quantity: TypeAlias = Literal["hours", "mxn", "value_mxn"]
QUANTITIES: dict[Quantity, tuple[Side, Side]] = {
    "hours": ("in_person_minutes", "online_minutes"),
    "mxn": ("in_person_mxn", "online_mxn"),
    "value_mxn": ("in_person_minutes", "online_minutes"),
}
"""What is said of savings, and the sides it is made of."""
SERVICE_KEYS = (
    *(
        "would_have_visited",
        "visits",
        "travel_minutes",
        "access_minutes",
        "speed_kmh",
        "wait_minutes",
        "service_minutes",
    ),
    *("preparation_minutes", "fare", "copies", "other", "data_per_minute", "online_minutes"),
)
VALUE_KEYS = ("wage_per_hour", "time_value_share", "working_share")
COUNTRY = Place("")
METRES_PER_KM, MINUTES_PER_HOUR, SECONDS_PER_MINUTE, THERE_AND_BACK = 1_000, 60, 60, 2


@dataclass(frozen=True, slots=True)
class Feature:
    """A service at a place: transactions that share all their parameters."""

    service: str
    place: Place


@dataclass(frozen=True, slots=True)
class Worth:
    """What one of each count is worth in each draw, by feature: arrays of (features, counts, draws), one a side with
    the counts of MULTIPLIED; and the value of an hour saved, (draws)."""

    features: tuple[Feature, ...]
    sides: dict[Side, Floats]
    value_of_hour: Floats
    year: int


def parameters_used(baseline: Baseline, features: Iterable[Feature]) -> list[Parameter]:
    """Every row of the baseline the model reads for these features, each once."""
    used = {
        parameter.id: parameter
        for feature in features
        for parameter in (baseline.find(key, feature.service, feature.place) for key in SERVICE_KEYS)
    }
    for key in VALUE_KEYS:
        parameter = baseline.find(key, "", COUNTRY)
        used[parameter.id] = parameter
    return list(used.values())


def worth(baseline: Baseline, features: Sequence[Feature], drawn: Drawn, year: int) -> Worth:
    """What each count is worth, in prices of `year`.

    Raises:
        FigureMissing: the baseline lacks a parameter. PriceIndexMissing: or the index of a year.
    """
    index = baseline.inpc()

    def value(key: str, feature: Feature) -> Floats:
        parameter = baseline.find(key, feature.service, feature.place)
        return drawn[parameter.id] * factor(index, parameter.price_year, year)

    sides = {side: [] for side in SIDES}  # type: dict[Side, list[Floats]]
    for feature in features:
        for side, rows in sides_of({key: value(key, feature) for key in SERVICE_KEYS}).items():
            sides[side].append(rows)
    nothing = Feature("", COUNTRY)
    wage, share, working = (value(key, nothing) for key in VALUE_KEYS)
    return Worth(tuple(features), {side: np.stack(rows) for side, rows in sides.items()}, wage * share * working, year)


def sides_of(f: Mapping[str, Floats]) -> dict[Side, Floats]:
    """What one of each count is worth on each side, in the order of MULTIPLIED, for a service's parameters."""
    trips = f["would_have_visited"] * f["visits"]
    attended = f["wait_minutes"] + f["service_minutes"]
    per_metre = THERE_AND_BACK * MINUTES_PER_HOUR / (METRES_PER_KM * f["speed_kmh"])
    visit, data = f["travel_minutes"] + attended, f["data_per_minute"]
    second = np.full_like(visit, 1 / SECONDS_PER_MINUTE)
    return {
        "in_person_minutes": np.stack(
            [
                trips * visit + f["would_have_visited"] * f["preparation_minutes"],
                trips * (f["access_minutes"] - f["travel_minutes"]),
                trips * per_metre,
            ]
        ),
        "online_minutes": np.stack([second, f["online_minutes"], visit]),
        "in_person_mxn": np.stack([trips * f["fare"] + f["would_have_visited"] * (f["copies"] + f["other"])]),
        "online_mxn": np.stack([second * data, f["online_minutes"] * data, f["fare"]]),
    }


@dataclass(frozen=True, slots=True)
class SavingsDraws:
    """What groups of transactions saved, (groups, draws): hours, pesos out of pocket, and the value of the time in
    pesos, which is never added to the money. `sides` has what it is made of, those that were asked for."""

    sides: dict[Side, Floats]
    value_of_hour: Floats

    @property
    def minutes(self) -> Floats:
        return self.sides["in_person_minutes"] - self.sides["online_minutes"]

    @property
    def hours(self) -> Floats:
        return self.minutes / MINUTES_PER_HOUR

    @property
    def mxn(self) -> Floats:
        return self.sides["in_person_mxn"] - self.sides["online_mxn"]

    @property
    def value_mxn(self) -> Floats:
        return self.hours * self.value_of_hour


def savings_draws(counts: Floats, worth_: Worth, quantities: Iterable[Quantity] = QUANTITIES) -> SavingsDraws:
    """`counts` is (groups, features, COUNTS): one matrix product a side gives every group in every draw. Only the sides
    that make up what is to be `quantities` are multiplied.

    Groups that each have few neighbouring features, as states have, are multiplied with those alone.
    """
    sides = tuple(side for side in SIDES if any(side in QUANTITIES[name] for name in quantities))
    spans = [_span(group) for group in counts]
    if max(span.stop - span.start for span in spans) * 2 <= counts.shape[1]:
        parts = [_sides(counts[n : n + 1, span], worth_, span, sides) for n, span in enumerate(spans)]
        made = {side: np.concatenate([part[side] for part in parts]) for side in sides}
    else:
        made = _sides(counts, worth_, slice(0, counts.shape[1]), sides)
    return SavingsDraws(made, worth_.value_of_hour)


def _span(counts: Floats) -> slice:
    """From the first to the last feature that a group has anything of."""
    used = np.flatnonzero(counts.any(axis=1))
    return slice(int(used[0]), int(used[-1]) + 1) if len(used) else slice(0, 1)


def _sides(counts: Floats, worth_: Worth, span: slice, sides: Iterable[Side]) -> dict[Side, Floats]:
    made: dict[Side, Floats] = {}
    for side in sides:
        flat = counts[:, :, [COUNTS.index(name) for name in MULTIPLIED[side]]].reshape(len(counts), -1)
        made[side] = flat @ worth_.sides[side][span].reshape(flat.shape[1], -1)
    return made
