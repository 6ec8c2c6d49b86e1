"""Whether the person of an appointment came: written by the desk, which records the events."""

from app.appointments import rules
from app.appointments.queries.own import OwnAppointment
from app.appointments.rules import Action, Status
from app.appointments.statements import STATEMENTS
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.db import Db
from app.kernel.problems import Stale

_SETTLE = STATEMENTS.load("settle")


async def settle(db: Db, actor: Actor, own: OwnAppointment, action: Action) -> Status:
    """Write what an arrival, an attention or an absence makes of an appointment; returns the status it has now.

    Raises:
        AppointmentEnded: its status doesn't take the action, or not by this actor. Stale: it changed meanwhile.
    """
    after = rules.step(own.status, action, actor.kind)
    if after == own.status:
        return after
    given = {
        "unit_id": own.unit_id,
        "id": own.id,
        "status": after.value,
        "version": own.version,
        "now": clock.now(),
    }
    if (await db.execute(_SETTLE, given)).one_or_none() is None:
        raise Stale
    return after
