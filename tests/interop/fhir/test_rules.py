"""The pure parts: ids, dates, patches, and what a change asks for."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.appointments.slot_codes import SlotPlace, parse_slot_code, slot_code
from app.interop.fhir import identifiers
from app.interop.fhir.capabilities import RESOURCES
from app.interop.fhir.dates import bounds_of, parse_date_term
from app.interop.fhir.identifiers import Proposal
from app.interop.fhir.patches import merged, patched
from app.interop.fhir.problems import ResourceUnreadable, SearchNotSupported
from app.interop.fhir.search import parse_search
from app.kernel.problems import Invalid, Stale

ZONE = "America/Mexico_City"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
seconds = st.integers(0, 32_000_000_000).map(lambda n: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
places = st.builds(SlotPlace, st.uuids(), st.integers(1, 999), seconds)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(places, st.uuids())
def test_ids_are_read_as_they_were_made(place: SlotPlace, person_id: UUID) -> None:
    assert parse_slot_code(slot_code(place)) == place
    proposal = Proposal(place, person_id)
    id_ = identifiers.proposal_id(proposal)
    assert (identifiers.parse_proposal_id(id_), len(id_) <= 64, id_.isalnum()) == (proposal, True, True)
    for service in ("family-medicine", "specialist-cardiology"):
        made = identifiers.parse_schedule_id(identifiers.schedule_id(place.unit_id, service, place.room))
        assert (made.unit_id, made.room) == (place.unit_id, place.room)
        assert identifiers.service_of(made.digest, ["specialist-cardiology"]) == service


@given(st.text(max_size=70))
@settings(max_examples=30)
def test_what_is_no_id_is_refused(text: str) -> None:
    for parse in (parse_slot_code, identifiers.parse_proposal_id, identifiers.parse_schedule_id):
        try:
            parse(text)
        except ValueError:
            continue
        assert text.isalnum()


@pytest.mark.parametrize(
    ("text", "instant", "is_it"),
    [
        ("2026-12-01", "2026-12-01T06:00", True),  # the day begins at six in Greenwich
        ("2026-12-01", "2026-12-02T05:59", True),
        ("2026-12-01", "2026-12-01T05:59", False),
        ("ne2026-12", "2026-12-31T23:00", False),
        ("gt2026-12-01", "2026-12-02T06:00", True),
        ("gt2026-12-01", "2026-12-02T05:00", False),
        ("lt2026-12-01T09:00:00-06:00", "2026-12-01T14:59", True),
        ("lt2026-12-01T09:00:00-06:00", "2026-12-01T15:00", False),
        ("ge2026", "2026-01-01T06:00", True),
        ("le2026-12-01T09:00", "2026-12-01T15:00", True),
        ("sa2026-12-01", "2026-12-02T06:00", True),
        ("eb2026-12-01", "2026-12-01T05:00", True),
        ("ap2026-12-10", "2026-12-10T22:00", True),
        ("ap2026-12-10", "2026-12-13T22:00", False),
    ],
)
def test_dates_are_days_of_the_unit(text: str, instant: str, is_it: bool) -> None:
    found = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert parse_date_term(text).matches(found, ZONE, NOW) is is_it


@given(
    st.sampled_from(["eq", "gt", "lt", "ge", "le", "sa", "eb"]),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 # by the clock of the unit
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 # as above
)
def test_bounds_hold_what_the_terms_match(prefix: str, written: datetime, instant: datetime) -> None:
    term = parse_date_term(f"{prefix}{written:%Y-%m-%dT%H:%M}")
    span = bounds_of([term], ZONE, datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    assert (span.first <= instant < span.end) is term.matches(instant, ZONE, NOW)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "2026-02-30", "9999", "2026-12-01T25:00", "xx2026", "²026"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_date_term(text)


@given(JSON, JSON)
def test_a_merge_patch_says_what_is_there_afterwards(before: Any, patch: Any) -> None:
    after = merged(before, patch)
    if not isinstance(patch, dict):
        assert after == patch
        return
    assert all((name not in after) if value is None else name in after for name, value in patch.items())
    assert merged(after, patch) == after


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=3), JSON)
def test_a_json_patch_changes_a_copy_or_is_refused(before: dict[str, Any], operations: Any) -> None:
    copy = repr(before)
    with suppress(ResourceUnreadable, Stale):
        patched(before, [{"op": "add", "path": "/x", "value": operations}, *([operations] if operations else [])])
    assert repr(before) == copy
    added = patched(before, [{"op": "add", "path": "/x", "value": 1}, {"op": "test", "path": "/x", "value": 1}])
    assert patched(added, [{"op": "remove", "path": "/x"}]) == {k: v for k, v in before.items() if k != "x"}


@given(st.lists(st.tuples(st.sampled_from(["start", "schedule", "_count", "_sort", "x:y", ""]), st.text(max_size=8))))
def test_a_search_is_read_or_refused(items: list[tuple[str, str]]) -> None:
    for strict in (True, False):
        try:
            count = parse_search(items, RESOURCES["Slot"].searchable, strict=strict).count
        except (SearchNotSupported, Invalid):
            count = 0
        assert 0 <= count <= 100
