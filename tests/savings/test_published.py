"""Published figures, worked out again from their published inputs by the rules that measure our own savings.

The measurement of the institute itself (OECD 2019, *Administrative Simplification in the Mexican Social Security
Institute*, doi 10.1787/9789264306561-en) can't be among them: of its chapters 2 to 4 no more than the first paragraphs
could be had, which give results (19 % of requests digital; a further 11 %, MXN 1,519.9 million, to be saved) but
neither the hours nor the wage nor the requests of any procedure. Nor could the tables of IDB 2018, *Wait No More*: its
figures are those the press and its authors repeat. What follows are the figures whose inputs are all published, then
two that our own can be held against. `docs/savings.md` shows them side by side.
"""

from collections.abc import Mapping

import numpy as np
import pytest

from app.savings.rules.model import (
    COUNTRY,
    COUNTS,
    MINUTES_PER_HOUR,
    Feature,
    SavingsDraws,
    parameters_used,
    savings_draws,
    worth,
)
from app.savings.rules.parameters import KEYS, MONEY, Baseline, Parameter
from app.savings.rules.uncertainty import HIGH, LOW, Floats, draw, draw_all
from app.savings.service.csv_io import seed_parameters

YEAR = 2025
HOURS_OF_A_YEAR = 24 * 365


def _fixed(key: str, value: float, scope: str = "") -> Parameter:
    unit = KEYS[key].unit
    year = YEAR if unit == MONEY else None
    return Parameter(
        key, scope, "", "fixed", None, value, None, unit, year, "the publication named in the test", "study"
    )


def _saved(counts: Mapping[str, Mapping[str, float]], published: Mapping[tuple[str, str], float]) -> SavingsDraws:
    """What one group of transactions saved. `counts` are by service, then by name of COUNTS; `published` are the
    figures by key and service. What isn't published is left out of both sides: nothing but the speed, which divides, is
    not 0."""
    rows = [_fixed(key, float(key == "speed_kmh")) for key in KEYS if key != "inpc"]
    rows += [_fixed(key, value, service) for (key, service), value in published.items()]
    baseline = Baseline(1, rows, {})
    features = [Feature(service, COUNTRY) for service in counts]
    table = np.array([[[of.get(name, 0.0) for name in COUNTS] for of in counts.values()]])
    return savings_draws(table, worth(baseline, features, draw_all(parameters_used(baseline, features), 1), YEAR))


def _one(values: Floats) -> float:
    """The one value of one group in one draw."""
    return float(values.item())


def test_years_of_work_the_estonian_data_exchange_saves() -> None:
    """e-Estonia, "E-governance saves money and working hours" (e-estonia.com), after the factsheet of X-Road.

    Inputs: more than 1.3 billion queries in a year, 3 % of them a person's, each saving 15 minutes. Result: "more than
    1100" years. That comes out only with years of 8,760 hours, day and night; nothing is taken off for the time online.
    """
    queries = {"query": {"counted": 1.3e9}}
    published = {("would_have_visited", "query"): 0.03, ("visits", "query"): 1.0, ("service_minutes", "query"): 15.0}
    hours = _one(_saved(queries, published).minutes) / MINUTES_PER_HOUR
    assert hours == pytest.approx(9.75e6)
    assert 1_100 < hours / HOURS_OF_A_YEAR < 1_150


IN_PERSON = {"cash-machine": {"counted": 10.0}, "branch": {"counted": 1.0}, "call": {"counted": 1.0}}
MINUTES_EACH = {"cash-machine": 5.0, "branch": 180.0, "call": 30.0}


@pytest.mark.parametrize(
    ("online", "minutes_online", "minutes_saved"),
    [
        pytest.param({"seconds": 3_600.0}, 60, 200, id="as-published"),
        pytest.param({"unobserved": 40.0}, 40, 220, id="forty-at-one-minute"),
    ],
)
def test_minutes_a_month_saved_by_banking_online(
    online: dict[str, float], minutes_online: int, minutes_saved: int
) -> None:
    """VeriTran 2017, customers of banks in Latin America (InfoNegocios, "Cajeros vs. banco online").

    Inputs, a month: 10 operations at a cash machine 50 minutes, the branch with the way there 180, a call 30; online 40
    operations in 60 minutes. Result: 260 against 60, so 200 saved. The source also says that each of the 40 takes about
    one minute, which would be 40 minutes and not 60: the second case is what follows from that.
    """
    counts = IN_PERSON | {"branch": IN_PERSON["branch"] | online}
    published = {("service_minutes", service): minutes for service, minutes in MINUTES_EACH.items()}
    published |= {(key, service): 1.0 for key in ("would_have_visited", "visits") for service in MINUTES_EACH}
    published |= {("online_minutes", "branch"): 1.0}
    result = _saved(counts, published)
    assert _one(result.sides["in_person_minutes"]) == pytest.approx(260)
    assert _one(result.sides["online_minutes"]) == pytest.approx(minutes_online)
    assert _one(result.minutes) == pytest.approx(minutes_saved)


SEED = {parameter.id: parameter for parameter in seed_parameters()}


def test_what_transactions_in_person_cost_the_mexican_state() -> None:
    """IDB 2018, *Wait No More*, as reported by El Financiero, September 2018.

    Inputs: 360 million federal and state transactions in person a year at USD 9.10. Result: almost 3,300 million. The
    report adds that doing them online, at USD 0.45, would save 3,300 million; these inputs give 3,114, and 3,300 needs
    381 million, of the "almost 400 million" of every channel.
    """
    in_person, online = (_one(draw(SEED[f"{key}||"], 1)) for key in ("agency_in_person", "agency_online"))
    cost = 360 * in_person
    assert cost < 3_300
    assert round(cost, -2) == 3_300
    assert round(360 * (in_person - online)) == 3_114
    assert round(3_300 / (in_person - online), 1) == 381.5


def test_the_seed_agrees_with_the_hours_people_reported_to_the_idb() -> None:
    """IDB 2018, *Wait No More* (press): a transaction took 5.4 hours on average in the region and 6.9 in Mexico.

    Ours are built from parts (way, wait, window, preparation, visits), theirs asked of people as a whole; both means
    lie in the 90 % interval of a procedure.
    """
    kinds = {"a-procedure": "procedure"}
    baseline, feature = Baseline(1, SEED.values(), kinds), Feature("a-procedure", COUNTRY)
    drawn = draw_all(parameters_used(baseline, [feature]))
    counts = np.array([[[float(name == "counted") for name in COUNTS]]])
    would_have_visited = drawn[baseline.find("would_have_visited", feature.service, COUNTRY).id]
    minutes = (
        savings_draws(counts, worth(baseline, [feature], drawn, YEAR)).sides["in_person_minutes"][0]
        / would_have_visited
    )
    low, high = np.percentile(minutes / MINUTES_PER_HOUR, [LOW, HIGH])
    assert low < 5.4 < 6.9 < high


def test_the_seed_counts_less_for_fares_than_the_institute_did() -> None:
    """The institute's director general on paying sick-leave benefit into accounts (Quintana Roo Hoy, 2016 or 2017).

    Five million visits fewer a year and more than MXN 300 million of travel, so MXN 60 a visit in prices of then; ours
    is less even in prices of 2025.
    """
    fares = draw(SEED["fare||"])
    assert np.percentile(fares, HIGH) < 300e6 / 5e6
