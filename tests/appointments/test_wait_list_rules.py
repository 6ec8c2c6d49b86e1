"""Whom a freed seat is offered to, in which order and for how long: properties of the rules."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.appointments.wait_list import (
    EVERY_DAY,
    MAX_IGNORED,
    MIN_ENTRIES,
    MIN_NOTICE,
    MIN_OFFER_LIFE,
    NEED_ORDER,
    OFFER_LIFE,
    Ask,
    FreedTime,
    OfferAnswer,
    Release,
    Wait,
    Waiting,
    Wish,
    after_answer,
    asks_at,
    expiry_of,
    fits,
    in_order,
    is_waking,
    next_step,
    odds_of,
    to_ask,
)
from app.places.rules import SLEEPS, WAKES

ZONE = "America/Mexico_City"
LOCAL = ZoneInfo(ZONE)
NOON = datetime(2026, 10, 5, 18, tzinfo=UTC)
"""A Monday, twelve by the clock of the unit."""
HOUR = timedelta(hours=1)

zones = st.sampled_from([ZONE, "America/Tijuana", "America/Cancun", "America/Hermosillo"])
instants = st.integers(0, 730 * 24 * 12).map(
    lambda steps: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=5 * steps)
)
notices = st.integers(2, 168).map(lambda hours: hours * HOUR)
wishes = st.builds(
    Wish,
    st.frozensets(st.integers(1, 7), min_size=1),
    st.sampled_from([None, "M", "V"]),
    notices,
    st.sampled_from([None, 1, 2]),
)


def entries_near(now: datetime) -> st.SearchStrategy[list[Waiting]]:
    """Some entries, asked for until now."""
    one = st.builds(
        Waiting,
        st.uuids(),
        st.uuids(),
        wishes,
        st.integers(0, 5).map(lambda days: now - timedelta(days=days)),
        st.none() | st.integers(1, 20).map(lambda days: now + timedelta(days=days)),
        st.booleans(),
    )
    return st.lists(one, max_size=8)


def time_at(start_at: datetime, *, shift: str = "M", room: int = 1, freed_by: UUID | None = None) -> FreedTime:
    return FreedTime(start_at, start_at.astimezone(LOCAL).date(), shift, room, freed_by)


def waiting(number: int = 1, *, wish: Wish | None = None, has: datetime | None = None, days: int = 0) -> Waiting:
    asked_at = NOON - timedelta(days=days)
    return Waiting(UUID(int=number), UUID(int=number + 1000), wish or Wish(notice=2 * HOUR), asked_at, has)


@given(st.data())
def test_the_order_is_need_then_time_of_asking_then_id(data: st.DataObject) -> None:
    entries = data.draw(entries_near(NOON))
    ordered = in_order(entries)
    keys = [(NEED_ORDER.index(one.need), one.asked_at, one.id) for one in ordered]
    assert keys == sorted(keys)
    assert sorted(one.id for one in ordered) == sorted(one.id for one in entries)


@given(st.data(), instants, st.integers(0, 200), zones)
def test_no_one_whom_it_fits_is_left_out_and_no_one_else_is_asked(
    data: st.DataObject, now: datetime, hours: int, zone: str
) -> None:
    entries, freed = data.draw(entries_near(now)), time_at(now + hours * HOUR)
    step = next_step(entries, freed, now, zone)
    fitting = {one.id for one in entries if fits(one, freed, now)}
    if isinstance(step, Ask):
        assert {one.id for one in step.order} == fitting
        assert step.order == to_ask(entries, freed, now)
    elif isinstance(step, Wait):
        assert not is_waking(now, zone)
        assert step.until > now
        assert is_waking(step.until, zone)
        assert to_ask(entries, freed, step.until)
    else:
        assert isinstance(step, Release)
        assert not fitting or not is_waking(now, zone)


@given(instants, notices, st.integers(0, 24 * 40), zones)
def test_an_offer_can_be_answered_and_reached(now: datetime, notice: timedelta, ahead: int, zone: str) -> None:
    start_at = now + timedelta(minutes=15 * ahead)
    expires_at = expiry_of(start_at, notice, now, zone)
    if expires_at is None:
        return
    assert MIN_OFFER_LIFE <= expires_at - now <= OFFER_LIFE
    assert start_at - expires_at >= max(notice, MIN_NOTICE)
    if is_waking(now, zone):
        local = expires_at.astimezone(ZoneInfo(zone))
        assert WAKES <= local.time() <= SLEEPS


@given(instants, st.integers(0, 24 * 14), zones)
def test_at_night_only_the_next_morning_is_asked_about(now: datetime, hours: int, zone: str) -> None:
    start_at = now + hours * HOUR
    at = asks_at(start_at, now, zone)
    if is_waking(now, zone):
        assert at == now
    elif at == now:
        assert start_at - now <= 16 * HOUR
        assert start_at.astimezone(ZoneInfo(zone)).time() <= time(12) or hours < 13
    else:
        assert at.astimezone(ZoneInfo(zone)).time() == WAKES
        assert timedelta() < at - now <= 12 * HOUR


@pytest.mark.parametrize(
    ("entry", "freed", "fit"),
    [
        (waiting(), time_at(NOON + 48 * HOUR), True),
        (waiting(wish=Wish(frozenset({3}), notice=2 * HOUR)), time_at(NOON + 48 * HOUR), True),
        (waiting(wish=Wish(frozenset({1, 2, 4}), notice=2 * HOUR)), time_at(NOON + 48 * HOUR), False),
        (waiting(wish=Wish(EVERY_DAY, "V", 2 * HOUR)), time_at(NOON + 48 * HOUR), False),
        (waiting(wish=Wish(EVERY_DAY, "V", 2 * HOUR)), time_at(NOON + 48 * HOUR, shift="V"), True),
        (waiting(wish=Wish(EVERY_DAY, None, 2 * HOUR, 2)), time_at(NOON + 48 * HOUR), False),
        (waiting(wish=Wish(EVERY_DAY, None, 48 * HOUR)), time_at(NOON + 48 * HOUR), False),
        (waiting(), time_at(NOON + 2 * HOUR), False),
        (waiting(has=NOON + 48 * HOUR), time_at(NOON + 48 * HOUR), False),
        (waiting(has=NOON + 49 * HOUR), time_at(NOON + 48 * HOUR), True),
        (waiting(1), time_at(NOON + 48 * HOUR, freed_by=UUID(int=1001)), False),
    ],
)
def test_whom_a_time_fits(entry: Waiting, freed: FreedTime, *, fit: bool) -> None:
    assert fits(entry, freed, NOON) is fit


def test_a_time_offered_before_isnt_offered_again() -> None:
    start_at = NOON + 48 * HOUR
    entry = Waiting(UUID(int=1), UUID(int=2), Wish(), NOON, asked=frozenset({start_at}))
    assert not fits(entry, time_at(start_at), NOON)
    assert fits(entry, time_at(start_at + HOUR), NOON)


def test_who_has_no_appointment_is_asked_before_who_wants_an_earlier_one() -> None:
    late, early, affected = waiting(1), waiting(2, has=NOON + 99 * HOUR, days=5), waiting(3)
    affected = Waiting(affected.id, affected.person_id, affected.wish, NOON, NOON + HOUR, is_affected=True)
    assert [one.id.int for one in in_order([late, early, affected])] == [3, 1, 2]


@given(st.lists(st.sampled_from(list(OfferAnswer)), max_size=12))
def test_three_ignored_in_a_row_pause(answers: list[OfferAnswer]) -> None:
    ignored, in_a_row = 0, 0
    for answer in answers:
        after = after_answer(ignored, answer, NOON, ZONE)
        in_a_row = 0 if answer is OfferAnswer.DECLINED else in_a_row + (answer is OfferAnswer.EXPIRED)
        assert after.ignored == in_a_row
        assert after.is_paused == (
            answer is OfferAnswer.UNREACHABLE or (answer is OfferAnswer.EXPIRED and in_a_row >= MAX_IGNORED)
        )
        if after.is_paused:
            return
        ignored = after.ignored


def test_silence_at_night_doesnt_count() -> None:
    night = datetime(2026, 10, 5, 8, tzinfo=UTC)
    assert after_answer(2, OfferAnswer.EXPIRED, night, ZONE).ignored == 2


def test_no_share_is_shown_of_few_entries() -> None:
    assert odds_of(3, MIN_ENTRIES - 1) is None
    assert odds_of(5, MIN_ENTRIES) == 5 / MIN_ENTRIES


def test_an_evening_offer_ends_when_people_sleep() -> None:
    evening = datetime.combine(date(2026, 10, 5), SLEEPS, LOCAL) - timedelta(minutes=15)
    expires_at = expiry_of(evening + timedelta(days=9), 24 * HOUR, evening, ZONE)
    assert expires_at == evening + timedelta(minutes=15)
