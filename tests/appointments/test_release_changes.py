"""What a preview says of published releases: nothing that moves or is lost is left out, and nothing else is said."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.appointments.draw import offers_nothing
from app.appointments.release_changes import ActiveDraw, ReleaseSnapshot, SeatRelease, hit_draws, moved_releases
from app.appointments.wait_list import EVERY_DAY, MIN_NOTICE, FreedTime, Waiting, Wish, fits
from tests.examples import examples

NOW, DAY = datetime(2026, 10, 6, 18, tzinfo=UTC), date(2026, 10, 13)
AT = st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours))
KEYS = st.tuples(st.just(NOW), st.integers(0, 6))
SEATS = st.dictionaries(KEYS, st.builds(SeatRelease, st.just(DAY), AT, st.booleans()))


@given(SEATS, SEATS)
@examples(60)
def test_seats_that_move_are_counted_once_and_no_others(
    before: dict[tuple[datetime, int], SeatRelease], after: dict[tuple[datetime, int], SeatRelease]
) -> None:
    moved = moved_releases(ReleaseSnapshot(NOW, before), ReleaseSnapshot(NOW, after))
    differ = [key for key in before.keys() & after.keys() if before[key] != after[key] and before[key].at > NOW]
    assert sum(one.seats for one in moved) == len(differ)
    assert all(one.before > NOW and (one.after is None or one.after > NOW) for one in moved)
    assert {one.before for one in moved} == {before[key].at for key in differ}
    assert moved_releases(ReleaseSnapshot(NOW, before), ReleaseSnapshot(NOW, before)) == []


def draw(number: int, seats: int) -> ActiveDraw:
    return ActiveDraw(UUID(int=number), DAY, number, "M", "dental", "open", 4, seats)


@given(st.dictionaries(st.integers(0, 4), st.integers(0, 3)), st.dictionaries(st.integers(0, 4), st.integers(0, 3)))
@examples(60)
def test_draws_that_lose_seats_are_named(before: dict[int, int], after: dict[int, int]) -> None:
    stood, stands = (
        ReleaseSnapshot(NOW, draws={UUID(int=key): draw(key, seats) for key, seats in one.items()})
        for one in (before, after)
    )
    hit = {one.draw.room: one.left for one in hit_draws(stood, stands)}
    assert hit == {key: after.get(key, 0) for key, seats in before.items() if after.get(key, 0) < seats}


@given(st.lists(st.integers(10, 60), max_size=5), st.integers(10, 60))
@examples(60)
def test_who_is_refused_fits_no_seat_and_who_is_not_fits_one(seats: list[int], has: int) -> None:
    starts = [NOW + timedelta(hours=hours) for hours in seats]
    theirs = NOW + timedelta(hours=has)
    wish = Wish(EVERY_DAY, notice=MIN_NOTICE)
    entry = Waiting(UUID(int=1), UUID(int=2), wish, NOW, has=theirs)
    fit = [one for one in starts if fits(entry, FreedTime(one, one.date(), "M", 1), NOW)]
    assert offers_nothing(theirs, min(starts, default=None)) == (bool(starts) and not fit)
