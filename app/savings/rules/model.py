"""What was saved, as a linear model: sums of counts times what each count is worth in a draw.

    time saved  = would_have_visited * (visits * (travel + wait + service) + preparation)
                  - time online - visits all the same
    money saved = would_have_visited * (visits * fare + copies + other)
                  - data online - fares all the same

for each service and place, over what was counted. Since nothing is multiplied by a single transaction's parameter,
transactions need not be looked at one by one: `docs/savings.md` says why, and a test compares both ways.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.kernel.i18n import N_
from app.savings.rules.parameters import Baseline, Parameter, Place, factor
from app.savings.rules.uncertainty import Drawn, Floats, ends, without_noise

COUNTS = ("counted", "located", "metres", "seconds", "unobserved", "visits")
"""What the model multiplies: transactions that may save, those of known distance and its sum (m), active seconds
online, online transactions whose time wasn't seen, and visits needed all the same."""
Side: TypeAlias = Literal["in_person_minutes", "online_minutes", "in_person_mxn", "online_mxn"]
Quantity: TypeAlias = Literal["hours", "mxn", "value_mxn"]
QUANTITIES: dict[Quantity, tuple[Side, Side]] = {
    "hours": ("in_person_minutes", "online_minutes"),
    "mxn": ("in_person_mxn", "online_mxn"),
    "value_mxn": ("in_person_minutes", "online_minutes"),
}
"""What is said of savings, and the sides whose difference it is."""
VALUE_KEYS = ("wage_per_hour", "time_value_share", "working_share")
COUNTRY = Place("")
METRES_PER_KM, MINUTES_PER_HOUR, SECONDS_PER_MINUTE, THERE_AND_BACK = 1_000, 60, 60, 2
LEFT_OUT = {
    "failures": N_("Lo que se empezó y no terminó, o se negó, resta el tiempo que costó y no ahorra nada."),
    "repeats": N_("Lo que una persona repite en pocos días cuenta una vez, y si aun así fue a la unidad, ninguna."),
    "not-displaced": N_("No cuenta a quienes, sin el portal, no habrían ido."),
    "consultations": N_("La consulta misma no cuenta en ningún lado; sólo el viaje y la fila para la ficha."),
    "money-and-time": N_("El dinero y el valor del tiempo se muestran aparte y nunca se suman."),
    "agency": N_("No incluye lo que la institución gasta o ahorra, ni lo que costó hacer el portal."),
    "companions": N_(
        "No cuenta el tiempo de quien acompaña, ni el cuidado de niñas y niños, ni el día de trabajo perdido."
    ),
}
"""What savings don't cover, or count against themselves."""


Values = Mapping[str, Floats]
"""Values of parameters by key, all of one shape."""


@dataclass(frozen=True, slots=True)
class Term:
    """What one of a count is worth on a side, from the parameters of these keys."""

    side: Side
    count: str
    keys: tuple[str, ...]
    worth: Callable[[Values], Floats | float]


def _visit(f: Values) -> Floats:
    return f["travel_minutes"] + (f["wait_minutes"] + f["service_minutes"])


def _trips(f: Values) -> Floats:
    return f["would_have_visited"] * f["visits"]


_TRIPS = ("would_have_visited", "visits")
_VISIT = ("travel_minutes", "wait_minutes", "service_minutes")
TERMS = (
    Term(
        "in_person_minutes",
        "counted",
        (*_TRIPS, *_VISIT, "preparation_minutes"),
        lambda f: _trips(f) * _visit(f) + f["would_have_visited"] * f["preparation_minutes"],
    ),
    Term(
        "in_person_minutes",
        "located",
        (*_TRIPS, "access_minutes", "travel_minutes"),
        lambda f: _trips(f) * (f["access_minutes"] - f["travel_minutes"]),
    ),
    Term(
        "in_person_minutes",
        "metres",
        (*_TRIPS, "speed_kmh"),
        lambda f: _trips(f) * (THERE_AND_BACK * MINUTES_PER_HOUR / (METRES_PER_KM * f["speed_kmh"])),
    ),
    Term("online_minutes", "seconds", (), lambda _f: 1 / SECONDS_PER_MINUTE),
    Term("online_minutes", "unobserved", ("online_minutes",), lambda f: f["online_minutes"]),
    Term("online_minutes", "visits", _VISIT, _visit),
    Term(
        "in_person_mxn",
        "counted",
        (*_TRIPS, "fare", "copies", "other"),
        lambda f: _trips(f) * f["fare"] + f["would_have_visited"] * (f["copies"] + f["other"]),
    ),
    Term("online_mxn", "seconds", ("data_per_minute",), lambda f: f["data_per_minute"] / SECONDS_PER_MINUTE),
    Term(
        "online_mxn",
        "unobserved",
        ("online_minutes", "data_per_minute"),
        lambda f: f["online_minutes"] * f["data_per_minute"],
    ),
    Term("online_mxn", "visits", ("fare",), lambda f: f["fare"]),
)
SERVICE_KEYS = tuple(dict.fromkeys(key for term in TERMS for key in term.keys))
"""The parameters that may differ by service and place."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A service at a place: transactions that share all their parameters."""

    service: str
    place: Place


@dataclass(frozen=True, slots=True)
class TermWorth:
    """A term in each draw, (rows, draws). Features with the same parameters share a row: `row_of` is theirs."""

    term: Term
    row_of: NDArray[np.intp]
    rows: Floats


@dataclass(frozen=True, slots=True)
class Worth:
    """What one of each count is worth in each draw, by feature; and the value of an hour saved, (draws). `parameters`
    are those it was made of, and `numbers` which of them counts for each feature, by key."""

    features: tuple[Feature, ...]
    parameters: tuple[Parameter, ...]
    numbers: Mapping[str, NDArray[np.intp]]
    terms: tuple[TermWorth, ...]
    value_of_hour: Floats
    year: int


def parameters_used(baseline: Baseline, features: Iterable[Feature]) -> list[Parameter]:
    """Every row of the baseline the model reads for these features, each once.

    Raises:
        ParameterMissing: the baseline lacks one.
    """
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
        ParameterMissing: the baseline lacks a parameter. PriceIndexUnknown: or the index of a year.
    """
    index = baseline.inpc()
    used = parameters_used(baseline, features)
    number = {parameter.id: n for n, parameter in enumerate(used)}
    numbers = {
        key: np.array([number[baseline.find(key, f.service, f.place).id] for f in features]) for key in SERVICE_KEYS
    }
    values = [drawn[parameter.id] * factor(index, parameter.price_year, year) for parameter in used]

    def worth_of(term: Term) -> TermWorth:
        combinations = list(zip(*(numbers[key].tolist() for key in term.keys), strict=True)) or [()] * len(features)
        row = {combination: n for n, combination in enumerate(dict.fromkeys(combinations))}
        columns = zip(*row, strict=True)
        of_rows = {key: np.stack([values[n] for n in column]) for key, column in zip(term.keys, columns, strict=True)}
        rows = np.broadcast_to(term.worth(of_rows), (len(row), len(values[0])))
        return TermWorth(term, np.array([row[combination] for combination in combinations]), rows)

    wage, share, working = (values[number[baseline.find(key, "", COUNTRY).id]] for key in VALUE_KEYS)
    terms = tuple(map(worth_of, TERMS))
    return Worth(tuple(features), tuple(used), numbers, terms, wage * share * working, year)


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


def savings_draws(counts: Floats, worth_: Worth, quantities: Iterable[Quantity] = tuple(QUANTITIES)) -> SavingsDraws:
    """`counts` is (groups, features, COUNTS): one matrix product a term gives every group in every draw. Only the sides
    that make up the `quantities` asked for are multiplied."""
    sides = {side for name in quantities for side in QUANTITIES[name]}
    made: dict[Side, Floats] = {}
    for one in worth_.terms:
        if one.term.side in sides:
            of_features = counts[:, :, COUNTS.index(one.term.count)]
            product = _product(_by_row(of_features, one), one.rows)
            made[one.term.side] = made[one.term.side] + product if one.term.side in made else product
    return SavingsDraws(made, worth_.value_of_hour)


def _by_row(of_features: Floats, one: TermWorth) -> Floats:
    """The counts of features that share a row, added up: whole numbers, so exactly."""
    if len(one.rows) == of_features.shape[1]:
        return of_features
    made = np.zeros((len(one.rows), len(of_features)))
    np.add.at(made, one.row_of, of_features.T)
    return made.T


def _product(counts: Floats, rows: Floats) -> Floats:
    """(groups, rows) times (rows, draws). Groups that each have few neighbouring rows, as states have, are multiplied
    with those alone."""
    used = counts != 0
    first = used.argmax(axis=1)
    last = np.where(used.any(axis=1), len(rows) - used[:, ::-1].argmax(axis=1), first + 1)
    if (last - first).max() * 2 > len(rows):
        whole: Floats = counts @ rows
        return whole
    return np.stack([group[i:j] @ rows[i:j] for group, i, j in zip(counts, first, last, strict=True)])


@dataclass(frozen=True, slots=True)
class Bar:
    """How far the result goes when one parameter goes from its 5th to its 95th percentile and the rest in the
    middle."""

    parameter: Parameter
    at_low: float
    at_high: float
    at_middle: float
    """With every parameter at its median: the same for all bars."""

    @property
    def swing(self) -> float:
        return abs(self.at_high - self.at_low)


def tornado(worth_: Worth, counts: Floats, seed: int) -> list[Bar]:
    """Which parameters make the interval of the hours wide: each moved by itself, the rest at their medians. Bars by
    the size of their swing; `counts` is (features, COUNTS). A parameter that is certain has none.

    A parameter of one service at one place moves nothing else, so every service and place is worked out at once for
    each kind of parameter, and what it moves is added up by the row of the baseline it came from.
    """
    used = worth_.parameters
    ends_of = np.array([ends(parameter, seed) for parameter in used])
    middle = {key: ends_of[row, 1] for key, row in worth_.numbers.items()}
    whole = _minutes(middle, counts)
    at = np.full((2, len(used)), whole.sum())
    for key, row in worth_.numbers.items():
        for end, column in enumerate((0, 2)):
            moved = _minutes({**middle, key: ends_of[row, column]}, counts) - whole
            at[end] += np.bincount(row, moved, len(used))
    low, high = at / MINUTES_PER_HOUR
    centre = without_noise(float(whole.sum() / MINUTES_PER_HOUR))
    moving = np.flatnonzero(ends_of[:, 0] < ends_of[:, 2])
    bars = [Bar(used[n], without_noise(float(low[n])), without_noise(float(high[n])), centre) for n in moving]
    return sorted(bars, key=lambda bar: -bar.swing)


def _minutes(values: Values, counts: Floats) -> Floats:
    """Minutes saved by each feature, from the value each parameter has for it."""
    saved, spent = QUANTITIES["hours"]
    made = np.zeros(len(counts))
    for term in TERMS:
        if term.side in (saved, spent):
            minutes = term.worth(values) * counts[:, COUNTS.index(term.count)]
            made += minutes if term.side == saved else -minutes
    return made
