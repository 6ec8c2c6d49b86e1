"""Webhooks and events, made by the use cases."""

from uuid import UUID

from sqlalchemy import text

from app.appointments.events import HolidayAdded, ScheduleExceptionRemoved
from app.commands.run import import_jobs
from app.identity.service.staff import add_staff
from app.kernel import clock, ids
from app.kernel import db as kernel_db
from app.kernel.actor import Role, System
from app.kernel.consumer_runner import catch_up
from app.kernel.events import record
from app.kernel.worker import Worker
from app.webhooks import delivery, service
from app.webhooks.service import NewSecret, Subscription
from tests.webhooks.receiver import Receiver

ADMIN = System("test")
TYPES = ("holiday.added", "schedule-exception.removed")


async def hire(role: Role) -> UUID:
    """Add a member of staff of all units; returns their id."""
    async with kernel_db.transaction() as session:
        made = await add_staff(
            session,
            ADMIN,
            username=role.value,
            full_name="Rosa Díaz",
            password="una frase bastante larga",
            role=role,
            unit_ids=None,
        )
    return made.staff_id


async def subscribe(receiver: Receiver, *types: str, url: str | None = None) -> NewSecret:
    """Subscribe the receiver to these types."""
    given = Subscription("Expediente", "soporte@ejemplo.mx", url or receiver.url, types or TYPES)
    async with kernel_db.transaction() as session:
        return await service.create(session, ADMIN, given)


async def happen(count: int = 1, *, unit_id: UUID | None = None) -> list[str]:
    """Record some events; returns their ids in order."""
    made = []
    async with kernel_db.transaction() as session:
        for number in range(count):
            event = HolidayAdded(subject_id=ids.new_id(), unit_id=unit_id, on_date=clock.now().date(), affected=number)
            made.append(str(await record(session, ADMIN, event)))
    return made


async def reopen() -> str:
    """Record an event without members."""
    async with kernel_db.transaction() as session:
        return str(await record(session, ADMIN, ScheduleExceptionRemoved(subject_id=ids.new_id())))


async def work(*, advance: bool = False) -> None:
    """Follow the log and run what is due; `advance`: the waits between attempts are over."""
    import_jobs()
    await catch_up("webhooks")
    if advance:
        async with kernel_db.transaction() as session:
            await session.execute(text("UPDATE webhook_delivery SET due_at = now() - interval '1 second'"))
    await delivery.enqueue_due()
    await Worker().run_due()


async def statuses() -> list[str]:
    """The status of each delivery, in the order of the log."""
    async with kernel_db.reading() as session:
        chosen = text("SELECT status FROM webhook_delivery ORDER BY position")
        return list((await session.scalars(chosen)).all())
