"""Right under anything: a short load test with everything killed, and load tests in which a guard is missing."""

import pytest

from bench.contention import Outcome, run_load_with_faults
from bench.unguarded import GUARDS, SPOIL
from tests.conftest import clone, drop
from tests.forked import launch

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


def test_the_database_reconciles_after_a_load_test() -> None:
    outcome = run_load_with_faults(
        people=60, slots=70, clients=40, operations=600, pause=0.4, waits=True, launch=launch
    )
    assert outcome.wrong == []
    assert outcome.journal.operations >= 600
    kinds = outcome.journal.kinds()
    assert min(kinds[kind] for kind in ("hold", "book", "move", "cancel")) > 10, kinds
    assert {"lapse", "cut", "kill_web", "kill_server"} <= set(outcome.faults), outcome.faults
    assert outcome.journal.broken > 0
    assert outcome.offers["accepted"] > 0, outcome.offers


def test_with_every_guard_the_same_load_leaves_the_database_consistent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_WITHOUT", "none")
    assert quiet("none", servers=2).wrong == []


@pytest.mark.parametrize("guard", GUARDS)
def test_without_a_guard_the_database_is_inconsistent(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_WITHOUT", guard)
    # Chance decides who meets whom: a hole that one run misses, another finds.
    assert any(quiet(guard, seed).wrong for seed in range(4))


def quiet(guard: str, seed: int = 0, servers: int = 1) -> Outcome:
    """A load test without faults from outside: many clients for each of a few people, as if all hurried at once. One
    server finds a hole as often as two: they meet in the database."""
    url = clone(f"storm_{guard}_{seed}")
    try:
        return run_load_with_faults(
            people=6,
            slots=40,
            clients=30,
            operations=800,
            servers=servers,
            quiet_on=url.render_as_string(hide_password=False),
            app="bench.unguarded:unguarded",
            spoil=SPOIL[guard],
            seed=seed,
            launch=launch,
        )
    finally:
        drop(url)
