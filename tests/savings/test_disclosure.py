"""Blocks of ten people or more, from which no group of few can be worked out, whatever is asked for and subtracted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.savings.rules.disclosure import MIN_PEOPLE, OTHERS, Block, Observed, Path, Sums, blocks, partition
from app.savings.rules.families import mean_of, published_savings
from app.savings.rules.uncertainty import variance
from tests.examples import examples
from tests.savings.attack import ANY, Attack, Cell

SERVICES = (("certificate", "weeks"), ("certificate", "vigencia"), ("procedure", "pension"))
STATES = (("north", "NL"), ("north", "CH"), ("centre", "DF"))
SEXES = ("M", "H")
QUERY_PROBLEMS = ("yes", "no")
EVERY: list[Cell] = list(product(SERVICES, STATES, SEXES, QUERY_PROBLEMS))

people = st.one_of(st.just(0), st.integers(1, MIN_PEOPLE - 1), st.integers(MIN_PEOPLE, 40))
tables = st.lists(people, min_size=len(EVERY), max_size=len(EVERY))


def observed(truth: Mapping[Cell, int], dimension: str) -> list[Observed]:
    """The finest cells added up by service and one dimension."""
    found: dict[tuple[Path, Path], Sums] = {}
    for cell, count in truth.items():
        service, state, sex, answer = cast("tuple[Path, Path, str, str]", cell)
        if count:
            sums = Sums(Counter({answer: count}), Counter({(service[-1], answer): count}), Counter({answer: count}))
            found.setdefault((service, state if dimension == "place" else (sex,)), Sums()).add(sums)
    return [Observed(service, at, sums) for (service, at), sums in found.items()]


def publish(truth: Mapping[Cell, int]) -> dict[str, list[Block]]:
    return blocks({dimension: observed(truth, dimension) for dimension in ("place", "sex")}) or {}


def inside(path: Path, told: Sequence[Path]) -> Path | None:
    """Return the path under which a leaf is published: its own, or the narrowest ending in OTHERS, or None."""
    fits = [one for one in told if _may_be(path, one)]
    return min(fits, key=lambda one: one.count(OTHERS)) if fits else None


def learn_blocks(attack: Attack, truth: Mapping[Cell, int], made: Mapping[str, Sequence[Block]]) -> None:
    """The attacker knows what each block holds: what isn't distinguished is with the others."""
    for dimension, of_dimension in made.items():
        services = list({block.service for block in of_dimension})
        for block in of_dimension:
            places = [other.at for other in of_dimension if other.service == block.service]
            for answer in QUERY_PROBLEMS:
                held = []
                for cell in truth:
                    service, state, sex, said = cast("tuple[Path, Path, str, str]", cell)
                    at = state if dimension == "place" else (sex,)
                    if said == answer and inside(service, services) == block.service and inside(at, places) == block.at:
                        held.append(cell)
                attack.learn(held, block.sums.amounts[answer])
    for service, key in product(SERVICES, (*STATES, *SEXES)):
        cells = attack.cells((service, key, ANY, ANY) if key in STATES else (service, ANY, key, ANY))
        if not any(truth[cell] for cell in cells):
            attack.learn(cells, 0)


def _may_be(at: Path, told: Path) -> bool:
    return all(mine in (given, OTHERS) for given, mine in zip(at, told, strict=True))


@examples(12)
@example([5] * len(EVERY))
@example([6 if n % 7 == 0 else 60 if n % 3 else 0 for n in range(len(EVERY))])
@given(tables)
def test_no_group_of_few_is_worked_out(numbers: list[int]) -> None:
    """Even by someone who knows which services have no one in a place or of a sex, and what is in each block."""
    truth = dict(zip(EVERY, numbers, strict=True))
    made = publish(truth)
    for of_dimension in made.values():
        assert all(block.sums.is_safe() for block in of_dimension)
    attack = Attack(truth)
    learn_blocks(attack, truth, made)
    assert attack.worked_out(attack.groups(4)) == []


def test_the_attack_finds_what_suppression_table_by_table_reveals() -> None:
    """The fault this replaces: a state that is hidden is its region minus the others."""
    numbers = [30] * len(EVERY)
    truth = dict(zip(EVERY, numbers, strict=True))
    hidden = {cell: 1 for cell in EVERY if cell[1] == ("north", "CH")}
    truth |= dict.fromkeys(hidden, 0) | {(SERVICES[0], ("north", "CH"), "M", "yes"): 4}
    attack = Attack(truth)
    for state in STATES:
        size = sum(truth[cell] for cell in attack.cells((ANY, state, ANY, ANY)))
        if size >= MIN_PEOPLE:
            attack.learn(attack.cells((ANY, state, ANY, ANY)), size)
    north = attack.cells((ANY, frozenset(STATES[:2]), ANY, ANY))
    attack.learn(north, sum(truth[cell] for cell in north))
    found = attack.worked_out([((ANY, "CH"), attack.cells((ANY, ("north", "CH"), ANY, ANY)))])
    assert found == [((ANY, "CH"), 4, 4.0, 4.0)]


@examples(50)
@given(st.dictionaries(st.tuples(st.sampled_from("ab"), st.sampled_from("uvwxyz")), people.filter(bool), min_size=1))
def test_a_partition_is_of_all_safe_and_stays_within_its_node(sizes: dict[Path, int]) -> None:
    leaves = {path: Sums(Counter(n=size), Counter({("s", "n"): size}), Counter(n=size)) for path, size in sizes.items()}
    made = partition(leaves)
    if made is None:
        assert sum(sizes.values()) < MIN_PEOPLE
        return
    assert sorted(path for inside_ in made.values() for path in inside_) == sorted(sizes)
    for told, members in made.items():
        assert sum(sizes[path] for path in members) >= MIN_PEOPLE
        assert all(_may_be(path, told) for path in members)


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        pytest.param({"a": 50, "b": 40}, {"a", "b"}, id="all-large"),
        pytest.param({"a": 50, "b": 40, "c": 3}, {"a", OTHERS}, id="one-small-takes-the-next-smallest-with-it"),
        pytest.param({"a": 50, "b": 4, "c": 7}, {"a", OTHERS}, id="two-small-are-enough"),
        pytest.param({"a": 6, "b": 6}, {OTHERS}, id="all-together"),
        pytest.param({"a": 6}, None, id="too-few-in-all"),
    ],
)
def test_examples(sizes: dict[str, int], told: set[str] | None) -> None:
    leaves: dict[Path, Sums] = {
        (name,): Sums(Counter(n=size), Counter({("s", "n"): size}), Counter()) for name, size in sizes.items()
    }
    made = partition(leaves)
    assert (None if made is None else {path[0] for path in made}) == told


def test_people_of_several_services_may_be_the_same() -> None:
    """Six who came for two things are six."""
    six = [Sums(Counter(n=6), Counter({(name, "n"): 6}), Counter()) for name in ("weeks", "pension")]
    assert partition({("k", "weeks"): six[0], ("k", "pension"): six[1]}) is None


def block_of(people: Mapping[str, int], **amounts: int) -> Sums:
    return Sums(Counter(), Counter({("weeks", name): count for name, count in people.items()}), Counter(amounts))


@pytest.mark.parametrize(
    ("people", "told"),
    [
        pytest.param({"located": 3, "observed": 30}, {"located": 0, "metres": 0}, id="three-distances-are-none"),
        pytest.param({"located": 30, "not located": 3, "observed": 30}, {"located": 36, "metres": 36_000}, id="all"),
        pytest.param({"observed": 4}, {"observed": 0, "seconds": 0}, id="four-times-are-none"),
        pytest.param({"observed": 30, "not observed": 2}, {"observed": 40, "seconds": 8_000}, id="as-the-others"),
        pytest.param({"visits": 2}, {"visits": 10}, id="eight-visits-of-two-are-ten"),
        pytest.param(
            {"located": 12, "not located": 12, "observed": 12, "not observed": 12, "visits": 12},
            {"located": 30, "metres": 30_000, "observed": 30, "seconds": 6_000, "visits": 8},
            id="enough",
        ),
    ],
)
def test_what_is_of_few_people_in_a_block_of_savings_is_imputed(people: dict[str, int], told: dict[str, int]) -> None:
    """However many transactions those few people had."""
    sums = {"counted": 36, "located": 30, "metres": 30_000, "online": 40, "observed": 30, "seconds": 6_000, "visits": 8}
    made = published_savings(block_of(people, **sums))
    assert {name: made[name] for name in told} == told


@given(st.lists(st.integers(0, 100_000), min_size=10, max_size=60))
def test_a_mean_is_published_of_a_rounded_number(values: list[int]) -> None:
    sums = {"total": sum(values), "n": len(values), "squares": sum(value * value for value in values)}
    made = mean_of("total", "n", "squares")(block_of({}, **sums))
    assert made["n"] % 10 == 0
    assert abs(made["n"] - len(values)) <= 5
    assert made["total"] / made["n"] == pytest.approx(sum(values) / len(values), rel=0.006, abs=0.06)
    assert variance(made["n"], made["total"], made["squares"]) >= 0
