"""A clinic's day: its plan follows its rules, and through the rules of the desk every person comes to an end."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.demo.clinic.flow import BETWEEN, REACTION, Act, Action, Flow
from app.demo.clinic.rule_desk import RuleDesk
from app.demo.clinic.visits import CALLS, Shift, Visit
from app.demo.live.plan import Booked, DayPlan, plan_day
from app.demo.live.plan import Counter as Place
from app.desk.rules.tickets import ENDED, TicketStatus

MIDNIGHT = datetime(2026, 10, 6, 6, tzinfo=UTC)
ROOMS = [Place(number, ("family-medicine",)) for number in (1, 2, 3)]
COUNTERS = [*ROOMS, Place(101, ("dental",)), Place(301, ("window",))]
BOOKED = [Booked(f"C-{n}", "family-medicine", 1 + n % 3) for n in range(30)] + [Booked("C-D", "dental")]
HOURS = st.tuples(st.integers(0, 20), st.integers(1, 8)).map(lambda both: (both[0], min(24, both[0] + both[1])))


def planned(seed: int = 7, hours: tuple[int, int] = (8, 14)) -> DayPlan:
    return plan_day(seed, hours, COUNTERS, BOOKED)


def carried_out(
    visits: list[Visit], shifts: list[Shift], ask_every: float | None = None
) -> tuple[RuleDesk, list[tuple[Action, Visit | None]]]:
    """The actions of a day with their answers."""
    desk, log = RuleDesk(MIDNIGHT), []
    flow = Flow(visits, shifts, ask_every=ask_every).actions()
    action = next(flow, None)
    while action is not None:
        answer = desk.carry_out(action)
        log.append((action, answer))
        try:
            action = flow.send(answer)
        except StopIteration:
            break
    return desk, log


def acts(log: list[tuple[Action, Visit | None]], number: int) -> list[Act]:
    """What was done with a ticket."""
    return [action.act for action, answer in log if answer is not None and answer.number == number]


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    assert planned() == planned()
    assert planned().visits != planned(8).visits


@given(st.integers(0, 10_000), HOURS)
def test_people_arrive_while_the_clinic_is_open(seed: int, hours: tuple[int, int]) -> None:
    plan = planned(seed, hours)
    arrivals = [visit.arrives for visit in plan.visits]
    assert arrivals == sorted(arrivals)
    assert all(hours[0] * 60 <= minute <= hours[1] * 60 - 40 for minute in arrivals)
    assert [visit.number for visit in plan.visits] == list(range(1, len(arrivals) + 1))
    for shift in plan.shifts:
        assert hours[0] * 60 <= shift.opens < shift.closes == hours[1] * 60
        assert bool(shift.pauses) == (hours[1] - hours[0] >= 4)


def test_a_day_has_every_kind_of_person() -> None:
    days = [planned(seed) for seed in range(20)]
    visits = [visit for day in days for visit in day.visits]
    missed = 1 - sum(len(day.folios) for day in days) / (20 * len(BOOKED))
    assert 0.04 < missed < 0.18
    booked = [visit for visit in visits if visit.due is not None]
    assert 0.05 < sum(visit.arrives > (visit.due or 0) for visit in booked) / len(booked) < 0.25
    assert {visit.room for visit in booked} == {None, 1, 2, 3}
    assert all(visit.room is None for visit in visits if visit.due is None)
    for some in ("is_protected", "back_after", "sent_to", "is_redirected", "is_unended"):
        assert any(getattr(visit, some) for visit in visits), some
    assert {visit.answers for visit in visits} == {0, 1, 2}


@given(st.integers(0, 10_000), st.sampled_from([None, 3.0]))
def test_every_person_who_came_ends_and_a_counter_has_one_at_a_time(seed: int, ask_every: float | None) -> None:
    plan = planned(seed)
    desk, log = carried_out(plan.visits, plan.shifts, ask_every)
    minutes = [action.at for action, _answer in log]
    assert minutes == sorted(minutes)
    assert set(desk.tickets) == {visit.number for visit in plan.visits}
    # Who isn't attended when the last counter closes was never called since, or is to come back.
    left = [ticket.status for ticket in desk.tickets.values() if ticket.status not in ENDED]
    assert set(left) <= {TicketStatus.WAITING, TicketStatus.PARKED}
    assert len(left) < len(plan.visits) / 4

    busy: dict[int, int] = {}
    is_open: set[int] = set()
    for action, answer in log:
        counter = action.counter
        if action.act in (Act.OPEN, Act.RESUME):
            is_open.add(counter or 0)
        elif action.act in (Act.CLOSE, Act.PAUSE):
            assert counter not in busy
            is_open.remove(counter or 0)
        elif action.act is Act.CALL_NEXT:
            assert counter in is_open
            assert counter not in busy
            if answer is not None:
                busy[counter or 0] = answer.number
                assert answer.room in (None, counter)
        elif counter is not None:
            assert answer is not None
            assert busy[counter] == answer.number
            if action.act in ENDS:
                del busy[counter]
    assert busy == {}
    assert is_open == set()


ENDS = (Act.FINISH, Act.RECORD, Act.PARK, Act.TRANSFER, Act.NO_ANSWER, Act.REDIRECT)


def one(number: int = 1, **more: object) -> Visit:
    given: dict[str, object] = {"arrives": 480.0 + number, "service": "window", "minutes": 10.0, **more}
    return Visit(number, **given)  # type: ignore[arg-type] # fields by name


WINDOW = Shift(301, ("window",), 480, 600)


def test_each_way_of_a_visit() -> None:
    ways = {
        1: (one(1), [Act.ARRIVE, Act.CALL_NEXT, Act.SERVE, Act.FINISH]),
        2: (one(2, answers=2), [Act.ARRIVE, Act.CALL_NEXT, Act.CALL_AGAIN, Act.SERVE, Act.FINISH]),
        3: (one(3, answers=0), [Act.ARRIVE, Act.CALL_NEXT, Act.CALL_AGAIN, Act.CALL_AGAIN, Act.NO_ANSWER]),
        4: (one(4, patience=5.0), [Act.ARRIVE, Act.GIVE_UP]),
        5: (
            one(5, back_after=5.0),
            [Act.ARRIVE, Act.CALL_NEXT, Act.PARK, Act.RETURN, Act.CALL_NEXT, Act.SERVE, Act.FINISH],
        ),
        6: (one(6, is_redirected=True), [Act.ARRIVE, Act.CALL_NEXT, Act.REDIRECT]),
        7: (one(7, is_unended=True), [Act.ARRIVE, Act.CALL_NEXT, Act.RECORD]),
        8: (
            one(8, sent_to="dental", sent_minutes=5.0),
            [Act.ARRIVE, Act.CALL_NEXT, Act.SERVE, Act.TRANSFER, Act.CALL_NEXT, Act.SERVE, Act.FINISH],
        ),
    }
    dental = Shift(101, ("dental",), 480, 640)
    _desk, log = carried_out([visit for visit, _way in ways.values()], [WINDOW, dental])
    for number, (_visit, way) in ways.items():
        assert acts(log, number) == way, number
    assert acts(log, 3).count(Act.CALL_NEXT) + acts(log, 3).count(Act.CALL_AGAIN) == CALLS


def test_a_counter_pauses_and_closes_when_it_is_free() -> None:
    shift = Shift(301, ("window",), 480, 520, ((485, 500),))
    people = [one(1, arrives=481.0, walk=1.0), one(2, arrives=489.0, walk=1.0), one(3, arrives=515.0, walk=1.0)]
    _desk, log = carried_out(people, [shift])
    done = {action.act: action.at for action, _answer in log}
    assert done[Act.PAUSE] == pytest.approx(492 + REACTION + BETWEEN)
    assert done[Act.RESUME] == 500
    assert done[Act.CLOSE] == pytest.approx(526 + REACTION + BETWEEN)
    calls = [(action.at, answer.number) for action, answer in log if action.act is Act.CALL_NEXT and answer is not None]
    assert calls == [(481 + REACTION, 1), (500, 2), (515 + REACTION, 3)]


def test_an_idle_counter_asks_again_for_tickets_that_came_from_elsewhere() -> None:
    _desk, log = carried_out([], [Shift(301, ("window",), 480, 500)], ask_every=5)
    assert [action.at for action, _answer in log if action.act is Act.CALL_NEXT] == [480, 485, 490, 495]


def test_who_is_called_next_is_the_published_order() -> None:
    # One counter is busy until all have come: an appointment at its time, people without one 20 minutes after their
    # arrival, protected people a quarter of an hour before that.
    people = [
        one(1, arrives=480.0, minutes=60.0),
        one(2, arrives=481.0),
        one(3, arrives=482.0, is_protected=True),
        one(4, arrives=490.0, due=500.0),
        one(5, arrives=515.0, due=495.0),
    ]
    _desk, log = carried_out(people, [Shift(301, ("window",), 480, 700)])
    called = [answer.number for action, answer in log if action.act is Act.CALL_NEXT and answer is not None]
    assert called == [1, 3, 4, 2, 5]
