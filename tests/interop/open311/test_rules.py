"""The rules of a search and of a form's fields."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.interop.open311.rules import LONGEST, attributes_of, degrees, parse_search, window
from app.kernel.problems import Invalid

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
INSTANTS = st.integers(-300_000, 300_000).map(lambda hours: NOW + timedelta(hours=hours))


@given(st.none() | INSTANTS, st.none() | INSTANTS)
def test_a_window_keeps_the_ends_that_are_given_and_is_of_ninety_days_otherwise(
    since: datetime | None, until: datetime | None
) -> None:
    found = window(since, until, NOW)
    assert since in (None, found[0])
    assert until in (None, found[1])
    if since is None or until is None:
        assert found[1] - found[0] == LONGEST
    if since is None and until is None:
        assert found[1] == NOW


@given(st.dictionaries(st.sampled_from(["status", "start_date", "page", "page_size", "service_code"]), st.text()))
def test_a_search_is_read_or_refused(given_: dict[str, str]) -> None:
    wrong: set[str] = set()
    try:
        found = parse_search(given_, NOW)
    except Invalid as problem:
        wrong = {one.field for one in problem.fields} or {"nothing"}
    else:
        assert found.until - found.since <= LONGEST
        assert found.statuses <= {"open", "closed"}
    assert wrong <= set(given_)


def test_empty_is_as_good_as_absent() -> None:
    names = ("status", "start_date", "end_date", "page", "page_size", "service_code", "service_request_id")
    assert parse_search(dict.fromkeys(names, ""), NOW) == parse_search({}, NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_date": "2026-01-01"},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-11-01T00:00:00Z"},
        {"start_date": "2026-11-02T00:00:00Z", "end_date": "2026-11-01T00:00:00Z"},
        {"status": "open,lost"},
        {"page": "0"},
        {"page_size": "1001"},
        {"service_request_id": ",".join(map(str, range(51)))},
    ],
)
def test_what_a_search_refuses(wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        parse_search(wrong, NOW)


def test_a_search_has_what_it_asks_for() -> None:
    found = parse_search({"status": "open", "service_code": "complaint, thanks", "page": "2", "page_size": "3"}, NOW)
    assert found.has("thanks", "open", NOW - timedelta(days=1))
    assert not found.has("suggestion", "open", NOW)
    assert not found.has("thanks", "closed", NOW)
    assert not found.has("thanks", "open", NOW - timedelta(days=91))
    assert list(range(10))[found.page_span()] == [3, 4, 5]


def test_attributes_are_found_by_their_code() -> None:
    items = [("attribute[happened_on]", "2026-11-01"), ("attribute[empty]", " "), ("attribute", "x"), ("story", "y")]
    assert attributes_of(items) == {"happened_on": "2026-11-01"}


@given(st.text(), st.text())
def test_a_point_is_on_the_map_or_none(lat: str, long: str) -> None:
    found = degrees(lat, long)
    assert found is None or (abs(found[0]) <= 90 and abs(found[1]) <= 180)


def test_points() -> None:
    assert degrees("19.4326", "-99.1332") == (19.4326, -99.1332)
    assert degrees("91", "0") is None
    assert degrees("nan", "0") is None
