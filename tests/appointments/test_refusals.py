"""Who may book what, when: refusals of the rules, through the use cases."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import problems, rules
from app.appointments.models import Schedule
from app.appointments.queries import own
from app.appointments.service import eligibility, referrals, reschedule
from app.kernel import clock
from app.kernel.actor import Role
from app.kernel.i18n import use_language
from app.kernel.ids import new_id
from app.kernel.problems import Invalid, NotFound
from app.places.models import Room
from tests.appointments import factories


async def test_a_holder_books_for_their_dependant_and_no_one_else(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    child = await factories.person(session, unit, insured=False)
    stranger = await factories.person(session, unit)
    await factories.depend(session, ana, child)
    (start,) = await factories.seats(session, unit)
    with pytest.raises(NotFound):
        await factories.held(session, factories.citizen(stranger), child, factories.place(unit, start))
    made = await factories.booked(session, child, factories.place(unit, start), factories.citizen(ana))
    assert made.person_id == child.id
    assert (await own.own_appointment(session, factories.citizen(ana), made.folio)).person_id == child.id
    with pytest.raises(NotFound):
        await own.own_appointment(session, factories.citizen(stranger), made.folio)


async def test_rights_must_be_in_force_on_the_day(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    (start,) = await factories.seats(session, unit)
    ana = await factories.person(session, unit, insured=False)
    await factories.affiliate(session, ana, starts_on=date(2015, 1, 1), ends_on=date(2020, 1, 1))
    with pytest.raises(problems.NotInForce):
        await factories.held(session, factories.citizen(ana), ana, factories.place(unit, start))


async def test_another_unit_is_not_yours(session: AsyncSession) -> None:
    mine, other = await factories.unit(session), await factories.unit(session)
    ana = await factories.person(session, mine)
    (start,) = await factories.seats(session, other)
    with pytest.raises(problems.NotYourUnit):
        await factories.held(session, factories.citizen(ana), ana, factories.place(other, start))


async def test_too_soon_and_too_far(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    with pytest.raises(problems.TooSoon):
        await factories.held(
            session, factories.citizen(ana), ana, factories.place(unit, clock.now() + timedelta(minutes=20))
        )
    with pytest.raises(problems.TooFar):
        await factories.held(
            session, factories.citizen(ana), ana, factories.place(unit, clock.now() + timedelta(days=40))
        )


async def test_cancelling_ends_two_hours_before(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    (start,) = await factories.seats(session, unit)
    made = await factories.booked(session, ana, factories.place(unit, start))
    with time_machine.travel(start - timedelta(minutes=119)), pytest.raises(problems.CancelTooLate):
        await reschedule.cancel(session, factories.citizen(ana), made.folio, "other", factories.once())
    with time_machine.travel(start - timedelta(minutes=121)):
        await reschedule.cancel(session, factories.citizen(ana), made.folio, "other", factories.once())


async def test_a_specialist_needs_a_referral(session: AsyncSession) -> None:
    clinic, hospital = await factories.unit(session), await factories.unit(session, name="HGZ 1")
    ana = await factories.person(session, clinic)
    (start,) = await factories.seats(session, hospital, service="specialist-cardiology")
    wanted = factories.place(hospital, start, service="specialist-cardiology")
    with pytest.raises(problems.ReferralRequired):
        await factories.held(session, factories.citizen(ana), ana, wanted)
    await referrals.issue_referral(
        session,
        factories.staff(Role.OFFICER, clinic),
        person_id=ana.id,
        unit_id=hospital.id,
        service="specialist-cardiology",
        starts_on=clock.now().date(),
        ends_on=clock.now().date() + timedelta(days=90),
    )
    await factories.booked(session, ana, wanted)


async def test_a_year_after_the_last_check_counts_on_the_day_that_is_booked(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    with time_machine.travel(clock.now() - timedelta(days=360)):
        (past,) = await factories.seats(session, unit, service="preventive")
        await factories.booked(session, ana, factories.place(unit, past, service="preventive"))
    await session.execute(text("UPDATE appointment SET status = 'attended'"))
    await session.execute(text("DELETE FROM active_appointment"))
    await eligibility.require_eligible(session, factories.citizen(ana), ana.id, unit.id, "preventive")
    soon, later = factories.tomorrow(), factories.tomorrow() + timedelta(days=10)
    for start_at in (soon, later):
        await factories.seats(session, unit, service="preventive", start_at=start_at)
    with pytest.raises(problems.PreventiveOncePerYear) as refused:
        await factories.held(session, factories.citizen(ana), ana, factories.place(unit, soon, service="preventive"))
    with use_language("es"):
        assert "la siguiente puede ser desde el" in refused.value.text()
    assert refused.value.first == (past - timedelta(hours=6)).date() + timedelta(days=365)
    await factories.booked(session, ana, factories.place(unit, later, service="preventive"))


TODAY = date(2026, 3, 2)


@given(st.dates(date(2020, 1, 1), date(2032, 12, 31)), st.dates(date(2020, 1, 1), date(2032, 12, 31)))
def test_a_referral_can_be_used_and_ends_within_a_year(starts_on: date, ends_on: date) -> None:
    usable = starts_on <= ends_on and TODAY <= ends_on <= TODAY + timedelta(days=365)
    assert (rules.referral_errors(starts_on, ends_on, TODAY) == []) == usable


@pytest.mark.parametrize(
    ("on_date", "is_taken"),
    [
        (date(1, 1, 1), False),
        (date(9999, 12, 31), False),
        (TODAY - timedelta(days=366), False),
        (TODAY - timedelta(days=365), True),
        (TODAY, True),
        (TODAY + timedelta(days=730), True),
        (TODAY + timedelta(days=731), False),
    ],
)
def test_a_day_off_is_near_today(on_date: date, is_taken: bool) -> None:
    assert (rules.day_off_errors(on_date, TODAY) == []) == is_taken


def test_a_closure_is_near_today_at_both_ends() -> None:
    far, near = date(2199, 12, 31), TODAY + timedelta(days=30)
    assert rules.closure_errors(TODAY, near, TODAY) == []
    assert [one.field for one in rules.closure_errors(TODAY, far, TODAY)] == ["ends_at"]
    assert [one.field for one in rules.closure_errors(date(1850, 1, 1), far, TODAY)] == ["starts_at", "ends_at"]


@pytest.mark.parametrize(
    ("first", "last", "is_attended"),
    [
        (date(2026, 12, 10), date(2026, 12, 20), True),
        (date(2026, 12, 1), date(2026, 12, 5), False),
        (date(2026, 12, 21), date(2026, 12, 31), False),
        (date(2026, 12, 13), date(2026, 12, 13), False),  # a Sunday
        (date(2026, 12, 14), date(2026, 12, 14), True),
    ],
)
async def test_a_referral_is_for_days_on_which_the_specialty_is_attended(
    session: AsyncSession, first: date, last: date, is_attended: bool
) -> None:
    clinic, hospital = await factories.unit(session), await factories.unit(session)
    ana = await factories.person(session, clinic)
    session.add(Room(unit_id=hospital.id, number=1, kind="specialist", name="Cardiología"))
    await session.flush()
    session.add(
        Schedule(
            id=new_id(),
            unit_id=hospital.id,
            room=1,
            shift="M",
            service="specialist-cardiology",
            weekdays=[1, 3],
            starts=time(8),
            ends=time(12),
            slot_minutes=20,
            capacity=1,
            valid_from=date(2026, 12, 10),
            valid_to=date(2026, 12, 20),
        )
    )
    with time_machine.travel(datetime(2026, 11, 30, 15, tzinfo=UTC)):
        asked = referrals.issue_referral(
            session,
            factories.staff(Role.OFFICER, clinic),
            person_id=ana.id,
            unit_id=hospital.id,
            service="specialist-cardiology",
            starts_on=first,
            ends_on=last,
        )
        if is_attended:
            assert (await asked).ends_on == last
        else:
            with pytest.raises(Invalid):
                await asked


async def test_a_referral_is_to_a_unit_that_attends_the_specialty(session: AsyncSession) -> None:
    clinic, hospital = await factories.unit(session), await factories.unit(session)
    ana = await factories.person(session, clinic)
    await factories.seats(session, hospital, service="specialist-cardiology")
    today = clock.now().date()
    with pytest.raises(Invalid) as refused:
        await referrals.issue_referral(
            session,
            factories.staff(Role.OFFICER, clinic),
            person_id=ana.id,
            unit_id=hospital.id,
            service="specialist-nobody",
            starts_on=today,
            ends_on=today + timedelta(days=90),
        )
    assert [one.field for one in refused.value.fields] == ["service"]
