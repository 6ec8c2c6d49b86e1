"""The rules of an appointment, over every situation Hypothesis can think of."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.appointments import problems
from app.appointments.rules import (
    POLICIES,
    TRANSITIONS,
    Action,
    Pattern,
    Situation,
    Status,
    actions_for,
    has_times,
    overlaps,
    policy_of,
    require_allowed,
    require_changeable,
    seat_release_at,
    step,
)
from app.kernel.problems import Problem

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
HOME, ELSEWHERE = UUID(int=1), UUID(int=2)
DIAGRAM = re.compile(r"^    (\w+) --> (\w+): (\w+) \(([\w, ]+)\)$", re.MULTILINE)
DOCS = Path(__file__).parents[2] / "docs" / "appointments.md"

GOOD = Situation(
    now=NOW,
    start_at=NOW + timedelta(days=2),
    on_date=date(2026, 11, 26),
    today=date(2026, 11, 24),
    unit_id=HOME,
    assigned_unit_id=HOME,
    has_rights=True,
    has_referral=True,
    has_active=False,
    same_day=0,
    last_on=None,
    has_clash=False,
    horizon_days=30,
    last_day=date(2026, 12, 24),
)
SERVICES = st.sampled_from([*POLICIES, "specialist-cardiology"])


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    minutes = draw(st.integers(-600, 60 * 24 * 40))
    start = NOW + timedelta(minutes=minutes)
    return Situation(
        now=NOW,
        start_at=start,
        on_date=start.date(),
        today=NOW.date(),
        unit_id=draw(st.sampled_from([HOME, ELSEWHERE])),
        assigned_unit_id=draw(st.sampled_from([HOME, ELSEWHERE, None])),
        has_rights=draw(st.booleans()),
        has_referral=draw(st.booleans()),
        has_active=draw(st.booleans()),
        same_day=draw(st.integers(0, 2)),
        last_on=draw(st.none() | st.dates(date(2025, 1, 1), date(2027, 1, 1))),
        has_clash=draw(st.booleans()),
        horizon_days=30,
        last_day=NOW.date() + timedelta(days=draw(st.integers(0, 60))),
        is_operating=draw(st.booleans()),
    )


@given(SERVICES, situations())
def test_what_is_let_through_breaks_no_rule(service: str, facts: Situation) -> None:
    policy = policy_of(service)
    try:
        require_allowed(service, facts)
    except Problem:
        return
    assert facts.start_at >= facts.now + timedelta(minutes=policy.min_ahead_minutes)
    assert facts.on_date <= facts.last_day
    assert facts.has_rights or not policy.needs_rights
    assert facts.unit_id == facts.assigned_unit_id or not policy.own_unit
    assert facts.has_referral or not policy.needs_referral
    assert not facts.has_active
    assert facts.same_day == 0
    assert not facts.has_clash
    assert facts.is_operating


@pytest.mark.parametrize(
    ("service", "change", "refusal"),
    [
        ("family-medicine", {"has_rights": False}, problems.NotInForce),
        ("family-medicine", {"assigned_unit_id": ELSEWHERE}, problems.NotYourUnit),
        ("family-medicine", {"assigned_unit_id": None}, problems.NoUnitYet),
        ("family-medicine", {"has_active": True}, problems.AlreadyBooked),
        ("family-medicine", {"same_day": 1}, problems.DailyLimit),
        ("family-medicine", {"has_clash": True}, problems.SameTime),
        ("family-medicine", {"is_operating": False}, problems.UnitNotOperating),
        ("family-medicine", {"start_at": NOW + timedelta(minutes=29)}, problems.TooSoon),
        ("family-medicine", {"on_date": date(2026, 12, 25)}, problems.TooFar),
        ("specialist-cardiology", {"has_referral": False}, problems.ReferralRequired),
        ("preventive", {"last_on": date(2026, 1, 1)}, problems.PreventiveOncePerYear),
    ],
)
def test_each_rule_refuses_alone(service: str, change: dict[str, object], refusal: type[Problem]) -> None:
    require_allowed(service, GOOD)
    with pytest.raises(refusal) as refused:
        require_allowed(service, replace(GOOD, **change))  # type: ignore[arg-type] # one field of each type
    assert refused.value.extra["rule"]


def is_allowed(service: str, facts: Situation) -> bool:
    try:
        require_allowed(service, facts)
    except Problem:
        return False
    return True


def test_the_window_is_for_everyone_and_the_last_day_counts() -> None:
    assert is_allowed("window", replace(GOOD, has_rights=False, assigned_unit_id=None))
    assert not is_allowed("family-medicine", replace(GOOD, has_rights=False, assigned_unit_id=None))
    assert is_allowed("family-medicine", replace(GOOD, on_date=date(2026, 12, 24)))
    assert not is_allowed("family-medicine", replace(GOOD, on_date=date(2026, 12, 25)))
    assert is_allowed("family-medicine", replace(GOOD, start_at=NOW + timedelta(minutes=30)))
    assert not is_allowed("family-medicine", replace(GOOD, start_at=NOW + timedelta(minutes=29)))


@pytest.mark.parametrize(
    "service", ["", "surgery", "specialist-", "specialist-Cardio", "specialist-x;drop", "SPECIALIST-a"]
)
def test_an_unknown_service_is_said(service: str) -> None:
    with pytest.raises(problems.ServiceUnknown):
        policy_of(service)


@given(st.sampled_from(Status), st.sampled_from(Action), st.sampled_from(["citizen", "staff", "system", "nobody"]))
def test_only_the_steps_of_the_table_are_taken(status: Status, action: Action, who: str) -> None:
    row = TRANSITIONS.get((status, action))
    if row is not None and who in row[1]:
        assert step(status, action, who) == row[0]
        assert action in actions_for(status, who)
    else:
        with pytest.raises(problems.AppointmentEnded):
            step(status, action, who)
        assert action not in actions_for(status, who)


def test_what_has_ended_is_changed_by_staff_alone() -> None:
    ended = {Status.CANCELLED, Status.ATTENDED, Status.MISSED, Status.UNSERVED}
    assert Status.CANCELLED not in {status for status, _action in TRANSITIONS}
    for status in ended:
        assert not actions_for(status, "citizen")
        assert not actions_for(status, "system")


@given(st.integers(0, 60 * 24 * 3))
def test_a_change_is_let_until_two_hours_before_and_not_a_minute_after(minutes: int) -> None:
    start = NOW + timedelta(minutes=minutes)
    for action in (Action.MOVE, Action.CANCEL):
        if minutes >= 120:
            require_changeable("family-medicine", "booked", action, "citizen", start_at=start, now=NOW)
        else:
            with pytest.raises(problems.CancelTooLate):
                require_changeable("family-medicine", "booked", action, "citizen", start_at=start, now=NOW)


@given(st.integers(-60, 60 * 24 * 3))
def test_staff_change_until_it_begins_and_the_system_cancels_always(minutes: int) -> None:
    start = NOW + timedelta(minutes=minutes)
    assert require_changeable("window", "booked", Action.CANCEL, "system", start_at=start, now=NOW) is Status.CANCELLED
    if minutes >= 0:
        assert (
            require_changeable("window", "booked", Action.CANCEL, "staff", start_at=start, now=NOW) is Status.CANCELLED
        )
    else:
        with pytest.raises(problems.CancelTooLate):
            require_changeable("window", "booked", Action.CANCEL, "staff", start_at=start, now=NOW)


@given(
    st.integers(0, 1440),
    st.integers(0, 1440),
    st.integers(5, 240),
    st.sets(st.integers(1, 7), min_size=1),
    st.integers(0, 9),
)
def test_a_pattern_has_times_when_one_can_be_counted(a: int, b: int, slot: int, weekdays: set[int], days: int) -> None:
    first = date(2026, 11, 30)
    pattern = Pattern(tuple(weekdays), min(a, b), max(a, b), first, first + timedelta(days=days))
    counted = [
        minute
        for n in range(days + 1)
        if (first + timedelta(days=n)).isoweekday() in weekdays
        for minute in range(pattern.starts, pattern.ends - slot + 1, slot)
    ]
    assert has_times(pattern, slot) == bool(counted)


@given(st.integers(0, 86_400), st.text(max_size=40))
def test_a_freed_seat_rests_its_time_and_at_most_half_again(seconds: int, key: str) -> None:
    rested = (seat_release_at(NOW, seconds, key) - NOW).total_seconds()
    assert seconds <= rested <= seconds * 1.5


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    starts = draw(st.integers(0, 1380))
    first = draw(st.dates(date(2026, 1, 1), date(2026, 3, 1)))
    return Pattern(
        tuple(sorted(draw(st.sets(st.integers(1, 7), min_size=1)))),
        starts,
        draw(st.integers(starts + 1, 1440)),
        first,
        draw(st.none() | st.integers(0, 60).map(lambda days: first + timedelta(days=days))),
    )


@given(patterns(), patterns())
def test_patterns_that_use_a_room_at_once_overlap(one: Pattern, other: Pattern) -> None:
    def uses(pattern: Pattern, day: date) -> bool:
        within = pattern.valid_from <= day <= (pattern.valid_to or date.max)
        return within and day.isoweekday() in pattern.weekdays

    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(150)]
    same_hours = one.starts < other.ends and other.starts < one.ends
    clash = same_hours and any(uses(one, day) and uses(other, day) for day in days)
    assert overlaps(one, other) == overlaps(other, one)
    assert overlaps(one, other) or not clash


def test_the_diagram_in_the_documentation_is_the_table() -> None:
    drawn = {
        (start, action): (end, frozenset(who.split(", ")))
        for start, end, action, who in DIAGRAM.findall(DOCS.read_text(encoding="utf-8"))
    }
    assert drawn == {(s.value, a.value): (after.value, who) for (s, a), (after, who) in TRANSITIONS.items()}
