"""Issue a referral to a specialist."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Select, SmallInteger, cast, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import ReferralIssued
from app.appointments.models import Referral, Schedule, Seat
from app.appointments.queries import own
from app.appointments.rules import referral_errors
from app.kernel import clock, ids
from app.kernel.actor import Staff
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid, NotFound
from app.places.queries import unit_by_id

NOT_ATTENDED = N_("Esa unidad no atiende esa especialidad en esos días.")


async def issue_referral(
    session: AsyncSession,
    actor: Staff,
    *,
    person_id: UUID,
    unit_id: UUID,
    service: str,
    starts_on: date,
    ends_on: date,
) -> Referral:
    """Let a person of the desk's unit book with a specialist at another unit, between two days.

    Raises:
        NotFound: the person isn't attended at the actor's units, or there is no such unit. Invalid: days that can't be
        booked, or a specialty that the unit doesn't attend.
    """
    if not await own.may_act_for(session, actor, person_id):
        raise NotFound
    unit = await unit_by_id(session, unit_id)
    today = clock.today(unit.timezone)
    wrong = referral_errors(starts_on, ends_on, today)
    if not wrong and not await session.scalar(_is_attended(unit_id, service, max(starts_on, today), ends_on)):
        wrong = [FieldError("service", NOT_ATTENDED, "not_attended")]
    if wrong:
        raise Invalid(fields=wrong)
    referral = Referral(
        id=ids.new_id(),
        person_id=person_id,
        unit_id=unit_id,
        service=service,
        starts_on=starts_on,
        ends_on=ends_on,
        issued_by=actor.id,
        created_at=clock.now(),
    )
    session.add(referral)
    await session.flush()
    event = ReferralIssued(
        subject_id=referral.id, person_id=person_id, unit_id=unit_id, service=service, ends_on=ends_on
    )
    await record(session, actor, event)
    return referral


def _is_attended(unit_id: UUID, service: str, first: date, last: date) -> Select[tuple[bool]]:
    """Whether the unit attends this service on one of these days: by a schedule, or in a slot that there is."""
    weekdays = sorted({(first + timedelta(days=n)).isoweekday() for n in range(min(7, (last - first).days + 1))})
    schedule = exists().where(
        Schedule.unit_id == unit_id,
        Schedule.service == service,
        Schedule.valid_from <= last,
        or_(Schedule.valid_to.is_(None), Schedule.valid_to >= first),
        Schedule.weekdays.op("&&")(cast(weekdays, ARRAY(SmallInteger))),
    )
    seat = exists().where(Seat.unit_id == unit_id, Seat.service == service, Seat.on_date.between(first, last))
    return select(or_(schedule, seat))
