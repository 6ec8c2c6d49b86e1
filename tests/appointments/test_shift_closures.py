"""A doctor is absent: a preview shows whom it hits, each gets another time held for them, and each answers."""

from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import problems
from app.appointments.horizon import last_open_day
from app.appointments.queries.own import own_appointment
from app.appointments.queries.rebooking import open_offer, people_of_closure
from app.appointments.rebooking import HELD_FOR, ReplyStatus
from app.appointments.service import answers, closures, holds, reschedule, schedules, shift_closures
from app.appointments.service.reschedule import NewTime
from app.kernel import clock
from app.kernel.actor import Role
from app.kernel.problems import Invalid, NotFound, Stale
from tests.appointments import factories as places
from tests.appointments.absence import absent, accept, booked, close, held_seats
from tests.appointments.week import DAYS, FRIDAY, MONDAY, TEST, THURSDAY, at, happened, opened

SATURDAY = FRIDAY + timedelta(days=1)

pytestmark = pytest.mark.usefixtures("working_days")


async def test_each_gets_the_next_time_of_the_same_doctor_by_the_original_time(session: AsyncSession) -> None:
    unit, _schedule = await opened(session)
    (ana, first), (eva, second) = await booked(session, unit, at(THURSDAY, 8), at(THURSDAY, 9, 30))
    before = await held_seats(session)
    seen = await shift_closures.preview_closure(session, TEST, absent(unit))
    assert await held_seats(session) == before, "a preview leaves nothing behind"
    assert await happened(session, "appointment.affected") == []
    closed = await close(session, unit)
    assert shift_closures.digest_of(seen.offers) == shift_closures.digest_of(closed.offers)
    where = {one.folio: one.placement.seat.start_at for one in closed.offers if one.placement.seat}
    assert where == {first: at(FRIDAY, 8), second: at(FRIDAY, 8, 30)}
    notified = await happened(session, "appointment.affected")
    assert [(one["folio"], one["offered_start_at"]) for one in notified] == [
        (first, at(FRIDAY, 8).isoformat()),
        (second, at(FRIDAY, 8, 30).isoformat()),
    ]
    with pytest.raises(problems.SlotTaken):  # it is held for her
        await places.booked(session, await places.person(session, unit), places.place(unit, at(FRIDAY, 8)))
    moved = await accept(session, ana, first)
    assert (moved.start_at, moved.version) == (at(FRIDAY, 8), 3)
    own = await own_appointment(session, places.citizen(ana), first)
    assert (own.affected, own.start_at) == (None, at(FRIDAY, 8))
    people = {one.folio: one for one in await people_of_closure(session, closed.id)}
    assert [people[one].reply_status(set()) for one in (first, second)] == [ReplyStatus.ANSWERED, ReplyStatus.WAITING]
    assert people[first].answered_by == "citizen"
    with pytest.raises(problems.OfferOver):
        await accept(session, ana, first)
    assert await open_offer(session, unit.id, (await own_appointment(session, places.citizen(eva), second)).id)


async def test_where_the_same_doctor_has_none_another_room_of_the_shift_and_else_a_choice(
    session: AsyncSession,
) -> None:
    unit, _schedule = await opened(session)
    await places.schedule(
        session, unit, room=2, starts=time(9), ends=time(9, 30), valid_from=THURSDAY, horizon_days=3
    )  # one seat on Thursday
    hit = await booked(session, unit, at(THURSDAY, 8), at(THURSDAY, 8, 30))
    closed = await close(session, unit, last=FRIDAY + timedelta(days=20))
    assert [one.placement.tier for one in closed.offers] == ["shift", None]
    people = await people_of_closure(session, closed.id)
    assert [(one.to_room, one.held_until is None) for one in people] == [(2, False), (None, True)]
    with pytest.raises(problems.OfferOver):
        await accept(session, *hit[1])
    notified = await happened(session, "appointment.affected")
    assert [one["offered_start_at"] for one in notified] == [at(THURSDAY, 9).isoformat(), None]


async def test_a_window_s_people_may_go_to_another_unit_and_the_move_is_a_new_appointment(
    session: AsyncSession,
) -> None:
    unit, other = await places.unit(session), await places.unit(session, name="UMF 2 Otra")
    for place in (unit, other):
        await places.room_of(session, place)
        await places.seats(session, place, start_at=at(THURSDAY, 8), service="window", count=1)
    await places.schedule(session, other, room=7, valid_from=FRIDAY, horizon_days=0)
    await session.execute(text("UPDATE schedule SET service = 'window'"))  # the other unit gives it
    ana = await places.person(session, unit)
    made = await places.booked(session, ana, places.place(unit, at(THURSDAY, 8), service="window"))
    closed = await close(session, unit)
    assert [(one.placement.tier, one.placement.seat.unit_id) for one in closed.offers if one.placement.seat] == [
        ("unit", other.id)
    ]
    supervisor = places.staff(Role.SUPERVISOR, unit)
    taken = (await answers.accept(session, supervisor, made.folio, places.once())).value
    assert (taken.unit_id, taken.start_at) == (other.id, at(THURSDAY, 8))
    states = await session.execute(text("SELECT folio, status, cancel_reason FROM appointment"))
    assert {tuple(row) for row in states} == {(made.folio, "cancelled", "rebooked"), (taken.folio, "booked", None)}
    assert (await people_of_closure(session, closed.id))[0].answered_by == "staff"


async def test_another_time_or_a_cancellation_ends_the_offer_and_frees_its_seat(session: AsyncSession) -> None:
    unit, _schedule = await opened(session)
    (ana, first), (eva, second) = await booked(session, unit, at(THURSDAY, 8), at(THURSDAY, 9))
    closed = await close(session, unit)
    assert await held_seats(session) == 2
    # While she chooses, she holds another time: the one offered stays hers.
    own = await own_appointment(session, places.citizen(ana), first)
    await places.held(session, places.citizen(ana), ana, places.place(unit, at(FRIDAY, 9, 30)), moving=own.id)
    assert await held_seats(session) == 3
    await reschedule.move(session, places.citizen(ana), first, NewTime(1, at(FRIDAY, 9, 30)), places.once())
    await reschedule.cancel(session, places.citizen(eva), second, "other", places.once())
    assert await held_seats(session) == 0
    people = await people_of_closure(session, closed.id)
    assert [one.answer for one in people] == ["other-time", "cancelled"]


async def test_without_an_answer_the_person_is_rung_and_the_seat_held_until_it_is_released(
    session: AsyncSession,
) -> None:
    unit, _schedule = await opened(session)
    (ana, folio), *_others = await booked(session, unit, at(THURSDAY, 8))
    await close(session, unit)
    closed = (await people_of_closure(session, (await happened_ids(session))[0]))[0]
    assert closed.held_until is not None
    supervisor = places.staff(Role.SUPERVISOR, unit)
    with time_machine.travel(closed.reply_by + timedelta(minutes=1)):
        again = (await people_of_closure(session, (await happened_ids(session))[0]))[0]
        assert (again.reply_status(set()), again.is_held) == (ReplyStatus.RING, True)
        assert await answers.record_call(session, supervisor, folio) == 1
        with pytest.raises(problems.SlotTaken):
            await places.held(
                session,
                places.citizen(other := await places.person(session, unit)),
                other,
                places.place(unit, at(FRIDAY, 8)),
            )
    with time_machine.travel(clock.now() + HELD_FOR + timedelta(minutes=1)):
        late = (await people_of_closure(session, (await happened_ids(session))[0]))[0]
        assert (late.reply_status(set()), late.is_held, late.calls) == (ReplyStatus.RING, False, 1)
        await places.booked(session, other, places.place(unit, at(FRIDAY, 8)))
        with pytest.raises(problems.OfferOver) as refused:
            await accept(session, ana, folio)
        assert refused.value.extra["alternatives"], "never worse than cancelled: other times are named"
        await reschedule.move(session, places.citizen(ana), folio, NewTime(1, at(FRIDAY, 9)), places.once())


async def test_an_offer_that_ran_out_is_over_though_no_one_took_its_seat(session: AsyncSession) -> None:
    unit, _schedule = await opened(session)
    ((ana, folio),) = await booked(session, unit, at(THURSDAY, 8))
    await close(session, unit)
    with time_machine.travel(clock.now() + HELD_FOR + timedelta(minutes=1)), pytest.raises(problems.OfferOver):
        await accept(session, ana, folio)


async def test_nothing_is_offered_past_the_horizon_or_at_a_unit_out_of_operation(session: AsyncSession) -> None:
    unit = await places.unit(session)
    await places.room_of(session, unit)
    last = last_open_day(unit.timezone)
    for day in (last, last + timedelta(days=1)):
        await places.seats(session, unit, start_at=at(day, 8))
    await booked(session, unit, at(last, 8))
    assert [one.placement.seat for one in (await close(session, unit, last)).offers] == [None]
    stopped, _schedule = await opened(session)
    await booked(session, stopped, at(THURSDAY, 8))
    await session.execute(text("UPDATE unit SET is_operating = false WHERE id = :id"), {"id": stopped.id})
    assert [one.placement.seat for one in (await close(session, stopped)).offers] == [None]


async def test_who_is_attended_at_another_unit_by_now_is_offered_nothing_here(session: AsyncSession) -> None:
    unit, _schedule = await opened(session)
    ((ana, _folio),) = await booked(session, unit, at(THURSDAY, 8))
    moved = {"unit": (await places.unit(session)).id, "id": ana.id}
    await session.execute(text("UPDATE person SET unit_id = :unit WHERE id = :id"), moved)
    assert [one.placement.seat for one in (await close(session, unit)).offers] == [None]


async def happened_ids(session: AsyncSession) -> list[Any]:
    found = text("SELECT subject_id FROM event WHERE type = 'schedule-exception.created' ORDER BY id")
    return list((await session.scalars(found)).all())


async def test_the_rest_of_today_is_closed_and_who_is_on_the_way_is_rung_at_once(session: AsyncSession) -> None:
    unit = await places.unit(session)
    await places.room_of(session, unit)
    soon, later = clock.now() + timedelta(hours=1), clock.now() + timedelta(hours=4)
    for start in (clock.now() - timedelta(hours=1), soon, later, soon + timedelta(days=1), later + timedelta(days=1)):
        await places.seats(session, unit, start_at=start)
    (ana, first), (_eva, second) = await booked(session, unit, soon, later)
    closed = await close(session, unit, MONDAY)
    assert closed.closed_seats == 2, "what has begun isn't closed any more"
    people = {one.folio: one for one in await people_of_closure(session, closed.id)}
    assert [people[one].reply_status(set()) for one in (first, second)] == [ReplyStatus.RING, ReplyStatus.WAITING]
    # She accepts after the time that can't be attended: it is the agency's fault, not hers.
    with time_machine.travel(soon + timedelta(hours=2)):
        assert (await accept(session, ana, first)).start_at == soon + timedelta(days=1)


async def test_closing_the_whole_day_does_not_hit_who_has_been_there(session: AsyncSession) -> None:
    unit = await places.unit(session)
    await places.room_of(session, unit)
    soon = clock.now() + timedelta(hours=1)
    await places.seats(session, unit, start_at=soon)
    ((ana, folio),) = await booked(session, unit, soon)
    span: dict[str, Any] = {"starts_at": soon - timedelta(hours=6), "ends_at": soon + timedelta(hours=9)}
    with time_machine.travel(soon + timedelta(hours=2)):
        await closures.close(session, TEST, unit_id=unit.id, room=1, shift=None, reason="leave", **span)
    assert await happened(session, "appointment.affected") == []
    assert (await own_appointment(session, places.citizen(ana), folio)).affected is None


async def test_who_booked_another_since_keeps_that_one(session: AsyncSession) -> None:
    unit = await places.unit(session)
    await places.room_of(session, unit)
    soon = clock.now() + timedelta(hours=1)
    await places.seats(session, unit, start_at=soon)
    await places.seats(session, unit, start_at=soon + timedelta(days=2), count=2)
    ((ana, folio),) = await booked(session, unit, soon)
    await close(session, unit, MONDAY)
    with time_machine.travel(soon + timedelta(hours=3)):
        await places.booked(session, ana, places.place(unit, soon + timedelta(days=2, minutes=15)))
        with pytest.raises(problems.AlreadyBooked):
            await accept(session, ana, folio)


async def test_opened_again_the_appointment_stands_and_the_offer_is_withdrawn(session: AsyncSession) -> None:
    unit, _schedule = await opened(session)
    (ana, first), (eva, second) = await booked(session, unit, at(THURSDAY, 8), at(THURSDAY, 9))
    closed = await close(session, unit)
    await accept(session, ana, first)
    await closures.reopen(session, TEST, closed.id)
    assert await held_seats(session) == 0
    assert [one.answer for one in await people_of_closure(session, closed.id)] == ["accepted", "withdrawn"]
    assert (await own_appointment(session, places.citizen(ana), first)).start_at == at(FRIDAY, 8), "what she took stays"
    own = await own_appointment(session, places.citizen(eva), second)
    assert (own.start_at, own.affected) == (at(THURSDAY, 9), None)
    with pytest.raises(problems.OfferOver):
        await accept(session, eva, second)


async def test_closed_twice_nobody_is_notified_twice_and_an_offer_that_is_hit_is_replaced(
    session: AsyncSession,
) -> None:
    unit, _schedule = await opened(session)
    ((ana, folio),) = await booked(session, unit, at(THURSDAY, 8))
    await close(session, unit)
    same = await close(session, unit)
    assert (same.closed_seats, list(same.offers)) == (0, [])
    assert len(await happened(session, "appointment.affected")) == 1
    friday = await close(session, unit, FRIDAY)
    (again,) = friday.offers
    assert again.placement.seat is not None
    assert (again.folio, again.placement.seat.start_at) == (folio, at(SATURDAY, 8))
    assert len(await happened(session, "appointment.affected")) == 2, "she hears of the new one"
    assert (await accept(session, ana, folio)).start_at == at(SATURDAY, 8)
    assert await held_seats(session) == 0


async def test_an_offered_time_that_a_change_of_the_schedule_removes_is_replaced(session: AsyncSession) -> None:
    unit, schedule = await opened(session)
    ((ana, folio),) = await booked(session, unit, at(THURSDAY, 8))
    await close(session, unit)
    later = {"starts": time(9), "ends": time(11)}
    await schedules.correct_schedule(
        session, TEST, schedule.id, later, version=None, horizon_days=DAYS, offers_times=True
    )
    offered = [one["offered_start_at"] for one in await happened(session, "appointment.affected")]
    assert offered == [at(FRIDAY, 8).isoformat(), at(FRIDAY, 9).isoformat()], "she hears of the new one"
    assert (await accept(session, ana, folio)).start_at == at(FRIDAY, 9)


async def test_only_who_manages_the_unit_and_only_days_to_come(session: AsyncSession) -> None:
    unit, _schedule = await opened(session)
    for actor, error in (
        (places.staff(Role.RECEPTIONIST, unit), problems.UnitNotManaged),
        (places.staff(Role.SUPERVISOR, await places.unit(session)), problems.UnitNotManaged),
    ):
        with pytest.raises(error):
            await shift_closures.close_shift(session, actor, absent(unit))
    for first, last in ((MONDAY - timedelta(days=1), MONDAY), (FRIDAY, THURSDAY), (FRIDAY, FRIDAY + timedelta(90))):
        with pytest.raises(Invalid):
            await shift_closures.close_shift(session, TEST, absent(unit, first, last))
    ((_ana, folio),) = await booked(session, unit, at(THURSDAY, 8))
    await close(session, unit)
    stranger = places.citizen(await places.person(session, unit))
    with pytest.raises(NotFound):
        await answers.accept(session, stranger, folio, places.once())


async def test_accepting_twice_with_one_key_is_accepting_once(session: AsyncSession) -> None:
    unit, _schedule = await opened(session)
    ((ana, folio),) = await booked(session, unit, at(THURSDAY, 8))
    await close(session, unit)
    with pytest.raises(Stale):  # as it was before the offer
        await answers.accept(session, places.citizen(ana), folio, places.once(), version=1)
    key = places.once()
    first = await answers.accept(session, places.citizen(ana), folio, key)
    again = await answers.accept(session, places.citizen(ana), folio, key)
    assert again.value == first.value
    assert len(await happened(session, "appointment.moved")) == 1


async def test_a_digest_that_no_longer_holds_is_refused(session: AsyncSession) -> None:
    unit, _schedule = await opened(session)
    ((ana, folio),) = await booked(session, unit, at(THURSDAY, 8))

    async def preview() -> str:
        return shift_closures.digest_of((await shift_closures.preview_closure(session, TEST, absent(unit))).offers)

    first = await preview()
    await reschedule.move(session, places.citizen(ana), folio, NewTime(1, at(THURSDAY, 9)), places.once())
    seen = await preview()
    assert seen != first, "she would go to the same time, from another one"
    await booked(session, unit, at(FRIDAY, 8))  # the time that would have been offered
    now = await preview()
    with pytest.raises(problems.PreviewOutdated):
        shift_closures.require_shown(seen, now)
    shift_closures.require_shown(now, now)
    shift_closures.require_shown(None, now)


async def test_a_person_s_own_hold_gives_way_to_the_seat_that_they_accept(session: AsyncSession) -> None:
    unit, _schedule = await opened(session)
    ((ana, folio),) = await booked(session, unit, at(THURSDAY, 8))
    await close(session, unit)
    own = await own_appointment(session, places.citizen(ana), folio)
    await holds.hold(
        session, places.citizen(ana), ana.id, places.place(unit, at(FRIDAY, 9)), places.once(), moving=own.id
    )
    assert (await accept(session, ana, folio)).start_at == at(FRIDAY, 8)
    assert await held_seats(session) == 0
