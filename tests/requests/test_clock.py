"""The legal clock, whatever days of rest there are and however often it stops."""

from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from app.requests.rules.clock import (
    PRIORITY_DAYS,
    Clock,
    add_working_days,
    is_working,
    priority_days,
    rank,
    resume,
    start,
    stop,
    working_days_between,
)

FIRST = date(2026, 1, 1)
days = st.integers(0, 400).map(lambda n: FIRST + timedelta(days=n))
non_working_days = st.frozensets(st.integers(0, 1200).map(lambda n: FIRST + timedelta(days=n)), max_size=25)
targets = st.integers(0, 40)
gaps = st.lists(st.integers(0, 25), max_size=8)


def lived(
    target: int, day: date, waits: list[int], rest: frozenset[date]
) -> tuple[Clock, date, list[tuple[date, date]]]:
    """A clock stopped and resumed after these days each; the last day, and the stretches it ran."""
    clock, ran = start(target, day, rest), []
    for wait in waits:
        before, day = day, day + timedelta(days=wait)
        if clock.running_since is not None:
            ran.append((before, day))
            clock = stop(clock, day, rest)
        else:
            clock = resume(clock, day, rest)
    return clock, day, ran


@given(days, st.integers(0, 60), non_working_days)
def test_working_days_are_counted_as_they_are_added(day: date, count: int, rest: frozenset[date]) -> None:
    last = add_working_days(day, count, rest)
    assert working_days_between(day, last, rest) == count
    assert count == 0 or (is_working(last, rest) and last > day)
    assert working_days_between(last, day, rest) == 0 or last == day


@given(days, days, days, non_working_days)
def test_stretches_of_working_days_add_up(one: date, two: date, three: date, rest: frozenset[date]) -> None:
    first, middle, last = sorted((one, two, three))
    whole = working_days_between(first, last, rest)
    assert whole == working_days_between(first, middle, rest) + working_days_between(middle, last, rest)


@given(targets, days, gaps, non_working_days)
def test_it_is_never_negative_and_spends_what_it_ran(
    target: int, day: date, waits: list[int], rest: frozenset[date]
) -> None:
    clock, _last, ran = lived(target, day, waits, rest)
    assert clock.spent >= 0
    assert clock.left >= 0
    assert clock.spent == sum(working_days_between(*stretch, rest) for stretch in ran)


@given(targets, days, gaps, non_working_days)
def test_it_is_due_after_it_began_to_run_unless_it_had_run_out(
    target: int, day: date, waits: list[int], rest: frozenset[date]
) -> None:
    clock, last, _ran = lived(target, day, waits, rest)
    if clock.running_since is None:
        assert clock.due_on is None or clock.is_breached(last)
        return
    assert clock.due_on is not None
    assert clock.due_on >= clock.running_since or clock.is_breached(clock.running_since)


@given(targets, days, gaps, non_working_days)
def test_stopped_and_let_go_on_the_same_day_it_is_due_as_before(
    target: int, day: date, waits: list[int], rest: frozenset[date]
) -> None:
    clock, last, _ran = lived(target, day, waits, rest)
    assume(clock.running_since is not None)
    after = resume(stop(clock, last, rest), last, rest)
    assert (after.due_on, after.target, after.running_since) == (clock.due_on, clock.target, last)


@given(st.integers(1, 40), days, gaps, st.integers(0, 40), non_working_days)
def test_it_is_due_later_by_the_working_days_it_stood_still(
    target: int, day: date, waits: list[int], still: int, rest: frozenset[date]
) -> None:
    clock, stopped_on, _ran = lived(target, day, waits, rest)
    assume(clock.running_since is not None and clock.due_on is not None and not clock.is_breached(stopped_on))
    assert clock.due_on is not None
    standing, again_on = stop(clock, stopped_on, rest), stopped_on + timedelta(days=still)
    after = resume(standing, again_on, rest)
    assert after.due_on is not None
    if standing.left or is_working(again_on, rest):
        moved, stood = (
            working_days_between(clock.due_on, after.due_on, rest),
            working_days_between(stopped_on, again_on, rest),
        )
        assert moved == stood
    else:  # its last day is over and the agency is closed: nothing is left, and nothing is given
        assert after.due_on == again_on


@given(targets, days, gaps, gaps, non_working_days)
def test_what_ran_out_stays_so(
    target: int, day: date, waits: list[int], more: list[int], rest: frozenset[date]
) -> None:
    clock, last, _ran = lived(target, day, waits, rest)
    assume(clock.is_breached(last))
    for wait in more:
        last += timedelta(days=wait)
        clock = resume(clock, last, rest) if clock.running_since is None else stop(clock, last, rest)
        assert clock.is_breached(last)


@given(targets, days, gaps, days, non_working_days)
def test_stopping_twice_or_letting_go_twice_changes_nothing(
    target: int, day: date, waits: list[int], later: date, rest: frozenset[date]
) -> None:
    clock, _last, _ran = lived(target, day, waits, rest)
    again = stop(clock, later, rest) if clock.running_since is None else resume(clock, later, rest)
    assert again == clock


answers = st.dictionaries(
    st.sampled_from(["disability", "situation", "other"]), st.sampled_from([True, False, 1, "disability", "none", None])
)


@given(st.integers(0, 120), answers, days)
def test_a_head_start_is_the_greatest_that_applies(age: int, said: dict[str, object], due_on: date) -> None:
    got = priority_days(age, said)
    assert got in {0, *PRIORITY_DAYS.values()}
    disabled = said.get("disability") is True or said.get("situation") == "disability"
    assert (got == 3) == disabled
    assert got >= 2 or age < 60
    assert got >= 1 or age >= 5
    assert rank(due_on, got) == due_on - timedelta(days=got)
    assert priority_days(age, {**said, "disability": True}) >= got
