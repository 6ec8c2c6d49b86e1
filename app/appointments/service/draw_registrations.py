"""A person's registration for a draw: register, cancel."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.draw import CODE_PREFIX, DrawStatus
from app.appointments.problems import AlreadyBooked
from app.appointments.queries.draws import DrawView, appointment_before
from app.appointments.queries.own import may_act_for
from app.appointments.queries.wait_list import appointment_waited_with
from app.appointments.release_events import DrawRegistered, DrawRegistrationCancelled
from app.appointments.release_models import Draw, DrawRegistration
from app.appointments.release_problems import NoEarlierSeat, RegistrationClosed, RegistrationOver
from app.appointments.service.eligibility import require_eligible
from app.appointments.service.wait_offers import end_entry, end_offer, lock_entry, lock_list, look
from app.appointments.wait_list import EndReason, EntryStatus, OfferAnswer
from app.appointments.wait_models import WaitOffer
from app.kernel import clock, ids
from app.kernel.actor import Actor, System, doer_of
from app.kernel.db_errors import translate_errors
from app.kernel.etags import Versions, require_version
from app.kernel.events import record
from app.kernel.problems import NotFound


async def register(session: AsyncSession, actor: Actor, draw_id: UUID, person_id: UUID) -> DrawRegistration:
    """Register a person for a draw, once. They may have an appointment of the service: an accepted seat moves it. Who
    cancelled and returns keeps the code, so that no one can draw codes until one pleases.

    Raises:
        NotFound: no such draw, or the actor may not act for the person. RegistrationClosed. AlreadyRegistered.
        AlreadyBooked: their appointment is at another unit. Problem: the first rule about the person that refuses.
        NoEarlierSeat: their appointment is before every seat of the draw.
    """
    if not await may_act_for(session, actor, person_id):
        raise NotFound
    # The row is shared, so that the draw is made before or after: a registration is in it, or late.
    draw = await session.scalar(select(Draw).where(Draw.id == draw_id).with_for_update(read=True))
    if draw is None:
        raise NotFound
    if draw.status != DrawStatus.OPEN or draw.closes_at <= clock.now():
        raise RegistrationClosed
    await require_may_register(session, actor, person_id, draw)
    doer = doer_of(actor)
    before = await _cancelled_before(session, draw, person_id)
    if before is not None:
        before.cancelled_at, before.registered_at, before.version = None, clock.now(), before.version + 1
        before.registered_by_kind, before.registered_by_id, before.channel = doer.kind, doer.id, actor.channel.value
        with translate_errors():
            await session.flush()
        await record(session, actor, DrawRegistered(**_about(before, draw)))
        return before
    made = DrawRegistration(
        unit_id=draw.unit_id,
        id=ids.new_id(),
        draw_id=draw.id,
        person_id=person_id,
        code=ids.new_folio(CODE_PREFIX),
        registered_at=clock.now(),
        registered_by_kind=doer.kind,
        registered_by_id=doer.id,
        channel=actor.channel.value,
        version=1,
    )
    session.add(made)
    with translate_errors():
        await session.flush()
    await record(session, actor, DrawRegistered(**_about(made, draw)))
    return made


async def require_may_register(session: AsyncSession, actor: Actor, person_id: UUID, draw: Draw | DrawView) -> None:
    """Let a person register for a draw, or say why not.

    Raises:
        NotFound: the actor may not act for the person. AlreadyBooked: their appointment is at another unit. Problem:
        the first rule about the person that refuses. NoEarlierSeat: no seat of the draw would be offered to them.
    """
    found = await appointment_waited_with(session, person_id, draw.service)
    if found is not None and found[0] != draw.unit_id:
        raise AlreadyBooked(extra={"rule": "one-active"})
    moving = found[1] if found is not None else None
    await require_eligible(session, actor, person_id, draw.unit_id, draw.service, moving=moving)
    if moving is not None and await appointment_before(session, draw.id, person_id) is not None:
        raise NoEarlierSeat


async def _cancelled_before(session: AsyncSession, draw: Draw, person_id: UUID) -> DrawRegistration | None:
    """The registration that a person cancelled before, locked; None if they have one that counts, or never had."""
    wanted = select(DrawRegistration).where(
        DrawRegistration.unit_id == draw.unit_id,
        DrawRegistration.draw_id == draw.id,
        DrawRegistration.person_id == person_id,
    )
    latest = wanted.order_by(DrawRegistration.cancelled_at.desc().nulls_first()).limit(1)
    found: DrawRegistration | None = await session.scalar(
        latest.with_for_update().execution_options(populate_existing=True)
    )
    return found if found is not None and found.cancelled_at is not None else None


def _about(one: DrawRegistration, draw: Draw) -> dict[str, Any]:
    return {
        "subject_id": one.id,
        "person_id": one.person_id,
        "unit_id": one.unit_id,
        "service": draw.service,
        "draw_id": draw.id,
        "on_date": draw.on_date,
    }


async def cancel(session: AsyncSession, actor: Actor, registration_id: UUID, *, version: Versions = None) -> None:
    """Cancel a registration: before the draw it takes no part; after it, the next in order is asked.

    Raises:
        NotFound: there is none, or it isn't the actor's. Stale. RegistrationOver.
    """
    found = await session.scalar(select(DrawRegistration).where(DrawRegistration.id == registration_id))
    if found is None or not await may_act_for(session, actor, found.person_id):
        raise NotFound
    await lock_list(session, found.unit_id)
    await session.refresh(found, with_for_update=True)
    require_version(version, found.version)
    await _cancel(session, actor, found)


async def _cancel(session: AsyncSession, actor: Actor, one: DrawRegistration) -> None:
    draw = await session.get_one(Draw, (one.unit_id, one.draw_id), populate_existing=True)
    entry = await lock_entry(session, one.unit_id, one.id)
    is_over = entry is not None and entry.status == EntryStatus.ENDED
    if one.cancelled_at is not None or draw.status == DrawStatus.ENDED or is_over:
        raise RegistrationOver
    one.cancelled_at, one.version = clock.now(), one.version + 1
    await session.flush()
    await record(session, actor, DrawRegistrationCancelled(**_about(one, draw)))
    if entry is None:
        return
    open_offer = select(WaitOffer.id).where(
        WaitOffer.unit_id == one.unit_id, WaitOffer.entry_id == one.id, WaitOffer.answer.is_(None)
    )
    offer_id = await session.scalar(open_offer)
    # Before its offer, which would end it as one that passed.
    await end_entry(session, actor, one.unit_id, one.id, EndReason.LEFT)
    if offer_id is not None:
        await end_offer(session, actor, one.unit_id, offer_id, OfferAnswer.DECLINED)
    await look(session, one.unit_id)


async def cancel_all(session: AsyncSession, person_id: UUID) -> None:
    """Cancel every registration of a person: they closed their account."""
    mine = select(DrawRegistration).where(
        DrawRegistration.person_id == person_id, DrawRegistration.cancelled_at.is_(None)
    )
    for one in (await session.scalars(mine.order_by(DrawRegistration.unit_id))).all():
        await lock_list(session, one.unit_id)
        try:
            await _cancel(session, System("release"), one)
        except RegistrationOver:
            continue
