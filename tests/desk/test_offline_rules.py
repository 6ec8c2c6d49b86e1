"""The merge of offline entries commutes, may be repeated in parts, and loses nothing."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.desk.problems import DeviceClockWrong, EntryInFuture, NotYetMissed, PersonIsHere
from app.desk.rules.offline import (
    LATENCY,
    MAX_OFFSET,
    Entry,
    EntryKind,
    EntryStatus,
    Known,
    Merged,
    Outcome,
    Stay,
    corrected,
    merge,
)
from app.desk.rules.tickets import parse_number, printed_number

NINE = datetime(2026, 10, 6, 15, tzinfo=UTC)
TOLERANCE = NINE + timedelta(minutes=10)
ASSIGNED = "A-900"


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


@dataclass
class Desk:
    """An appointment at the server: what is known, and the entries that are stored. `receive` is what the use case
    does with a batch, without a database."""

    known: Known
    stored: dict[UUID, Entry] = field(default_factory=dict)
    merged: Merged | None = None

    def receive(self, batch: list[Entry]) -> None:
        self.stored = {one.id: one for one in batch} | self.stored
        merged = merge(self.known, self.stored.values())
        stay = merged.stay
        if stay is not None and stay.number is None and merged.holder is not None:
            stay = replace(stay, number=ASSIGNED)
            self.stored[merged.holder] = replace(self.stored[merged.holder], assigned=ASSIGNED)
        self.known = replace(self.known, stay=stay, attended_at=merged.attended_at, is_missed=merged.is_missed)
        self.merged = replace(merged, stay=stay)


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """Entries of several devices about one appointment; a device gives each of its numbers once."""
    many = draw(st.integers(1, 6))
    made = []
    for number in range(1, many + 1):
        kind = draw(st.sampled_from([EntryKind.CHECK_IN, EntryKind.CHECK_IN, EntryKind.ATTENDED, EntryKind.MISSED]))
        has_number = kind is EntryKind.CHECK_IN and draw(st.booleans())
        given_number = printed_number("A", number + 100 * draw(st.integers(0, 2))) if has_number else None
        made.append(Entry(UUID(int=number), kind, at(draw(st.integers(-30, 40))), given_number))
    return draw(st.permutations(made))


@st.composite
def before(draw: st.DrawFn, sent: list[Entry]) -> Known:
    """What was known before any of them: perhaps a ticket given online, an attention, an absence, refusals."""
    number = draw(st.sampled_from(["A-007", None]))
    stay = Stay(at(draw(st.integers(-20, 20))), number, draw(st.booleans())) if number else None
    attended = draw(st.none() | st.integers(0, 50))
    refused = {one.id: "appointment-not-open" for one in sent if draw(st.integers(0, 5)) == 0}
    return Known(
        TOLERANCE,
        stay,
        at(attended) if attended is not None else None,
        draw(st.booleans()) and stay is None and attended is None,
        refused,
    )


@given(st.data())
def test_the_result_depends_on_neither_order_nor_batches_nor_repetition(data: st.DataObject) -> None:
    sent = data.draw(entries())
    known = data.draw(before(sent))
    at_once, piecewise = Desk(known), Desk(known)
    at_once.receive(sent)
    for one in data.draw(st.permutations(sent + data.draw(st.lists(st.sampled_from(sent), max_size=5)))):
        piecewise.receive([one, *data.draw(st.lists(st.sampled_from(sent), max_size=2))])
    assert piecewise.merged == at_once.merged


@given(st.data())
def test_every_entry_ends_as_something_and_a_conflict_has_its_reason(data: st.DataObject) -> None:
    sent = data.draw(entries())
    found = merge(data.draw(before(sent)), sent)
    assert set(found.outcomes) == {one.id for one in sent}
    for outcome in found.outcomes.values():
        assert (outcome.status is EntryStatus.CONFLICT) == (outcome.reason is not None)


@given(st.data())
def test_one_person_is_one_ticket_since_their_earliest_arrival(data: st.DataObject) -> None:
    sent = data.draw(entries())
    found = merge(Known(TOLERANCE), sent)
    arrivals = [one for one in sent if one.kind is EntryKind.CHECK_IN]
    assert (found.stay is None) == (not arrivals)
    if found.stay is not None:
        attended = [one.happened_at for one in sent if one.kind is EntryKind.ATTENDED]
        assert found.stay.arrived_at == min([one.happened_at for one in arrivals] + attended)
        applied = [one for one in arrivals if found.outcomes[one.id].status is EntryStatus.APPLIED]
        assert [one.id for one in applied] == [found.holder]
        assert applied[0].number == found.stay.number
        assert not found.is_missed


def test_the_earliest_of_two_devices_holds_and_the_other_is_merged_into_it() -> None:
    late = Entry(UUID(int=1), EntryKind.CHECK_IN, at(5), "A-101")
    early = Entry(UUID(int=2), EntryKind.CHECK_IN, at(2), "A-121")
    found = merge(Known(TOLERANCE), [late, early])
    assert found.stay == Stay(at(2), "A-121")
    assert found.outcomes == {late.id: Outcome(EntryStatus.MERGED), early.id: Outcome(EntryStatus.APPLIED)}
    called = merge(Known(TOLERANCE, Stay(at(5), "A-101", is_called=True)), [late, early])
    assert called.stay == Stay(at(2), "A-101", is_called=True), "the board has shown it"
    online = merge(Known(TOLERANCE, Stay(at(9), "A-003")), [late, early])
    assert online.stay == Stay(at(2), "A-003")


def test_who_came_did_not_miss_it_and_may_come_until_the_tolerance_has_passed() -> None:
    missed = Entry(UUID(int=1), EntryKind.MISSED, at(11))
    too_early = Entry(UUID(int=2), EntryKind.MISSED, at(10))
    came = Entry(UUID(int=3), EntryKind.CHECK_IN, at(12), "A-101")
    alone = merge(Known(TOLERANCE), [missed, too_early])
    assert (alone.is_missed, alone.outcomes[too_early.id].reason) == (True, NotYetMissed.slug)
    found = merge(Known(TOLERANCE), [missed, came])
    assert (found.is_missed, found.outcomes[missed.id].reason) == (False, PersonIsHere.slug)


@given(st.integers(-43_200, 43_200).filter(lambda seconds: abs(seconds) > LATENCY.seconds), st.integers(0, 86_400))
def test_a_wrong_clock_is_corrected_whatever_it_says(offset: int, ago: int) -> None:
    now = NINE
    device_now = now - timedelta(seconds=offset)
    found = corrected(device_now - timedelta(seconds=ago), device_now, now)
    assert (found.happened_at, found.reason) == (now - timedelta(seconds=ago), None)
    assert found.offset == timedelta(seconds=offset)


def test_a_difference_that_the_way_explains_is_no_correction() -> None:
    assert corrected(at(-3), NINE - LATENCY, NINE) == corrected(at(-3), NINE, NINE)


def test_ten_minutes_wrong() -> None:
    assert corrected(at(-8), at(10), at(0)).happened_at == at(-18)


def test_a_clock_beyond_correction_and_an_entry_of_the_future_are_conflicts() -> None:
    wrong = corrected(NINE, NINE - MAX_OFFSET - timedelta(seconds=1), NINE)
    assert wrong.reason == DeviceClockWrong.slug
    assert corrected(at(2), at(0), at(0)).reason == EntryInFuture.slug
    assert corrected(at(0.9), at(0), at(0)) == corrected(at(0), at(0), at(0)), "never after it was sent"


@given(st.integers(1, 999_999), st.sampled_from("ABZ"))
def test_a_printed_number_is_read_again(number: int, letter: str) -> None:
    assert parse_number(printed_number(letter, number)) == (letter, number)
    assert parse_number(f" {letter.lower()} – {number}") == (letter, number), "as people type it"
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in printed_number(letter, number))
    assert parse_number(wide) == (letter, number), "full-width, as some keyboards type it"
    assert parse_number(f"{number}") is parse_number(f"{letter}{letter}{number}") is None
