"""Text as numbers, dates and instants: right, or a ValueError, whatever is sent."""

import contextlib
from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel import parsing

# Everything a keyboard, a program or an attacker may send, with more of what parsers trip over.
ANY_TEXT = st.one_of(
    st.text(),
    st.from_regex(r"[0-9]{1,40}", fullmatch=True),
    st.from_regex(r"-?[0-9]{1,12}-[0-9]{1,3}-[0-9]{1,3}(T[0-9:.]{1,15}([+-][0-9:]{1,6}|Z)?)?", fullmatch=True),
    st.sampled_from(["²", "٣", "१२", "1_000", "+1", " 1", "1" * 5000, "0001-01-01T00:00:00+14:00", "\ud800", "\0"]),
)


@given(text=ANY_TEXT, year=ANY_TEXT, day=ANY_TEXT)
def test_readers_raise_nothing_but_value_errors(text: str, year: str, day: str) -> None:
    readers: dict[Callable[[str], object], type] = {
        parsing.whole_number: int,
        parsing.iso_date: date,
        parsing.clock_time: time,
        parsing.iso_instant: datetime,
        parsing.storable_text: str,
        lambda month: parsing.date_of(year, month, day): date,
    }
    for read, kind in readers.items():
        with contextlib.suppress(ValueError):
            assert isinstance(read(text), kind)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        *(("08:00", time(8)), ("8", time(8)), ("20:15", time(20, 15)), ("00:00", time(0)), (" 8:00 ", time(8))),
        *(("8:00 p.m.", time(20)), ("8:00\u00a0p.\u00a0m.", time(20)), ("8pm", time(20)), ("8:05 AM", time(8, 5))),
        *(("12:00 a.m.", time(0)), ("12:30 p.m.", time(12, 30))),
    ],
)
def test_times_of_day_as_people_write_them(text: str, right: time) -> None:
    assert parsing.clock_time(text) == right


@pytest.mark.parametrize(
    "text", ["", "25:00", "8:60", "13 p.m.", "0 am", "15:00+05:00", "15:00:00", "8:0", "ocho", "8 p"]
)
def test_what_is_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parsing.clock_time(text)


@given(number=st.integers(0, 10**18 - 1))
def test_a_whole_number_is_read_back(number: int) -> None:
    assert parsing.whole_number(str(number)) == number


@given(day=st.dates(date(1800, 1, 1), date(2999, 12, 31)))
def test_a_date_is_read_back(day: date) -> None:
    assert parsing.iso_date(day.isoformat()) == day


@given(seconds=st.integers(-5_000_000_000, 30_000_000_000), zone=st.timezones())
def test_an_instant_is_read_back_in_utc(seconds: int, zone: tzinfo) -> None:
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    assert parsing.iso_instant(moment.astimezone(zone).isoformat()) == moment


@pytest.mark.parametrize("text", ["", "²", "٣", "-1", "+1", "1.0", "1 ", "1_0", "9" * 19, "1" * 5000])
def test_what_is_no_whole_number(text: str) -> None:
    with pytest.raises(ValueError):
        parsing.whole_number(text)


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-11-24T08:20:00", "2026-11-24", ""]
)
def test_what_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError):
        parsing.iso_instant(text)


@pytest.mark.parametrize(
    "text", ["99999999999-01-01", "2026-02-30", "20261124", "2026-1-1", "2026-W01-1", "0000-01-01"]
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        parsing.iso_date(text)
