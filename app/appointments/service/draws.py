"""Draws: open the registration with a committed seed, draw when it closes, end when what is left is the public's, or at
once when their seats were taken out of the agenda.

One transaction at a time works the draws of a unit, with its wait list (`lock_list`); each step is taken once, whatever
crashes, and with two workers: a draw has one row, its position is set once, and its seats are listed once.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.draw import DrawStatus, digest_of, new_seed
from app.appointments.release import MIN_REGISTRATION, OPENED_LATE
from app.appointments.release_events import DrawDrawn, DrawEnded, DrawOpened, DrawWithoutSeat
from app.appointments.release_models import SEED_PURPOSE, Draw, DrawRegistration
from app.appointments.service.draw_seats import look_at_others
from app.appointments.service.releases import PORTAL
from app.appointments.service.wait_offers import end_entry, lock_list, look
from app.appointments.statements import STATEMENTS
from app.appointments.wait_list import EndReason, EntryStatus
from app.appointments.wait_models import WaitEntry
from app.kernel import clock, ids
from app.kernel.crypto import decrypt, encrypt
from app.kernel.db import rows_written
from app.kernel.events import record

_TO_OPEN = STATEMENTS.load("draws/due_to_open")
_TO_DRAW = STATEMENTS.load("draws/due_to_draw")
_ASSIGN = STATEMENTS.load("draws/assign")
_LIST_SEATS = STATEMENTS.load("draws/list_seats")
_TO_END = STATEMENTS.load("draws/due_to_end")
_TO_WITHDRAW = STATEMENTS.load("draws/due_to_withdraw")
_WITHOUT = STATEMENTS.load("draws/without_seat")


async def work_draws(session: AsyncSession, unit_id: UUID) -> None:
    """Bring the draws of a unit up to date: open, draw and end those that are due. Idempotent."""
    await lock_list(session, unit_id)
    await _open(session, unit_id)
    has_drawn = await _draw(session, unit_id)
    listed = await rows_written(session, _LIST_SEATS, {"unit_id": unit_id, "draw_id": None, "now": clock.now()})
    if has_drawn or listed:
        await look(session, unit_id)
    await _end(session, unit_id, await _withdraw(session, unit_id))


async def _open(session: AsyncSession, unit_id: UUID) -> None:
    due = {"unit_id": unit_id, "now": clock.now(), "late": OPENED_LATE, "shortest": MIN_REGISTRATION}
    for row in (await session.execute(_TO_OPEN, due)).all():
        seed = new_seed()
        about: dict[str, Any] = {name: getattr(row, name) for name in ("room", "service", "on_date", "closes_at")}
        about |= {"seed_digest": digest_of(seed), "public_at": row.public_at}
        made = insert(Draw).values(
            unit_id=unit_id,
            id=ids.new_id(),
            schedule_id=row.schedule_id,
            shift=row.shift,
            opens_at=row.opens_at,
            seats=row.seats,
            seed_ciphertext=encrypt(SEED_PURPOSE, seed.hex()),
            **about,
        )
        draw_id = await session.scalar(made.on_conflict_do_nothing().returning(Draw.id))
        if draw_id is not None:
            await record(session, PORTAL, DrawOpened(subject_id=draw_id, unit_id=unit_id, **about))


async def _draw(session: AsyncSession, unit_id: UUID) -> bool:
    """Publish the seeds of the draws whose registration is over, fix their order, and list their seats."""
    due = (await session.execute(_TO_DRAW, {"unit_id": unit_id, "now": clock.now()})).all()
    await _publish(session, unit_id, due)
    return bool(due)


async def _publish(session: AsyncSession, unit_id: UUID, rows: Sequence[Any]) -> None:
    now = clock.now()
    for row in rows:
        drawn = {"unit_id": unit_id, "draw_id": row.id, "now": now}
        place = (Draw.unit_id == unit_id, Draw.id == row.id)
        seed = bytes.fromhex(decrypt(SEED_PURPOSE, row.seed_ciphertext))
        await session.execute(update(Draw).where(*place).values(seed=seed, status=DrawStatus.DRAWN, drawn_at=now))
        registrations = await rows_written(session, _ASSIGN, drawn)
        seats = await rows_written(session, _LIST_SEATS, drawn)
        counts: dict[str, Any] = {"seats": seats, "registrations": registrations}
        on_date, service = (
            await session.execute(update(Draw).where(*place).values(**counts).returning(Draw.on_date, Draw.service))
        ).one()
        event = DrawDrawn(subject_id=row.id, unit_id=unit_id, service=service, on_date=on_date, **counts)
        await record(session, PORTAL, event)


async def _withdraw(session: AsyncSession, unit_id: UUID) -> list[UUID]:
    """Draw those that are open and have no seat any more, so that their seed is published too, and withdraw the offers
    of those that were being offered; returns which are to end."""
    rows = (await session.execute(_TO_WITHDRAW, {"unit_id": unit_id, "now": clock.now()})).all()
    if not rows:
        return []
    await _publish(session, unit_id, [row for row in rows if row.status == DrawStatus.OPEN])
    for row in rows:
        await look_at_others(session, unit_id, row.id)
    while await look(session, unit_id):
        pass
    return [row.id for row in rows]


async def _end(session: AsyncSession, unit_id: UUID, withdrawn: Sequence[UUID]) -> None:
    """End the draws whose seats are the public's, or were taken out of the agenda: who got none is notified, once."""
    now = clock.now()
    due = {"unit_id": unit_id, "now": now, "withdrawn": list(withdrawn)}
    for row in (await session.execute(_TO_END, due)).all():
        ended = update(Draw).where(Draw.unit_id == unit_id, Draw.id == row.id)
        await session.execute(ended.values(status=DrawStatus.ENDED, ended_at=now))
        about = {"unit_id": unit_id, "service": row.service, "on_date": row.on_date}
        for one in (await session.execute(_WITHOUT, {"unit_id": unit_id, "draw_id": row.id})).all():
            without = DrawWithoutSeat(
                subject_id=one.id, person_id=one.person_id, draw_id=row.id, is_withdrawn=row.is_withdrawn, **about
            )
            await record(session, PORTAL, without)
        left = select(WaitEntry.id).where(
            WaitEntry.unit_id == unit_id, WaitEntry.draw_id == row.id, WaitEntry.status != EntryStatus.ENDED
        )
        for entry_id in (await session.scalars(left)).all():
            await end_entry(session, PORTAL, unit_id, entry_id, EndReason.DRAW_OVER)
        await record(session, PORTAL, DrawEnded(subject_id=row.id, taken=row.taken, **about))


async def drawing_units(session: AsyncSession, units: Collection[UUID]) -> Sequence[UUID]:
    """Those of these units, in order, with a draw that hasn't ended."""
    active = select(Draw.unit_id).where(Draw.unit_id.in_(units), Draw.status != DrawStatus.ENDED).distinct()
    return (await session.scalars(active.order_by(Draw.unit_id))).all()


async def delete_ended_draws(session: AsyncSession, before: Any) -> None:
    """Delete draws that ended before an instant, with their registrations; entries are the wait list's."""
    old = exists().where(
        Draw.unit_id == DrawRegistration.unit_id, Draw.id == DrawRegistration.draw_id, Draw.ended_at < before
    )
    await session.execute(delete(DrawRegistration).where(old))
    await session.execute(delete(Draw).where(Draw.ended_at < before))
