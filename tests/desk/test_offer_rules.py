"""Freed appointments: which ticket they are offered to, as a rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.appointments.wait_list import MIN_NOTICE, MIN_OFFER_LIFE, life_of
from app.desk.rules.offers import (
    SOON,
    Freed,
    FreedTime,
    WalkIn,
    fits,
    in_order,
    is_offered,
    next_offers,
    to_identify,
    turn_taking,
)
from app.desk.rules.turns import Arrival, TurnPolicy, call_order, turn_of

NOW = datetime(2026, 10, 6, 15, tzinfo=UTC)
SERVICES = ("dental", "window")


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


@st.composite
def times(draw: st.DrawFn) -> list[FreedTime]:
    found = draw(
        st.lists(st.tuples(st.integers(1, 3), st.integers(-30, 45), st.integers(1, 2)), max_size=6, unique=True)
    )
    return [
        FreedTime(draw(st.sampled_from(SERVICES)), room, NOW + minutes(at), seat, 20, draw(st.sampled_from(Freed)))
        for room, at, seat in found
    ]


@st.composite
def walk_ins(draw: st.DrawFn) -> list[WalkIn]:
    tickets = []
    for number in range(1, draw(st.integers(0, 7)) + 1):
        arrival = Arrival(NOW - minutes(draw(st.integers(0, 240))), is_protected=draw(st.booleans()))
        policy = TurnPolicy(walk_in_offset=draw(st.integers(0, 60)), walk_in_target=draw(st.integers(1, 200)))
        tickets.append(
            WalkIn(
                UUID(int=number),
                draw(st.sampled_from(SERVICES)),
                number,
                arrival,
                turn_of(arrival, policy),
                policy,
                draw(st.sampled_from((None, None, 1))),
                is_known=draw(st.booleans()),
                has_appointment=draw(st.booleans()),
            )
        )
    return tickets


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[FreedTime], list[WalkIn], set[tuple[UUID, datetime]]]:
    free, tickets = draw(times()), draw(walk_ins())
    pairs = [(ticket.id, time.start_at) for ticket in tickets for time in free]
    return free, tickets, set(draw(st.lists(st.sampled_from(pairs), max_size=4))) if pairs else set()


Case = tuple[list[FreedTime], list[WalkIn], set[tuple[UUID, datetime]]]


@given(situations())
def test_each_time_and_each_ticket_is_in_one_offer_that_fits_and_was_not_declined(case: Case) -> None:
    offers = next_offers(*case, NOW)
    assert len({time.key for time, _ in offers}) == len({ticket.id for _, ticket in offers}) == len(offers)
    for time, ticket in offers:
        assert (time.service, ticket.has_appointment) == (ticket.service, False)
        assert ticket.room in (None, time.room)
        assert ticket.is_known or time.freed is Freed.MISSED, "a booking is somebody's"
        assert (ticket.id, time.start_at) not in case[2]
        assert NOW - minutes(20) < time.start_at <= NOW + SOON
        assert time.start_at >= NOW or time.freed is Freed.MISSED


@given(situations(), st.integers(0, 300))
def test_nobody_waits_longer_for_accepting(case: Case, later: int) -> None:
    then = NOW + minutes(later)
    for time, ticket in next_offers(*case, NOW):
        after = turn_taking(ticket, time.start_at)
        assert call_order(after, ticket.number, then) <= call_order(ticket.turn, ticket.number, then)
        assert after.rank_at < ticket.turn.rank_at
        assert after.first_at <= ticket.turn.first_at


@given(situations())
def test_nobody_is_passed_over_for_one_who_is_called_later(case: Case) -> None:
    free, tickets, declined = case
    offers = next_offers(*case, NOW)
    own = {ticket.id: time for time, ticket in offers}
    order = [one.id for one in in_order(tickets, NOW)]
    for time, ticket in offers:
        for other in tickets:
            if order.index(other.id) < order.index(ticket.id) and fits(time, other):
                is_declined = (other.id, time.start_at) in declined
                assert is_declined or own[other.id].start_at <= time.start_at
    given_out = {time.key for time, _ in offers}
    for time in free:
        if time.key not in given_out and is_offered(time, NOW):
            for other in tickets:
                assert not fits(time, other) or (other.id, time.start_at) in declined or other.id in own


@given(situations())
def test_the_order_of_what_is_read_changes_nothing(case: Case) -> None:
    free, tickets, declined = case
    assert next_offers(free[::-1], tickets[::-1], declined, NOW) == next_offers(*case, NOW)


@given(situations())
def test_who_must_be_identified_is_unknown_and_has_no_offer_to_book(case: Case) -> None:
    unknown = to_identify(*case, NOW)
    assert all(not one.is_known for one in unknown)
    booked = {ticket.id for time, ticket in next_offers(*case, NOW) if time.freed is not Freed.MISSED}
    assert booked.isdisjoint(one.id for one in unknown)


def test_a_time_that_would_make_the_wait_longer_is_offered_to_the_next() -> None:
    free = FreedTime("dental", 1, NOW + minutes(10), 1, 20, Freed.CANCELLED)
    policy = TurnPolicy()

    def waiting(number: int, ago: int) -> WalkIn:
        arrival = Arrival(NOW - minutes(ago))
        return WalkIn(UUID(int=number), "dental", number, arrival, turn_of(arrival, policy), policy)

    long, short = waiting(1, 60), waiting(2, 5)
    assert in_order([short, long], NOW) == [long, short], "the first is called before ten past nine as it is"
    assert next_offers([free], [long, short], (), NOW) == [(free, short)]
    assert next_offers([free], [long], (), NOW) == []


def test_a_time_of_another_room_or_service_is_for_others() -> None:
    free = FreedTime("dental", 1, NOW + minutes(10), 1, 20, Freed.CANCELLED)
    arrival, policy = Arrival(NOW - minutes(5)), TurnPolicy()
    ticket = WalkIn(UUID(int=1), "dental", 1, arrival, turn_of(arrival, policy), policy)
    assert fits(free, ticket)
    assert fits(free, replace(ticket, room=1))
    assert not fits(free, replace(ticket, room=2)), "another doctor's patient"
    assert not fits(free, replace(ticket, service="window"))


def test_the_limit_of_a_wait_does_not_move_back() -> None:
    """Where the unit lets appointments wait longer than walk-ins."""
    arrival, policy = Arrival(NOW - minutes(5)), TurnPolicy(appointment_target=90, walk_in_target=30)
    ticket = WalkIn(UUID(int=1), "dental", 1, arrival, turn_of(arrival, policy), policy)
    assert turn_taking(ticket, NOW + minutes(10)).first_at == ticket.turn.first_at


@given(st.integers(0, 600))
def test_no_time_is_offered_at_the_desk_and_to_the_wait_list(ahead: int) -> None:
    start_at = NOW + minutes(ahead)
    at_desk = is_offered(FreedTime("dental", 1, start_at, 1, 20, Freed.CANCELLED), NOW)
    life = life_of(start_at, MIN_NOTICE, NOW)
    assert not (at_desk and life is not None)
    assert life is None or NOW + life + SOON < start_at, "the list has answered before the desk begins"
    assert minutes(0) < MIN_OFFER_LIFE
