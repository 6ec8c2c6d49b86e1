"""Which time is offered instead of one that a closure hits, until when, and who is rung: the pure rule."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.appointments.rebooking import (
    HELD_FOR,
    LEAD,
    NOTICE,
    WITHIN,
    Answer,
    Hit,
    OpenSeat,
    Placement,
    ReplyStatus,
    Tier,
    holds_seat,
    place,
    reply_status,
    terms_of,
    tier_of,
)

NOW = datetime(2026, 10, 5, 14, tzinfo=UTC)
HERE, THERE = UUID(int=1), UUID(int=2)
DAYS = frozenset((NOW + timedelta(days=n)).date() for n in range(20))


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def hit(number: int, minutes: int = 120, *, room: int = 1, person: int | None = None, can_move: bool = True) -> Hit:
    return Hit(
        UUID(int=100 + number),
        UUID(int=500 + (number if person is None else person)),
        HERE,
        "window",
        room,
        "M",
        at(minutes),
        f"C-{number:05d}",
        DAYS,
        can_move=can_move,
    )


def seat(minutes: int, room: int = 1, number: int = 1, *, unit: UUID = HERE, shift: str = "M") -> OpenSeat:
    start = at(minutes)
    return OpenSeat(unit, "window", room, shift, start, number, 15, start.date())


MINUTES = st.integers(0, 9 * 24 * 4).map(lambda quarter: quarter * 15)
HITS = st.lists(st.tuples(MINUTES, st.integers(1, 3), st.integers(0, 3), st.booleans()), max_size=8).map(
    lambda made: [
        hit(n, minutes, room=room, person=person, can_move=can) for n, (minutes, room, person, can) in enumerate(made)
    ]
)
SEATS = st.lists(
    st.builds(
        seat,
        MINUTES,
        st.integers(1, 3),
        st.integers(1, 2),
        unit=st.sampled_from((HERE, THERE)),
        shift=st.sampled_from("MV"),
    ),
    max_size=20,
).map(lambda made: list({one.key: one for one in made}.values()))


@given(HITS, SEATS)
def test_no_two_people_get_one_seat_and_nobody_two_places_at_once(hits: list[Hit], seats: list[OpenSeat]) -> None:
    placed = place(hits, seats, NOW)
    assert {one.hit.id for one in placed} == {one.id for one in hits}
    taken = [one.seat.key for one in placed if one.seat]
    assert len(taken) == len(set(taken))
    assert set(taken) <= {one.key for one in seats}
    for one in placed:
        for other in placed:
            if one is not other and one.seat and other.seat and one.hit.person_id == other.hit.person_id:
                assert one.seat.ends_at <= other.seat.start_at or other.seat.ends_at <= one.seat.start_at


@given(HITS, SEATS)
def test_an_offered_time_is_like_the_original_and_never_earlier(hits: list[Hit], seats: list[OpenSeat]) -> None:
    """Who hasn't read the message has missed nothing."""
    for one in place(hits, seats, NOW):
        if one.seat is None:
            continue
        assert one.hit.can_move
        assert (one.seat.service, one.seat.shift) == (one.hit.service, one.hit.shift)
        assert max(one.hit.start_at, NOW + LEAD) <= one.seat.start_at <= one.hit.start_at + WITHIN
        assert one.tier == tier_of(one.hit, one.seat)


def _left_for(one: Placement, placed: list[Placement], seats: list[OpenSeat]) -> list[OpenSeat]:
    """The seats that were left when this one chose."""
    before = [other.seat.key for other in placed[: placed.index(one)] if other.seat]
    return [seat for seat in seats if seat.key not in before]


@given(HITS, SEATS)
def test_who_had_the_earlier_time_chooses_first(hits: list[Hit], seats: list[OpenSeat]) -> None:
    placed = place(hits, seats, NOW)
    assert [one.hit.priority for one in placed] == sorted(one.priority for one in hits)
    alone = {one.id: place([one], seats, NOW)[0] for one in hits}
    for one in placed:
        wanted = alone[one.hit.id].seat
        people = [other.hit.person_id for other in placed[: placed.index(one)]]
        if wanted is not None and one.hit.person_id not in people and wanted in _left_for(one, placed, seats):
            assert one.seat == wanted, "the best of what is left"


@given(HITS, SEATS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(hits: list[Hit], seats: list[OpenSeat], chance: object) -> None:
    mixed, others = list(hits), list(seats)
    chance.shuffle(mixed)  # type: ignore[attr-defined] # a Random
    chance.shuffle(others)  # type: ignore[attr-defined] # a Random
    assert place(mixed, others, NOW) == place(hits, seats, NOW)


def test_the_same_doctor_comes_first_then_the_shift_then_another_unit() -> None:
    seats = [seat(130, unit=THERE), seat(200, 2), seat(3_000, 1), seat(125, 1, shift="V")]
    assert [place([hit(1)], seats[:n], NOW)[0].tier for n in (1, 2, 3)] == [Tier.UNIT, Tier.SHIFT, Tier.ROOM]
    chosen = place([hit(1)], seats, NOW)[0].seat
    assert chosen == seats[2], "another shift is another doctor, and another time of one's day"
    assert place([hit(1)], [seats[3]], NOW)[0].seat is None


@given(MINUTES, st.none() | st.integers(61, 20 * 24 * 60))
def test_a_deadline_leaves_time_and_the_seat_is_never_held_past_its_use(original: int, offered: int | None) -> None:
    start, offered_at = at(original), None if offered is None else at(offered)
    terms = terms_of(NOW, start, offered_at)
    assert NOW <= terms.reply_by <= max(NOW, start - NOTICE)
    if offered_at is None:
        assert terms.held_until is None
        return
    assert terms.held_until is not None
    assert NOW < terms.held_until < offered_at
    assert terms.held_until <= NOW + HELD_FOR
    assert terms.reply_by < terms.held_until, "there is time to be rung before the seat is released"
    if offered_at - NOW >= 2 * NOTICE:
        assert offered_at - terms.held_until >= NOTICE, "others can still use it"


ANSWERS = st.none() | st.sampled_from(tuple(Answer))


@given(ANSWERS, MINUTES, MINUTES, st.booleans())
def test_who_has_not_answered_is_awaited_or_rung_never_forgotten(
    answer: Answer | None, reply: int, now: int, reachable: bool
) -> None:
    status = reply_status(answer, at(reply), at(now), reachable=reachable)
    if answer is not None:
        assert status is ReplyStatus.ANSWERED
    elif reachable and now < reply:
        assert status is ReplyStatus.WAITING
    else:
        assert status is ReplyStatus.RING


@given(ANSWERS, st.none() | MINUTES, MINUTES)
def test_a_seat_is_held_only_for_an_open_offer(answer: Answer | None, until: int | None, now: int) -> None:
    held = holds_seat(answer, None if until is None else at(until), at(now))
    assert held == (answer is None and until is not None and now < until)


def test_who_has_a_time_in_less_than_two_hours_is_rung_at_once() -> None:
    terms = terms_of(NOW, at(90), at(3 * 24 * 60))
    assert reply_status(None, terms.reply_by, NOW, reachable=True) is ReplyStatus.RING
    assert terms.held_until == NOW + HELD_FOR
