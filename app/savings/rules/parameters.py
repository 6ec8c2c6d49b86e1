"""The parameters of a baseline: which there are, in what unit, and which row counts for a service at a place.

A parameter is a distribution with a source. Rows may be narrower than the country and all services; the narrowest one
counts: first by service, then by kind of transaction, then by place.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from app.kernel.parsing import has_words, is_digits
from app.savings.problems import ParameterMissing, PriceIndexUnknown

Distribution = Literal["pert", "beta", "normal", "fixed"]
Confidence = Literal["measured", "official", "study", "press", "assumption"]
DISTRIBUTIONS: tuple[str, ...] = get_args(Distribution)
CONFIDENCES: tuple[str, ...] = get_args(Confidence)


@dataclass(frozen=True, slots=True)
class Key:
    """A parameter the model reads: its unit and what it means."""

    unit: str
    means: str


BETWEEN = " · "
"""Between the parts of a source that the portal wrote: each is shown in the reader's language."""
LONGEST = {"scope": 60, "place": 60, "source": 1_000}
FIRST_YEAR, LAST_YEAR = 1990, 2100
LARGEST = 1e9
MAX_SAMPLED = 2**31 - 1
MONEY, RATE = "MXN", "MXN/USD"
PRICED = frozenset({MONEY, RATE})
"""Units of what is in pesos of a year."""
SHARE = "share"
KEYS: dict[str, Key] = {
    "would_have_visited": Key(SHARE, "transactions that would have been a visit without the portal"),
    "visits": Key("visits", "visits the transaction takes in person"),
    "travel_minutes": Key("min", "there and back, for one visit, where the distance isn't known"),
    "access_minutes": Key("min", "walking and waiting for transport, there and back, where the distance is known"),
    "speed_kmh": Key("km/h", "door to door along the straight line, where the distance is known"),
    "wait_minutes": Key("min", "from arrival to attention, for one visit"),
    "service_minutes": Key("min", "attention at the window or desk, for one visit"),
    "preparation_minutes": Key("min", "copies, photographs, forms, for one transaction"),
    "fare": Key(MONEY, "transport there and back, for one visit"),
    "copies": Key(MONEY, "copies and photographs, for one transaction"),
    "other": Key(MONEY, "whatever else one pays, for one transaction"),
    "data_per_minute": Key(MONEY, "mobile data and battery of a minute online"),
    "online_minutes": Key("min", "active time online of a transaction whose time the portal couldn't see"),
    "wage_per_hour": Key(MONEY, "hourly wage of the insured"),
    "time_value_share": Key(SHARE, "value of an hour saved, as a share of the hourly wage"),
    "working_share": Key(SHARE, "time saved that would have been working time"),
    "agency_in_person": Key("USD", "cost to the agency of a transaction served in person"),
    "agency_phone": Key("USD", "cost to the agency of a transaction by telephone"),
    "agency_online": Key("USD", "cost to the agency of a transaction online"),
    "mxn_per_usd": Key(RATE, "exchange rate of the year the agency's costs are of"),
    "inpc": Key("index", "consumer price index, yearly mean; the scope is the year"),
}


def joined(*parts: str) -> str:
    """A source of several parts."""
    return BETWEEN.join(parts)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of a baseline.

    pert: `low`, `value` (mode), `high`. beta: `value` successes and `high` failures, the prior's included. normal:
    `value` (mean) and `high` (standard error). fixed: `value`. Money and what
    money costs are in pesos of `price_year`.
    """

    key: str
    scope: str
    place: str
    distribution: Distribution
    low: float | None
    value: float
    high: float | None
    unit: str
    price_year: int | None
    source: str
    confidence: Confidence
    sample: int | None = None

    @property
    def id(self) -> str:
        """What names it in a baseline: key, scope and place."""
        return f"{self.key}|{self.scope}|{self.place}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where transactions were: a region, state or unit, and the wider places it lies in, narrowest first."""

    code: str
    within: tuple[str, ...] = ()

    @property
    def chain(self) -> tuple[str, ...]:
        """Places to look for a row in, narrowest first; the last is the country."""
        return (self.code, *self.within, "") if self.code else ("",)


class Baseline:
    """A version of the parameters, with its rows at hand by key, scope and place."""

    def __init__(
        self, version: int, parameters: Iterable[Parameter], kinds: Mapping[str, str], *, stamp: str | None = None
    ) -> None:
        """`kinds` says of which kind of transaction (a baseline of the catalogue) each service is; `stamp` when it was
        published, after which it never changes."""
        self.version, self.stamp = version, stamp
        self.kinds = dict(kinds)
        self.parameters = {(parameter.key, parameter.scope, parameter.place): parameter for parameter in parameters}
        self._places = frozenset(place for _key, _scope, place in self.parameters if place)

    def find(self, key: str, service: str, place: Place) -> Parameter:
        """The narrowest row of a parameter.

        Raises:
            ParameterMissing: there is none, not even for all services and the country.
        """
        for scope in (service, self.kinds.get(service, ""), ""):
            for code in place.chain:
                found = self.parameters.get((key, scope, code))
                if found is not None:
                    return found
        raise ParameterMissing(key=key, service=service)

    def certain(self, key: str, value: float) -> "Baseline":
        """The same with one parameter known for sure, everywhere."""
        others = [parameter for parameter in self.parameters.values() if parameter.key != key]
        unit = KEYS[key].unit
        known = Parameter(key, "", "", "fixed", None, value, None, unit, None, "the person's answer", "measured")
        return Baseline(self.version, [*others, known], self.kinds)

    def narrowed(self, place: Place) -> Place:
        """The place as far as it makes a difference here: without what no row is about. Places that share all their
        parameters become one, so that a parameter for one state doesn't make the model work through all of them."""
        relevant = [code for code in place.chain if code in self._places]
        return Place(relevant[0], tuple(relevant[1:])) if relevant else Place("")

    def inpc(self) -> dict[int, float]:
        """The consumer price index by year."""
        return {int(f.scope): f.value for f in self.parameters.values() if f.key == "inpc"}


def validate_parameter(parameter: Parameter) -> list[tuple[str, str]]:
    """What is wrong with a row: (field, reason) pairs; empty when it can be used. Reasons are codes of
    `problems.VALIDATION_MESSAGES`."""
    return [*_names(parameter), *_numbers(parameter)]


def _names(parameter: Parameter) -> Sequence[tuple[str, str]]:
    wrong = []
    key = KEYS.get(parameter.key)
    if key is None:
        return [("key", "unknown-key")]
    if parameter.unit != key.unit:
        wrong.append(("unit", "wrong-unit"))
    if (parameter.unit in PRICED) != (parameter.price_year is not None):
        wrong.append(("price_year", "money-has-a-year"))
    if parameter.key == "inpc" and not (is_digits(parameter.scope) and parameter.distribution == "fixed"):
        wrong.append(("scope", "inpc-scope"))
    if len(parameter.source.strip()) < 3 or not has_words(parameter.source):
        wrong.append(("source", "no-source"))
    return [*wrong, *_bounds(parameter)]


def _bounds(parameter: Parameter) -> Sequence[tuple[str, str]]:
    """Return what exceeds its column."""
    wrong = [(name, "too-long") for name, most in LONGEST.items() if len(getattr(parameter, name)) > most]
    if parameter.price_year is not None and not FIRST_YEAR <= parameter.price_year <= LAST_YEAR:
        wrong.append(("price_year", "out-of-range"))
    if parameter.sample is not None and not 0 <= parameter.sample <= MAX_SAMPLED:
        wrong.append(("sample", "out-of-range"))
    ends = (("low", parameter.low), ("value", parameter.value), ("high", parameter.high))
    return wrong + [(name, "out-of-range") for name, end in ends if end is not None and not abs(end) <= LARGEST]


def _numbers(parameter: Parameter) -> Sequence[tuple[str, str]]:
    low, value, high = parameter.low, parameter.value, parameter.high
    if parameter.distribution == "pert":
        fine = low is not None and high is not None and 0 <= low <= value <= high and low < high
        if not fine:
            return [("value", "pert-order")]
        return [("high", "share-over-one")] if parameter.unit == SHARE and high is not None and high > 1 else []
    if parameter.distribution == "beta":
        return [] if parameter.unit == SHARE and value > 0 and high is not None and high > 0 else [("value", "beta")]
    if parameter.distribution == "normal":
        return [] if high is not None and high >= 0 and value >= 0 else [("high", "normal")]
    return [] if value >= 0 else [("value", "negative")]


def factor(index: Mapping[int, float], of_year: int | None, to_year: int) -> float:
    """What a peso of one year is in pesos of another; 1 for what isn't money.

    Raises:
        PriceIndexUnknown: the index of a year isn't there.
    """
    if of_year is None or of_year == to_year:
        return 1.0
    for year in (of_year, to_year):
        if year not in index:
            raise PriceIndexUnknown(year=year)
    return index[to_year] / index[of_year]
