"""When reminders are due: in waking hours of the unit, in order, before the appointment; as SQL says it too."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, PackageLoader
from sqlalchemy import text

from app.notifications.reminder_queue import PARTS
from app.notifications.reminder_rules import (
    LAST_CALL,
    Decision,
    Moment,
    decide,
    due_at,
    is_waking,
    useful_until,
)
from tests.conftest import Database

ZONES = ["America/Mexico_City", "America/Tijuana", "America/Cancun", "America/Hermosillo", "America/Ojinaga"]
zones = st.sampled_from(ZONES)
starts = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(starts, zones)
def test_each_moment_is_in_waking_hours_and_they_divide_the_time_before(start: datetime, zone: str) -> None:
    due = [due_at(start, moment, zone) for moment in Moment]
    assert due[0] < due[1] < due[2] < start
    assert all(is_waking(at, zone) for at in due)
    assert [useful_until(start, moment, zone) for moment in Moment] == [due[1], due[2], start]


@given(starts, zones, st.sampled_from(Moment))
def test_a_moment_is_the_nearest_waking_time_not_after_its_own(start: datetime, zone: str, moment: Moment) -> None:
    ahead = {Moment.DAYS_3: 3, Moment.DAY_1: 1}
    local = start.astimezone(ZoneInfo(zone))
    wanted = (
        local - timedelta(days=ahead[moment])
        if moment in ahead
        else (start - timedelta(hours=3)).astimezone(ZoneInfo(zone))
    )
    due = due_at(start, moment, zone).astimezone(ZoneInfo(zone))
    if is_waking(wanted, zone):
        assert due == wanted
    else:
        assert due < wanted
        assert due.time() == LAST_CALL
        assert wanted - due <= timedelta(hours=12, minutes=30), "a night, and an hour where clocks change"


@given(starts, zones, st.sampled_from(Moment), st.integers(-5000, 5000), st.integers(-200, 200), st.booleans())
def test_only_one_moment_is_sent_at_a_time_and_none_that_is_stale(
    start: datetime, zone: str, moment: Moment, minutes: int, booked: int, is_open: bool
) -> None:
    now = start + timedelta(minutes=minutes)
    due = due_at(start, moment, zone)
    changed_at = due + timedelta(minutes=booked)
    becomes = decide(start, moment, zone, now=now, is_open=is_open, changed_at=changed_at)
    if becomes is not Decision.DROP:
        assert is_open
        assert due <= now < start
        assert booked <= 0, "what is booked later than the moment has none"
        others = [other for other in Moment if other is not moment]
        early = start - timedelta(days=30)
        assert {decide(start, one, zone, now=now, is_open=True, changed_at=early) for one in others} == {Decision.DROP}
    assert (becomes is Decision.SEND) == (becomes is not Decision.DROP and is_waking(now, zone))


@pytest.mark.parametrize(
    ("start", "moment", "expected"),
    [
        ("2026-12-04T09:00", Moment.DAYS_3, "2026-12-01T09:00"),
        ("2026-12-04T09:00", Moment.DAY_1, "2026-12-03T09:00"),
        ("2026-12-04T09:00", Moment.HOURS_3, "2026-12-03T20:30"),
        ("2026-12-04T11:00", Moment.HOURS_3, "2026-12-04T08:00"),
        ("2026-12-04T07:30", Moment.DAY_1, "2026-12-02T20:30"),
        ("2026-12-04T21:30", Moment.DAYS_3, "2026-12-01T20:30"),
        ("2026-11-02T09:00", Moment.DAYS_3, "2026-10-30T09:00"),  # the clock was changed in between
    ],
)
def test_examples_by_the_clock_of_tijuana(start: str, moment: Moment, expected: str) -> None:
    zone = ZoneInfo("America/Tijuana")
    begins = datetime.fromisoformat(start).replace(tzinfo=zone).astimezone(UTC)
    assert due_at(begins, moment, zone.key).astimezone(zone).strftime("%Y-%m-%dT%H:%M") == expected


_FILES = Environment(loader=PackageLoader("app.notifications", "sql"))
_FILES.globals.update(PARTS)
_AS_SQL = text(
    _FILES.from_string(
        '{% import "reminder_due.sql" as reminder %}SELECT t.* FROM unnest(CAST(:starts AS timestamptz[]))'
        " WITH ORDINALITY s (start_at, n),"
        " LATERAL (SELECT {{ reminder.due_times('s.start_at', 'CAST(:zone AS text)') }}) t"
        " ORDER BY s.n"
    ).render()
)


@pytest.mark.parametrize("zone", ZONES)
async def test_sql_computes_the_same(db: Database, zone: str) -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    begins = [first + timedelta(minutes=97 * step) for step in range(5600)]
    async with db.transaction() as session:
        rows = (await session.execute(_AS_SQL, {"starts": begins, "zone": zone})).all()
    assert [tuple(row) for row in rows] == [tuple(due_at(one, moment, zone) for moment in Moment) for one in begins]
