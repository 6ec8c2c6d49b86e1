"""Which reminders a person wants: moments and channel."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock
from app.kernel.actor import Citizen
from app.kernel.events import record
from app.notifications import preloaded
from app.notifications.contacts import EMAIL, SMS
from app.notifications.events import ReminderPreferencesChanged
from app.notifications.models import ReminderPreference
from app.notifications.reminder_rules import BY_DEFAULT, Moment

CHANNELS = (EMAIL, SMS)


@dataclass(frozen=True, slots=True)
class Preferences:
    """The moments at which a person is reminded, and the channel; None: as their other messages."""

    moments: frozenset[Moment] = BY_DEFAULT
    channel: str | None = None
    changed_at: datetime | None = field(default=None, compare=False)


async def preferences_of(session: AsyncSession, person_id: UUID) -> Preferences:
    """Return what the person chose, else the usual."""
    row = await preloaded.get(session, ReminderPreference, person_id)
    if row is None:
        return Preferences()
    chosen = {Moment.DAYS_3: row.days_3, Moment.DAY_1: row.day_1, Moment.HOURS_3: row.hours_3}
    return Preferences(frozenset(moment for moment, is_on in chosen.items() if is_on), row.channel, row.changed_at)


async def choose(session: AsyncSession, actor: Citizen, wanted: Preferences) -> None:
    """Store what the person wants from now on; the same again changes nothing."""
    if wanted == await preferences_of(session, actor.person_id):
        return
    values = {
        "days_3": Moment.DAYS_3 in wanted.moments,
        "day_1": Moment.DAY_1 in wanted.moments,
        "hours_3": Moment.HOURS_3 in wanted.moments,
        "channel": wanted.channel,
        "changed_at": clock.now(),
    }
    stored = insert(ReminderPreference).values(person_id=actor.person_id, **values)
    await session.execute(stored.on_conflict_do_update(index_elements=["person_id"], set_=values))
    session.expire_all()
    moments = sorted(moment.value for moment in wanted.moments)
    changed = ReminderPreferencesChanged(
        subject_id=actor.person_id, person_id=actor.person_id, moments=moments, by=wanted.channel
    )
    await record(session, actor, changed)
