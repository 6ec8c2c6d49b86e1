"""Whether an appointment changed: what its page and its stream say, which is no more than that."""

from sqlalchemy import text

from app.appointments.queries.own import OwnAppointment, own_appointment
from app.kernel.actor import System
from app.kernel.db import Db
from app.kernel.ids import uuid7_at
from app.kernel.versions import Version

_EVENTS = text(
    "SELECT count(*) AS events FROM event WHERE subject_id = CAST(:id AS uuid) AND id >= CAST(:first_id AS uuid)"
)


async def appointment_version(db: Db, own: OwnAppointment) -> Version:
    """Which version of an appointment this is."""
    counted = (await db.execute(_EVENTS, {"id": own.id, "first_id": uuid7_at(own.created_at)})).one_or_none()
    return Version.of(own.folio, own.version, counted.events if counted else 0)


async def latest_version(db: Db, folio: str) -> Version:
    """The same, as the database has it now, for every reader: who may read it was looked at before.

    Raises:
        NotFound: there is none.
    """
    return await appointment_version(db, await own_appointment(db, System("live"), folio))
