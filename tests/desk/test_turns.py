"""Who is called next: the published rule, whatever the order in which arrivals are written."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.desk.rules.turns import Arrival, PriorityClass, Turn, TurnPolicy, call_order, moved_forward, turn_of

EIGHT = datetime(2026, 11, 30, 8, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return EIGHT + timedelta(minutes=minutes)


MOMENTS = st.integers(0, 720).map(at)
POLICIES = st.builds(
    TurnPolicy,
    tolerance=st.integers(0, 60),
    walk_in_offset=st.integers(0, 120),
    protected=st.integers(0, 120),
    appointment_target=st.integers(1, 120),
    walk_in_target=st.integers(1, 240),
    grace=st.integers(0, 120),
)
ARRIVALS = st.builds(Arrival, MOMENTS, st.none() | MOMENTS, st.booleans())
QUEUES = st.lists(ARRIVALS, min_size=1, max_size=12)


def called(arrivals: list[Arrival], policy: TurnPolicy, now: datetime) -> list[Arrival]:
    """In the order in which they are called at that moment; numbers as they were given."""
    turns = [(call_order(turn_of(one, policy), number, now), one) for number, one in enumerate(arrivals)]
    return [one for _key, one in sorted(turns, key=lambda pair: pair[0])]


@given(MOMENTS, st.none() | MOMENTS, POLICIES)
def test_of_whom_it_is_learnt_later_that_the_law_protects_them_has_the_place_of_who_said_so(
    arrived_at: datetime, due_at: datetime | None, policy: TurnPolicy
) -> None:
    later = moved_forward(turn_of(Arrival(arrived_at, due_at), policy), policy)
    assert later == turn_of(Arrival(arrived_at, due_at, is_protected=True), policy)


def test_an_appointment_keeps_its_time_within_the_tolerance_and_then_waits_as_late_as_it_came() -> None:
    policy = TurnPolicy()
    assert turn_of(Arrival(at(0), at(20)), policy).rank_at == at(20)
    assert turn_of(Arrival(at(30), at(20)), policy).rank_at == at(20)
    assert turn_of(Arrival(at(31), at(20)), policy).rank_at == at(42)


def test_a_walk_in_fills_the_gaps_between_appointments() -> None:
    walk_in, early, later = Arrival(at(0)), Arrival(at(5), at(15)), Arrival(at(5), at(25))
    assert called([walk_in, later, early], TurnPolicy(walk_in_offset=20), at(10)) == [early, walk_in, later]


def test_who_comes_early_for_an_appointment_is_not_overdue_before_its_time() -> None:
    turn = turn_of(Arrival(at(0), at(240)), TurnPolicy(appointment_target=30, grace=60))
    assert turn.first_at == at(330)


@given(MOMENTS, st.none() | MOMENTS, POLICIES)
def test_the_protected_come_before_who_is_not_in_the_same_place(
    arrived: datetime, due: datetime | None, policy: TurnPolicy
) -> None:
    plain, protected = turn_of(Arrival(arrived, due), policy), turn_of(Arrival(arrived, due, True), policy)
    assert plain.rank_at - protected.rank_at == timedelta(minutes=policy.protected)
    assert plain.first_at == protected.first_at


@given(QUEUES, POLICIES, MOMENTS, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_who_is_written_first(
    arrivals: list[Arrival], policy: TurnPolicy, now: datetime, chance: Random
) -> None:
    """Only among equal places does the number decide, and numbers are given as arrivals are written."""
    mixed = list(arrivals)
    chance.shuffle(mixed)
    places = [[turn_of(one, policy) for one in called(written, policy, now)] for written in (arrivals, mixed)]
    one, other = ([call_order(turn, 0, now) for turn in order] for order in places)
    assert one == other


@given(QUEUES, POLICIES, MOMENTS)
def test_nobody_waits_beyond_the_limit_while_someone_later_of_their_class_is_called(
    arrivals: list[Arrival], policy: TurnPolicy, now: datetime
) -> None:
    order = called(arrivals, policy, now)
    for place, one in enumerate(order):
        since = max(one.arrived_at, one.due_at or one.arrived_at)
        is_walk_in = one.priority_class is PriorityClass.WALK_IN
        target = policy.walk_in_target if is_walk_in else policy.appointment_target
        if now < since + timedelta(minutes=target + policy.grace):
            continue
        for before in order[:place]:
            is_same = before.priority_class is one.priority_class
            came = max(before.arrived_at, before.due_at or before.arrived_at)
            assert not (is_same and came > since), "one who came later is called before one beyond the limit"


def test_a_turn_is_only_a_place() -> None:
    assert call_order(Turn(at(5), at(100)), 1, at(50)) < call_order(Turn(at(6), at(100)), 2, at(50))
    assert call_order(Turn(at(90), at(40)), 2, at(50)) < call_order(Turn(at(5), at(100)), 1, at(50))
